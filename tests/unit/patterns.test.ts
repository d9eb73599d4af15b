// Which rules take a model: what the sorted list finds is what asking each pattern would.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("patterns");
});

function find(lists: string[][], model: string): number[] {
  units.exports.reset();
  lists.forEach((list, owner) => list.forEach((pattern) => units.exports.add(units.put(pattern), owner)));
  expect(units.exports.find(units.put(model))).toBeFalsy();
  const { at, count, has, size } = units.exports;
  const found = Array.from({ length: units.exports.lists() }, (_, list) =>
    Array.from({ length: size(list) }, (_, index) => at(list, index)),
  );
  expect(found.flat()).toHaveLength(count());
  const owners = [...new Set(found.flat())].sort((one, other) => one - other);
  expect(lists.map((_, owner) => owner).filter((owner) => has(owner))).toEqual(owners);
  return owners;
}

function takes(pattern: string, model: string): boolean {
  if (pattern.startsWith("~")) return new RegExp(pattern.slice(1), "u").test(model);
  return pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}

/** Few letters, so that patterns begin alike, equal each other and contain each other; some are not ASCII. */
const word = fc.string({ unit: fc.constantFrom("a", "b", "-", "é", "\u{10ffff}"), maxLength: 5 });
const pattern = fc.oneof(
  word.filter((text) => text !== ""),
  word.map((text) => `${text}*`).filter((text) => text !== "*"),
  fc.constantFrom("~a", "~^b", "~-$", "~^(a|b-)b"),
);

describe("patterns of many rules", () => {
  it("find what each pattern would say", () => {
    fc.assert(
      fc.property(fc.array(fc.array(pattern, { maxLength: 4 }), { maxLength: 12 }), word, (lists, model) => {
        const wanted = lists.flatMap((list, owner) => (list.some((one) => takes(one, model)) ? [owner] : []));
        expect(find(lists, model)).toEqual(wanted);
      }),
      { numRuns: 3000 },
    );
  });

  it("forget the last model, and know no owner that nobody added", () => {
    expect(find([["a*"], ["b"]], "ab")).toEqual([0]);
    units.exports.find(units.put("b"));
    expect([0, 1, 2, 99].map((owner) => Boolean(units.exports.has(owner)))).toEqual([false, true, false, false]);
  });

  it("a star within a name is a letter", () => {
    expect(find([["a*b"], ["a**"]], "a*b")).toEqual([0, 1]);
    expect(find([["a*b"]], "axb")).toEqual([]);
  });

  it("say so when expressions take too long", () => {
    units.exports.reset();
    for (let n = 0; n < 40; n++) units.exports.add(units.put(`~(a|${"a".repeat(n + 1)}){0,60}c`), 0);
    units.exports.add(units.put("~^b"), 1);
    expect(units.exports.find(units.put("a".repeat(1000)))).toBeTruthy();
    expect(units.exports.find(units.put("b"))).toBeFalsy();
    expect(units.exports.has(1)).toBeTruthy();
  });
});
