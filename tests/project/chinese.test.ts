// Chinese texts: their punctuation is Chinese, and each thing has one word, in the pages as in the schema.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { punctuatePage } from "../../schema/chinese.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const pages = ["", "docs/"].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".zh.md"))
    .map((name) => folder + name),
);
const schema = JSON.parse(readFileSync(join(ROOT, "schema/config.schema.json"), "utf8"));

/** The schema's own texts in Chinese, each with its pointer. */
function schemaTexts(node: unknown, at = ""): [string, string][] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key.endsWith("-zh") ? [[`${at}/${key}`, value] as [string, string]] : schemaTexts(value, `${at}/${key}`),
  );
}

/** What is not said, and the word that is: Token is a model's unit, 令牌 only what OAuth and a cloud's service hand out. */
const WORDS: [RegExp, string][] = [
  [/(?<!访问|会话|OAuth )令牌/u, "Token"],
  [/凭证|凭据|API 令牌/u, "密钥"],
  [/调用方|调用者/u, "消费者"],
  [/提供商|供应商/u, "服务商"],
  [/\bworker\b/u, "工作线程"],
  [/用户端/u, "客户端"],
];

/** Text without code, addresses and the fields' own names. */
const prose = (text: string) => text.replace(/^(```+)[^]*?^\1 *$/gm, "").replace(/`[^`\n]*`/g, "");
const wrongWords = (text: string) => WORDS.flatMap(([wrong, word]) => (wrong.test(text) ? [`${wrong.exec(text)![0]}: say ${word}`] : []));

describe("the punctuation of Chinese", () => {
  it.each([
    ["插件,网关;路由:集群", "插件，网关；路由：集群"],
    ["配置( 见 `a, b` ), 然后", "配置（见 `a, b`），然后"],
    ["见[配置](configuration.md),端口 10:00 与 1,000", "见[配置](configuration.md)，端口 10:00 与 1,000"],
    ["前缀(第一行\n第二行)", "前缀（第一行\n第二行）"],
    ["`header:<名称>`:值", "`header:<名称>`：值"],
    ["Plain English, (as it is): kept; really?", "Plain English, (as it is): kept; really?"],
    ["```sh\n说明, code\n```", "```sh\n说明, code\n```"],
    ["| 值,一 | a, b |", "| 值，一 | a, b |"],
    ["地址 https://a.example/x?b=1:c 可用?", "地址 https://a.example/x?b=1:c 可用？"],
  ])("%j", (text, punctuated) => {
    expect(punctuatePage(text)).toBe(punctuated);
    expect(punctuatePage(punctuated)).toBe(punctuated);
  });
});

describe("the pages in Chinese", () => {
  it.each(pages)("%s says one word for each thing", (page) => {
    expect(wrongWords(prose(readFileSync(join(ROOT, page), "utf8")))).toEqual([]);
  });

  it("are these", () => expect(pages).toEqual(expect.arrayContaining(["docs/configuration.zh.md", "docs/operations.zh.md"])));

  it("have all fields of the schema, and the schema's texts say the same words", () => {
    const texts = schemaTexts(schema);
    expect(texts.length).toBeGreaterThan(150);
    expect(texts.flatMap(([at, text]) => wrongWords(prose(text)).map((wrong) => `${at}: ${wrong}`))).toEqual([]);
    const headings = (page: string) => [...readFileSync(join(ROOT, page), "utf8").matchAll(/^### .*$/gm)].map(([line]) => line);
    expect(headings("docs/configuration.zh.md")).toEqual(headings("docs/configuration.md"));
  });

  it("lack no text: each field with an English description has a Chinese one", () => {
    const lacking = (node: any, at: string): string[] =>
      typeof node !== "object" || node === null
        ? []
        : [
            ...(typeof node.description === "string" && at.includes("/properties/") && node["x-description-zh"] === undefined ? [at] : []),
            ...(node["x-note"] !== undefined && node["x-note-zh"] === undefined ? [`${at}: x-note-zh`] : []),
            ...Object.entries(node).flatMap(([key, value]) => lacking(value, `${at}/${key}`)),
          ];
    expect(lacking(schema, "")).toEqual([]);
  });
});
