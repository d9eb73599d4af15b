// Punctuation of Chinese texts: `，；：。？！（）` beside Chinese, as readers of Chinese expect them, and no space around them. What is code,
// an address or a tag keeps its characters. `node schema/generate.mjs` applies it to *.zh.md and to the schema's Chinese texts.

const HAN = /\p{Script=Han}/u;
const WIDE = { ",": "，", ";": "；", ":": "：", "?": "？", "!": "！" };
/** Code, targets of links and images, addresses, tags and references of Markdown: none of their characters is punctuation. */
const KEPT = /(`+)[^`][^]*?\1|\]\([^)]*\)|https?:\/\/[\w./?=&%#:~@-]+|<\/?[a-z][^<>]*>|\$\{\w+\}/g;
/** What stands for a kept part: a letter for all that is asked of it here. */
const MARK = "\uE000";

/** @param {string | undefined} char */
const isHan = (char) => char !== undefined && (HAN.test(char) || "，。；：？！（）、“”《》…".includes(char));

/** Where each bracket's partner is. @param {string[]} chars */
function partners(chars) {
  const open = [];
  const found = new Map();
  chars.forEach((char, at) => {
    if (char === "(" || char === "（") open.push(at);
    else if ((char === ")" || char === "）") && open.length > 0) {
      const first = open.pop();
      found.set(first, at);
    }
  });
  return found;
}

/** Brackets that hold Chinese or stand beside it. @param {string[]} chars */
function widenBrackets(chars) {
  for (const [first, last] of partners(chars)) {
    const before = chars.slice(0, first).findLast((char) => !/\s/.test(char));
    const after = chars.slice(last + 1).find((char) => !/[\s*]/.test(char));
    if (!chars.slice(first, last).some(isHan) && !isHan(before) && !isHan(after)) continue;
    chars[first] = "（";
    chars[last] = "）";
  }
}

/**
 * One paragraph, item or cell with Chinese punctuation; a text without Chinese comes back as it is.
 * @param {string} text
 */
function punctuateBlock(text) {
  if (!HAN.test(text)) return text;
  const kept = [];
  const masked = text.replace(KEPT, (part) => {
    kept.push(part);
    return MARK;
  });
  const chars = [...masked];
  widenBrackets(chars);
  chars.forEach((char, at) => {
    // 10:00, 1,000 and name:port are left alone.
    const inside = char === ":" ? /\w/ : char === "," ? /\d/ : /[^]{2}/;
    const isInside = inside.test(chars[at - 1] ?? "") && inside.test(chars[at + 1] ?? "");
    if (WIDE[char] !== undefined && !isInside) chars[at] = WIDE[char];
  });
  let next = 0;
  return chars
    .join("")
    .replace(/(?<=\S) *([，。；：？！（）]) */gu, "$1")
    .replaceAll(MARK, () => kept[next++]);
}

/** A cell keeps the spaces at its ends. @param {string} cell */
const punctuateCell = (cell) => cell.replace(/\S(?:[^]*\S)?/, punctuateBlock);

/**
 * A page: blocks of code and rows of dashes stay; each paragraph, item and cell of a table is a text of its own.
 * @param {string} page
 */
export function punctuatePage(page) {
  const done = [];
  let block = [];
  let fence = "";
  const end = () => {
    if (block.length > 0) done.push(punctuateBlock(block.join("\n")));
    block = [];
  };
  for (const line of page.split("\n")) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? "";
    if (fence !== "" || mark !== "") {
      end();
      done.push(line);
      if (fence === "") fence = mark;
      else if (line.trim() === fence) fence = "";
    } else if (/^\s*\|/.test(line)) {
      end();
      done.push(
        line
          .split(/(?<!\\)\|/)
          .map(punctuateCell)
          .join("|"),
      );
    } else {
      if (line.trim() === "" || /^\s*(?:[-*] |\d+\. |#+ |> )/.test(line)) end();
      block.push(line);
    }
  }
  end();
  return done.join("\n");
}

/** The schema's text with its Chinese texts punctuated. @param {string} text of config.schema.json */
export function withChinese(text) {
  return text.replace(
    /("x-[a-z-]+-zh": )("(?:[^"\\]|\\.)*")/g,
    (_, name, value) => name + JSON.stringify(punctuateBlock(JSON.parse(value))),
  );
}

/** What is not said, and the word that is: Token is a model's unit, 令牌 only what OAuth and a cloud's service hand out. */
const WORDS = [
  [/(?<!访问|会话|OAuth )令牌/u, "Token, or 访问令牌 for an access token"],
  [/凭证|凭据/u, "密钥"],
  [/调用方|调用者/u, "消费者"],
  [/提供商|供应商/u, "服务商"],
  [/\bworker\b/u, "工作线程"],
];

/** Words of a text, code aside, for which there is another one. @param {string} text @returns {string[]} */
export function wrongWords(text) {
  const prose = text.replace(/^(```+)[^]*?^\1 *$/gm, "").replace(/`[^`\n]*`/g, "");
  return WORDS.flatMap(([wrong, word]) => (wrong.test(prose) ? [`${wrong.exec(prose)[0]}: say ${word}`] : []));
}

/**
 * What the schema's Chinese texts lack or say in other words, each with its place.
 * @param {any} node @returns {string[]}
 */
export function faultsOf(node, at = "") {
  if (typeof node !== "object" || node === null) return [];
  const isField = typeof node.description === "string" && at.includes("/properties/");
  const lacking = [
    ...(isField && node["x-description-zh"] === undefined ? [`${at}: x-description-zh is missing`] : []),
    ...(node["x-note"] !== undefined && node["x-note-zh"] === undefined ? [`${at}: x-note-zh is missing`] : []),
  ];
  const inside = Object.entries(node).flatMap(([key, value]) =>
    typeof value === "string" && key.endsWith("-zh")
      ? wrongWords(value).map((wrong) => `${at}/${key}: ${wrong}`)
      : faultsOf(value, `${at}/${key}`),
  );
  return [...lacking, ...inside];
}
