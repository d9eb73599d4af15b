// Arguments that many calls of a function have in common: `__newArray(length, 2, 17, data)` becomes `__newArray/_,2,17,_(length, data)`,
// where a call takes fewer bytes. V8 puts such a small function into its callers where code runs often.
import binaryen from "binaryen";
import { info, walkAll } from "./shrink.mjs";

/** Bytes of a constant, with its instruction. */
const bytesOf = (value) => (value >= -64 && value < 64 ? 2 : value >= -8192 && value < 8192 ? 3 : 4);
/** Bytes of a function beside its instructions and of a number of it above 127; of an argument that it passes on. */
const FUNCTION = 8;
const ARGUMENT = 2;
/** Functions with shorter numbers: those that are called most. */
const SHORT_NUMBERS = 100;
/** Fewer bytes are not worth a function more to compile. */
const LEAST_GAIN = 16;
const MOST_CONSTANTS = 5;

const constantOf = (expression) => {
  const { id, type, value } = info(expression);
  return id === binaryen.ConstId && type === binaryen.i32 ? value : null;
};

/** All calls with constants as arguments: the call, its target, and its constants by place. */
function callsOf(module) {
  const found = [];
  const uses = new Map();
  walkAll(module, (expression) => {
    if (binaryen.getExpressionId(expression) !== binaryen.CallId) return;
    const { target, operands } = info(expression);
    uses.set(target, (uses.get(target) ?? 0) + 1);
    const constants = operands.flatMap((operand, place) => {
      const value = constantOf(operand);
      return value === null ? [] : [[place, value]];
    });
    if (constants.length > 0)
      found.push({ call: expression, target, constants: constants.slice(0, MOST_CONSTANTS), count: operands.length });
  });
  const short = new Set(
    [...uses]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHORT_NUMBERS)
      .map(([name]) => name),
  );
  return { found, short };
}

/** All choices of at least one of `list`. */
function choicesOf(list) {
  if (list.length === 0) return [];
  const rest = choicesOf(list.slice(1));
  return [[list[0]], ...rest, ...rest.map((choice) => [list[0], ...choice])];
}

/** The bytes that fewer arguments save in `calls`, less those of the function that adds them. */
function gainOf({ target, constants, calls, count }, short) {
  const saved = constants.reduce((sum, [, value]) => sum + bytesOf(value), 0);
  const perCall = saved - (short.has(target) ? 1 : 0);
  return perCall * calls.size - FUNCTION - saved - ARGUMENT * (count - constants.length);
}

/** A function that calls `target` with these constants at their places and its own arguments at the others. */
function addBound(module, { target, constants, count }) {
  const bound = new Map(constants);
  const name = `${target}/${Array.from({ length: count }, (_, place) => bound.get(place) ?? "_").join()}`;
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(target));
  const types = binaryen.expandType(params);
  let own = 0;
  const passed = types.map((type, place) => (bound.has(place) ? module.i32.const(bound.get(place)) : module.local.get(own++, type)));
  const rest = types.filter((_, place) => !bound.has(place));
  module.addFunction(name, binaryen.createType(rest), results, [], module.call(target, passed, results));
  return name;
}

/**
 * Binds arguments where that saves bytes, the most first.
 * @param {binaryen.Module} module
 */
export function bindArguments(module) {
  const { found, short } = callsOf(module);
  const candidates = new Map();
  for (const one of found) {
    for (const constants of choicesOf(one.constants)) {
      const key = `${one.target} ${constants.join(" ")}`;
      const known = candidates.get(key) ?? { target: one.target, constants, count: one.count, calls: new Set() };
      known.calls.add(one.call);
      candidates.set(key, known);
    }
  }
  const isBound = new Set();
  const open = [...candidates.values()].filter((one) => gainOf(one, short) >= LEAST_GAIN);
  for (;;) {
    for (const one of open) for (const call of one.calls) if (isBound.has(call)) one.calls.delete(call);
    const best = open.reduce((a, b) => (gainOf(b, short) > gainOf(a, short) ? b : a), {
      target: "",
      constants: [],
      calls: new Set(),
      count: 0,
    });
    if (best.target === "" || gainOf(best, short) < LEAST_GAIN) return;
    const name = addBound(module, best);
    for (const call of best.calls) {
      for (const [place] of [...best.constants].reverse()) binaryen.Call.removeOperandAt(call, place);
      binaryen.Call.setTarget(call, name);
      isBound.add(call);
    }
  }
}
