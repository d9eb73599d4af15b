// What a contributor relies on: an edit is seen by the next test, whatever was built before, and one command runs one case.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { isMadeOf, writeStamp } from "../../tools/sources.mjs";

const PARTS = ["assembly", "emulator", "asconfig.json", "cli", "package.json", "tests", "tools", "vitest.config.ts"];
const SOURCE = "assembly/dialect/to-anthropic/settings.ts";
const CASE = "claude/zero-temperature";
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "ai-proxy-loop-"));
  for (const part of PARTS) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, "build"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run(command: string, args: string[]) {
  const { PLUGIN_WASM: _ignored, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, env, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

const runCase = () => run("npm", ["run", "--silent", "case", CASE]);
const runVitest = () => run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "tests/conformance/cases.test.ts", "-t", CASE]);

describe("the inner loop", () => {
  it("takes no module for fresh that has been changed or was made of other sources", () => {
    const file = join(copy, "build/some.wasm");
    writeFileSync(file, "module");
    expect(isMadeOf(file, "sources")).toBe(false);
    writeStamp(file, "sources");
    expect(isMadeOf(file, "sources")).toBe(true);
    expect(isMadeOf(file, "other sources")).toBe(false);
    writeFileSync(file, "another module");
    expect(isMadeOf(file, "sources")).toBe(false);
  });

  it("shows an edit in the next run of one case, and its mending", { timeout: 120_000 }, () => {
    const text = readFileSync(join(copy, SOURCE), "utf8");
    expect(text).toContain('"temperature"');
    writeFileSync(join(copy, SOURCE), text.replace('"temperature"', '"temperatur"'));
    const { status, output } = runCase();
    expect(status).toBe(1);
    expect(output).toMatch(
      new RegExp(`^${CASE} falls short\n  provider\n    upstream body.temperature: wanted 0, got nothing\n    seen: POST `),
    );
    expect(runVitest()).toMatchObject({ status: 1, output: expect.stringContaining("upstream body.temperature: wanted 0, got nothing") });
    writeFileSync(join(copy, SOURCE), text);
    expect(runVitest().status).toBe(0);
    expect(runCase()).toEqual({ status: 0, output: `${CASE} holds\n` });
  });

  it("says what a wrong name of a case is", () => {
    expect(run("npm", ["run", "--silent", "case", "nothing/like-this"])).toEqual({
      status: 1,
      output: "no case begins with nothing/like-this; they are the files of tests/cases\n",
    });
  });
});
