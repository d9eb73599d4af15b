// Thinking that has to come back: it rides in `thoughtSignature`, which Google's clients send back unread, on the part that
// follows it. Clients drop thought parts (Gemini CLI 0.61), so the envelope (conversation/seal.ts) holds the thinking, too.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { SealKind, writeSealBase64 } from "../conversation/seal";

/** Bytes of each kind of thinking that are kept for a seal; longer thinking does not come back. */
const MAX_KEPT: i32 = 128 << 10;
/** Memory that stays for the next seal. */
const KEPT_BYTES: i32 = 1024;

@final
export class KeptThinking {
  /** Items of `thinking_blocks`, `reasoning_details`, `reasoning_items`, with commas between; reasoning that nobody signs, escaped. */
  private blocks: Buffer = Buffer.capped(16, MAX_KEPT);
  private details: Buffer = Buffer.capped(16, MAX_KEPT);
  private items: Buffer = Buffer.capped(16, MAX_KEPT);
  private reasoning: Buffer = Buffer.capped(16, MAX_KEPT);
  /** The item of `reasoning_details` that goes on: its kind and index, its text, its last signature (raw JSON). */
  private openKey: i64 = -1;
  private openText: Buffer = Buffer.capped(16, MAX_KEPT);
  private openSignature: View = View.empty();

  /** `isChat`: the provider speaks chat itself and gets back what it sent; else the thinking is Anthropic's or nobody's. */
  constructor(private isChat: bool) {}

  get heldBytes(): i32 {
    return this.blocks.length + this.details.length + this.items.length + this.reasoning.length + this.openText.length;
  }

  /** Something signed waits: the next part takes it. */
  get isSealed(): bool {
    return this.blocks.length != 0 || this.details.length != 0 || this.items.length != 0 || this.openKey >= 0;
  }

  get hasReasoning(): bool {
    return this.reasoning.length != 0;
  }

  addReasoning(inner: View): void {
    this.reasoning.view(inner);
  }

  /** An item of `thinking_blocks`. One of a stream may hold its seal alone: its text is the reasoning that came before. */
  addBlock(doc: JsonDocument, block: i32): void {
    const signature = innerMember(doc, block, "signature");
    const isThinking = doc.memberIs(block, "type", "thinking");
    // Nobody has sealed it: the text stays reasoning.
    if (isThinking && signature.length == 0) return;
    const blocks = this.blocks;
    if (blocks.length != 0) blocks.byte(Ascii.Comma);
    if (isThinking && innerMember(doc, block, "thinking").length == 0) {
      blocks.wrap('{"type":"thinking","thinking":"', this.reasoning.toView(), '","signature":"');
      blocks.view(signature);
      blocks.ascii('"}');
    } else blocks.view(doc.raw(block));
    if (isThinking) this.reasoning.clearTo(KEPT_BYTES);
  }

  /** An item of OpenAI's Responses API, raw JSON: it holds the reasoning that came before. */
  addItem(item: View): void {
    if (this.items.length != 0) this.items.byte(Ascii.Comma);
    this.items.view(item);
    this.reasoning.clearTo(KEPT_BYTES);
  }

  /** OpenRouter's items, of which a stream tells one in many pieces ("Reasoning Tokens", https://openrouter.ai/docs, Nov 2026). */
  addDetails(doc: JsonDocument, list: i32): void {
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      const isSummary = doc.memberIs(item, "type", "reasoning.summary");
      const isText = isSummary || doc.memberIs(item, "type", "reasoning.text");
      const key = isText ? doc.integer(doc.get(item, "index"), 0) * 2 + (isSummary ? 1 : 0) : -1;
      if (key < 0 || key != this.openKey) {
        this.closeDetail();
        if (this.details.length != 0) this.details.byte(Ascii.Comma);
        if (key < 0) this.details.view(doc.raw(item));
        else this.openDetail(doc, item);
      }
      this.openKey = key;
      if (key < 0) continue;
      this.openText.view(innerOf(doc, doc.get(item, isSummary ? "summary" : "text")));
      const signature = doc.get(item, "signature");
      if (doc.isString(signature)) this.openSignature = doc.raw(signature).copy();
    }
    if (doc.first(list) != NONE) this.reasoning.clearTo(KEPT_BYTES);
  }

  /** The members of an item without those that grow. */
  private openDetail(doc: JsonDocument, item: i32): void {
    const details = this.details;
    details.byte(Ascii.LeftBrace);
    for (let member = doc.first(item); member != NONE; member = doc.next(member)) {
      if (doc.keyIn(member, "text summary signature")) continue;
      details.byte(Ascii.Quote);
      details.view(doc.rawKey(member));
      details.wrap('":', doc.raw(member), ",");
    }
  }

  private closeDetail(): void {
    if (this.openKey < 0) return;
    const details = this.details;
    details.ascii((this.openKey & 1) != 0 ? '"summary":"' : '"text":"');
    details.view(this.openText.toView());
    details.byte(Ascii.Quote);
    if (this.openSignature.length != 0) {
      details.put(',"signature":', this.openSignature);
    }
    details.byte(Ascii.RightBrace);
    if (this.openText.overflow) details.overflow = true;
    this.openKey = -1;
    this.openText.clearTo(KEPT_BYTES);
    this.openSignature = View.empty();
  }

  /** Appends `,"thoughtSignature":"…"` with all that waits; nothing when that is too long. */
  writeSeal(out: Buffer): void {
    this.closeDetail();
    const json = new Buffer(this.heldBytes + 64);
    const isAnthropic = !this.isChat && this.blocks.length != 0;
    if (isAnthropic) writeList(this.blocks, json);
    else {
      writeMember("thinking_blocks", this.blocks, json);
      writeMember("reasoning_details", this.details, json);
      writeMember("reasoning_items", this.items, json);
      if (this.reasoning.length != 0) {
        json.ascii(json.length == 0 ? '{"reasoning_content":"' : ',"reasoning_content":"');
        json.view(this.reasoning.toView());
        json.byte(Ascii.Quote);
      }
      json.byte(Ascii.RightBrace);
    }
    const isWhole = !this.blocks.overflow && !this.details.overflow && !this.items.overflow && !this.reasoning.overflow;
    const mark = out.length;
    out.ascii(',"thoughtSignature":"');
    if (isWhole && writeSealBase64(isAnthropic ? SealKind.Anthropic : SealKind.Chat, json.toView(), out)) out.byte(Ascii.Quote);
    else out.truncate(mark);
    this.blocks.clearTo(KEPT_BYTES);
    this.details.clearTo(KEPT_BYTES);
    this.items.clearTo(KEPT_BYTES);
    this.reasoning.clearTo(KEPT_BYTES);
  }
}

function writeList(items: Buffer, out: Buffer): void {
  out.byte(Ascii.LeftBracket);
  out.view(items.toView());
  out.byte(Ascii.RightBracket);
}

function writeMember(name: string, items: Buffer, out: Buffer): void {
  if (items.length == 0) return;
  out.byte(out.length == 0 ? Ascii.LeftBrace : Ascii.Comma);
  out.byte(Ascii.Quote);
  out.ascii(name);
  out.ascii('":');
  writeList(items, out);
}
