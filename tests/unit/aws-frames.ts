// Writes AWS event stream messages for tests, after the specification and not after the code under test.
import { crc32 } from "node:zlib";

/** Header values by type number; a plain string is type 7. */
export type HeaderValue = string | { type: number; bytes: Uint8Array };

const header = (name: string, value: HeaderValue) => {
  const key = Buffer.from(name);
  const head = Buffer.concat([Buffer.from([key.length]), key]);
  if (typeof value !== "string") return Buffer.concat([head, Buffer.from([value.type]), value.bytes]);
  const text = Buffer.from(value);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(text.length);
  return Buffer.concat([head, Buffer.from([7]), size, text]);
};

/** One message with the given headers and payload. */
export const message = (headers: Record<string, HeaderValue> | Buffer, payload: string | Uint8Array = "") => {
  const heads = Buffer.isBuffer(headers) ? headers : Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload as string);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + heads.length + body.length, 0);
  prelude.writeUInt32BE(heads.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const start = Buffer.concat([prelude, heads, body]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(start));
  return Buffer.concat([start, end]);
};

/** A message as Bedrock sends it. */
export const event = (type: string, data: unknown) =>
  message({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, JSON.stringify(data));

export const exception = (type: string, data: unknown) =>
  message({ ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" }, JSON.stringify(data));

/** The same random numbers in every run. */
export const randomOf = (seed: number) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
