// Mutation testing itself is too long for every run (`npm run mutate`); this is the proof that it works: a dozen mutants of one
// file are made, compiled and killed by the tests that should kill them.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { withMutants } from "../../tools/mutate/mutants.mjs";

it("mutants stand in the text behind their numbers", () => {
  let count = 0;
  const text = "export function f(a: i32): bool {\n  if (a < 7 && !done) run();\n  return node !== null && node.is;\n}\n";
  expect(withMutants("f.ts", text, () => ++count)).toContain("if ((mutant == 6 ? a < 7 || !done : ");
  count = 0;
  const left = withMutants("f.ts", text, ({ was }: { was: string }) => (was === "7" ? ++count : 0));
  expect(left).toContain("if (a < (mutant == 1 ? 8 : mutant == 2 ? 6 : 7) && !done) run();");
  // A comparison with null tells the compiler a type.
  expect(left).toContain("return node !== null && node.is;");
});

it("known mutants are killed by the unit tests", () => {
  const out = execFileSync(process.execPath, ["tools/mutate.mjs", "--smoke"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [counts, ...mutants] = out.trim().split("\n");
  expect(JSON.parse(counts)).toMatchObject({ mutants: 12, killed: 12, stillborn: 0 });
  expect(mutants).toContain("this.skipped++; -> : drops an event over its cap, whole, and takes the next");
}, 120_000);
