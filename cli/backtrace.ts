// `backtrace`: names for the functions in a backtrace that Envoy printed. The module leaves them out: they are a tenth of its size.
import { readFileSync } from "node:fs";
import { print } from "./explain";
import { readInput, reasonOf } from "./files";
import { readOptions } from "./options";
import { HELP, UsageError } from "./usage";

export const BACKTRACE_OPTIONS = { help: { type: "boolean", short: "h" }, symbols: { type: "string" } } as const;

/** `  0:  0x413f5 - unknown(function index:1737)`, as Envoy's host of Proxy-Wasm prints a frame. */
const FRAME = /0x([0-9a-f]+) - unknown\(function index:(\d+)\)/g;
const HEAD = /^sha256:[0-9a-f]{64}$/;
const LINE = /^(\d+) ([0-9a-f]+) (\S.*)$/;

/** A function: where its code begins and ends in the module, in bytes, and its name. */
interface Place {
  start: number;
  end: number;
  name: string;
}

export async function backtrace(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, BACKTRACE_OPTIONS);
  if (values.help === true) return print(HELP.backtrace);
  if (positionals.length !== 1) throw new UsageError('backtrace takes one file: a log of Envoy, or "-" for standard input');
  const places = readSymbols(values.symbols);
  const { text, strangers } = named(readInput(positionals[0]).toString("utf8"), places);
  print(text);
  if (strangers === 0) return 0;
  process.stderr.write(
    `ai-proxy-wasm: ${strangers} function${strangers === 1 ? "" : "s"} of the backtrace lie elsewhere in this build; ` +
      "give --symbols the plugin.wasm.symbols of the release that Envoy runs\n",
  );
  return 1;
}

/** The log with names in it, and how many frames do not fit to them. */
function named(log: string, places: Map<number, Place>): { text: string; strangers: number } {
  let strangers = 0;
  const text = log.replace(FRAME, (frame: string, offset: string, index: string) => {
    const place = places.get(Number(index));
    const at = Number.parseInt(offset, 16);
    if (place !== undefined && at >= place.start && at < place.end) return `0x${offset} - ${place.name}`;
    strangers++;
    return frame;
  });
  return { text, strangers };
}

/** Names by the number of a function. Throws UsageError when the file is no list of names. */
function readSymbols(path: string | undefined): Map<number, Place> {
  const [head, ...lines] = readText(path).trimEnd().split("\n");
  const rows = lines.map((line) => LINE.exec(line));
  if (!HEAD.test(head) || rows.some((row) => row === null)) throw new UsageError(`${path} is not a list of a module's functions`);
  const found = rows.map((row) => ({ index: Number(row?.[1]), start: Number.parseInt(row?.[2] ?? "", 16), name: row?.[3] ?? "" }));
  return new Map(found.slice(0, -1).map(({ index, start, name }, k) => [index, { start, end: found[k + 1].start, name }]));
}

function readText(path: string | undefined): string {
  try {
    return readFileSync(path ?? new URL("./plugin.wasm.symbols", import.meta.url), "utf8");
  } catch (error) {
    if (path !== undefined) throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
    throw new UsageError(`cannot read the names (${reasonOf(error)}); \`npm run build\` makes them, --symbols names others`);
  }
}
