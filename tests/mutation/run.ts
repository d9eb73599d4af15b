// Runs the tests of json/ and sse/ against every mutant. First the corpora of the fuzz targets (milliseconds), then, for what
// survives them, the unit tests. The result is docs/mutation-testing.md (report.ts).
import { instrument } from "../../tools/wasm/instrument.mjs";
import { loadCorpus } from "../fuzz/corpus";
import { instrumentTargets, type Name, PROGRAM, Targets } from "../fuzz/module";
import { ORACLES } from "../fuzz/oracles";
import { units } from "../unit/units";
import { buildMutants, type Mutant, sourcesOf } from "./build";
import { collect } from "./vitest";
import { keepOutcomes, type Outcome, writeReport } from "./report";

const FUZZ_ENTRY = "tests/fuzz/entry/targets.ts";
const SMOKE_MUTANTS = 12;
const REPORT_EVERY_MS = 20_000;

interface Suite {
  units: string[];
  corpora: Name[];
  load: (() => Promise<unknown>)[];
}

const SUITES: { [folder: string]: Suite } = {
  json: { units: ["json"], corpora: ["json"], load: [() => import("../unit/json.test"), () => import("../unit/json-watcher.test")] },
  sse: {
    units: ["sse", "aws-event-stream"],
    corpora: ["sse", "aws"],
    load: [() => import("../unit/sse.test"), () => import("../unit/aws-event-stream.test")],
  },
};

/** Takes long, and says something of one file only. */
const LARGE = { file: "assembly/json/document.ts", load: () => import("../unit/json-large.test") };

const folderOf = (file: string) => file.split("/")[1];
const switchTo = (id: number) => ({ mutant: new WebAssembly.Global({ value: "i32", mutable: false }, id) });

/** What in the corpora shows that mutant `id` is wrong; null when nothing does. */
function replay(targets: Targets, corpora: Name[], inputs: Map<Name, Buffer[]>): string | null {
  for (const name of corpora) {
    for (const input of inputs.get(name)!) {
      const { trap, code } = targets.run(name, input);
      let problem = trap;
      try {
        problem ??= ORACLES[name](input, code, targets.out());
      } catch (error) {
        problem = String(error);
      }
      if (problem !== null) return `corpus ${name}: ${problem.slice(0, 60)}`;
    }
  }
  return null;
}

export async function main(args: string[]): Promise<number> {
  const isSmoke = args.includes("--smoke");
  const files = sourcesOf(isSmoke ? ["collector.ts"] : args);
  const suites = Object.entries(SUITES).filter(([folder]) => files.some((file) => folderOf(file) === folder));
  const names = isSmoke ? ["sse"] : suites.flatMap(([, suite]) => suite.units);
  const entries: Record<string, string[]> = Object.fromEntries(names.map((name) => [`tests/unit/entry/${name}.ts`, []]));
  if (!isSmoke) entries[FUZZ_ENTRY] = ["--debug", "--memoryBase", String(PROGRAM)];
  const { mutants, stillborn, binaries } = buildMutants(files, entries);
  const modules = new Map(names.map((name, index) => [name, new WebAssembly.Module(new Uint8Array(instrument(binaries[index]).binary))]));
  let living = 0;
  // json-watcher and json-large are json under other names.
  const moduleOf = (name: string) => modules.get(name) ?? modules.get(name.split("-")[0])!;
  units.load = (name) => ({ module: moduleOf(name), imports: switchTo(living) });
  const runs = new Map<string, (() => Promise<string | null>)[]>();
  for (const [folder, { load }] of suites) {
    const loaded = isSmoke ? [() => import("../unit/sse.test")] : load;
    const list: (() => Promise<string | null>)[] = [];
    for (const one of loaded) list.push(await collect(one));
    runs.set(folder, list);
  }
  const large = isSmoke ? null : await collect(LARGE.load);
  const fuzz = isSmoke ? null : instrumentTargets(binaries[binaries.length - 1]);
  const inputs = new Map((["json", "sse", "aws"] as Name[]).map((name) => [name, loadCorpus(name).map(({ bytes }) => bytes)]));

  const killer = async ({ id, file }: Pick<Mutant, "id" | "file">): Promise<string | null> => {
    living = id;
    try {
      const found =
        fuzz === null ? null : replay(new Targets(fuzz.module, fuzz.counters, switchTo(id)), SUITES[folderOf(file)].corpora, inputs);
      if (found !== null) return found;
      for (const run of runs.get(folderOf(file))!) {
        const failed = await run();
        if (failed !== null) return failed;
      }
      return file === LARGE.file ? await large!() : null;
    } catch (error) {
      return `cannot start: ${String(error).slice(0, 60)}`;
    }
  };

  for (const file of new Set(files.map((one) => folderOf(one)))) {
    const found = await killer({ id: 0, file: `assembly/${file}/` });
    if (found !== null) throw new Error(`the tests fail without a mutant: ${found}`);
  }
  let reported = performance.now();
  let done = 0;
  let all: Outcome[] = [];
  const chosen = isSmoke ? mutants.slice(-SMOKE_MUTANTS) : mutants;
  for (const file of files) {
    const outcomes: Outcome[] = [];
    for (const mutant of chosen.filter((one) => one.file === file)) {
      outcomes.push({ ...mutant, killedBy: await killer(mutant) });
      done++;
      if (performance.now() - reported < REPORT_EVERY_MS) continue;
      reported = performance.now();
      console.error(`${done} of ${chosen.length}, now ${file}`);
    }
    all = isSmoke ? outcomes : keepOutcomes(file, outcomes);
  }
  const killed = all.filter(({ killedBy }) => killedBy !== null).length;
  console.log(JSON.stringify({ mutants: all.length, killed, stillborn }));
  if (isSmoke) for (const { was, is, killedBy } of all) console.log(`${was} -> ${is}: ${killedBy ?? "survives"}`);
  if (isSmoke) return 0;
  return writeReport(
    all,
    sourcesOf([]).every((file) => all.some((one) => one.file === file)),
  );
}
