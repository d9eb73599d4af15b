// The collector's way through objects, as data. asc writes code for each class that visits its members one after the other, and code
// for each static object: 9 KB. In their place a table holds 64 bits for each class, one for each word of an object that refers to
// another, and the addresses of the static objects. Arrays and whatever else is more than such words keep their code.
import binaryen from "binaryen";
import { info } from "./shrink.mjs";

const MEMBERS = "~lib/rt/__visit_members";
const GLOBALS = "~lib/rt/__visit_globals";
/** From an object: its class id. */
const CLASS_ID = -8;
const WORDS = 64;

const isSelf = (expression) => info(expression).id === binaryen.LocalGetId && info(expression).index === 0;

/** The statements of a body that is one block, or one statement. */
function statementsOf(module, name) {
  const { body } = binaryen.getFunctionInfo(module.getFunction(name));
  const { id, children } = info(body);
  return id === binaryen.BlockId ? children : [body];
}

/** The name of the function that visits one object; `visit(0)` does nothing. */
export function visitOf(module) {
  return binaryen.getFunctionInfo(module.getFunction("~lib/rt/tcms/__visit")).name;
}

/** What runs from `expression` on: a list of statements for each label of MEMBERS, followed through jumps until the end. */
class Paths {
  /** @type {Map<string, { block: object, index: number }>} label -> the place behind its block */
  #behind = new Map();
  #parents = new Map();

  constructor(root) {
    this.#learn(root, null, 0);
  }

  #learn(expression, parent, index) {
    const block = info(expression);
    if (block.id !== binaryen.BlockId) return;
    this.#parents.set(expression, { parent, index });
    if (block.name) this.#behind.set(block.name, { parent: expression, index: block.children.length });
    block.children.forEach((child, k) => this.#learn(child, expression, k));
  }

  /** The statements that run after a jump to `label`, or null when they are not in a row. */
  from(label) {
    const found = [];
    let at = this.#behind.get(label);
    while (at) {
      const { children } = info(at.parent);
      const next = at.index < children.length ? info(children[at.index]) : null;
      if (!next) {
        const up = this.#parents.get(at.parent);
        at = up.parent === null ? undefined : { parent: up.parent, index: up.index + 1 };
      } else if (next.id === binaryen.ReturnId) return found;
      else if (next.id === binaryen.BreakId && !next.condition) at = this.#behind.get(next.name);
      else if (next.id === binaryen.BlockId) return null;
      else {
        if (next.id !== binaryen.NopId) found.push(children[at.index]);
        at = { parent: at.parent, index: at.index + 1 };
      }
    }
    return found;
  }
}

/** The words that `statements` visit, as bits; -1n when they do anything else. */
function wordsOf(module, statements) {
  let words = 0n;
  for (const statement of statements) {
    const { id, target, operands } = info(statement);
    if (id !== binaryen.CallId || operands.length !== 1) return -1n;
    if (target === visitOf(module)) {
      const load = info(operands[0]);
      const word = load.id === binaryen.LoadId && isSelf(load.ptr) ? load.offset / 4 : WORDS;
      if (word >= WORDS || !Number.isInteger(word)) return -1n;
      words |= 1n << BigInt(word);
    } else {
      if (!isSelf(operands[0]) || !target.endsWith("~visit")) return -1n;
      const inherited = wordsOf(module, statementsOf(module, target));
      if (inherited < 0n) return -1n;
      words |= inherited;
    }
  }
  return words;
}

/** The only switch of MEMBERS, found from outside in. */
function switchIn(expression) {
  const { id, children } = info(expression);
  if (id === binaryen.SwitchId) return expression;
  return id === binaryen.BlockId && children.length > 0 ? switchIn(children[0]) : 0;
}

/** Adds a function of an object and its bits that visits the words with a bit, and returns whether there was one. */
function addWordsVisitor(module) {
  const { i32, i64, local } = module;
  const bits = () => local.get(1, binaryen.i64);
  const place = i32.add(local.get(0, binaryen.i32), i32.shl(i32.wrap(i64.ctz(bits())), i32.const(2)));
  const step = [
    module.call(visitOf(module), [i32.load(0, 4, place)], binaryen.none),
    module.br("words", i64.ne(local.tee(1, i64.and(bits(), i64.sub(bits(), i64.const(1n))), binaryen.i64), i64.const(0n))),
    module.return(i32.const(1)),
  ];
  const body = [module.if(i64.ne(bits(), i64.const(0n)), module.loop("words", module.block(null, step))), i32.const(0)];
  const types = binaryen.createType([binaryen.i32, binaryen.i64]);
  module.addFunction("~lib/rt/visitWords", types, binaryen.i32, [], module.block(null, body, binaryen.i32));
  return "~lib/rt/visitWords";
}

/** Puts the table of classes in front of the code of MEMBERS. Returns the bits by class. */
function tabulateMembers(module, table) {
  const members = module.getFunction(MEMBERS);
  const { body } = binaryen.getFunctionInfo(members);
  const choice = switchIn(body);
  if (!choice) return [];
  // The last class is the default.
  const { names, defaultName } = info(choice);
  const labels = [...names, defaultName];
  const paths = new Paths(body);
  const words = labels.map((label) => {
    const statements = paths.from(label);
    return statements ? wordsOf(module, statements) : -1n;
  });
  const nothing = labels[words.indexOf(0n)];
  if (nothing === undefined) return [];
  words.forEach((bits, k) => bits > 0n && k < names.length && binaryen.Switch.setNameAt(choice, k, nothing));
  if (words[names.length] > 0n) binaryen.Switch.setDefaultName(choice, nothing);
  const { i32, i64 } = module;
  const id = i32.load(0, 4, i32.add(module.local.get(0, binaryen.i32), i32.const(CLASS_ID)));
  const load = i64.load(table, 8, i32.shl(id, i32.const(3)));
  const isDone = module.call(addWordsVisitor(module), [module.local.get(0, binaryen.i32), load], binaryen.i32);
  binaryen.Function.setBody(members, module.if(i32.eqz(isDone), body));
  return words.map((found) => (found > 0n ? found : 0n));
}

/** The address of the static object that a statement of GLOBALS hands to the collector, or -1. */
export function visitedBy(statement) {
  const { id, operands } = info(statement);
  if (id !== binaryen.CallId || operands.length === 0) return -1;
  const operand = info(operands[0]);
  return operand.id === binaryen.ConstId ? Number(operand.value) : -1;
}

/** The visit of a variable without the question whether it is null, which the visit asks as well. */
function visitOfVariable(module, statement) {
  const { id, condition, ifFalse } = info(statement);
  const value = id === binaryen.IfId && !ifFalse ? info(condition) : null;
  const variable = value?.id === binaryen.LocalSetId ? info(value.value) : null;
  if (variable?.id !== binaryen.GlobalGetId) return statement;
  return module.call(visitOf(module), [module.global.get(variable.name, binaryen.i32)], binaryen.none);
}

/** Puts a loop over the addresses in [table, end) in place of the visits of static objects. Returns the addresses. */
function tabulateGlobals(module, table) {
  const globals = module.getFunction(GLOBALS);
  const statements = statementsOf(module, GLOBALS);
  const addresses = statements.map(visitedBy).filter((address) => address >= 0);
  if (addresses.length === 0) return [];
  const { i32, local } = module;
  const at = () => local.get(0, binaryen.i32);
  const next = local.tee(0, i32.add(at(), i32.const(4)), binaryen.i32);
  const step = [
    module.call(visitOf(module), [i32.load(0, 4, at())], binaryen.none),
    module.br("statics", i32.ne(next, i32.const(table + 4 * addresses.length))),
  ];
  const body = [local.set(0, i32.const(table)), module.loop("statics", module.block(null, step))];
  module.addFunction("~lib/rt/visitStatics", binaryen.none, binaryen.none, [binaryen.i32], module.block(null, body));
  const rest = statements.filter((statement) => visitedBy(statement) < 0).map((statement) => visitOfVariable(module, statement));
  const steps = [module.call("~lib/rt/visitStatics", [], binaryen.none), ...rest];
  binaryen.Function.setBody(globals, module.block(null, steps));
  return addresses;
}

/**
 * Replaces code of the collector by tables that lie from `table` on.
 * @param {binaryen.Module} module as asc wrote it, with names
 * @param {number} table
 * @returns {Uint8Array} the tables; empty when the module has no such code
 */
export function tabulateVisits(module, table) {
  if (!module.getFunction(MEMBERS) || !module.getFunction(GLOBALS)) return new Uint8Array(0);
  const words = tabulateMembers(module, table);
  const addresses = tabulateGlobals(module, table + 8 * words.length);
  const bytes = Buffer.alloc(8 * words.length + 4 * addresses.length);
  words.forEach((found, k) => bytes.writeBigUInt64LE(found, 8 * k));
  addresses.forEach((address, k) => bytes.writeUInt32LE(address, 8 * words.length + 4 * k));
  return bytes;
}
