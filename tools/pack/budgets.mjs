// Spends V8's budget for inlining (docs/decisions/0018-inlining-budget.md). Envoy compiles a module once, without Liftoff and so without
// counts of calls. Then V8 puts callees into each function in the order of its calls, as long as they are smaller than what is left of
// a budget: a multiple of the function's bytes, whether it ever runs or not. That was two thirds of all that it compiled.
//
// So code that runs a few times per request, or only at the start, begins with calls of eaters: functions of so many bytes, all of them
// behind a return. V8 takes their bytes off the budget, inlines nothing in their place, and has no budget left for the rest. In all other
// code eaters take what exceeds the budget that V8 gives to modules with few small functions, which made no request slower.
import binaryen from "binaryen";
import { Reader, leb, sectionsOf, sized } from "../wasm/binary.mjs";
import { functionNames } from "./names.mjs";
import { Instructions } from "./reachable.mjs";

const IMPORTS = 2;
const CODE = 10;
const RETURN = 0x0f;
const NOP = 0x01;

/** Bytes of the eaters. */
const EATERS = [960, 480, 240, 120, 60];
const MOST_EATERS = 3;
const nameOf = (size) => `pack/eater${size}`;
/** What runs seldom: the dialects without the stubs that choose one, and what reads the configuration. */
const IS_SELDOM = /^assembly\/(dialect\/(?!translator)|config\/|provider\/)/;
/** A call is worth its bytes when it spares V8 that many times as many. */
const WORTH = 33;
/** Numbers of functions change by the eaters, and with them the bytes of calls. */
const MARGIN = 4;

/** V8 14.6, wasm/inlining-tree.h and the defaults of its flags: functions in one, smallest budget, what counts as a small function. */
const MOST_INLINED = 60;
const LEAST_BUDGET = 50;
const SMALL = 50;
/** Budget per byte of a function, with few small functions in the module (a quarter) and with many (half of them). */
const LOW_FACTOR = 2;
const HIGH_FACTOR = 5;
/** Bytes that a call takes itself. */
const CALL = 8;

/** How many functions a module imports; ours import nothing else. */
const importsOf = (binary) => new Reader(sectionsOf(binary).find(({ id }) => id === IMPORTS)?.contents ?? [0]).number();

/** The functions that `binary` defines: bytes of each, and the numbers of what each calls, in order, without imports. */
function readFunctions(binary) {
  const sections = sectionsOf(binary);
  const imported = importsOf(binary);
  const { contents } = sections.find(({ id }) => id === CODE);
  const reader = new Reader(contents);
  return Array.from({ length: reader.number() }, () => {
    const body = reader.sized();
    const code = new Instructions(body, new Set());
    for (let groups = code.unsigned(); groups > 0; groups--) code.at = (code.unsigned(), code.at + 1);
    while (code.at < body.length) code.step();
    const calls = code.calls.filter((index) => index >= imported).map((index) => index - imported);
    return { size: body.length, calls };
  });
}

/** Budget per byte in a module with these functions. */
function factorOf(functions) {
  const share = functions.filter(({ size }) => size < SMALL).length / functions.length;
  const scale = Math.min(1, Math.max(0, (share - 0.25) / 0.25));
  return LOW_FACTOR * (1 - scale) + HIGH_FACTOR * scale;
}

const budgetOf = (size, factor) => Math.max(LEAST_BUDGET, Math.floor(factor * size));

/** Bytes that V8 inlines into the function with these calls: a callee gets what is left, and gives nothing back. */
function inlinedBytes(functions, calls, budget) {
  let count = 0;
  let bytes = 0;
  const enter = (callees, left) => {
    for (const callee of callees) {
      const { size, calls: inner } = functions[callee];
      if (size >= left || count >= MOST_INLINED) continue;
      count++;
      left -= size;
      bytes += size - CALL;
      enter(inner, left);
    }
  };
  enter(calls, budget);
  return bytes;
}

/**
 * About how many bytes of code V8 compiles for a module, with all that it inlines. The dead bytes of eaters are none.
 * @param {Uint8Array} binary
 */
export function compiledBytes(binary) {
  const functions = readFunctions(binary);
  const factor = factorOf(functions);
  const eaters = new Set(eatersIn(binary).keys());
  return functions.reduce((sum, { size, calls }, k) => {
    if (eaters.has(k)) return sum;
    const eaten = calls.filter((callee) => eaters.has(callee)).reduce((all, callee) => all + functions[callee].size, 0);
    const others = calls.filter((callee) => !eaters.has(callee));
    return sum + size + inlinedBytes(functions, others, budgetOf(size, factor) - eaten);
  }, 0);
}

/** Lists of at most `MOST_EATERS` eaters, largest first. */
const MEALS = (function meals(from, most) {
  if (most === 0) return [[]];
  return [[], ...EATERS.flatMap((size, k) => (k < from ? [] : meals(k, most - 1).map((rest) => [size, ...rest])))];
})(0, MOST_EATERS);

/** The eaters that are best for a function, of what leaves it a budget of at least `least`. */
function mealOf(functions, { size, calls }, factor, least) {
  let best = { meal: [], cost: inlinedBytes(functions, calls, budgetOf(size, factor)) };
  if (best.cost <= 0) return [];
  for (const meal of MEALS) {
    const bytes = 2 * meal.length;
    const left = budgetOf(size + bytes, factor) - meal.reduce((sum, eaten) => sum + eaten, 0);
    if (meal.length === 0 || left < MARGIN || left < least) continue;
    const cost = inlinedBytes(functions, calls, left) + WORTH * bytes;
    if (cost < best.cost) best = { meal, cost };
  }
  return best.meal;
}

/**
 * Puts calls of eaters into functions of an optimised module, and adds the eaters, still without their bytes.
 * @param {binaryen.Module} module
 */
export function spendBudgets(module) {
  const binary = module.emitBinary();
  const functions = readFunctions(binary);
  const imported = importsOf(binary);
  const names = functionNames(binary);
  const factor = factorOf(functions);
  functions.forEach((one, k) => {
    const name = names.get(imported + k);
    if (name === undefined) return;
    const meal = mealOf(functions, one, factor, IS_SELDOM.test(name) ? 0 : LOW_FACTOR * one.size);
    if (meal.length === 0) return;
    const found = module.getFunction(name);
    const { body, results } = binaryen.getFunctionInfo(found);
    const calls = meal.map((size) => module.call(nameOf(size), [], binaryen.none));
    binaryen.Function.setBody(found, module.block(null, [...calls, body], results));
  });
  for (const size of EATERS) module.addFunction(nameOf(size), binaryen.none, binaryen.none, [], module.nop());
  module.runPasses(["reorder-functions"]);
}

/** The eaters among the functions that a module defines, by their names or, without names, their code: number -> bytes. */
function eatersIn(binary) {
  const functions = new Reader(sectionsOf(binary).find(({ id }) => id === CODE).contents);
  const found = new Map();
  for (let k = 0, count = functions.number(); k < count; k++) {
    const body = functions.sized();
    if (EATERS.includes(body.length) && body[1] === RETURN && body[2] === NOP) found.set(k, body.length);
  }
  return found;
}

/**
 * Gives the eaters their bytes.
 * @param {Uint8Array} binary what spendBudgets() made, with names
 * @returns {Uint8Array}
 */
export function fillEaters(binary) {
  const sections = sectionsOf(binary);
  const imported = importsOf(binary);
  const sizes = new Map(EATERS.map((size) => [nameOf(size), size]));
  const names = functionNames(binary);
  const parts = sections.map(({ id, contents, all }) => {
    if (id !== CODE) return all;
    const reader = new Reader(contents);
    const bodies = Array.from({ length: reader.number() }, (_, k) => {
      const body = reader.sized();
      const size = sizes.get(names.get(imported + k));
      if (size === undefined) return sized(body);
      return sized(Buffer.from([0, RETURN, ...Array(size - 3).fill(NOP), 0x0b]));
    });
    return Buffer.concat([Buffer.from([CODE]), sized(Buffer.concat([leb(bodies.length), ...bodies]))]);
  });
  return Buffer.concat([binary.subarray(0, 8), ...parts]);
}
