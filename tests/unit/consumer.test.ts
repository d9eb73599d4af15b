// The key ring: which key a digest is, hashes as Node makes them, places as bits.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadUnits } from "./units";

const { exports, put } = loadUnits("consumer");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a key ring", () => {
  it("finds each key, given plain or hashed, and nothing else", () => {
    for (let k = 0; k < 300; k++) {
      const isHash = k % 2;
      expect(exports.add(put(isHash ? sha256(`key-${k}`) : `key-${k}`), isHash, k % 64)).toBe(1);
    }
    for (let k = 0; k < 300; k++) {
      expect(exports.find(put(`key-${k}`))).toBe(k);
      expect([exports.mayStand(k, k % 64), exports.mayStand(k, (k + 1) % 64)]).toEqual([1, 0]);
    }
    for (const wrong of ["key-300", "key-", "", "KEY-1", "key-1 ", sha256("key-1")]) expect(exports.find(put(wrong))).toBe(-1);
  });

  it("takes a key once, whichever form it has", () => {
    expect(exports.add(put("key-7"), 0, 0)).toBe(0);
    expect(exports.add(put(sha256("key-8").toUpperCase()), 1, 0)).toBe(0);
    expect(exports.find(put("key-7"))).toBe(7);
  });

  it("has 64 places, header and query of one name apart", () => {
    expect([exports.place(1, 0), exports.place(1, 1), exports.place(1, 0)]).toEqual([0, 1, 0]);
    for (let k = 2; k < 64; k++) expect(exports.place(k, 0)).toBe(k);
    expect([exports.place(64, 0), exports.place(63, 0)]).toEqual([-1, 63]);
  });

  it("does not trap on numbers that are no key's", () => {
    expect([exports.mayStand(-1, 0), exports.mayStand(9999, 0)]).toEqual([0, 0]);
  });
});
