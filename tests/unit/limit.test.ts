// How counts are kept in shared data: bounded in number, found again, and never lost to another VM or an old clock.
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { SharedData } from "../../emulator/shared-data";
import { loadUnits } from "./units";

let shared = new SharedData();
let keys = new Set<string>();
let calls = { get: 0, set: 0 };
/** What another VM does between this one's read and the store that follows. */
let meanwhile: (() => void) | null = null;

const view = () => new DataView(units.memory.buffer);
const bytes = (pointer: number, size: number) => new Uint8Array(units.memory.buffer.slice(pointer, pointer + size));
const text = (pointer: number, size: number) => Buffer.from(bytes(pointer, size)).toString("latin1");

const units = loadUnits(
  "limit",
  {},
  {
    proxy_get_shared_data(key: number, size: number, outData: number, outSize: number, outCas: number) {
      calls.get++;
      const entry = shared.get(text(key, size));
      if (entry === undefined) return 1;
      const at = units.exports.proxy_on_memory_allocate(entry.value.length);
      new Uint8Array(units.memory.buffer, at).set(entry.value);
      view().setUint32(outData, at, true);
      view().setUint32(outSize, entry.value.length, true);
      view().setUint32(outCas, entry.cas, true);
      return 0;
    },
    proxy_set_shared_data(key: number, size: number, data: number, dataSize: number, cas: number) {
      const [name, value] = [text(key, size), bytes(data, dataSize)];
      calls.set++;
      const intruder = meanwhile;
      meanwhile = null;
      intruder?.();
      keys.add(name);
      return shared.set(name, value, cas >>> 0);
    },
  },
);

const { count, look, take, estimate } = units.exports;
const SPACE = 1;
const MINUTE = 60;
const NOW = 60 * 29_000_000;

beforeEach(() => {
  shared = new SharedData();
  keys = new Set();
  meanwhile = null;
});

describe("a tally", () => {
  it("counts each subject for itself, in its space", () => {
    expect([count(SPACE, 1, NOW, MINUTE), count(SPACE, 1, NOW, MINUTE), count(SPACE, 2, NOW, MINUTE), count(2, 1, NOW, MINUTE)]).toEqual([
      1, 2, 1, 1,
    ]);
  });

  it("begins anew with each window, and is not taken back by a VM whose clock was read before", () => {
    count(SPACE, 1, NOW + 59, MINUTE);
    expect(count(SPACE, 1, NOW + 60, MINUTE)).toBe(1);
    expect(count(SPACE, 1, NOW + 59, MINUTE)).toBe(2);
    expect(count(SPACE, 1, NOW + 60, MINUTE)).toBe(3);
  });

  it("begins anew when the clock was set back by more than a window", () => {
    count(SPACE, 1, NOW + 3600, MINUTE);
    expect(count(SPACE, 1, NOW, MINUTE)).toBe(1);
  });

  it("is not stored over what another VM has stored, nor made twice", () => {
    meanwhile = () => expect(count(SPACE, 1, NOW, MINUTE)).toBe(1);
    expect(count(SPACE, 1, NOW, MINUTE)).toBe(-1);
    meanwhile = () => expect(count(SPACE, 1, NOW, MINUTE)).toBe(2);
    expect(count(SPACE, 1, NOW, MINUTE)).toBe(-1);
    expect(look(SPACE, 1, NOW, MINUTE)).toBe(2);
  });

  it("keeps ten thousand subjects apart", () => {
    for (let round = 1; round <= 2; round++)
      for (let subject = 0; subject < 10_000; subject++) if (count(SPACE, subject, NOW, MINUTE) !== round) throw new Error(`${subject}`);
    expect(keys.size).toBe(10_000);
  });

  it("takes no more than 65,536 keys whatever clients invent, and the places of those that went quiet again", () => {
    for (let subject = 0; subject < 80_000; subject++) count(SPACE, subject, NOW + Math.floor(subject / 10_000), MINUTE);
    expect(keys.size).toBeLessThanOrEqual(65_536);
    const later = NOW + 200;
    for (let subject = 300_000; subject < 305_000; subject++) {
      expect(count(SPACE, subject, later, MINUTE)).toBe(1);
      expect(count(SPACE, subject, later, MINUTE)).toBe(2);
    }
    expect(keys.size).toBeLessThanOrEqual(65_536);
  }, 30_000);

  it("survives a value of another form", () => {
    count(SPACE, 1, NOW, MINUTE);
    const [key] = keys;
    shared.set(key, new Uint8Array([1, 2, 3]), 0);
    expect(count(SPACE, 1, NOW, MINUTE)).toBe(1);
  });
});

describe("a ledger", () => {
  it("admits exactly so many although another VM always comes between", () => {
    const admitted: number[] = [];
    for (let n = 0; n < 50; n++) {
      meanwhile = () => admitted.push(take(31, 0, NOW, 0));
      admitted.push(take(31, 0, NOW, 0));
    }
    expect(admitted.filter((one) => one === 1)).toHaveLength(31);
  });

  it("admits by what is reserved, and one that is larger than the window if nothing else is in it", () => {
    expect([take(0, 100, NOW, 60), take(0, 100, NOW, 41), take(0, 100, NOW, 40), take(0, 100, NOW, 1)]).toEqual([1, 0, 1, 0]);
    expect([take(0, 100, NOW + 60, 5000), take(0, 100, NOW + 60, 1)]).toEqual([1, 0]);
    expect(take(0, 100, NOW + 60, 0)).toBe(1);
  });
});

describe("a ledger that has looked", () => {
  const { open, reserve, settle } = units.exports;
  const counted = () => {
    const { get: gets, set: sets } = calls;
    calls = { get: 0, set: 0 };
    return { gets, sets };
  };

  it("takes with what it has read: one read and one store a request, and none at the end when nothing changes", () => {
    counted();
    const one = open(5, 0, NOW);
    expect(reserve(one, NOW, 0)).toBeTruthy();
    settle(one, NOW, 0, 123);
    expect(counted()).toEqual({ gets: 1, sets: 1 });
    const other = open(0, 100, NOW + 60);
    expect(reserve(other, NOW + 60, 40)).toBeTruthy();
    settle(other, NOW + 60, 0, 41);
    expect(counted()).toEqual({ gets: 2, sets: 2 });
  });

  it("admits exactly so many whatever order they look, take and end in", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat({ max: 5 }), { maxLength: 60 }), (most, steps) => {
        shared = new SharedData();
        const open_ = [] as number[];
        const taken = [] as number[];
        let count = 0;
        for (const [index, step] of steps.entries()) {
          if (step < 2) {
            const number = open(most, 0, NOW);
            expect(number >= 0).toBe(count < most);
            if (number >= 0) open_.push(number);
          } else if (step < 5 && open_.length > 0) {
            const [number] = open_.splice(index % open_.length, 1);
            const isTaken = Boolean(reserve(number, NOW, 0));
            expect(isTaken).toBe(count < most);
            if (isTaken) count++;
            if (isTaken) taken.push(number);
            else settle(number, NOW, 0, 0);
          } else if (taken.length > 0) {
            // What never left for the provider is given back, so that one which was refused by an old look would be wrong.
            settle(taken.pop()!, NOW, index % 2 === 0 ? 1 : 0, 0);
            if (index % 2 === 0) count--;
          }
        }
        for (const number of [...open_, ...taken]) settle(number, NOW, 0, 0);
      }),
      { numRuns: 200, seed: 20 },
    );
  });

  it("takes in the window that is there when the body has come", () => {
    const one = open(1, 0, NOW + 59);
    expect(take(0, 0, NOW, 0)).toBe(1);
    expect(reserve(one, NOW + 61, 0)).toBeTruthy();
    expect(open(1, 0, NOW + 62)).toBe(-1);
    expect(open(1, 0, NOW + 121)).toBeGreaterThanOrEqual(0);
    settle(one, NOW + 62, 0, 0);
  });
});

describe("an estimate", () => {
  it.each([
    [0, 0, 0],
    [1, 0, 1],
    [400, 10, 110],
    [400, -1, 612],
    [1 << 30, 1 << 30, 32_768 + 4_096],
  ])("of %d bytes and max_tokens %d is %d", (size, response, tokens) => {
    expect(estimate(size, response)).toBe(tokens);
  });
});

describe("names in match", () => {
  it.each([
    ["gpt-4", "gpt-4", true],
    ["gpt-4", "gpt-4o", false],
    ["gpt-4*", "gpt-4o", true],
    ["gpt-4*", "gpt-", false],
    ["*", "", true],
  ])("%s and %s: %s", (entry, name, wanted) => {
    expect(units.exports.listed(units.put(entry), units.put(name)) !== 0).toBe(wanted);
  });
});
