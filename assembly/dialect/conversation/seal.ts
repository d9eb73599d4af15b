// Seals: bytes by which a provider knows its own thinking again (signatures, encrypted reasoning). A seal goes back only to the
// dialect that made it, byte for byte, at its place. A client of another API carries it in an envelope, as text:
// `seal1.<kind>.<crc32 as 8 hexadecimal digits>.<payload>`. The checksum finds what a client has shortened or altered; it
// proves nothing: a made-up seal goes where seals may stand, and the provider judges it. See docs/conversation-form.md.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readBase64, writeBase64, writeBase64Url } from "../../crypto/base64";
import { crc32 } from "../../crypto/crc32";
import { JsonCursor, JsonKind } from "../../json/cursor";
import { writeInner } from "../../json/text";

/** What a payload is, and with that who made it. The order is that of NAMES. */
export const enum SealKind {
  /** No envelope, or one that is not whole. */
  None,
  /** JSON list of `thinking_blocks` (Anthropic, Vertex, Bedrock): for clients that send no thinking text back. */
  Anthropic,
  /** Google's thought signature of the block that follows. */
  Google,
  /** Google's thought signature of an empty text at this place. */
  GoogleText,
  /** Google's thought signature of the thought that carries the envelope. */
  GoogleThought,
  /** JSON object: an item of OpenRouter's `reasoning_details`. */
  OpenRouter,
  /** JSON object: an item of type `reasoning` of OpenAI's Responses API. */
  Responses,
  /** JSON object: members of a chat's assistant message, for clients that send no thinking text back. */
  Chat,
}

const NAMES: StaticArray<string> = ["", "anthropic", "google", "googletext", "googlethought", "openrouter", "responses", "chat"];
const TAG: string = "seal1.";
/** TAG in base64: six bytes are eight digits. */
const TAG_BASE64: string = "c2VhbDEu";
/** Digits of the checksum. */
const DIGITS: i32 = 8;

/** Bytes of the longest payload: what is longer is not carried. */
export const MAX_SEAL: i32 = 1 << 20;

/** Appends the envelope, plain text. False (and nothing written) for a payload that is empty or too long. */
function writeEnvelope(kind: SealKind, payload: View, out: Buffer): bool {
  if (kind == SealKind.None || payload.length == 0 || payload.length > MAX_SEAL) return false;
  out.ascii(TAG);
  out.ascii(NAMES[kind]);
  out.byte(Ascii.Dot);
  const sum = crc32(payload, 0, payload.length, <u32>kind);
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = <i32>((sum >> (<u32>shift)) & 15);
    out.byte(digit < 10 ? Ascii.Digit0 + digit : Ascii.LowerA - 10 + digit);
  }
  out.byte(Ascii.Dot);
  out.view(payload);
  return true;
}

/**
 * Appends the envelope for `payload` (decoded UTF-8) as escaped inner bytes of a JSON string. False (and nothing written) for a
 * payload that is empty or longer than MAX_SEAL.
 */
export function writeSeal(kind: SealKind, payload: View, out: Buffer): bool {
  const envelope = new Buffer(payload.length + 40);
  if (!writeEnvelope(kind, payload, envelope)) return false;
  writeInner(out, envelope.toView());
  return true;
}

/** The same in base64, for clients whose libraries decode the field (Gemini's `thoughtSignature`). */
export function writeSealBase64(kind: SealKind, payload: View, out: Buffer): bool {
  const envelope = new Buffer(payload.length + 40);
  if (!writeEnvelope(kind, payload, envelope)) return false;
  writeBase64(out, envelope.toView());
  return true;
}

/** Appends the envelope to a tool call's id, from which idLength() tells it: every client sends ids back as they are. */
export function writeSealInId(kind: SealKind, payload: View, out: Buffer): void {
  const envelope = new Buffer(payload.length + 40);
  if (!writeEnvelope(kind, payload, envelope)) return;
  out.byte(Ascii.Underscore);
  writeBase64Url(out, envelope.toView());
}

/** Bytes of the upstream's own id in `id`: all of them, or those before an envelope, which follows upon one more byte. */
export function idLength(id: View): i32 {
  let end = id.indexOf(Ascii.Underscore);
  while (end >= 0 && !id.startsWithAt(end + 1, TAG_BASE64)) end = id.indexOf(Ascii.Underscore, end + 1);
  return end < 0 ? id.length : end;
}

/** What a client has given back. */
@final
export class Seal {
  constructor(
    public kind: SealKind,
    /** Decoded UTF-8; empty without a kind. */
    public payload: View,
  ) {}

  /** True for text that begins as an envelope does, whole or not: no provider's own seal does. */
  static isEnvelope(text: View): bool {
    return text.startsWith(TAG) || text.startsWith(TAG_BASE64);
  }

  /**
   * Opens the envelope in `text` (decoded UTF-8, plain or base64). Kind None when it is none, is not whole, or was altered, and
   * when the payload is not the JSON that its kind promises: it can be spliced into a body as it is.
   */
  static open(text: View): Seal {
    const plain = text.startsWith(TAG_BASE64) ? decoded(text) : text;
    if (!plain.startsWith(TAG)) return new Seal(SealKind.None, View.empty());
    const end = plain.indexOf(Ascii.Dot, TAG.length);
    const kind = kindOf(plain.slice(TAG.length, end < 0 ? TAG.length : end));
    const start = end + DIGITS + 2;
    const payload = plain.slice(start, plain.length);
    if (kind == SealKind.None || payload.length == 0 || payload.length > MAX_SEAL) return new Seal(SealKind.None, View.empty());
    const expected = new Buffer(payload.length + 40);
    writeEnvelope(kind, payload, expected);
    const isWhole = expected.toView().sameAs(plain) && isOfKind(kind, payload);
    return isWhole ? new Seal(kind, payload) : new Seal(SealKind.None, View.empty());
  }
}

function decoded(text: View): View {
  const plain = new Buffer(text.length);
  return text.length <= 2 * MAX_SEAL && readBase64(text, plain) ? plain.toView() : View.empty();
}

function kindOf(name: View): SealKind {
  for (let kind = 1; kind < NAMES.length; kind++) if (name.equals(NAMES[kind])) return <SealKind>kind;
  return SealKind.None;
}

/** False for a payload that is not the JSON that is promised of it. */
function isOfKind(kind: SealKind, payload: View): bool {
  if (kind == SealKind.Google || kind == SealKind.GoogleText || kind == SealKind.GoogleThought) return true;
  const cursor = new JsonCursor().reset(payload);
  const wanted = kind == SealKind.Anthropic ? JsonKind.Array : JsonKind.Object;
  if (cursor.kind() != wanted || !cursor.skipValue() || !cursor.atEnd()) return false;
  // An object has a member: others can be put behind it.
  cursor.reset(payload);
  return wanted == JsonKind.Array || (cursor.beginObject() && cursor.nextKey());
}
