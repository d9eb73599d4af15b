// Reasoning items of earlier turns as members of the assistant message that they belong to. What another dialect than the reader's
// has sealed is left out by the reader, with its thinking.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Seal, SealKind } from "../conversation/seal";
import { innerMember } from "../conversation/inner";
import { ItemKind, kindOfItem } from "../conversation/response-items";

/** The envelope of a reasoning item; kind None when it has none of ours. */
export function sealOf(doc: JsonDocument, item: i32): Seal {
  return Seal.open(doc.textOf(item, "encrypted_content"));
}

/** Appends `{"google":{"thought_signature":…}}`, as Google's OpenAI-compatible endpoint spells a signature (decoded UTF-8). */
export function writeGoogleSeal(signature: View, out: Buffer): void {
  out.ascii('{"google":{"thought_signature":');
  writeString(out, signature);
  out.ascii("}}");
}

@final
export class ReasoningHistory {
  private text: Buffer = new Buffer(16);
  private isFirst: bool = true;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {}

  /** Plain chat: appends `reasoning_content`, the text of the items `[item, end)` that nobody sealed. False when there is none. */
  writeText(item: i32, end: i32): bool {
    this.text.clearTo(1024);
    for (; item != end; item = this.doc.next(item)) {
      if (kindOfItem(this.doc, item) == ItemKind.Reasoning && !this.isSealed(item)) this.read(item);
    }
    if (this.text.length == 0) return false;
    this.out.wrap(',"reasoning_content":"', this.text.window(), '"');
    return true;
  }

  /** The conversation form: appends `thinking_blocks` for the items `[item, end)`. False when there are none. */
  writeBlocks(item: i32, end: i32): bool {
    const out = this.out;
    const mark = out.length;
    out.ascii(',"thinking_blocks":[');
    this.isFirst = true;
    for (; item != end; item = this.doc.next(item)) if (kindOfItem(this.doc, item) == ItemKind.Reasoning) this.writeItem(item);
    if (this.isFirst) out.truncate(mark);
    else out.byte(Ascii.RightBracket);
    return !this.isFirst;
  }

  /** OpenAI's own bytes, or an envelope. */
  private isSealed(item: i32): bool {
    return innerMember(this.doc, item, "encrypted_content").length != 0;
  }

  private separate(): void {
    if (!this.isFirst) this.out.byte(Ascii.Comma);
    this.isFirst = false;
  }

  private writeItem(item: i32): void {
    const out = this.out;
    const seal = sealOf(this.doc, item);
    if (seal.kind == SealKind.Anthropic) {
      // The list without its brackets.
      const list = seal.payload.trim();
      if (list.length <= 2) return;
      this.separate();
      out.range(list, 1, list.length - 1);
      return;
    }
    if (this.isSealed(item) && seal.kind != SealKind.GoogleThought && seal.kind != SealKind.Google) return;
    this.text.clearTo(1024);
    this.read(item);
    if (this.text.length == 0) return;
    this.separate();
    out.wrap('{"type":"thinking","thinking":"', this.text.window(), '"');
    if (seal.kind == SealKind.GoogleThought) {
      out.ascii(',"extra_content":');
      writeGoogleSeal(seal.payload, out);
    }
    out.byte(Ascii.RightBrace);
  }

  /** Gathers the item's text: the thinking itself, else its summary. */
  private read(item: i32): void {
    if (!this.add(this.doc.get(item, "content"))) this.add(this.doc.get(item, "summary"));
  }

  /** Adds the texts of a list; false when it has none. */
  private add(list: i32): bool {
    const doc = this.doc;
    let found = false;
    if (!doc.isArray(list)) return false;
    for (let part = doc.first(list); part != NONE; part = doc.next(part)) {
      const inner = innerMember(doc, part, "text");
      if (inner.length == 0) continue;
      if (this.text.length != 0) this.text.ascii("\\n\\n");
      this.text.view(inner);
      found = true;
    }
    return found;
  }
}
