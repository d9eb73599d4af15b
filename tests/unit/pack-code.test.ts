// What the pack step does to code leaves its results as they were: tools/pack/shrink.mjs and budgets.mjs.
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { bindArguments } from "../../tools/pack/bind.mjs";
import { compiledBytes, fillEaters, spendBudgets } from "../../tools/pack/budgets.mjs";
import { nestConditions, zeroNewObjects } from "../../tools/pack/shrink.mjs";

type Exports = Record<string, (...values: number[]) => number> & { memory: WebAssembly.Memory };
const instantiate = (binary: Uint8Array) =>
  new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource)).exports as unknown as Exports;

const and = (a: string, b: string) => `(if (result i32) ${a} (then ${b}) (else (i32.const 0)))`;
const or = (a: string, b: string) => `(if (result i32) ${a} (then (i32.const 1)) (else ${b}))`;
const not = (a: string) => `(i32.eqz ${a})`;
/** Asks one of three bits and notes that it did: the order of questions must stay. */
const ask = (bit: number) => `(call $ask (local.get 0) (i32.const ${bit}))`;

describe("nested conditions", () => {
  const conditions = [
    and(ask(1), ask(2)),
    and(and(ask(1), ask(2)), ask(4)),
    and(ask(1), and(ask(2), ask(4))),
    not(or(ask(1), ask(2))),
    and(not(or(ask(1), ask(2))), ask(4)),
    `(if (result i32) ${ask(1)} (then (i32.const 0)) (else ${ask(2)}))`,
    or(ask(1), ask(2)),
  ];
  const text = (condition: string) => `(module
    (global $asked (mut i32) (i32.const 0))
    (func $ask (param i32) (param i32) (result i32)
      (global.set $asked (i32.add (i32.mul (global.get $asked) (i32.const 8)) (local.get 1)))
      (i32.and (local.get 0) (local.get 1)))
    (func (export "run") (param i32) (result i32)
      (global.set $asked (i32.const 0))
      (if ${condition} (then (global.set $asked (i32.add (global.get $asked) (i32.const 1000000)))))
      (global.get $asked)))`;

  it.each(conditions.map((condition, k) => [k, condition]))("ask the same questions in the same order: %i", (k, condition) => {
    const module = binaryen.parseText(text(String(condition)));
    const before = module.emitBinary();
    nestConditions(module);
    expect(module.validate()).toBe(1);
    const after = module.emitBinary();
    const [was, is] = [instantiate(before), instantiate(after)];
    for (let bits = 0; bits < 8; bits++) expect(is.run!(bits)).toBe(was.run!(bits));
    if (k < conditions.length - 1) expect(after.length).toBeLessThan(before.length);
  });
});

describe("new objects", () => {
  const store = (offset: number, value: number | string) =>
    `(i32.store offset=${offset} (local.get $o) ${typeof value === "number" ? `(i32.const ${value})` : value})`;
  const text = (statements: string, first = "(local.set $o (call $~lib/rt/tcms/__new (i32.const 22) (i32.const 7)))") => `(module
    (memory (export "memory") 1)
    (data (i32.const 96) "${"\\ff".repeat(64)}")
    (func $~lib/rt/tcms/__new (param i32) (param i32) (result i32) (i32.store (i32.const 92) (local.get 1)) (i32.const 96))
    (func (export "make") (param $p i32) (result i32) (local $o i32) ${first} ${statements} (local.get $o)))`;
  const whole = [0, 4, 8, 12, 16, 20];
  const cases: [string, string, number][] = [
    ["all fields zero", text(whole.map((at) => store(at, 0)).join("")), 1],
    [
      "values between zeros",
      text(`${store(0, 0)}${store(4, 5)}${store(8, "(local.get $p)")}${store(12, 0)}${store(16, 0)}${store(20, 0)}`),
      1,
    ],
    [
      "a zero over a value stays",
      text(
        `${store(0, 5)}${store(0, 0)}${whole
          .slice(1)
          .map((at) => store(at, 0))
          .join("")}`,
      ),
      1,
    ],
    [
      "the object made in the first store",
      text(
        whole
          .slice(1)
          .map((at) => store(at, 0))
          .join(""),
        "(i32.store (local.tee $o (call $~lib/rt/tcms/__new (i32.const 22) (i32.const 7))) (i32.const 0))",
      ),
      1,
    ],
    ["no zero at all", text(whole.map((at) => store(at, 9)).join("")), 0],
  ];

  it.each(cases)("hold what they held: %s", (_name, source, zeroed) => {
    const module = binaryen.parseText(source);
    const before = instantiate(module.emitBinary());
    zeroNewObjects(module);
    expect(module.validate()).toBe(1);
    const after = instantiate(module.emitBinary());
    expect(after.make!(3)).toBe(before.make!(3));
    const bytes = ({ memory }: Exports) => [...new Uint8Array(memory.buffer, 92, 64)];
    expect(bytes(after)).toEqual(bytes(before));
    const calls = module.emitText().match(/\(call \$~lib\/rt\/tcms\/__newZeroed/g) ?? [];
    expect(calls).toHaveLength(zeroed);
  });
});

describe("arguments in common", () => {
  const calls = [
    ["(local.get 0)", 7, 300, 5000],
    ["(local.get 1)", 7, 300, 5000],
    [9, 7, 300, 5000],
    [9, 7, 300, "(local.get 0)"],
    ["(call $mix (local.get 0) (i32.const 7) (i32.const 300) (i32.const 5000))", 7, 300, 5000],
    [1, 2, 3, 4],
  ].flatMap((call) => [call, call, call]);
  const text = `(module
    (global $sum (mut i32) (i32.const 1))
    (func $mix (param i32) (param i32) (param i32) (param i32) (result i32)
      (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31)) (i32.add (local.get 0) (local.get 3))))
      (i32.sub (i32.mul (local.get 0) (local.get 1)) (i32.xor (local.get 2) (global.get $sum))))
    (func (export "run") (param i32) (param i32) (result i32)
      ${calls.map((call) => `(drop (call $mix ${call.map((one) => (typeof one === "number" ? `(i32.const ${one})` : one)).join(" ")}))`).join("\n")}
      (global.get $sum)))`;

  it("are bound by functions that pass them on, where that is shorter", () => {
    const module = binaryen.parseText(text);
    const before = module.emitBinary();
    bindArguments(module);
    expect(module.validate()).toBe(1);
    const after = module.emitBinary();
    expect(after.length).toBeLessThan(before.length);
    for (const [a, b] of [
      [0, 0],
      [5, 77],
      [-3, 1 << 30],
    ])
      expect(instantiate(after).run!(a!, b!)).toBe(instantiate(before).run!(a!, b!));
    // Calls with arguments that only three of them share stay as they are.
    expect(module.emitText()).toMatch(/\(call \$mix\s+\(i32\.const 1\)/);
  });
});

describe("V8's budget for inlining", () => {
  const leaf = (k: number) => `(func $assembly/bytes/leaf${k} (param i32) (result i32)
    ${"(i32.mul ".repeat(8)}(local.get 0)${` (i32.const ${k + 300}))`.repeat(8)})`;
  const calls = (k: number) => Array.from({ length: 24 }, (_, j) => `(call $assembly/bytes/leaf${(k + j) % 10}`).join(" ");
  const caller = (folder: string, k: number) => `(func $assembly/${folder}/caller${k} (export "${folder}${k}") (param i32) (result i32)
    ${calls(k)} (local.get 0)${")".repeat(24)})`;
  const list = (count: number, one: (k: number) => string) => Array.from({ length: count }, (_, k) => one(k)).join("\n");
  const text = `(module (import "x" "y" (func)) ${list(10, leaf)} ${list(6, (k) => caller("config", k))} ${list(6, (k) => caller("json", k))})`;

  it("is spent in code that runs seldom, and kept in part elsewhere, and nothing is computed otherwise", () => {
    binaryen.setDebugInfo(true);
    const module = binaryen.parseText(text);
    const before = module.emitBinary();
    spendBudgets(module);
    expect(module.validate()).toBe(1);
    const after = fillEaters(module.emitBinary());
    expect(compiledBytes(after)).toBeLessThan(0.8 * compiledBytes(before));
    const run = (binary: Uint8Array) =>
      new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource), { x: { y: () => 0 } }).exports as unknown as Exports;
    const [was, is] = [run(before), run(after)];
    for (const name of ["config0", "config5", "json0", "json5"]) expect(is[name]!(7)).toBe(was[name]!(7));
  });
});
