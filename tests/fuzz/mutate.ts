// Turns good input into bad: at the level of bytes, and at the level of JSON values so that deep code is reached too.
import type { Random } from "./random";

/** Largest input that is made. */
const MAX_BYTES = 64 << 10;

/** Pieces of text that parsers stumble over. */
const PIECES = [
  ...'"\\{}[]:,\r\n\0 \t.-+eE0919ntfu/$~*%?#&=;|<>',
  "\\u",
  "\\ud83d",
  "\\u0000",
  "\\ude00",
  "\\x",
  "\r\n",
  "\n\n",
  "\r\r",
  "\n\r",
  "null",
  "true",
  "-0",
  "1e999",
  "1E+",
  "01",
  "9007199254740993",
  "99999999999999999999999999",
  "-1",
  "0.0000000001",
  "\uFEFF",
  "data:",
  "data: ",
  "event:",
  "event: error\n",
  "id:",
  ":",
  "data: [DONE]\n\n",
  "[DONE]",
  '"usage":',
  '"usage":{}',
  '"usage":null,',
  '"model":',
  '"model":""',
  '"stream":true,',
  '"choices":[',
  '"role":"system",',
  '"content":null',
  '"tool_calls":[{}]',
  '"function":{"name":"","arguments":"{"}',
  '"prompt_tokens":-5',
  '"type":"',
  "data:image/png;base64,",
  "{".repeat(200),
  "[".repeat(3000),
  '{"a":'.repeat(300),
  "\u2028",
  "漢字",
  "😀",
  "..",
  "//",
  "../",
  "%2F",
  "%",
  "%zz",
];
/** Bytes that are no UTF-8. */
const BROKEN_UTF8 = [[0xff], [0xc0, 0x80], [0xe6, 0xbc], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80]];

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  "",
  "x",
  "null",
  "{}",
  [],
  {},
  [[]],
  [null],
  { "": "" },
  { type: null },
  { type: "text" },
  { type: "image_url", image_url: null },
  { role: "assistant", tool_calls: [null] },
  { role: "tool" },
  "a".repeat(5000),
  '\u0000\u001f"\\',
  "é漢😀",
  "\ud800",
  { function: {} },
  { name: 5 },
  [{ text: 1 }],
  "data:;base64,",
  "data:image/png,raw",
  "data:image/png;base64,!!",
  "https://x.test/a",
  "gs://b/o",
  "*",
  "~(",
  "~.*",
  "$1",
  "${x}",
];

/** One to four mutations of `bytes`; `other` gives foreign parts. */
export function mutateBytes(random: Random, bytes: Buffer, other: Buffer): Buffer {
  let result = bytes;
  for (let count = 1 + random.below(4); count > 0; count--) result = mutateOnce(random, result, other);
  return result.subarray(0, MAX_BYTES);
}

function mutateOnce(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(at + 1 + random.below(random.chance(0.8) ? 8 : 200), bytes.length);
  const put = (middle: Buffer | Uint8Array, from = at) => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(from)]);
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return put(Buffer.alloc(0), end);
    case 2:
      return put(bytes.subarray(at, end));
    case 3:
      return put(Buffer.from([random.below(256)]), Math.min(at + 1, bytes.length));
    case 4:
      return put(Buffer.from(random.pick(BROKEN_UTF8)), random.chance(0.5) ? at : end);
    case 5: {
      const start = random.below(other.length + 1);
      return put(other.subarray(start, start + random.below(400)), end);
    }
    default:
      return put(Buffer.from(random.pick(PIECES)), random.chance(0.5) ? at : end);
  }
}

/** Replaces, removes, doubles or renames one random value of a JSON document. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (value === null || typeof value !== "object" || random.chance(0.15)) return random.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.1)) return [...value, random.pick(ODD_VALUES)];
    const at = random.below(value.length);
    if (random.chance(0.1)) return value.filter((_, index) => index !== at);
    if (random.chance(0.1)) return [...value, value[at]];
    return value.map((item, index) => (index === at ? mutateJson(random, item) : item));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.chance(0.05)) return { ...value, [random.pick(KEYS)]: random.pick(ODD_VALUES) };
  const at = random.below(entries.length);
  if (random.chance(0.1)) return Object.fromEntries(entries.filter((_, index) => index !== at));
  if (random.chance(0.05)) entries[at][0] = random.pick(KEYS);
  else entries[at][1] = mutateJson(random, entries[at][1]);
  return Object.fromEntries(entries);
}

const KEYS = [
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "stop",
  "usage",
  "choices",
  "delta",
  "content",
  "type",
  "error",
  "",
  "a/b",
  "é",
  "thinking",
];
