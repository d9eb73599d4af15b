// Reasoning blocks of a response as items of `thinking_blocks`, the form in which clients give them back.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { innerMember } from "../conversation/inner";

/**
 * Appends the block to the raw JSON list in `list`, which is opened by the first one. Only blocks that a model would take back
 * are listed: signed or redacted ones.
 */
export function addThinkingBlock(list: Buffer, doc: JsonDocument, reasoning: i32): void {
  const text = doc.get(reasoning, "reasoningText");
  const signature = innerMember(doc, text, "signature");
  const redacted = innerMember(doc, reasoning, "redactedContent");
  if (signature.length == 0 && redacted.length == 0) return;
  list.byte(list.length == 0 ? Ascii.LeftBracket : Ascii.Comma);
  if (redacted.length != 0) writeRedacted(list, redacted);
  else writeSigned(list, innerMember(doc, text, "text"), signature);
}

function writeRedacted(list: Buffer, data: View): void {
  list.wrap('{"type":"redacted_thinking","data":"', data, '"}');
}

function writeSigned(list: Buffer, text: View, signature: View): void {
  list.wrap('{"type":"thinking","thinking":"', text, '","signature":"');
  list.view(signature);
  list.ascii('"}');
}

/** Thinking of one streamed block that is kept to be given whole beside its signature; a longer one keeps its signature only. */
const MAX_THINKING: i32 = 128 << 10;

/** Gathers the reasoning of one streamed block, escaped inner bytes; what passed the limit once is left out. */
@final
export class ThinkingBlock {
  private text: Buffer = Buffer.capped(16, MAX_THINKING);
  private signature: Buffer = Buffer.capped(16, MAX_THINKING);
  private redacted: Buffer = Buffer.capped(16, MAX_THINKING);
  private count: i32 = 0;

  addText(inner: View): void {
    this.text.view(inner);
  }

  addSignature(inner: View): void {
    this.signature.view(inner);
  }

  addRedacted(inner: View): void {
    this.redacted.view(inner);
  }

  /** Appends the gathered item and starts anew; false when there is nothing to give back. `index` is what SDKs join items by. */
  take(out: Buffer): bool {
    const hasRedacted = this.redacted.length != 0 && !this.redacted.overflow;
    const hasSignature = this.signature.length != 0 && !this.signature.overflow;
    if (hasRedacted || hasSignature) {
      const item = new Buffer(this.text.length + this.signature.length + this.redacted.length + 96);
      if (hasRedacted) writeRedacted(item, this.redacted.toView());
      else writeSigned(item, this.text.overflow ? View.empty() : this.text.toView(), this.signature.toView());
      out.ascii('{"index":');
      out.integer(this.count);
      this.count++;
      out.byte(Ascii.Comma);
      out.range(item.toView(), 1, item.length);
    }
    this.text.clearTo(1024);
    this.signature.clearTo(1024);
    this.redacted.clearTo(1024);
    return hasRedacted || hasSignature;
  }
}
