// Lays the documents out as VitePress wants them: one folder, links between pages as addresses of the site. Files of the repository
// that a page links to get a page of their own, so that no link leaves the site and it can be read offline.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf } from "./pages.mjs";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const STAGE = join(ROOT, "site/.pages");

const IMAGE = /\.(?:png|svg|jpg|gif)$/;
const LANGUAGES = {
  ".yaml": "yaml",
  ".yml": "yaml",
  ".ts": "ts",
  ".mjs": "js",
  ".json": "json",
  ".py": "python",
  ".sh": "sh",
  ".go": "go",
};
/** Larger files are cut: nobody reads them on a page, and the site stays small. */
const SHOWN_BYTES = 60_000;

/** Documents of the repository that are pages. */
export function documents(root = ROOT) {
  const names = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
  return names.split("\n").filter((name) => pageOf(name) !== undefined && existsSync(join(root, name)));
}

/** Applies `edit` to what is not code: blocks and spans keep their text. @param {string} text @param {(prose: string) => string} edit */
function outsideCode(text, edit) {
  const parts = text.split(/(^[ ]*(?:```+|~~~+)[^]*?^[ ]*(?:```+|~~~+)[ ]*$|`[^`\n]*`)/gm);
  // A link's text may hold a span of code, so spans are put aside rather than cut out.
  const kept = [];
  const prose = parts
    .map((part, at) => {
      if (at % 2 === 0) return part;
      kept.push(part);
      return `\uE000${kept.length - 1}\uE001`;
    })
    .join("");
  return edit(prose).replace(/\uE000(\d+)\uE001/g, (_, at) => kept[Number(at)]);
}

/**
 * Where a relative link of a document leads on the site, and which file it needs there.
 * @param {string} from path of the document @param {string} link as it is written
 * @param {string} [root]
 * @returns {{ address: string, needs?: string }}
 */
export function addressOf(from, link, root = ROOT) {
  const [path, anchor] = link.split("#");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (path === "") return { address: hash };
  let target = posix.normalize(posix.join(posix.dirname(from), decodeURIComponent(path))).replace(/\/$/, "");
  const isFolder = existsSync(join(root, target)) && statSync(join(root, target)).isDirectory();
  if (isFolder && existsSync(join(root, target, "README.md"))) target = posix.join(target, "README.md");
  const page = pageOf(target);
  if (page !== undefined) return { address: `/${page}.md${hash}` };
  if (IMAGE.test(target)) return { address: `/images/${posix.basename(target)}`, needs: target };
  return { address: `/${filePage(target)}.md${target.endsWith(".md") ? hash : ""}`, needs: target };
}

/** VitePress reads the name of a page from its path, and `index` as its folder. */
const filePage = (path) => `files/${path.replace(/\.md$/, "").replaceAll(".", "-")}`;

/**
 * A document as a page.
 * @param {string} from its path @param {string} text
 * @param {(file: string) => void} need called with each file that it links to and that is no page
 */
export function toPage(from, text, need = () => {}, root = ROOT) {
  const move = (link) => {
    if (/^[a-z][a-z+.-]*:|^\/\//.test(link)) return link;
    const { address, needs } = addressOf(from, link, root);
    if (needs !== undefined) need(needs);
    return address;
  };
  // Languages that the highlighter does not know.
  return outsideCode(text.replace(/^( *```)promql$/gm, "$1txt"), (prose) =>
    prose
      .replace(/\]\(<?([^)>\s]+)>?((?: "[^"]*")?)\)/g, (_, link, title) => `](${move(link)}${title})`)
      .replace(/ (src|href|srcset)="([^"]+)"/g, (_, name, link) => ` ${name}="${move(link)}"`)
      // VitePress reads pages as Vue's templates.
      .replaceAll("{{", "&#123;&#123;")
      .replace(
        /<(?!\/?(?:img|br|a|p|picture|source|details|summary|kbd|sub|sup|div|b|em|strong|code)\b|https?:|!--)(?=[a-zA-Z/])/g,
        "&lt;",
      ),
  );
}

/** A file of the repository as a page: its text, or for a folder the names in it. */
function fileToPage(path, root) {
  const full = join(root, path);
  const head = `---\nsearch: false\neditLink: false\noutline: false\n---\n\n# ${path}\n\n`;
  if (statSync(full).isDirectory()) {
    const names = readdirSync(full).filter((name) => !name.startsWith("."));
    return `${head}${names.map((name) => `- \`${name}\``).join("\n")}\n`;
  }
  const text = readFileSync(full, "utf8");
  const shown = text.length > SHOWN_BYTES ? `${text.slice(0, SHOWN_BYTES)}\n… (${text.length} bytes in the repository)\n` : text;
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length + 1)));
  return `${head}${fence}${LANGUAGES[extname(path)] ?? "txt"}\n${shown.trimEnd()}\n${fence}\n`;
}

/** What a reader of Chinese finds in place of a page that is in English alone. */
const onlyEnglish = (page) =>
  `---\nsearch: false\noutline: false\n---\n\n# 本页只有英文\n\n[阅读英文版](/${page}.md)，或回到[中文文档](/zh/${page === "index" ? "configuration" : "index"}.md)。\n`;

function write(page, text) {
  const file = join(STAGE, `${page}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const titleOf = (text) => /^# (.+)$/m.exec(text)?.[1].replace(/`/g, "") ?? "";

/**
 * Writes all pages into site/.pages, which is emptied first.
 * @param {{ playground?: string }} options `playground`: its HTML file
 * @returns {{ page: string, title: string }[]} the pages that belong into a side bar
 */
export function stage({ playground } = {}) {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(join(STAGE, "public/images"), { recursive: true });
  const needed = new Set();
  const need = (file) => needed.add(file);
  const pages = documents().map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    write(pageOf(path), toPage(path, text, need));
    return { page: pageOf(path), title: titleOf(text) };
  });
  // Pages of files may need others in turn: a Set gives those that are added while it is walked.
  for (const path of needed) {
    if (IMAGE.test(path)) copyFileSync(join(ROOT, path), join(STAGE, "public/images", posix.basename(path)));
    else if (path.endsWith(".md")) write(filePage(path), toPage(path, readFileSync(join(ROOT, path), "utf8"), need));
    else write(filePage(path), fileToPage(path, ROOT));
  }
  // The switch of languages leads from each page to the one of the same name.
  const staged = readdirSync(STAGE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  for (const name of staged.map((one) => one.replace(/\.md$/, "")).filter((one) => !one.startsWith("zh/")))
    if (!staged.includes(`zh/${name}.md`)) write(`zh/${name}`, onlyEnglish(name));
  if (playground !== undefined) {
    mkdirSync(join(STAGE, "public/playground"), { recursive: true });
    cpSync(playground, join(STAGE, "public/playground/index.html"));
  }
  return pages;
}
