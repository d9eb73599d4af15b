// What an input means by other people's parsers: the targets' own findings must agree. Each oracle returns what is wrong, or
// null.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { createParser } from "eventsource-parser";
import { ROOT } from "../../tools/envoy-path.mjs";
import type { Name } from "./module";

/** Reads the record that a target writes. */
class Record {
  at = 0;
  constructor(readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  word(): number {
    this.at += 4;
    return this.bytes.readInt32LE(this.at - 4);
  }

  sized(): Buffer {
    const size = this.word();
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

export type Oracle = (input: Buffer, code: number, out: Buffer) => string | null;

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

// JsonFault of assembly/json/kind.ts.
const TOO_DEEP = 5;
const TOO_MANY = 7;
/** The target rebuilds no deeper. */
const REBUILT_DEPTH = 200;
const MAX_MEMBERS = 4096;

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A lone surrogate cannot be said in UTF-8. */
const wellFormed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replace(/\\(ud[89a-f]..|.)/g, (escape) => (escape.length > 2 ? "\ufffd" : escape)));

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** JSON.parse: what is JSON, what it means, and what it means after the edits of the target. */
function json(input: Buffer, code: number, out: Buffer): string | null {
  if (code >= 1000) return `property ${code} does not hold`;
  if (code === TOO_DEEP || code === TOO_MANY) return null;
  // Every byte as a character: bytes that are no UTF-8 may stand in strings only.
  const isSound = parseOrNothing(input.toString("latin1")) !== undefined;
  if (isSound !== (code === 0)) return `fault ${code}, JSON.parse says ${isSound ? "JSON" : "no JSON"}`;
  if (!isSound) return null;
  const text = input.toString();
  const value = wellFormed(JSON.parse(text));
  const record = new Record(out);
  if (depthOf(text) < REBUILT_DEPTH && !same(parseOrNothing(record.sized().toString()), value)) return "the index says something else";
  if (record.isAtEnd) return null;
  const edited = wellFormed(parseOrNothing(record.sized().toString())) as object;
  const { b: _b, model: _model, ...rest } = value as { [key: string]: unknown };
  if (Object.keys(rest).length > MAX_MEMBERS) return null;
  const wanted: { [key: string]: unknown } = { ...rest, a: 1, new: 2 };
  const sorted = (one: object) => Object.entries(one).sort(([left], [right]) => (left < right ? -1 : 1));
  return same(sorted(edited), sorted(wanted)) ? null : "the edits say something else";
}

/** Longest event name that the collector keeps. */
const MAX_EVENT_NAME = 128;

/** eventsource-parser, by bytes; an event without its blank line counts (assembly/sse/framer.ts says why). */
function sse(input: Buffer, code: number, out: Buffer): string | null {
  if (code !== 0) return `property ${code} does not hold`;
  const wanted: string[][] = [];
  const onEvent = ({ event = "", data }: { event?: string; data: string }) =>
    wanted.push([event.length > MAX_EVENT_NAME ? "" : event, data]);
  createParser({ onEvent }).feed(`${input.toString("latin1")}\n\n`);
  const record = new Record(out);
  const found: string[][] = [];
  while (!record.isAtEnd) found.push([record.sized().toString("latin1"), record.sized().toString("latin1")]);
  return same(found, wanted) ? null : `events ${JSON.stringify(found).slice(0, 300)}, wanted ${JSON.stringify(wanted).slice(0, 300)}`;
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1")),
  (text) => Buffer.from(text, "latin1"),
);
const LARGEST_MESSAGE = 1 << 20;

interface Message {
  type: string;
  exception: string;
  payload: string;
}

/** Bytes of header values by type; -1: two bytes say it. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];

/** Names of the headers, or null when they do not end where they should: the decoder lets a value run on into the payload. */
function headerNames(bytes: Buffer): string[] | null {
  const names: string[] = [];
  const end = 12 + bytes.readUInt32BE(4);
  let here = 12;
  while (here < end) {
    const type = here + 1 + bytes[here];
    if (bytes[here] === 0 || type >= end) return null;
    names.push(bytes.toString("latin1", here + 1, type));
    here = type + 1;
    let size = VALUE_BYTES[bytes[type]];
    if (size === undefined) return null;
    if (size < 0) {
      if (here + 2 > end) return null;
      size = bytes.readUInt16BE(here);
      here += 2;
    }
    here += size;
  }
  return here === end ? names : null;
}

/** One message by AWS's own decoder, null when it is wrong, "odd" when the decoder is no judge of it. */
function decode(bytes: Buffer): Message | null | "odd" {
  try {
    const names = headerNames(bytes);
    const { headers, body } = codec.decode(bytes);
    if (names === null) return null;
    // Of two headers with one name it keeps the last, whatever its type; the specification says nothing of it.
    if (new Set(names).size < names.length) return "odd";
    const text = (name: string) => (headers[name]?.type === "string" ? headers[name].value : "");
    const kind = text(":message-type");
    const payload = Buffer.from(body).toString("latin1");
    let exception = text(":exception-type");
    if (kind === "error" && text(":error-code") !== "") exception = text(":error-code");
    if ((kind === "error" || kind === "exception") && exception === "") exception = "UnknownException";
    return { type: text(":event-type"), exception, payload: kind === "error" && payload === "" ? text(":error-message") : payload };
  } catch {
    return null;
  }
}

// How a stream ends, in the target's words.
const BROKEN = 3;
const INSIDE = 4;
const COMPLETE = 5;

/** The messages up to the first that AWS's decoder refuses, and how the stream ends. */
function decodeAll(input: Buffer): { messages: Message[]; end: number } | "odd" {
  const messages: Message[] = [];
  let here = 0;
  while (input.length - here >= 12) {
    const total = input.readUInt32BE(here);
    const isPrelude = crc32(input.subarray(here, here + 8)) === input.readUInt32BE(here + 8);
    if (!isPrelude || total < 16 || total > LARGEST_MESSAGE || input.readUInt32BE(here + 4) > total - 16) return { messages, end: BROKEN };
    if (total > input.length - here) return { messages, end: INSIDE };
    const message = decode(input.subarray(here, here + total));
    if (message === "odd") return "odd";
    if (message === null) return { messages, end: BROKEN };
    messages.push(message);
    here += total;
  }
  return { messages, end: here < input.length ? INSIDE : COMPLETE };
}

function aws(input: Buffer, code: number, out: Buffer): string | null {
  if (code !== 0) return `property ${code} does not hold`;
  const wanted = decodeAll(input);
  if (wanted === "odd") return null;
  const { messages, end } = wanted;
  const record = new Record(out);
  const found: Message[] = [];
  let kind = record.word();
  for (; kind === 1; kind = record.word()) {
    found.push({
      type: record.sized().toString("latin1"),
      exception: record.sized().toString("latin1"),
      payload: record.sized().toString("latin1"),
    });
  }
  if (kind === 2) {
    if (record.sized().length === 0) return "a corrupt stream without a reason";
    kind = record.word();
  }
  if (!same(found, messages)) return `messages ${JSON.stringify(found).slice(0, 300)}, wanted ${JSON.stringify(messages).slice(0, 300)}`;
  return kind === end ? null : `the stream ends with ${kind}, wanted ${end}`;
}

/** Stands in seeds wherever a secret may stand, with a number behind it. */
export const SECRET = "S3cr3t";
const SECRET_KEYS = new Set<string>();
JSON.parse(readFileSync(join(ROOT, "schema/config.schema.json"), "utf8"), (key, value) => {
  if (value?.["x-secret"] === true) SECRET_KEYS.add(key);
  return value;
});

/** Texts with the mark in them that stand outside secret fields, where messages may show them. */
function shownMarks(value: unknown, isSecret: boolean): number {
  if (typeof value === "string") return !isSecret && value.includes(SECRET) ? 1 : 0;
  if (value === null || typeof value !== "object") return 0;
  const isList = Array.isArray(value);
  return Object.entries(value)
    .map(([key, member]) => (key.includes(SECRET) ? 1 : 0) + shownMarks(member, isList ? isSecret : SECRET_KEYS.has(key)))
    .reduce((one, other) => one + other, 0);
}

/** Longest line for the log: a JSON pointer, a message, a shown key or two. */
const MAX_LINE = 4096;

function config(input: Buffer, code: number, out: Buffer): string | null {
  if (code !== 0) return `property ${code} does not hold`;
  const record = new Record(out);
  const isTaken = record.word() === 1;
  const text = input.toString();
  const value = parseOrNothing(text);
  if (isTaken && value === undefined && /[^ \t\r\n]/.test(text)) return "taken although it is no JSON";
  for (let list = 0; list < 2; list++) {
    for (let left = record.word(); left > 0; left--) {
      const line = record.sized().toString();
      if (line.length > MAX_LINE) return `a line of ${line.length} characters`;
      // A key that stands twice, or a mark in a place that may be shown, proves nothing.
      if (line.includes(SECRET) && (value === undefined || shownMarks(value, false) === 0)) return `a secret is shown: ${line}`;
    }
  }
  return null;
}

export const ORACLES: { [name in Name]: Oracle } = {
  json,
  sse,
  aws,
  config,
  planted: (_input, code) => (code === 0 ? null : `property ${code} does not hold`),
};
