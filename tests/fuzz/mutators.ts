// One mutator for each target, which knows what its inputs are made of: JSON values, lines of events, framed messages,
// configurations. Bytes are mutated at random, too (mutate.ts).
import { crc32 } from "node:zlib";
import { event, exception, message } from "../unit/aws-frames";
import type { Name } from "./module";
import { mutateBytes, mutateJson } from "./mutate";
import { SECRET } from "./oracles";
import type { Random } from "./random";

/** Largest inputs, by how often they may be so large: small ones run fast. */
const SIZES = [
  { share: 0.01, bytes: 20_000 },
  { share: 0.1, bytes: 3000 },
  { share: 1, bytes: 500 },
];

export type Mutator = (random: Random, input: Buffer, other: Buffer) => Buffer;

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** JSON text with white space and escapes where they change nothing. */
function spell(random: Random, value: unknown): string {
  const text = JSON.stringify(value, null, random.chance(0.2) ? random.pick(["\t", " ", "\r\n"]) : undefined) ?? "null";
  if (!random.chance(0.2)) return text;
  return text.replace(/[a-z]/g, (letter) => (random.chance(0.05) ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter));
}

const WATCHED = ["model", "usage", "prompt_tokens", "choices", "delta", "content", "finish_reason", "a", "b", "new", "mod\\u0065l"];

/** A member, now and then a second one of the same name, put into some object of the text. */
function insertMember(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const brackets = [...bytes.toString("latin1").matchAll(/\{/g)];
  if (brackets.length === 0) return bytes;
  const at = random.pick(brackets).index + 1;
  const value = random.chance(0.5)
    ? other.subarray(0, 200).toString("latin1")
    : random.pick(['"x"', "1", "null", "{}", "[]", '"\\ud83d\\ude00"', "-1.5e3"]);
  const isFirst = /^\s*\}/.test(bytes.toString("latin1", at));
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(`"${random.pick(WATCHED)}":${value}${isFirst ? "" : ","}`, "latin1"),
    bytes.subarray(at),
  ]);
}

function json(random: Random, input: Buffer, other: Buffer): Buffer {
  const kind = random.below(10);
  if (kind < 3) return insertMember(random, input, other);
  const value = kind < 6 ? parsed(input) : undefined;
  return value === undefined ? mutateBytes(random, input, other) : Buffer.from(spell(random, mutateJson(random, value)));
}

const LINES = [
  "data: x",
  "data:",
  "data",
  "data :x",
  "data:  two",
  'data: {"a":1}',
  "data: [DONE]",
  "event: ping",
  "event:",
  "event",
  `event: ${"n".repeat(128)}`,
  `event: ${"n".repeat(129)}`,
  "id: 1",
  "retry: 5",
  ": comment",
  ":",
  "dat",
  "datax: 1",
  "events: 1",
  "",
  "",
  `data: ${"y".repeat(600)}`,
  "\u00ef\u00bb\u00bfdata: b",
  "\u00ef\u00bb",
];
const LINE_ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\r", "\n\r"];

function sse(random: Random, input: Buffer, other: Buffer): Buffer {
  if (random.chance(0.4)) return mutateBytes(random, input, other);
  const lines = input.toString("latin1").split(/(?<=\n|\r(?!\n))/);
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(lines.length);
    const line = random.pick(LINES) + random.pick(LINE_ENDS);
    const kind = random.below(5);
    if (kind === 0) lines.splice(at, 1);
    else if (kind === 1) lines.splice(at, 0, lines[random.below(lines.length)]);
    else if (kind === 2) lines[at] = (lines[at] ?? "").replace(/[\r\n]+$/, random.pick(LINE_ENDS));
    else if (kind === 3) lines.splice(at, 0, line);
    else
      lines.splice(
        at,
        0,
        ...other
          .toString("latin1")
          .split(/(?<=\n)/)
          .slice(0, 1 + random.below(4)),
      );
  }
  return Buffer.from(lines.join(""), "latin1");
}

interface Frame {
  headers: Buffer;
  payload: Buffer;
}

/** Frames by their lengths, as far as those can be right; the rest is left out. */
function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let here = 0; bytes.length - here >= 16;) {
    const total = bytes.readUInt32BE(here);
    const headers = bytes.readUInt32BE(here + 4);
    if (total < 16 || headers > total - 16 || total > bytes.length - here) break;
    frames.push({
      headers: bytes.subarray(here + 12, here + 12 + headers),
      payload: bytes.subarray(here + 12 + headers, here + total - 4),
    });
    here += total;
  }
  return frames;
}

const framed = ({ headers, payload }: Frame) => message(headers, payload);
const bytes = (...list: number[]) => Uint8Array.from(list);
const FRAMES: Frame[] = [
  ...[
    event("messageStart", { role: "assistant" }),
    exception("throttlingException", { message: "slow" }),
    message({}, ""),
    message({}, "x"),
    message({ ":message-type": "error", ":error-code": "InternalError", ":error-message": "it broke" }),
    message({ ":message-type": "error" }, "p"),
    message({ ":message-type": "exception" }, "{}"),
    message({ a: { type: 0, bytes: bytes() }, b: { type: 2, bytes: bytes(1) }, c: { type: 3, bytes: bytes(1, 2) } }, "p"),
    message({ d: { type: 4, bytes: bytes(1, 2, 3, 4) }, e: { type: 5, bytes: new Uint8Array(8) } }),
    message({
      f: { type: 6, bytes: bytes(0, 2, 9, 9) },
      g: { type: 8, bytes: new Uint8Array(8) },
      h: { type: 9, bytes: new Uint8Array(16) },
    }),
  ].flatMap(framesOf),
];
const HEADERS = [":event-type", ":message-type", ":exception-type", ":error-code", ":error-message", "x"];

function header(random: Random): Buffer {
  const name = random.pick(HEADERS);
  const type = random.chance(0.7) ? 7 : random.below(11);
  const value = random.pick(["event", "error", "exception", "", "E"]);
  const size = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16][type] ?? 0;
  const rest = size < 0 ? Buffer.concat([bytes(0, value.length), Buffer.from(value)]) : Buffer.alloc(size);
  return Buffer.concat([bytes(name.length), Buffer.from(name), bytes(type), rest]);
}

/** Messages are changed inside their checksums most of the time: else nothing would come through. */
function aws(random: Random, input: Buffer, other: Buffer): Buffer {
  const kind = random.below(10);
  if (kind < 2) return mutateBytes(random, input, other);
  const frames = framesOf(input);
  const at = random.below(frames.length + 1);
  if (kind < 4 || frames.length === 0)
    frames.splice(at, random.below(2), random.chance(0.5) ? random.pick(FRAMES) : random.pick([...framesOf(other), FRAMES[0]]));
  else {
    const one = { ...frames[at % frames.length] };
    if (kind < 6) one.headers = Buffer.concat([one.headers, header(random)]);
    else if (kind < 8) one.headers = mutateBytes(random, one.headers, header(random));
    else one.payload = mutateBytes(random, one.payload, other);
    frames[at % frames.length] = one;
  }
  const whole = Buffer.concat(frames.map(framed));
  if (random.chance(0.1)) return whole.subarray(0, random.below(whole.length + 1));
  // A prelude whose checksum is right and whose lengths are not.
  if (random.chance(0.1)) {
    const odd = message({}, Buffer.alloc(random.below(40)));
    odd.writeUInt32BE(
      random.pick([0, 15, 16, 17, 60, 200, 201, 1 << 20, (1 << 20) + 1, 0x7fffffff, 0xffffffff]),
      random.chance(0.7) ? 0 : 4,
    );
    odd.writeUInt32BE(crc32(odd.subarray(0, 8)), 8);
    return Buffer.concat([whole, odd]);
  }
  return whole;
}

/** A value somewhere in a document. */
function anyPart(random: Random, value: unknown): unknown {
  let part = value;
  while (part !== null && typeof part === "object" && random.chance(0.75)) part = random.pick(Object.values(part));
  return part;
}

/** Puts `part` in place of some value, or beside it. */
function graft(random: Random, value: unknown, part: unknown): unknown {
  if (value === null || typeof value !== "object" || random.chance(0.2)) return part;
  const keys = Object.keys(value);
  if (keys.length === 0) return part;
  const key = random.pick(keys);
  if (Array.isArray(value)) return value.map((item, index) => (index === Number(key) ? graft(random, item, part) : item));
  return { ...value, [key]: graft(random, (value as { [key: string]: unknown })[key], part) };
}

const TEXTS = [
  `${SECRET}-1`,
  `${SECRET}\n`,
  "${KEY}",
  "${",
  "",
  "https://h.test/v1",
  "~^gpt-(.*)$",
  "claude-*",
  "sha256:00",
  "1",
  "header:x",
  "é".repeat(40),
];

function config(random: Random, input: Buffer, other: Buffer): Buffer {
  const kind = random.below(10);
  const value = kind < 8 ? parsed(input) : undefined;
  if (value === undefined) return mutateBytes(random, input, other);
  if (kind < 3) return Buffer.from(spell(random, mutateJson(random, value)));
  if (kind < 5) return Buffer.from(spell(random, graft(random, value, random.pick(TEXTS))));
  const source = parsed(other) ?? value;
  if (kind < 7) return Buffer.from(spell(random, graft(random, value, anyPart(random, source))));
  const isPair = [value, source].every((one) => one !== null && typeof one === "object" && !Array.isArray(one));
  return Buffer.from(spell(random, isPair ? { ...(value as object), ...(source as object) } : source));
}

const MUTATORS: { [name in Name]: Mutator } = { json, sse, aws, config, planted: mutateBytes };

/** A mutated input, one to four steps from `input`. */
export function mutate(name: Name, random: Random, input: Buffer, other: Buffer): Buffer {
  let result = input;
  for (let count = 1 + random.below(3); count > 0; count--) result = MUTATORS[name](random, result, other);
  const size = random.next();
  return result.subarray(0, SIZES.find(({ share }) => size < share)!.bytes);
}
