// The provider's reply as the pieces in which it arrives.
import { encodeUtf8 } from "../emulator/bytes";
import { framesOf } from "./event-stream";
import { headerOf, type Reply } from "./setup";

/** One arrival: what the page shows of it, and its bytes. */
export interface Piece {
  source: string;
  bytes: Uint8Array;
}

const CHUNKED = "transfer-encoding";
const EVENT_END = /(?<=\n\n|\r\n\r\n|\r\r)/;

export function isAwsStream(reply: Reply): boolean {
  return (headerOf(reply.headers, "content-type") ?? "").startsWith("application/vnd.amazon.eventstream");
}

/** Event streams, and whatever says that it comes in chunks. */
export function isStream(reply: Reply): boolean {
  return (
    headerOf(reply.headers, CHUNKED) === "chunked" ||
    isAwsStream(reply) ||
    /^text\/event-stream/i.test(headerOf(reply.headers, "content-type") ?? "")
  );
}

/** A stream comes event by event, anything else at once. Throws SyntaxError for a binary stream that is written wrongly. */
export function piecesOf(reply: Reply): Piece[] {
  if (isAwsStream(reply)) return framesOf(reply.body);
  const texts = isStream(reply) ? reply.body.split(EVENT_END) : [reply.body];
  return texts.filter((source) => source !== "").map((source) => ({ source, bytes: encodeUtf8(source) }));
}

/** Headers as the provider sends them: with the length of a whole body. */
export function replyHeaders(reply: Reply, pieces: Piece[]): [string, string][] {
  // Envoy takes the framing off before the plugin sees the headers.
  if (isStream(reply)) return reply.headers.filter(([name]) => name.toLowerCase() !== CHUNKED);
  if (headerOf(reply.headers, "content-length") !== undefined) return reply.headers;
  const size = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
  return [...reply.headers, ["content-length", String(size)]];
}
