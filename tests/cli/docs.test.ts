// Every command that docs/cli.md shows prints what it shows. UPDATE_DOCS=1 writes the outputs anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT, run } from "./run";

const FILE = join(ROOT, "docs/cli.md");
const BLOCK = /```console\n\$ ai-proxy-wasm (.*)\n([^]*?)```/g;

function outputOf(command: string): string {
  const { stdout, stderr } = run(command.split(" "));
  return stdout + stderr;
}

it("docs/cli.md shows what the commands print", () => {
  const text = readFileSync(FILE, "utf8");
  const wanted = text.replace(BLOCK, (_block, command: string) => `\`\`\`console\n$ ai-proxy-wasm ${command}\n${outputOf(command)}\`\`\``);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(FILE, wanted);
  else expect(text, "run: UPDATE_DOCS=1 npx vitest run tests/cli/docs.test.ts").toBe(wanted);
  expect([...text.matchAll(BLOCK)]).toHaveLength(11);
}, 60_000);
