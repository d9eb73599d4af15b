// The cap on values of an index. On its own: mutation testing runs it for document.ts only, because it takes so long.
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("json-large");
}, 60_000);

describe("an index", () => {
  it("takes two million values and no more", () => {
    const list = (size: number) => `[${"1,".repeat(size - 2)}1]`;
    expect(units.text(units.exports.faultOf(units.put(list(1 << 21))))).toMatch(/^0 /);
    expect(units.text(units.exports.faultOf(units.put(list((1 << 21) + 1))))).toMatch(/^7 \d+ the JSON holds too many values$/);
  }, 30_000);
});
