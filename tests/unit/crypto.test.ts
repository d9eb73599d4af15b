import { createHash, createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("crypto");
}, 60_000);

const bytesOf = (pointer: number) => Buffer.from(units.get(pointer));
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("SHA-256", () => {
  it("knows the vectors of FIPS 180", () => {
    expect(bytesOf(units.exports.hash(units.put("abc"))).toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(bytesOf(units.exports.hash(units.put(""))).toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("agrees with node at every length around the blocks", () => {
    for (let size = 0; size <= 200; size++) {
      const bytes = randomBytes(size);
      expect(bytesOf(units.exports.hash(units.put(bytes))).toString("hex"), `size ${size}`).toBe(sha(bytes));
    }
  });

  it("agrees with node on a large input", () => {
    const bytes = randomBytes(1_000_003);
    expect(bytesOf(units.exports.hash(units.put(bytes))).toString("hex")).toBe(sha(bytes));
  });

  it("gives the same digest however the input is cut, and starts anew", () => {
    const bytes = randomBytes(300);
    for (let cut = 0; cut <= 300; cut += 7) {
      units.exports.update(units.put(bytes.subarray(0, cut)));
      units.exports.update(units.put(bytes.subarray(cut, cut + 5)));
      units.exports.update(units.put(bytes.subarray(cut + 5)));
      expect(bytesOf(units.exports.finish()).toString("hex"), `cut ${cut}`).toBe(sha(bytes));
    }
  });
});

describe("HMAC-SHA-256", () => {
  it("knows the vector of RFC 4231, case 2", () => {
    expect(bytesOf(units.exports.hmac(units.put("Jefe"), units.put("what do ya want for nothing?"))).toString("hex")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it("agrees with node for short, whole-block and long keys", () => {
    for (const size of [0, 1, 31, 32, 63, 64, 65, 100, 128, 300]) {
      const key = randomBytes(size);
      const text = randomBytes(size * 3);
      const expected = createHmac("sha256", key).update(text).digest("hex");
      expect(bytesOf(units.exports.hmac(units.put(key), units.put(text))).toString("hex"), `key ${size}`).toBe(expected);
    }
  });

  it("wipes a buffer that held a key", () => {
    expect(bytesOf(units.exports.wiped(units.put("secret key"))).toString("hex")).toBe("00".repeat(10));
  });
});

describe("CRC-32", () => {
  it("agrees with zlib", () => {
    for (const size of [0, 1, 2, 3, 4, 9, 255, 256, 4096]) {
      const bytes = randomBytes(size);
      expect(units.exports.checksum(units.put(bytes), 0, size, 0) >>> 0).toBe(crc32(bytes));
    }
    expect(units.exports.checksum(units.put("123456789"), 0, 9, 0) >>> 0).toBe(0xcbf43926);
  });

  it("goes on from the checksum of what came before, and clamps its range", () => {
    const bytes = randomBytes(100);
    const pointer = units.put(bytes);
    const first = units.exports.checksum(pointer, 0, 40, 0);
    expect(units.exports.checksum(pointer, 40, 1000, first) >>> 0).toBe(crc32(bytes));
    expect(units.exports.checksum(pointer, -5, 100, 0) >>> 0).toBe(crc32(bytes));
    expect(units.exports.checksum(pointer, 90, 10, 0) >>> 0).toBe(0);
  });
});

describe("hex and base64", () => {
  it("writes lower-case hex", () => {
    const bytes = randomBytes(64);
    expect(units.text(units.exports.hex(units.put(bytes)))).toBe(bytes.toString("hex"));
  });

  it("writes both alphabets as node does and reads them back", () => {
    for (let size = 0; size < 70; size++) {
      const bytes = randomBytes(size);
      const standard = units.text(units.exports.encode(units.put(bytes), 0));
      const url = units.text(units.exports.encode(units.put(bytes), 1));
      expect(standard).toBe(bytes.toString("base64"));
      expect(url).toBe(bytes.toString("base64url"));
      for (const text of [standard, url, standard.replace(/=/g, "")]) {
        expect(bytesOf(units.exports.decode(units.put(text))).equals(bytes)).toBe(true);
        expect(units.exports.isAccepted()).toBeTruthy();
      }
    }
  });

  it("passes over white space, as in PEM", () => {
    expect(units.text(units.exports.decode(units.put("aGVs\r\nbG8g\n\td29y bGQ=\n")))).toBe("hello world");
    expect(units.exports.isAccepted()).toBeTruthy();
  });

  it("refuses what is no base64", () => {
    for (const text of ["a", "abcde", "ab=c", "a===", "ab!d", "=", "ab==cd", "abc==", "abcd=", "====", "abcd====", "é"]) {
      units.exports.decode(units.put(text));
      expect(units.exports.isAccepted(), text).toBeFalsy();
    }
  });
});
