// What makes a release, as far as it needs no network and no tool that is built first: `npm run release:lint` and `npm run release:try` do
// the rest.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { checkTag, notesOf, sectionOf } from "../../tools/release.mjs";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const { scripts } = JSON.parse(read("package.json"));
const CHANGELOG =
  "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-28\n\n### Added\n\n- One.\n\n## 1.2.2 - 2026-11-01\n\n## 1.2.1 - soon\n\n- x\n";
const facts = { version: "1.2.3", locked: "1.2.3", changelog: CHANGELOG };

describe("a release's tag", () => {
  it("is the version of package.json, of its lock and of the changelog", () => {
    expect(checkTag("v1.2.3", facts)).toBe("1.2.3");
    expect(notesOf("v1.2.3", "host/a@sha256:1", facts)).toMatch(/^### Added\n\n- One\.\n\n### Image\n\n`host\/a@sha256:1`\n/);
  });

  it.each([
    ["1.2.3", facts, "no v1.2.3"],
    ["v1.2", facts, "no v1.2.3"],
    ["v1.2.4", facts, "package.json says 1.2.3"],
    ["v1.2.3", { ...facts, locked: "1.2.2" }, "package-lock.json says 1.2.2"],
    ["v1.2.3", { ...facts, changelog: "## Unreleased\n\n- One.\n" }, "has no section"],
  ])("%s is refused: %#", (tag, given, message) => {
    expect(() => checkTag(tag, given)).toThrow(message);
  });

  it("has notes", () => {
    expect(() => sectionOf("1.2.2", CHANGELOG)).toThrow("says nothing");
    expect(() => sectionOf("1.2.1", CHANGELOG)).toThrow("no date");
  });
});

describe.each(readdirSync(join(ROOT, ".github/workflows")))("the workflow %s", (name) => {
  const text = read(`.github/workflows/${name}`);
  const { jobs, permissions } = parse(text);
  const steps: { uses?: string; run?: string }[] = Object.values<any>(jobs).flatMap((job) => job.steps);

  it("pins each action by its digest and says the version", () => {
    const used = [...text.matchAll(/uses: (\S+)(.*)$/gm)];
    expect(used).toHaveLength(steps.filter((step) => step.uses !== undefined).length);
    for (const [, action, comment] of used) expect(`${action}${comment}`).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("may read, and each job ends", () => {
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values<any>(jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
  });

  it("runs commands that there are, and no expression in a shell", () => {
    const lines = steps.flatMap((step) => step.run?.split("\n") ?? []);
    for (const [, script] of lines.join("\n").matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script]);
    for (const [, file] of lines.join("\n").matchAll(/(?:node|bash) ([\w./-]+)/g)) expect(existsSync(join(ROOT, file)), file).toBe(true);
    // What a title or a branch's name holds would run there.
    expect(lines.filter((line) => line.includes("${{"))).toEqual([]);
  });
});

it("CI does what .ci/run does", () => {
  const runs = parse(read(".github/workflows/ci.yml")).jobs["all-tests"].steps.map((step: any) => step.run);
  expect(runs).toContain("bash .ci/run");
});

it("updates are looked for wherever something is pinned", () => {
  const { updates } = parse(read(".github/dependabot.yml"));
  const looked = updates.flatMap((one: any) => one.directories ?? [one.directory]).map((folder: string) => folder.slice(1));
  for (const folder of looked) expect(existsSync(join(ROOT, folder)), folder).toBe(true);
  const pinned = ["deploy/oci", "tools/ratelimit", "tools/actionlint", "tools/manifests", "tools/cosign", "site"];
  expect(looked).toEqual(expect.arrayContaining(pinned));
  for (const folder of pinned)
    expect(existsSync(join(ROOT, folder, folder === "site" ? "package-lock.json" : "go.sum")), folder).toBe(true);
});

it("forms for issues ask for something", () => {
  const forms = readdirSync(join(ROOT, ".github/ISSUE_TEMPLATE")).filter((name) => name !== "config.yml");
  expect(forms.length).toBe(2);
  for (const form of forms) {
    const { name, description, body } = parse(read(`.github/ISSUE_TEMPLATE/${form}`));
    expect([name, description].every((text) => typeof text === "string")).toBe(true);
    expect(body.some((part: any) => part.validations?.required || part.type === "textarea")).toBe(true);
  }
});
