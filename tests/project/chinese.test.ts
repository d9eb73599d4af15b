// Chinese texts: their punctuation is Chinese, and each thing has one word, in the pages as in the schema.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultsOf, punctuatePage, wrongWords } from "../../schema/chinese.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const pages = ["", "docs/"].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".zh.md"))
    .map((name) => folder + name),
);
const schema = JSON.parse(readFileSync(join(ROOT, "schema/config.schema.json"), "utf8"));

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
    expect(wrongWords(readFileSync(join(ROOT, page), "utf8"))).toEqual([]);
  });

  it.each(["README", "docs/higress", "docs/operations"])("%s has the sections of the English page", (name) => {
    const depths = (page: string) =>
      [
        ...readFileSync(join(ROOT, page), "utf8")
          .replace(/^(```+)[^]*?^\1 *$/gm, "")
          .matchAll(/^(##+) /gm),
      ].map(([, marks]) => marks);
    expect(depths(`${name}.zh.md`)).toEqual(depths(`${name}.md`));
  });

  it("are these", () => expect(pages).toEqual(expect.arrayContaining(["docs/configuration.zh.md", "docs/operations.zh.md"])));

  it("have all fields of the schema, whose texts are complete and say the same words", () => {
    expect(faultsOf(schema)).toEqual([]);
    const headings = (page: string) => [...readFileSync(join(ROOT, page), "utf8").matchAll(/^### .*$/gm)].map(([line]) => line);
    expect(headings("docs/configuration.zh.md")).toEqual(headings("docs/configuration.md"));
    expect(headings("docs/configuration.zh.md").length).toBeGreaterThan(150);
  });

  it("are judged: a missing text and another word are found", () => {
    const field = { description: "Keys.", "x-description-zh": "令牌。", "x-note": "new" };
    expect(faultsOf({ properties: { a: field, b: { description: "b" } } })).toEqual([
      "/properties/a: x-note-zh is missing",
      "/properties/a/x-description-zh: 令牌: say Token, or 访问令牌 for an access token",
      "/properties/b: x-description-zh is missing",
    ]);
    expect(wrongWords("OAuth 令牌与 `令牌`，每个消费者")).toEqual([]);
  });
});
