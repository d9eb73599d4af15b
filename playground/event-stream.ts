// Amazon's binary event stream, written from JSON lines so that a reply of Bedrock can be edited as text.
// (https://smithy.io/2.0/aws/amazon-eventstream.html)
import { concat, encodeUtf8 } from "../emulator/bytes";

const STRING = 7;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** `value` in four bytes, the highest first. */
function big32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function header(name: string, value: string): Uint8Array {
  const key = encodeUtf8(name);
  const text = encodeUtf8(value);
  return concat([Uint8Array.of(key.length), key, Uint8Array.of(STRING, text.length >>> 8, text.length), text]);
}

function message(headers: [string, string][], payload: string): Uint8Array {
  const heads = concat(headers.map(([name, value]) => header(name, value)));
  const body = encodeUtf8(payload);
  const lengths = concat([big32(16 + heads.length + body.length), big32(heads.length)]);
  const start = concat([lengths, big32(crc32(lengths)), heads, body]);
  return concat([start, big32(crc32(start))]);
}

/** One frame for each line `{"type": …, "data": …}`. Throws SyntaxError with the line's number when one is none. */
export function framesOf(text: string): { source: string; bytes: Uint8Array }[] {
  const lines = text.split("\n").map((source, index) => ({ source: source.trim(), number: index + 1 }));
  return lines
    .filter(({ source }) => source !== "")
    .map(({ source, number }) => {
      const { type, data } = parseLine(source, number);
      const headers: [string, string][] = [
        [":event-type", type],
        [":content-type", "application/json"],
        [":message-type", "event"],
      ];
      return { source, bytes: message(headers, JSON.stringify(data)) };
    });
}

function parseLine(source: string, number: number): { type: string; data: unknown } {
  try {
    const { type, data } = JSON.parse(source) as { type?: unknown; data?: unknown };
    if (typeof type === "string" && type.length < 256 && data !== undefined) return { type, data };
  } catch {
    // Said below.
  }
  throw new SyntaxError(`line ${number} of the response is not {"type": …, "data": …}`);
}
