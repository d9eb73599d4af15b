// The documents as pages of the site: the cheap part of `npm run site:check`, without VitePress and a browser.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorOf } from "../../site/anchor.mjs";
import { CHINESE_GROUPS, GROUPS, pageOf, sidebarOf } from "../../site/pages.mjs";
import { addressOf, documents, toPage } from "../../site/stage.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const paths: string[] = documents();

describe("a document on the site", () => {
  it.each([
    ["README.md", "index"],
    ["docs/README.md", "docs"],
    ["docs/cli.md", "cli"],
    ["docs/decisions/0003-held-headers.md", "decisions/0003-held-headers"],
    ["docs/higress.zh.md", "zh/higress"],
    ["README.zh.md", "zh/index"],
    ["SECURITY.md", "security-policy"],
    ["docs/security.md", "security"],
    ["emulator/README.md", undefined],
    ["deploy/envoy/envoy.yaml", undefined],
  ])("%s stands at %s", (path, page) => expect(pageOf(path)).toBe(page));

  it("has an address of its own", () => {
    expect(paths.length).toBeGreaterThan(60);
    expect(new Set(paths.map((path) => pageOf(path))).size).toBe(paths.length);
  });

  it.each([
    ["docs/cli.md", "operations.md#symptoms", "/operations.md#symptoms"],
    ["docs/cli.md", "../README.md", "/index.md"],
    ["docs/higress.zh.md", "operations.zh.md#症状", "/zh/operations.md#症状"],
    ["README.md", "docs/", "/docs.md"],
    ["README.md", "#start", "#start"],
    ["docs/playground.md", "images/playground-phone.png", "/images/playground-phone.png"],
    ["docs/metrics.md", "../deploy/envoy/envoy.yaml", "/files/deploy/envoy/envoy-yaml.md"],
    ["docs/metrics.md", "../deploy/grafana", "/files/deploy/grafana.md"],
    ["ARCHITECTURE.md", "emulator/README.md", "/files/emulator/README.md"],
  ])("%s: the link %s leads to %s", (from, link, address) => expect(addressOf(from, link).address).toBe(address));

  it("keeps its code, and shows tags and braces as text", () => {
    const text = "[a](cli.md) `[b](cli.md) <x> {{y}}` <region> {{z}} <https://a.example>\n\n```yaml\n[c](cli.md) {{d}}\n```\n";
    expect(toPage("docs/README.md", text)).toBe(
      "[a](/cli.md) `[b](cli.md) <x> {{y}}` &lt;region> &#123;&#123;z}} <https://a.example>\n\n```yaml\n[c](cli.md) {{d}}\n```\n",
    );
  });

  it("has no link left that leads out of the site", () => {
    const left = paths.flatMap((path) => {
      const page = toPage(path, readFileSync(join(ROOT, path), "utf8"));
      const prose = page.replace(/^( *)(```+|~~~+)[^]*?^\1\2 *$/gm, "").replace(/`[^`\n]*`/g, "");
      return [...prose.matchAll(/\]\(([^)\s]+)/g)]
        .filter(([, link]) => !/^(?:\/|#|https?:|mailto:)/.test(link))
        .map(([, link]) => `${path}: ${link}`);
    });
    expect(left).toEqual([]);
  });
});

describe("the side bar", () => {
  const pages = paths.map((path) => ({ page: pageOf(path)!, title: path }));

  it.each([
    ["English", pages.filter(({ page }) => !page.startsWith("zh/")), GROUPS],
    ["Chinese", pages.filter(({ page }) => page.startsWith("zh/")).map((one) => ({ ...one, page: one.page.slice(3) })), CHINESE_GROUPS],
  ])("has each page in %s once", (_, mine, groups) => {
    const shown = sidebarOf(mine, groups as any, "More").flatMap(({ items }) => items.map(({ page }) => page));
    expect([...shown].sort()).toEqual(mine.map(({ page }) => page).sort());
    expect(new Set(shown).size).toBe(shown.length);
  });

  it("puts a page that nobody named at the end", () => {
    const groups: any = [["One", ["b", /^c/]]];
    const all = ["a", "b", "c1"].map((page) => ({ page, title: page }));
    expect(sidebarOf(all, groups, "More")).toEqual([
      { text: "One", items: [all[1], all[2]] },
      { text: "More", items: [all[0]] },
    ]);
  });
});

it("anchors are GitHub's", () => {
  expect(anchorOf("Routes to several providers")).toBe("routes-to-several-providers");
  expect(anchorOf("`limits[].match`")).toBe("limitsmatch");
  expect(anchorOf("通向多个服务商的路由")).toBe("通向多个服务商的路由");
});
