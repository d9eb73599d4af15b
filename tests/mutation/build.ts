// Compiles the mutated sources: a copy of assembly/ with every mutant in it, for each entry one module.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/envoy-path.mjs";
import { withMutants } from "../../tools/mutate/mutants.mjs";

export interface Mutant {
  id: number;
  file: string;
  line: number;
  column: number;
  was: string;
  is: string;
}

const COPY = join(ROOT, "build/mutation/source");
const SWITCH = `// Which mutant lives; 0 for none.
// @ts-ignore: decorator
@external("env", "mutant")
export declare const mutant: i32;
`;

/** The sources under test: all files of json/ and sse/, or those that `only` names. */
export function sourcesOf(only: string[]): string[] {
  const all = ["json", "sse"].flatMap((folder) => readdirSync(join(ROOT, "assembly", folder)).map((name) => `assembly/${folder}/${name}`));
  return all.filter((file) => only.length === 0 || only.some((one) => file.endsWith(one)));
}

/** Writes the sources with all mutants but those in `left`; returns the mutants. */
function write(files: string[], left: Set<number>): Mutant[] {
  const mutants: Mutant[] = [];
  let id = 0;
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), "utf8");
    const mutated = withMutants(file, text, (mutant: Omit<Mutant, "id">) => {
      id++;
      if (left.has(id)) return 0;
      mutants.push({ id, ...mutant });
      return id;
    });
    writeFileSync(join(COPY, file), `import { mutant } from "../mutant";\n${mutated}`);
  }
  return mutants;
}

/** Numbers of the mutants on the lines that the compiler complains about. */
function blamed(errors: string): number[] {
  const places = [...errors.matchAll(/in (assembly\/\S+?)\((\d+),/g)];
  return places.flatMap(([, file, line]) => {
    const text = readFileSync(join(COPY, file), "utf8").split("\n")[Number(line) - 1] ?? "";
    return [...text.matchAll(/mutant [=!]= (\d+)/g)].map((match) => Number(match[1]));
  });
}

function compile(entry: string, options: string[]): { errors: string; binary: Buffer | null } {
  const file = join(ROOT, "build/mutation", `${entry.replaceAll("/", "-")}.wasm`);
  const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
  const args = [
    asc,
    entry,
    "--config",
    "asconfig.json",
    "--target",
    "test",
    "--shrinkLevel",
    "0",
    "--maximumMemory",
    "8192",
    ...options,
    "-o",
    file,
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: COPY, encoding: "utf8" });
  return { errors: stderr, binary: status === 0 ? readFileSync(file) : null };
}

const MOST_ROUNDS = 12;

/**
 * @param entries path of each entry -> further options of asc
 * @returns the mutants that compile, how many do not, and the modules in the order of the entries
 */
export function buildMutants(
  files: string[],
  entries: Record<string, string[]>,
): { mutants: Mutant[]; stillborn: number; binaries: Buffer[] } {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const part of ["assembly", "tests/unit/entry", "tests/fuzz/entry", "asconfig.json"])
    cpSync(join(ROOT, part), join(COPY, part), { recursive: true });
  writeFileSync(join(COPY, "assembly/mutant.ts"), SWITCH);
  const left = new Set<number>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const mutants = write(files, left);
    const built = Object.entries(entries).map(([entry, options]) => compile(entry, options));
    if (built.every(({ binary }) => binary !== null))
      return { mutants, stillborn: left.size, binaries: built.map(({ binary }) => binary!) };
    const before = left.size;
    for (const { errors } of built) for (const id of blamed(errors)) left.add(id);
    if (left.size === before)
      throw new Error(
        built
          .map(({ errors }) => errors)
          .join("\n")
          .slice(0, 4000),
      );
  }
  throw new Error("the mutated sources do not compile");
}
