import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { event, exception, message, randomOf } from "./aws-frames";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("aws-event-stream");
}, 60_000);

const read = (pieces: Uint8Array[], cap = 0) => {
  units.exports.start(cap);
  for (const piece of pieces) units.exports.feed(units.put(piece));
  return units.text(units.exports.report()).split("\n").slice(0, -1);
};

const three = Buffer.concat([
  event("messageStart", { a: 1 }),
  event("metadata", {}),
  exception("throttlingException", { message: "slow" }),
]);
const threeLines = ['messageStart||{"a":1}', "metadata||{}", '|throttlingException|{"message":"slow"}'];

const PRELUDE = "!The checksum of a message prelude is wrong.";
const CHECKSUM = "!The checksum of a message is wrong.";
const LENGTHS = "!The lengths of a message contradict each other.";
const LARGE = "!A message is larger than allowed.";
const HEADERS = "!The headers of a message cannot be read.";

describe("the AWS event stream framer", () => {
  it("reads messages that come whole", () => {
    expect(read([three])).toEqual(threeLines);
  });

  it("reads the same with a cut at every byte", () => {
    for (let cut = 0; cut <= three.length; cut++) {
      expect(read([three.subarray(0, cut), three.subarray(cut)]), `cut ${cut}`).toEqual(threeLines);
    }
  });

  it("reads the same byte by byte, and with empty pieces", () => {
    expect(read([...three].map((byte) => Uint8Array.of(byte)))).toEqual(threeLines);
    expect(read([new Uint8Array(0), three, new Uint8Array(0)])).toEqual(threeLines);
  });

  it("reads the same in random pieces", () => {
    const random = randomOf(7);
    for (let round = 0; round < 200; round++) {
      const pieces: Uint8Array[] = [];
      for (let here = 0; here < three.length;) {
        const size = 1 + Math.floor(random() * 90);
        pieces.push(three.subarray(here, here + size));
        here += size;
      }
      expect(read(pieces)).toEqual(threeLines);
    }
  });

  it("has nothing to say of an empty stream", () => {
    expect(read([])).toEqual([]);
  });

  it("passes an empty payload and a message without headers on", () => {
    expect(read([message({ ":event-type": "ping", ":message-type": "event" }), message({}, "x")])).toEqual(["ping||", "||x"]);
  });

  it("takes the smallest message, and headers of more than 255 bytes", () => {
    expect(message({})).toHaveLength(16);
    expect(read([message({})])).toEqual(["||"]);
    expect(read([message({ ":event-type": "e".repeat(700) }, "x")])).toEqual([`${"e".repeat(700)}||x`]);
  });

  it("skips headers of every other type", () => {
    const bytes = (...list: number[]) => Uint8Array.from(list);
    const all = message(
      {
        yes: { type: 0, bytes: bytes() },
        no: { type: 1, bytes: bytes() },
        byte: { type: 2, bytes: bytes(1) },
        short: { type: 3, bytes: bytes(1, 2) },
        integer: { type: 4, bytes: bytes(1, 2, 3, 4) },
        long: { type: 5, bytes: new Uint8Array(8) },
        blob: { type: 6, bytes: bytes(0, 3, 9, 9, 9) },
        time: { type: 8, bytes: new Uint8Array(8) },
        uuid: { type: 9, bytes: new Uint8Array(16) },
        ":event-type": "last",
      },
      "p",
    );
    expect(read([all])).toEqual(["last||p"]);
  });

  it("takes an event type of a wrong type for none", () => {
    expect(read([message({ ":event-type": { type: 6, bytes: Uint8Array.from([0, 1, 65]) } }, "p")])).toEqual(["||p"]);
  });

  it("gives untyped errors their code and message", () => {
    const failed = { ":message-type": "error", ":error-code": "InternalError", ":error-message": "it broke" };
    expect(read([message(failed)])).toEqual(["|InternalError|it broke"]);
    expect(read([message({ ":message-type": "error" })])).toEqual(["|UnknownException|"]);
    expect(read([message({ ":message-type": "exception" }, "{}")])).toEqual(["|UnknownException|{}"]);
    expect(read([message({ ":message-type": "error", ":error-code": "E" })])).toEqual(["|E|"]);
    expect(read([message({ ":message-type": "error", ":exception-type": "x" }, "p")])).toEqual(["|x|p"]);
  });

  it("does not carry headers over to the next message", () => {
    expect(read([exception("xException", {}), event("e", {})])).toEqual(["|xException|{}", "e||{}"]);
    const failed = message({ ":message-type": "error", ":error-code": "E", ":error-message": "m" });
    expect(read([failed, message({}, "x"), message({ ":error-code": "E" })])).toEqual(["|E|m", "||x", "||"]);
    expect(read([failed, message({ ":message-type": "error" })])).toEqual(["|E|m", "|UnknownException|"]);
  });

  it("finds every flipped bit and says so once", () => {
    const one = event("messageStart", { role: "assistant" });
    for (let bit = 0; bit < one.length * 8; bit++) {
      const broken = Buffer.concat([one, event("metadata", {})]);
      broken[bit >> 3] ^= 1 << (bit & 7);
      const lines = read([broken.subarray(0, 20), broken.subarray(20)]);
      expect(lines, `bit ${bit}`).toEqual([bit < 96 ? PRELUDE : CHECKSUM]);
      expect(units.exports.isBroken()).toBeTruthy();
      expect(units.exports.isInsideMessage()).toBeFalsy();
    }
  });

  it("holds nothing of a stream whose prelude is wrong", () => {
    const broken = event("messageStart", {});
    broken[9] ^= 1;
    expect(read([broken.subarray(0, 5), broken.subarray(5)])).toEqual([PRELUDE]);
    expect(units.exports.isInsideMessage()).toBeFalsy();
  });

  it("keeps what came before a broken message", () => {
    const broken = event("metadata", {});
    broken[broken.length - 1] ^= 1;
    expect(read([event("a", 1), broken, event("b", 2)])).toEqual(["a||1", CHECKSUM]);
  });

  const withPrelude = (total: number, headers: number) => {
    const bytes = message({}, new Uint8Array(100));
    bytes.writeUInt32BE(total, 0);
    bytes.writeUInt32BE(headers, 4);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
    return bytes;
  };

  it("refuses lengths that contradict each other", () => {
    expect(read([withPrelude(15, 0)])).toEqual([LENGTHS]);
    expect(read([withPrelude(0, 0)])).toEqual([LENGTHS]);
    expect(read([withPrelude(116, 101)])).toEqual([LENGTHS]);
    expect(read([withPrelude(116, 0xffffffff)])).toEqual([LENGTHS]);
  });

  it("refuses a message above the cap before it has come", () => {
    expect(read([withPrelude(0x7fffffff, 0)])).toEqual([LARGE]);
    expect(read([withPrelude(0xffffffff, 0)])).toEqual([LARGE]);
    expect(read([withPrelude((1 << 20) + 1, 0).subarray(0, 12)])).toEqual([LARGE]);
    expect(read([message({}, new Uint8Array(85))], 100)).toEqual([LARGE]);
    expect(read([message({}, "x".repeat(84))], 100)).toEqual(["||" + "x".repeat(84)]);
    expect(read([message({}, "x")], 1)).toEqual([LARGE]);
  });

  it("takes a message of exactly the cap, cut in two", () => {
    const large = message({ ":event-type": "e" }, "y".repeat((1 << 20) - 32));
    expect(large.length).toBe(1 << 20);
    const [line] = read([large.subarray(0, 70_000), large.subarray(70_000)]);
    expect(line.length).toBe("e||".length + (1 << 20) - 32);
  });

  it("refuses headers that run over their end", () => {
    const raw = (...bytes: number[]) => message(Buffer.from(bytes), "payload");
    expect(read([raw(5, 65)])).toEqual([HEADERS]);
    expect(read([raw(1, 65)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 7)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 7, 0)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 7, 0, 9, 66)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 7, 255, 255)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 9, 1, 2, 3)])).toEqual([HEADERS]);
    expect(read([raw(0, 7, 0, 0)])).toEqual([HEADERS]);
    expect(read([raw(1, 65, 10)])).toEqual([HEADERS]);
    expect(read([raw(255)])).toEqual([HEADERS]);
    // What follows would do as a type: it is the payload.
    expect(read([message(Buffer.from([1, 65]), Uint8Array.of(0, 0))])).toEqual([HEADERS]);
  });

  it("knows whether the stream stands inside a message", () => {
    const ends = [
      0,
      event("messageStart", { a: 1 }).length,
      event("messageStart", { a: 1 }).length + event("metadata", {}).length,
      three.length,
    ];
    for (let cut = 0; cut <= three.length; cut++) {
      expect(read([three.subarray(0, cut)]), `cut ${cut}`).toEqual(threeLines.slice(0, ends.filter((end) => end > 0 && end <= cut).length));
      expect(Boolean(units.exports.isInsideMessage()), `cut ${cut}`).toBe(!ends.includes(cut));
    }
  });

  it("never traps on 5,000 mutated streams", () => {
    const random = randomOf(11);
    let broken = 0;
    for (let round = 0; round < 5000; round++) {
      const bytes = Buffer.from(three);
      for (let change = Math.floor(random() * 4); change >= 0; change--)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const cut = Math.floor(random() * bytes.length);
      const lines = read([bytes.subarray(0, cut), bytes.subarray(cut, Math.floor(random() * bytes.length * 2))]);
      for (const line of lines) if (!line.startsWith("!")) expect(threeLines).toContain(line);
      if (lines.some((line) => line.startsWith("!"))) broken++;
      if (round % 200 === 0) units.exports.collect();
    }
    expect(broken).toBeGreaterThan(4000);
  });
});
