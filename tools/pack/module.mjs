// Rewrites a compiled module: static data packed, code optimised once more, names put beside it.
import binaryen from "binaryen";
import { bindArguments } from "./bind.mjs";
import { fillEaters, spendBudgets } from "./budgets.mjs";
import { MODEL_BYTES, compress } from "./lz.mjs";
import { functionNames, keepExportedNames, symbolsOf } from "./names.mjs";
import { clearUnreachable } from "./reachable.mjs";
import { toRecords } from "./records.mjs";
import { nestConditions, zeroNewObjects } from "./shrink.mjs";
import { tabulateVisits, visitedBy } from "./visits.mjs";

const PAGE = 65536;
/** The decoder's export in assembly/host/unpack.ts; not exported from the packed module. */
const UNPACK = "unpack";
const START = "start";
/** What asc's output uses, and what Envoy's V8 and Node 20 have. */
const FEATURES = ["MutableGlobals", "NontrappingFPToInt", "SignExt", "BulkMemory", "BulkMemoryOpt"];
/** asc leaves something for two more rounds of its own optimizer; a third finds nothing. */
const OPTIMIZE_ROUNDS = 2;
/**
 * Sizes, in nodes, up to which a function is put into its callers: always, and when it has only one. The second has no
 * limit by default, which would save another kilobyte but leave one function of 38 KB and backtraces that say little.
 */
const INLINE_ALWAYS = 4;
const INLINE_ONE_CALLER = 300;

const roundUp = (value, step, rest = 0) => Math.ceil((value - rest) / step) * step + rest;

/**
 * All active data segments laid out as they will be in memory.
 * @returns {{ start: number, bytes: Uint8Array }}
 */
function imageOf(module) {
  const segments = Array.from({ length: module.getNumDataSegments() }, (_, index) => {
    const { offset, data, passive } = module.getDataSegmentInfo(module.getDataSegmentByIndex(index));
    if (passive) throw new Error("cannot pack passive data segments");
    return { start: offset, bytes: new Uint8Array(data) };
  });
  if (segments.length === 0) throw new Error("no data to pack");
  const start = Math.min(...segments.map((segment) => segment.start)) & ~3;
  // Segments leave out zeros at the end; objects of AssemblyScript end 12 bytes above a multiple of 16.
  const end = roundUp(Math.max(...segments.map((segment) => segment.start + segment.bytes.length)), 16, 12);
  const bytes = new Uint8Array(end - start);
  for (const segment of segments) bytes.set(segment.bytes, segment.start - start);
  return { start, bytes };
}

/**
 * Where everything lies until the start function has run: the image at its place, records and models above it in memory
 * that the allocator has not seen yet, the packed bytes at the very top.
 */
function layOut(image, records, packed, pages) {
  const imageEnd = image.start + image.bytes.length;
  const recordsEnd = imageEnd + records.length;
  const size = roundUp(recordsEnd + 4 + MODEL_BYTES + packed.length + 4, PAGE);
  const packedStart = (Math.max(size, pages * PAGE) - packed.length) & ~3;
  return { imageEnd, recordsEnd, packedStart, pages: Math.max(size / PAGE, pages) };
}

/** The function in which the collector goes through the globals, as a block of calls. */
const VISITS = "~lib/rt/__visit_globals";
/** The export of assembly/host/unpack.ts that says where its room for the collector's tables begins; removed like the decoder. */
const ROOM = "visits";

/**
 * Takes static objects out of the image that no code uses. The collector visits every global, so that each constant of each file seems
 * to be in use: what it alone refers to is no longer visited. An object that code uses still is, as it may hold others by then; a text
 * holds none, and nothing that is static is ever freed.
 */
function dropUnused(module, image) {
  const visits = module.getFunction(VISITS);
  const body = visits ? binaryen.getFunctionInfo(visits).body : 0;
  if (!body || binaryen.getExpressionInfo(body).id !== binaryen.BlockId) return;
  const { children } = binaryen.getExpressionInfo(body);
  const keep = (isKept) => {
    const kept = children.filter((statement) => visitedBy(statement) < 0 || isKept(visitedBy(statement)));
    binaryen.Function.setBody(visits, module.block(null, kept));
  };
  keep(() => false);
  const mayHold = clearUnreachable(image, module.emitBinary());
  keep(mayHold);
}

/** Where the room for the collector's tables begins, or 0 in a module without it. */
function roomIn(module) {
  const found = module.getExport(ROOM);
  if (!found) return 0;
  const { body } = binaryen.getFunctionInfo(module.getFunction(binaryen.getExportInfo(found).value));
  module.removeExport(ROOM);
  return Number(binaryen.getExpressionInfo(body).value);
}

/** Writes the collector's tables into the image, which has room for them. */
function addVisits(module, image, room) {
  const tables = room > 0 ? tabulateVisits(module, room) : new Uint8Array(0);
  if (tables.length === 0) return;
  const at = room - image.start;
  const isFree =
    at >= 0 && at + tables.length <= image.bytes.length && image.bytes.subarray(at, at + tables.length).every((byte) => byte === 0);
  if (!isFree) throw new Error(`the collector's tables take ${tables.length} bytes: raise VISITS_BYTES in assembly/host/unpack.ts`);
  image.bytes.set(tables, at);
}

/** Replaces the data segments by packed ones, and the start function by one that unpacks them first. */
function packData(module) {
  const image = imageOf(module);
  const room = roomIn(module);
  dropUnused(module, image);
  addVisits(module, image, room);
  const records = toRecords(image.bytes);
  const packed = compress(records);
  const { imageEnd, recordsEnd, packedStart, pages } = layOut(image, records, packed, module.getMemoryInfo().initial);
  const bounds = [image.start, imageEnd, imageEnd, recordsEnd, packedStart, packedStart + packed.length];
  const unpack = binaryen.getExportInfo(module.getExport(UNPACK)).value;
  const steps = [
    module.call(
      unpack,
      bounds.map((bound) => module.i32.const(bound)),
      binaryen.none,
    ),
  ];
  const start = module.getStart();
  if (start) steps.push(module.call(binaryen.getFunctionInfo(start).name, [], binaryen.none));
  module.setStart(module.addFunction(START, binaryen.none, binaryen.none, [], module.block(null, steps)));
  module.removeExport(UNPACK);
  module.setMemory(pages, -1, null, [{ offset: module.i32.const(packedStart), data: packed }], false, false, "0");
}

function optimize(module) {
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  binaryen.setLowMemoryUnused(true);
  binaryen.setAlwaysInlineMaxSize(INLINE_ALWAYS);
  binaryen.setOneCallerInlineMaxSize(INLINE_ONE_CALLER);
  binaryen.setDebugInfo(true);
  for (let round = 0; round < OPTIMIZE_ROUNDS; round++) module.optimize();
}

/**
 * Packs a module that exports the decoder. The same input gives the same bytes.
 * @param {Uint8Array} binary
 * @returns {{ module: Uint8Array, symbols: string }} symbols: the names of its functions, as in names.mjs
 */
export function packModule(binary) {
  const module = binaryen.readBinary(binary);
  try {
    module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
    if (!module.getExport(UNPACK)) throw new Error(`the module does not export "${UNPACK}": is it packed already?`);
    packData(module);
    zeroNewObjects(module);
    optimize(module);
    nestConditions(module);
    bindArguments(module);
    if (!module.validate()) throw new Error("the packed module is not valid");
    spendBudgets(module);
    const optimized = fillEaters(module.emitBinary());
    const packed = keepExportedNames(optimized);
    return { module: packed, symbols: symbolsOf(packed, functionNames(optimized)) };
  } finally {
    module.dispose();
  }
}
