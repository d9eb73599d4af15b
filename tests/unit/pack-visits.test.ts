// The collector's tables visit what asc's code visits: tools/pack/visits.mjs.
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { tabulateVisits } from "../../tools/pack/visits.mjs";

const SELF = "(local.get 0)";
const visit = (offset: number) => `(call $~lib/rt/tcms/__visit (i32.load offset=${offset} ${SELF}))`;
const CLASSES = 7;
const TABLE = 4096;

/** Classes as asc writes them: 0 has no members, 1 ends in the code of 3, 3 inherits, 4 and 5 cannot be in the table, 6 is inherited. */
const TEXT = `(module
  (import "test" "visited" (func $visited (param i32)))
  (memory (export "memory") 1)
  (global $variable (mut i32) (i32.const 640))
  (global $empty (mut i32) (i32.const 0))
  (func $~lib/rt/tcms/__visit (param i32) (if (local.get 0) (then (call $visited (local.get 0)))))
  (func $Base~visit (param i32) ${visit(0)} ${visit(252)})
  (func $Array~visit (param i32) (call $visited (i32.const 77)))
  (func $~lib/rt/__visit_members (export "members") (param i32)
    (block $none (block $six (block $far (block $array (block $three (block $two (block $one
      (br_table $none $one $two $three $array $far $six (i32.load (i32.sub ${SELF} (i32.const 8)))))
      ${visit(4)} ${visit(12)} (br $three))
      ${visit(8)} (return))
      (nop) (call $Base~visit ${SELF}) ${visit(16)} (return))
      (call $Array~visit ${SELF}) (return))
      ${visit(256)} (return))
      (call $Base~visit ${SELF}) (return)))
  (func $~lib/rt/__visit_globals (export "globals") (local $x i32)
    (call $~lib/rt/tcms/__visit (i32.const 512))
    (if (local.tee $x (global.get $variable)) (then (call $~lib/rt/tcms/__visit (local.get $x))))
    (if (local.tee $x (global.get $empty)) (then (call $~lib/rt/tcms/__visit (local.get $x))))
    (call $~lib/rt/tcms/__visit (i32.const 576)))
)`;

/** What a module visits: for an object of each class, and for the globals. */
function visitsOf(module: binaryen.Module, tables: Uint8Array) {
  let seen: number[] = [];
  const imports = { test: { visited: (at: number) => seen.push(at) } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.emitBinary() as BufferSource), imports);
  const { memory, members, globals } = exports as { memory: WebAssembly.Memory; members(at: number): void; globals(): void };
  new Uint8Array(memory.buffer).set(tables, TABLE);
  const object = 1024;
  const words = new Uint32Array(memory.buffer);
  for (let k = 0; k <= 64; k++) words[object / 4 + k] = 10_000 + k;
  const all = Array.from({ length: CLASSES }, (_, id) => {
    seen = [];
    words[object / 4 - 2] = id;
    members(object);
    return seen;
  });
  seen = [];
  globals();
  return { all: all.map((one) => one.sort((a, b) => a - b)), globals: seen.sort((a, b) => a - b) };
}

describe("the collector's tables", () => {
  it("visit the same members and globals as the code in whose place they are", () => {
    const before = visitsOf(binaryen.parseText(TEXT), new Uint8Array(0));
    expect(before.all.map((one) => one.length)).toEqual([0, 5, 1, 3, 1, 1, 2]);
    expect(before.globals).toEqual([512, 576, 640]);
    const module = binaryen.parseText(TEXT);
    const tables = tabulateVisits(module, TABLE);
    expect(module.validate()).toBe(1);
    expect(visitsOf(module, tables)).toEqual(before);
    const words = new BigUint64Array(Uint8Array.from(tables.subarray(0, 8 * CLASSES)).buffer);
    const base = (1n << 63n) | 1n;
    expect([...words]).toEqual([0n, base | 0b11010n, 0b100n, base | 0b10000n, 0n, 0n, base]);
  });

  it("leave a module alone that has no such code", () => {
    expect(tabulateVisits(binaryen.parseText("(module)"), TABLE)).toHaveLength(0);
  });
});
