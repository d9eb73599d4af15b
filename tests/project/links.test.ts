// Every relative link in the documents leads to a file, and to a heading of it where it names one; every page can be reached from
// README.md.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";

// New files count before they are committed; a checkout without git has none.
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: ROOT, encoding: "utf8" });
const pages = files.split("\n").filter((name) => name !== "" && existsSync(join(ROOT, name)));

/** The text without code, in which brackets mean something else. */
function prose(page: string): string {
  return readFileSync(join(ROOT, page), "utf8")
    .replace(/^( *)(```+|~~~+)[^]*?^\1\2 *$/gm, "")
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, " "));
}

function linksOf(page: string): string[] {
  const text = prose(page);
  const inline = [...text.matchAll(/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g)].map(([, target]) => target);
  const references = [...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)].map(([, target]) => target);
  return [...inline, ...references].filter((target) => !/^[a-z][a-z+.-]*:/.test(target));
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(file: string): Set<string> {
  const seen = new Map<string, number>();
  const text = readFileSync(file, "utf8").replace(/^(```+)[^]*?^\1 *$/gm, "");
  const anchors = [...text.matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
  return new Set(anchors);
}

/** The file that a link leads to; a folder's is its README. */
function targetOf(page: string, link: string): string {
  const path = resolve(ROOT, dirname(page), decodeURIComponent(link.split("#")[0]) || `./${page.split("/").at(-1)}`);
  return existsSync(path) && statSync(path).isDirectory() && existsSync(join(path, "README.md")) ? join(path, "README.md") : path;
}

describe("the documents", () => {
  it.each(pages)("%s has no dead link", (page) => {
    const dead = linksOf(page).filter((link) => {
      const target = targetOf(page, link);
      const anchor = link.split("#")[1];
      return !existsSync(target) || (anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(decodeURIComponent(anchor)));
    });
    expect(dead).toEqual([]);
  });

  it("have one number for each decision, without a gap", () => {
    const numbers = pages
      .filter((page) => /^docs\/decisions\/\d/.test(page))
      .map((page) => [
        Number(page.slice("docs/decisions/".length).split("-")[0]),
        /^# (\d+)\./.exec(readFileSync(join(ROOT, page), "utf8"))?.[1],
      ]);
    expect(numbers.sort(([one], [other]) => Number(one) - Number(other))).toEqual(numbers.map((_, k) => [k + 1, String(k + 1)]));
  });

  it("can all be reached from README.md", () => {
    const reached = new Set<string>();
    const queue = ["README.md"];
    for (let page = queue.pop(); page !== undefined; page = queue.pop()) {
      if (reached.has(page)) continue;
      reached.add(page);
      queue.push(
        ...linksOf(page)
          .map((link) => relative(ROOT, targetOf(page!, link)))
          .filter((name) => name.endsWith(".md")),
      );
      // A folder without a README stands for the pages in it.
      for (const link of linksOf(page)) {
        const folder = relative(ROOT, targetOf(page, link));
        if (existsSync(join(ROOT, folder)) && statSync(join(ROOT, folder)).isDirectory())
          queue.push(...pages.filter((name) => dirname(name) === folder));
      }
    }
    expect(pages.filter((page) => /^docs\/|^[^/]+$/.test(page) && !reached.has(page))).toEqual([]);
    expect(reached.size).toBeGreaterThan(25);
  });
});
