// The event stream framer against eventsource-parser at every cut, its places and the collector's caps.
import { createParser } from "eventsource-parser";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("sse");
}, 60_000);

const GATHER = 0;
const TRACE = 1;
const PLAIN = 2;
const KNOWING = 3;

function read(kind: number, pieces: string[], { cap = 0, isOpen = false } = {}): string[] {
  units.exports.start(kind, cap);
  for (const piece of pieces) units.exports.feed(units.put(Buffer.from(piece, "latin1")));
  if (!isOpen) units.exports.finish();
  return Buffer.from(units.get(units.exports.report())).toString("latin1").split(";").slice(0, -1);
}

const events = (...pieces: string[]) => read(GATHER, pieces);
const trace = (...pieces: string[]) => read(TRACE, pieces, { isOpen: true });

function wanted(text: string): string[] {
  const found: string[] = [];
  createParser({ onEvent: ({ event = "", data }) => found.push(`${event}|${data}`) }).feed(`${text}\n\n`);
  return found;
}

const BOM = "\u00ef\u00bb\u00bf";
const STREAMS = [
  "",
  "data: a\n\ndata:b\r\n\r\ndata\r\rdata:  c\n\n",
  "event: e\ndata: 1\ndata: 2\n\ndata: 3\n\n",
  "event\ndata: x\n\nevent: a\nevent: b\ndata: y\n\nevent: a\nevent\ndata: z\n\n",
  ": comment\n\nid: 7\nretry: 9\n\ndat: no\ndatax: no\ndata\nevents: no\neven: no\neventx\nx\n\n",
  `${BOM}data: a\n\n${BOM}data: b\n\n`,
  `${BOM.slice(0, 2)}\ndata: a\n\n`,
  "\u00efdata: no\ndata: a\n\n",
  "data: cut",
  "data",
  "event: only\n\nid: 1\n\ndata:\n\n",
  "dataxdata: 1\ndatadata: 2\ndatada\ndata: a\n\n",
  "d\nda\ndat\ne\nev\neve\neven\nevent\ndata\n",
  "data:a\r\rdata:b\r\n\rdata:c\n\r\n",
  "data : a\nevent : b\ndata: c\n\n",
  // A mark stands at the very start or is none, and a NUL after CR is no line feed.
  `\n${BOM}data: a\n\n`,
  "data: a\r\0\ndata: b\n\n",
];

describe("the framer", () => {
  it("asks for known events where a line begins outside of a block, and passes over them", () => {
    expect(read(KNOWING, ["data: known\n\ndata: known\n\n\n: c\nid: 1\ndata: known\n\ndata: a\ndata: known\n\n"])).toEqual([
      ...["ask 0", "ask 13", "ask 26", "ask 27", "ask 31", "block 31", "data 43-48", "end 50"],
      ...["ask 50", "block 50", "data 56-57", "break", "data 64-69", "end 71"],
    ]);
  });

  it.each(STREAMS)("reads %j as eventsource-parser does, at every cut and byte by byte", (text) => {
    const expected = wanted(text);
    expect(events(text)).toEqual(expected);
    expect(events(...text)).toEqual(expected);
    for (let cut = 0; cut <= text.length; cut++) expect(events(text.slice(0, cut), "", text.slice(cut)), `cut ${cut}`).toEqual(expected);
  });

  it("dispatches at the blank line and not before", () => {
    expect(read(GATHER, ["data: a\n"], { isOpen: true })).toEqual([]);
    expect(read(GATHER, ["data: a\n\n"], { isOpen: true })).toEqual(["|a"]);
    expect(read(GATHER, ["data: a\r\r"], { isOpen: true })).toEqual(["|a"]);
  });

  it("says where blocks begin and end", () => {
    expect(trace("data: a\n\n: c\n\nid: 1\n\nevent: e\ndata: b\n\n")).toEqual([
      "block 0",
      "data 6-7",
      "end 9",
      "block 14",
      "blockEnd 21",
      "block 21",
      "nameStart",
      "name 28-29",
      "data 36-37",
      "end 39",
    ]);
    expect(trace(`${BOM}data: a\r\n\r\nx`)).toEqual(["block 3", "data 9-10", "end 14", "block 14"]);
    expect(trace("data: a\r\n\r", "\ndata:\n\n")).toEqual(["block 0", "data 6-7", "end 10", "block 1", "end 8"]);
    expect(trace("\u00ef", "x\n\n")).toEqual(["block 0", "blockEnd 3"]);
    expect(trace("data: a\ndata: b\n\n")).toEqual(["block 0", "data 6-7", "break", "data 14-15", "end 17"]);
    expect(trace("event\r\revent\n\n")).toEqual(["block 0", "nameStart", "blockEnd 7", "block 7", "nameStart", "blockEnd 14"]);
  });

  it("begins anew after finish", () => {
    units.exports.start(GATHER, 0);
    units.exports.feed(units.put("data: a\r"));
    units.exports.finish();
    units.exports.feed(units.put(Buffer.from(`${BOM}data: b\r`, "latin1")));
    units.exports.finish();
    // The line feed is a line of its own now, so the mark after it is none.
    units.exports.feed(units.put(Buffer.from(`\n${BOM}data: c\n\n`, "latin1")));
    expect(units.text(units.exports.report())).toBe("|a;|b;");
  });

  it("puts the end of an unfinished event at 0", () => {
    expect(read(TRACE, ["data: a"])).toEqual(["block 0", "data 6-7", "end 0"]);
    expect(read(TRACE, ["id: a"])).toEqual(["block 0", "blockEnd 0"]);
  });

  it.each(["data: lost", "event", "da", ": c", "data: a\r", BOM.slice(0, 2), "x\n"])("forgets %j at a reset", (text) => {
    units.exports.start(TRACE, 0);
    units.exports.feed(units.put(Buffer.from(text, "latin1")));
    const before = units.text(units.exports.report());
    units.exports.reset();
    units.exports.feed(units.put(Buffer.from(`${BOM}data: b\n\n`, "latin1")));
    expect(units.text(units.exports.report())).toBe(`${before}block 3;data 9-10;end 12;`);
  });

  it("needs no more of a sink than data", () => {
    read(PLAIN, ["event: e\nid: 1\n\ndata: a\n\n"]);
    expect(units.text(units.exports.report())).toBe("a");
  });
});

describe("the collector", () => {
  it("drops an event over its cap, whole, and takes the next", () => {
    const large = "y".repeat(1025);
    expect(read(GATHER, [`data: ${large}\ndata: z\n\ndata: a\n\n`], { cap: 1024 })).toEqual(["|a"]);
    expect(units.exports.skipped()).toBe(1);
    expect(read(GATHER, [`data: ${large.slice(1)}\n\n`], { cap: 1 })).toEqual([`|${large.slice(1)}`]);
    expect(units.exports.skipped()).toBe(0);
    expect(read(GATHER, [`data: ${large}\n\n`], { cap: 1 })).toEqual([]);
    // The line feed between two lines counts, and nothing after it is taken.
    expect(read(GATHER, [`data: ${large.slice(1)}\ndata:\n\ndata: ok\n\n`], { cap: 1024 })).toEqual(["|ok"]);
  });

  it("takes 1 MiB unless told otherwise", () => {
    const full = "x".repeat(1 << 20);
    expect(read(GATHER, [`data: ${full}\n\n`])[0]).toHaveLength((1 << 20) + 1);
    expect(read(GATHER, [`data: ${full}x\n\n`])).toEqual([]);
    expect(units.exports.skipped()).toBe(1);
  });

  it("cuts a name of more than 128 bytes to nothing, for its event only", () => {
    const name = "n".repeat(128);
    expect(events(`event: ${name}\ndata: a\n\n`)).toEqual([`${name}|a`]);
    expect(events(`event: ${name}n\ndata: a\n\nevent: b\ndata: b\n\n`)).toEqual(["|a", "b|b"]);
    expect(events(`event: ${name}n\n\nevent: c\ndata: c\n\ndata: d\n\n`)).toEqual(["c|c", "|d"]);
  });
});
