// The report of mutation testing: a score for each file, and what survives with the reason from survivors.json.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { ROOT } from "../../tools/envoy-path.mjs";
import type { Mutant } from "./build";

export type Outcome = Mutant & { killedBy: string | null };

const REASONS = join(ROOT, "tests/mutation/survivors.json");
const REPORT = join(ROOT, "docs/mutation-testing.md");
/** Of the last run of each file: a run of single files completes the report. */
const KEPT = join(ROOT, "build/mutation/outcomes.json");
const MOST_SHOWN = 60;

const short = (text: string) => {
  const line = text.replace(/\s+/g, " ");
  return (line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}…` : line).replaceAll("|", "\\|");
};

/** Names a mutant by what it changes, so that its reason outlives a moved line. */
export const keyOf = ({ file, was, is }: Mutant, line: string) =>
  `${file.replace("assembly/", "")}: ${line} | ${short(was)} -> ${short(is)}`;

/** Puts the outcomes of a file beside those of earlier runs; the outcomes of the files whose text is still the same. */
export function keepOutcomes(file: string, outcomes: Outcome[]): Outcome[] {
  const textOf = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(ROOT, name)))
      .digest("hex");
  const kept = (existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {}) as {
    [file: string]: { text: string; outcomes: Outcome[] };
  };
  kept[file] = { text: textOf(file), outcomes };
  writeFileSync(KEPT, JSON.stringify(kept));
  return Object.entries(kept)
    .filter(([name, { text }]) => existsSync(join(ROOT, name)) && text === textOf(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, one]) => one.outcomes);
}

/** Writes the report; 1 when a survivor has no reason. With `isWhole` false only prints the survivors. */
export async function writeReport(outcomes: Outcome[], isWhole: boolean): Promise<number> {
  const reasons = (existsSync(REASONS) ? JSON.parse(readFileSync(REASONS, "utf8")) : {}) as Record<string, string>;
  const lines = new Map<string, string[]>();
  const lineOf = ({ file, line }: Mutant) => {
    if (!lines.has(file)) lines.set(file, readFileSync(join(ROOT, file), "utf8").split("\n"));
    return lines.get(file)![line - 1].trim();
  };
  const survivors = outcomes
    .filter(({ killedBy }) => killedBy === null)
    .map((one) => ({ ...one, key: keyOf(one, lineOf(one)), reason: reasons[keyOf(one, lineOf(one))] ?? "" }));
  const open = survivors.filter(({ reason }) => reason === "");
  for (const { file, line, key } of open) console.log(`${file}:${line}  ${key}`);
  if (!isWhole) return open.length > 0 ? 1 : 0;
  const files = [...new Set(outcomes.map(({ file }) => file))];
  const rows = [...files, ""].map((file) => {
    const own = outcomes.filter((one) => file === "" || one.file === file);
    const killed = own.filter(({ killedBy }) => killedBy !== null).length;
    return `| ${file === "" ? "**all**" : file.replace("assembly/", "")} | ${own.length} | ${killed} | ${((100 * killed) / own.length).toFixed(1)} % |`;
  });
  const list = survivors.map(({ file, line, was, is, reason }) => {
    const change = is === "" ? `\`${short(was)}\` left out` : `\`${short(was)}\` → \`${short(is)}\``;
    return `| ${file.replace("assembly/", "")}:${line} | ${change} | ${reason || "**not looked at yet**"} |`;
  });
  const text = `# Mutation testing of json/ and sse/

Written by \`npm run mutate\` (${outcomes.length} mutants). Every operator, condition, constant and
statement of \`assembly/json\` and \`assembly/sse\` is changed, one at a time, and the fuzz corpora and unit tests are run. A mutant that no
test notices survives. All mutants are in one module, selected by a number (\`tools/mutate/mutants.mjs\`), so none is compiled alone. An endless
loop runs out of fuel. Conditions on null, which tell the compiler a type, and the assignments of constructors are not changed.
\`npm run mutate -- cursor.ts\` repeats one file. The reasons are in \`tests/mutation/survivors.json\`.

| file | mutants | killed | score |
| --- | --- | --- | --- |
${rows.join("\n")}

## Surviving mutants

| place | change | reason |
| --- | --- | --- |
${list.join("\n")}
`;
  writeFileSync(REPORT, await format(text, { ...(await resolveConfig(REPORT)), parser: "markdown" }));
  return open.length > 0 ? 1 : 0;
}
