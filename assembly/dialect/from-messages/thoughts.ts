// Thinking on its way to a Messages client: where its pieces and seals go, and OpenRouter's `reasoning_details`, whose seals Claude's
// own clients bring back as they are and others in an envelope (conversation/seal.ts).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { innerMember, innerOf } from "../conversation/inner";
import { MAX_SEAL, SealKind, writeSeal } from "../conversation/seal";

/** Writes blocks of thinking, whole or as a stream. All strings are escaped inner bytes. */
export abstract class ThoughtSink {
  /** A piece of thinking. */
  abstract thought(inner: View, out: Buffer): void;
  /** Ends the open block of thinking with its signature; an empty one is made where none is open. */
  abstract seal(signature: View, out: Buffer): void;
  /** The next piece begins a block of its own. */
  abstract split(out: Buffer): void;
  abstract redacted(data: View, out: Buffer): void;
}

/** Seals with an envelope; nothing when the payload is too long to be carried. */
export function sealWith(sink: ThoughtSink, kind: SealKind, payload: View, out: Buffer): void {
  const envelope = envelopeOf(kind, payload);
  if (envelope.length != 0) sink.seal(envelope, out);
}

/** The envelope, escaped inner bytes; empty when the payload is empty or too long to be carried. */
export function envelopeOf(kind: SealKind, payload: View): View {
  const envelope = new Buffer(payload.length + 64);
  writeSeal(kind, payload, envelope);
  return envelope.toView();
}

/** Google's seal that `holder` (call, part or item of thinking) carries, decoded; empty without one. */
export function googleSeal(doc: JsonDocument, holder: i32): View {
  return doc.text(doc.get(doc.get(doc.get(holder, "extra_content"), "google"), "thought_signature"));
}

/** True for a seal that its model takes parts back without: it gets no block of its own. */
export function isOptional(doc: JsonDocument, holder: i32): bool {
  return doc.isTrue(doc.get(doc.get(doc.get(holder, "extra_content"), "google"), "optional"));
}

/** Reads `reasoning_details`, of a message or of the deltas of a stream, where one item may come in many pieces. */
@final
export class DetailReader {
  /** The open item: its type's first letter and index, and, of a provider other than Claude, its members without text. */
  private key: i64 = -1;
  private members: Buffer = Buffer.capped(16, MAX_SEAL);

  constructor(private sink: ThoughtSink) {}

  read(doc: JsonDocument, list: i32, out: Buffer): void {
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) this.readItem(doc, item, out);
  }

  /** Ends the open item: something else follows. */
  close(out: Buffer): void {
    this.key = -1;
    if (this.members.length == 0) return;
    this.members.byte(Ascii.RightBrace);
    if (!this.members.overflow) sealWith(this.sink, SealKind.OpenRouter, this.members.toView(), out);
    this.members.clearTo(1024);
  }

  private readItem(doc: JsonDocument, item: i32, out: Buffer): void {
    const type = doc.get(item, "type");
    const isClaude = doc.textOf(item, "format").startsWith("anthropic");
    if (doc.textIs(type, "reasoning.encrypted")) {
      this.close(out);
      if (isClaude) this.sink.redacted(innerMember(doc, item, "data"), out);
      else this.redactedItem(doc.raw(item), out);
      return;
    }
    const isSummary = doc.textIs(type, "reasoning.summary");
    const key = doc.integer(doc.get(item, "index"), 0) * 2 + (isSummary ? 1 : 0);
    if (key != this.key) {
      const isFirst = this.key < 0;
      this.close(out);
      if (!isFirst) this.sink.split(out);
      this.key = key;
      if (!isClaude && doc.isSet(doc.get(item, "format"))) this.open(doc, item);
    }
    this.sink.thought(innerOf(doc, doc.get(item, isSummary ? "summary" : "text")), out);
    const signature = doc.get(item, "signature");
    if (innerOf(doc, signature).length == 0) return;
    if (this.members.length == 0) this.sink.seal(innerOf(doc, signature), out);
    else {
      this.members.put(',"signature":', doc.raw(signature));
    }
  }

  private redactedItem(raw: View, out: Buffer): void {
    const envelope = envelopeOf(SealKind.OpenRouter, raw);
    if (envelope.length != 0) this.sink.redacted(envelope, out);
  }

  private open(doc: JsonDocument, item: i32): void {
    const members = this.members;
    for (let member = doc.first(item); member != NONE; member = doc.next(member)) {
      if (doc.keyIn(member, "text summary signature")) continue;
      members.byte(members.length == 0 ? Ascii.LeftBrace : Ascii.Comma);
      passMember(doc, member, members);
    }
  }
}
