// A long run: `npm run fuzz -- TARGET EXECUTIONS [SEED]`. It starts from the corpus, prints what it did as JSON and writes the
// corpus back (made small again); when something was found it prints that and ends with status 1.
import { compileTargets, NAMES, Targets, type Name } from "./module";
import { type Entry, loadCorpus, loadStart, saveCorpus } from "./corpus";
import { Fuzzer } from "./fuzzer";

const MAX_FINDINGS = 5;
const REPORT_EVERY_MS = 30_000;
/** Inputs that a corpus holds at most. */
const MAX_ENTRIES = 400;
const MAX_BYTES = 120_000;

/** Microseconds that this process had computed when the campaign began. */
let cpu = 0;

/** Runs a campaign; the exit code. */
export function main(args: string[]): number {
  const [name, runs, seed = "1"] = args as [Name, string, string?];
  if (!NAMES.some((one) => one === name) || !(Number(runs) >= 0)) {
    console.error(`usage: fuzz ${NAMES.join("|")} EXECUTIONS [SEED]`);
    return 2;
  }
  const { module, counters } = compileTargets("release");
  const targets = new Targets(module, counters);
  const fuzzer = new Fuzzer(targets, name, Number(seed));
  const entries = loadCorpus(name);
  for (const { bytes } of entries) fuzzer.run(bytes);
  for (const bytes of loadStart(name)) fuzzer.run(bytes);
  const started = performance.now();
  cpu = process.cpuUsage().user;
  let reported = started;
  while (fuzzer.executions < Number(runs) && fuzzer.findings.length < MAX_FINDINGS) {
    const before = fuzzer.findings.length;
    fuzzer.step();
    for (const { problem, input } of fuzzer.findings.slice(before)) console.error(`${problem}: base64 ${input.toString("base64")}`);
    if (performance.now() - reported < REPORT_EVERY_MS) continue;
    reported = performance.now();
    console.error(summary(name, fuzzer, targets, started));
  }
  console.log(summary(name, fuzzer, targets, started));
  for (const finding of fuzzer.findings) {
    const { problem, input } = fuzzer.shrink(finding);
    console.log(`${problem}\n  ${JSON.stringify(input.toString("latin1"))}\n  base64 ${input.toString("base64")}`);
  }
  if (fuzzer.findings.length > 0) return 1;
  saveSmall(name, entries, fuzzer);
  return 0;
}

function summary(name: Name, fuzzer: Fuzzer, targets: Targets, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const { executions, kept, findings } = fuzzer;
  const branches = targets.seen.filter((classes) => classes !== 0).length;
  return JSON.stringify({
    name,
    executions,
    seconds: Math.round(seconds),
    perSecond: Math.round(executions / seconds),
    perCpuSecond: Math.round(executions / ((process.cpuUsage().user - cpu) / 1e6)),
    branches,
    kept: kept.length,
    ...targets.peak,
    findings: findings.length,
  });
}

function saveSmall(name: Name, entries: Entry[], fuzzer: Fuzzer): void {
  const found = entries.filter(({ why }) => why !== undefined);
  let size = 0;
  const small = fuzzer.distil(fuzzer.kept).filter((input, index) => index < MAX_ENTRIES && (size += input.length) < MAX_BYTES);
  saveCorpus(name, [...found, ...small.map((bytes) => ({ bytes }))]);
}
