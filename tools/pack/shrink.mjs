// Shorter forms of what asc writes and binaryen leaves: see the functions below. Each changes expressions in place.
import binaryen from "binaryen";

const NEW = "~lib/rt/tcms/__new";
const NEW_ZEROED = "~lib/rt/tcms/__newZeroed";

/** Of a nop, binaryen knows the id alone. */
export function info(expression) {
  const id = binaryen.getExpressionId(expression);
  return id === binaryen.NopId || id === binaryen.UnreachableId ? { id } : binaryen.getExpressionInfo(expression);
}

/** Members of an expression's description that are expressions themselves; those of lists are found by being lists. */
const CHILDREN = "condition ifTrue ifFalse body value ptr left right target delta dest source size".split(" ");
const LISTS = ["children", "operands"];

/** Calls `see` with every expression below and at `expression`, children first. */
function walk(expression, see) {
  const found = info(expression);
  for (const list of LISTS) for (const child of found[list] ?? []) walk(child, see);
  for (const name of CHILDREN) if (typeof found[name] === "number" && found[name] > 0 && isChild(found, name)) walk(found[name], see);
  see(expression);
}

/** A few descriptions have numbers and constants under these names. */
const isChild = ({ id }, name) => id !== binaryen.ConstId && !(id === binaryen.CallId && name === "target");

/** Calls `see` with every expression of the functions that the module defines. */
export function walkAll(module, see) {
  for (let k = 0; k < module.getNumFunctions(); k++) {
    const { base, body } = binaryen.getFunctionInfo(module.getFunctionByIndex(k));
    if (!base && body) walk(body, see);
  }
}

const isNumber = (expression, value) => {
  const { id, type, value: found } = info(expression);
  return id === binaryen.ConstId && type === binaryen.i32 && found === value;
};

/** The two sides of `left && right`, which asc writes as an if; or null. `!left && right` has the negated left side. */
function bothOf(module, condition) {
  const found = info(condition);
  if (found.id === binaryen.UnaryId && found.op === binaryen.EqZInt32) {
    const inner = info(found.value);
    if (inner.id !== binaryen.IfId || !inner.ifFalse || !isNumber(inner.ifTrue, 1)) return null;
    return [module.i32.eqz(inner.condition), module.i32.eqz(inner.ifFalse)];
  }
  if (found.id !== binaryen.IfId || !found.ifFalse) return null;
  if (isNumber(found.ifFalse, 0)) return [found.condition, found.ifTrue];
  if (isNumber(found.ifTrue, 0)) return [module.i32.eqz(found.condition), found.ifFalse];
  return null;
}

/** `if (a && b) x` becomes `if (a) if (b) x`: three bytes less. */
function nest(module, expression) {
  let at = expression;
  for (;;) {
    const { id, condition, ifTrue, ifFalse } = info(at);
    if (id !== binaryen.IfId || ifFalse) return;
    const both = bothOf(module, condition);
    if (!both) return;
    const inner = module.if(both[1], ifTrue);
    binaryen.If.setCondition(at, both[0]);
    binaryen.If.setIfTrue(at, inner);
    nest(module, inner);
  }
}

/**
 * Nests the conditions of ifs.
 * @param {binaryen.Module} module
 */
export function nestConditions(module) {
  walkAll(module, (expression) => nest(module, expression));
}

/** The local that a statement makes a new object in, and the call of NEW; or null. */
function madeIn(statement) {
  const set = info(statement);
  if (set.id !== binaryen.LocalSetId) return null;
  const { id, target } = info(set.value);
  return id === binaryen.CallId && target === NEW ? { local: set.index, call: set.value } : null;
}

/** Where a store into the object in `local` writes; null for any other statement, and when its value may do more than be read. */
function storeInto(statement, local) {
  const { id, ptr, value, offset, bytes } = info(statement);
  if (id !== binaryen.StoreId) return null;
  const object = info(ptr);
  const isObject = object.id === binaryen.LocalGetId && object.index === local;
  const read = info(value);
  const isPlain = [binaryen.ConstId, binaryen.LocalGetId, binaryen.GlobalGetId].includes(read.id);
  if (!isObject || !isPlain) return null;
  return { offset, bytes, isZero: read.id === binaryen.ConstId && Object.is(Number(read.value), 0) };
}

/** Takes the zeros out that are stored into a new object before anything else happens to it, and has it made of zeros. */
function dropZeros(module, block) {
  const { children } = info(block);
  children.forEach((statement, k) => {
    const made = madeIn(statement);
    if (!made) return;
    const written = [];
    let isZeroed = false;
    for (let next = k + 1; next < children.length; next++) {
      const store = storeInto(children[next], made.local);
      if (!store) break;
      const isFresh = written.every(({ offset, bytes }) => offset >= store.offset + store.bytes || offset + bytes <= store.offset);
      if (store.isZero && isFresh) {
        binaryen.Block.setChildAt(block, next, module.nop());
        isZeroed = true;
      } else written.push(store);
    }
    if (isZeroed) binaryen.Call.setTarget(made.call, NEW_ZEROED);
  });
}

/** `set local (new); store (get local)` for asc's `store (tee local (new))`. */
function separateNew(module, block) {
  const { children } = info(block);
  for (let k = children.length - 1; k >= 0; k--) {
    const store = info(children[k]);
    if (store.id !== binaryen.StoreId) continue;
    const made = madeIn(store.ptr);
    if (!made) continue;
    binaryen.Store.setPtr(children[k], module.local.get(made.local, binaryen.i32));
    binaryen.Block.insertChildAt(block, k, module.local.set(made.local, made.call));
  }
}

/** An object of AssemblyScript ends at a multiple of four at least. */
function addNewZeroed(module) {
  const { i32, local } = module;
  const [size, id, object] = [0, 1, 2].map((index) => () => local.get(index, binaryen.i32));
  const word = i32.add(object(), local.tee(0, i32.sub(size(), i32.const(4)), binaryen.i32));
  const loop = module.block(null, [i32.store(0, 4, word, i32.const(0)), module.br("words", size())]);
  const body = [
    local.set(2, module.call(NEW, [size(), id()], binaryen.i32)),
    local.set(0, i32.and(i32.add(size(), i32.const(3)), i32.const(-4))),
    module.if(size(), module.loop("words", loop)),
    object(),
  ];
  const types = binaryen.createType([binaryen.i32, binaryen.i32]);
  module.addFunction(NEW_ZEROED, types, binaryen.i32, [binaryen.i32], module.block(null, body, binaryen.i32));
}

/**
 * Constructors of asc store a zero in each field without a value. One loop does it for all.
 * @param {binaryen.Module} module as asc wrote it
 */
export function zeroNewObjects(module) {
  if (!module.getFunction(NEW)) return;
  addNewZeroed(module);
  walkAll(module, (expression) => {
    if (info(expression).id !== binaryen.BlockId) return;
    separateNew(module, expression);
    dropZeros(module, expression);
  });
}
