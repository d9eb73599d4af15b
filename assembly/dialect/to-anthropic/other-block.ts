// One streamed block of a kind that chat has no place for (server tools and their results, compaction …), gathered until it is whole:
// in the conversation form it goes as it is.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { decodeInto } from "../../json/text";

/** Bytes of one block; a longer one is left out. */
const MAX_BLOCK: i32 = 1 << 20;

@final
export class OtherBlock {
  private start: Buffer = Buffer.capped(16, MAX_BLOCK);
  private input: Buffer = Buffer.capped(16, MAX_BLOCK);
  /** The last delta that was no piece of the input: its members replace those of the start. */
  private last: Buffer = Buffer.capped(16, MAX_BLOCK);

  get heldBytes(): i32 {
    return this.start.length + this.input.length + this.last.length;
  }

  begin(doc: JsonDocument, block: i32): void {
    this.start.clearTo(1024);
    this.input.clearTo(1024);
    this.last.clearTo(1024);
    this.start.view(doc.raw(block));
  }

  delta(doc: JsonDocument, delta: i32): void {
    const piece = doc.get(delta, "partial_json");
    if (doc.isString(piece)) {
      decodeInto(this.input, doc.view, doc.start(piece) + 1, doc.end(piece) - 1);
      return;
    }
    this.last.clearTo(1024);
    this.last.view(doc.raw(delta));
  }

  /** The whole block, raw JSON; empty when it was too long or is broken. */
  end(): View {
    if (this.start.overflow || this.input.overflow || this.last.overflow) return View.empty();
    if (this.input.length == 0 && this.last.length == 0) return this.start.toView();
    const block = new JsonDocument();
    const later = new JsonDocument();
    if (!block.parse(this.start.toView()) || !block.isObject(0)) return View.empty();
    const hasLater = this.last.length != 0 && later.parse(this.last.toView()) && later.isObject(0);
    const input = new JsonDocument();
    const hasInput = this.input.length != 0 && input.parse(this.input.toView());
    const out = new Buffer(this.heldBytes + 32);
    for (let member = block.first(0); member != NONE; member = block.next(member)) {
      if (hasInput && block.keyIs(member, "input")) continue;
      if (hasLater && !block.keyIs(member, "type") && holds(later, block.key(member))) continue;
      writeMember(out, block, member);
    }
    for (let member = hasLater ? later.first(0) : NONE; member != NONE; member = later.next(member)) {
      if (!later.keyIs(member, "type")) writeMember(out, later, member);
    }
    if (hasInput) {
      out.ascii(out.length == 0 ? '{"input":' : ',"input":');
      out.view(this.input.toView());
    }
    out.ascii(out.length == 0 ? "{}" : "}");
    return out.toView();
  }
}

function holds(doc: JsonDocument, key: View): bool {
  for (let member = doc.first(0); member != NONE; member = doc.next(member)) if (doc.key(member).sameAs(key)) return true;
  return false;
}

function writeMember(out: Buffer, doc: JsonDocument, member: i32): void {
  out.byte(out.length == 0 ? Ascii.LeftBrace : Ascii.Comma);
  passMember(doc, member, out);
}

/** A list of one raw value. */
export function listOf(raw: View): View {
  const list = new Buffer(raw.length + 2);
  list.byte(Ascii.LeftBracket);
  list.view(raw);
  list.byte(Ascii.RightBracket);
  return list.toView();
}

/** `tool_calls` with who called: the rest of the call follows. */
export function callerOf(index: i32, raw: View): View {
  const calls = new Buffer(raw.length + 32);
  calls.ascii('[{"index":');
  calls.integer(index);
  calls.wrap(',"caller":', raw, "}]");
  return calls.toView();
}
