// What one exchange allocates, by source line, and the host calls it makes, in order: `npm run bench:allocations [-- WORDS]`
// shows the scenarios of bench/scenarios.ts whose name contains WORDS (default all); with --json only the sums, for the race.
//
// Reads build/allocations.wasm, a build without optimisation whose allocator reports every block (asc's ASC_RTRACE) and whose
// source map leads to lines; the compiler removes no allocation when it optimises, so counts are those of build/plugin.wasm.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { Host } from "../emulator/host";
import { hostCallText } from "./host-call-text";
import { assertSound, configure, scenarios, sender, type Scenario } from "./scenarios";

const FILE = "build/allocations.wasm";
const CHUNKS = 20;
const WARM_UP = 5;
const RUNS = 10;
/** A block's header and an object's, before its fields. */
const BLOCK_OVERHEAD = 4;
/** The lowest bits of a block's size say whether it and the one before it are free. */
const SIZE_MASK = ~3;
const FRAME = /^\s*at (.*?) \(wasm:.*:wasm-function\[\d+\]:0x([0-9a-f]+)\)$/;
const DEEPEST = 30;

/** Count and bytes (with overhead) of the blocks that one place asked for. */
interface Site {
  count: number;
  bytes: number;
}
type Sites = Map<string, Site>;

const module = new WebAssembly.Module(readFileSync(FILE));
const map = new SourceMap(JSON.parse(readFileSync(`${FILE}.map`, "utf8")));
const places = new Map<string, string>();

/** `assembly/pipeline/request.ts:120` of a code offset. */
function placeOf(hexOffset: string): string {
  let place = places.get(hexOffset);
  if (place === undefined) {
    const entry = map.findEntry(0, parseInt(hexOffset, 16));
    place =
      "originalSource" in entry && entry.originalSource
        ? `${entry.originalSource.replace(/^.*?(?=assembly\/|~lib)/, "")}:${entry.originalLine + 1}`
        : "";
    places.set(hexOffset, place);
  }
  return place;
}

const shortName = (name: string) => name.replace(/assembly\/[\w/.-]+\/(?=[\w~])/g, "").replace(/~lib\/(\w+\/)*/g, "");

/** Frames that say what is allocated and not why: the standard library, constructors, and the byte helpers that all use. */
const isHelper = ({ name, place }: { name: string; place: string }) =>
  /^~lib\/|#constructor$|@varargs$/.test(name) || /^assembly\/(bytes|host\/memory)/.test(place);

/** The innermost line of a stack with a reason of its own, and the helpers that it called to get the block. */
function siteOf(stack: string): string {
  const frames = stack.split("\n").flatMap((line) => {
    const found = FRAME.exec(line);
    return found && !found[1].startsWith("~lib/rt/") ? [{ name: found[1], place: placeOf(found[2]) }] : [];
  });
  const at = frames.findIndex((frame) => !isHelper(frame));
  const cause = at < 0 ? frames.length - 1 : at;
  const inner = frames.slice(0, cause).filter((frame) => !frame.name.endsWith("@varargs"));
  const path = [frames[cause], ...inner.reverse()].map((frame) => shortName(frame.name));
  // Calls that the compiler put in have no line.
  return `${frames[cause].place} ${path.join(" → ")}`.trimStart();
}

interface Counts {
  sites: Sites;
  /** Of the last exchange. */
  calls: string[];
  meanCalls: number;
}

/** Allocations and host calls of one exchange, as a mean over several. */
async function count(scenario: Scenario): Promise<Counts> {
  const sites: Sites = new Map();
  const calls: string[] = [];
  let allCalls = 0;
  let memory: WebAssembly.Memory | undefined;
  let isOn = false;
  const note = (key: string, bytes: number) => {
    const site = sites.get(key) ?? { count: 0, bytes: 0 };
    sites.set(key, { count: site.count + 1 / RUNS, bytes: site.bytes + bytes / RUNS });
  };
  const sizeOf = (block: number) => (new DataView(memory!.buffer).getUint32(block, true) & SIZE_MASK) + BLOCK_OVERHEAD;
  const nothing = () => 0;
  const traced = {
    onalloc: (block: number) => {
      if (isOn) note(siteOf(new Error().stack ?? ""), sizeOf(block));
      return 0;
    },
    // asc has a store ask for its address.
    onload: (address: number) => address,
    onstore: (address: number) => address,
    ...{ oninit: nothing, onresize: nothing, onmove: nothing, onfree: nothing, onvisit: () => 1, oncollect: nothing },
  };
  const host = await Host.load(module, {
    imports: { rtrace: traced },
    onHostCall: (name, args, guest) => {
      if (isOn) calls.push(hostCallText(name, args, guest));
    },
    onMemory: (found) => (memory = found),
  });
  const run = sender(configure(host, scenario), scenario);
  for (let k = 0; k < WARM_UP; k++) run();
  isOn = true;
  for (let k = 0; k < RUNS; k++) {
    calls.length = 0;
    run();
    allCalls += calls.length;
  }
  assertSound(host);
  return { sites, calls, meanCalls: allCalls / RUNS };
}

/** Rows of `per exchange | per chunk`: from streams of two lengths, so that each chunk's share can be told from the rest. */
function rows(short: Sites, long: Sites): string[] {
  const keys = new Set([...short.keys(), ...long.keys()]);
  const none = { count: 0, bytes: 0 };
  const found = [...keys].map((key) => {
    const [a, b] = [short.get(key) ?? none, long.get(key) ?? none];
    const perChunk = (b.count - a.count) / CHUNKS;
    return { key, count: a.count - perChunk * CHUNKS, bytes: a.bytes, perChunk };
  });
  found.sort((a, b) => b.perChunk - a.perChunk || b.count - a.count || b.bytes - a.bytes || (a.key < b.key ? -1 : 1));
  const cell = (value: number, digits: number) => (Math.abs(value) < 0.005 ? "" : String(Number(value.toFixed(digits))));
  const line = (one: { key: string; count: number; bytes: number; perChunk: number }) =>
    `${cell(one.count, 2).padStart(8)} ${cell(one.bytes, 0).padStart(9)} ${cell(one.perChunk, 2).padStart(8)}  ${one.key}`;
  const sum = (pick: (one: (typeof found)[0]) => number) => found.reduce((total, one) => total + pick(one), 0);
  const total = { key: "in all", count: sum((one) => one.count), bytes: sum((one) => one.bytes), perChunk: sum((one) => one.perChunk) };
  return [line(total), ...found.map(line)];
}

/** Calls in their order; the same line many times in a row is written once. */
function folded(calls: string[]): string[] {
  const lines: { text: string; times: number }[] = [];
  for (const text of calls) {
    const last = lines.at(-1);
    if (last?.text === text) last.times++;
    else lines.push({ text, times: 1 });
  }
  return lines.map(({ text, times }) => `  ${times > 1 ? `${times} × ` : ""}${text}`);
}

/** What an exchange costs without its chunks, and what each chunk adds. */
function sums(a: Counts, b: Counts): Record<string, number> {
  const blocks = ({ sites }: Counts) => [...sites.values()].reduce((sum, site) => sum + site.count, 0);
  const rounded = (value: number) => Number(value.toFixed(1));
  const [blocksPerChunk, callsPerChunk] = [(blocks(b) - blocks(a)) / CHUNKS, (b.meanCalls - a.meanCalls) / CHUNKS];
  return {
    hostCalls: rounded(a.meanCalls - callsPerChunk * CHUNKS),
    hostCallsPerChunk: rounded(callsPerChunk),
    allocations: rounded(blocks(a) - blocksPerChunk * CHUNKS),
    allocationsPerChunk: rounded(blocksPerChunk),
  };
}

function print(scenario: Scenario, a: Counts, b: Counts): void {
  console.log(`\n## ${scenario.name}\n\n${"blocks".padStart(8)} ${"bytes".padStart(9)} ${"a chunk".padStart(8)}  where`);
  console.log(rows(a.sites, b.sites).join("\n"));
  console.log(`\n${a.calls.length} host calls:\n${folded(a.calls).join("\n")}`);
}

Error.stackTraceLimit = DEEPEST;
const isJson = process.argv[2] === "--json";
const words = isJson ? "" : process.argv.slice(2).join(" ");
const long = scenarios(2 * CHUNKS);
const all: Record<string, object> = {};
for (const [index, scenario] of scenarios(CHUNKS).entries()) {
  if (!scenario.name.includes(words)) continue;
  const [a, b] = [await count(scenario), await count(long[index])];
  if (isJson) all[scenario.name] = sums(a, b);
  else print(scenario, a, b);
}
if (isJson) console.log(JSON.stringify(all));
