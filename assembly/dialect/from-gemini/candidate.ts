// One choice of a chat completion as a candidate: what a message, or a delta of one, adds to its parts. Calls are gathered until the
// choice has ended, since Gemini's come whole; thinking that must come back rides on the part after it.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { decodeInto } from "../../json/text";
import { ReasoningMode } from "../../model/reasoning-mode";
import { writeArgumentsObject } from "../conversation/arguments";
import { linkOf } from "../conversation/citations";
import { innerMember, innerOf } from "../conversation/inner";
import { firstThought, itemThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";
import { TranslateContext } from "../translator";
import { ClientView } from "./client-view";
import { FAILED, finishReasonOf } from "./finish-reason";
import { GatheredCall, GatheredCalls } from "./gathered-calls";
import { Logprobs } from "./logprobs";
import { KeptThinking } from "./thinking";

/** Bytes of the pages that are told. */
const MAX_SOURCES: i32 = 128 << 10;

@final
export class Candidate {
  /** Parts since clearParts(), with commas between. */
  parts: Buffer = new Buffer(256);
  /** The last text or thought part was one that the next like it repeats: where its text begins in `parts`, and the text; -1: none. */
  pieceAt: i32 = -1;
  piece: View = View.empty();
  /** Set with the choice's finish_reason. */
  finish: string = "";
  isFinished: bool = false;
  isFailed: bool = false;
  hasText: bool = false;
  /** Pages that the text cites, as items of groundingChunks. */
  sources: Buffer = Buffer.capped(16, MAX_SOURCES);
  logprobs: Logprobs = new Logprobs();
  private pieces: i32 = 0;
  private calls: GatheredCalls = new GatheredCalls();
  private inThinkTag: bool = false;
  /** Reasoning came that no block has told yet. */
  private hasThought: bool = false;
  private kept: KeptThinking;

  constructor(
    private doc: JsonDocument,
    private context: TranslateContext,
    private view: ClientView,
  ) {
    this.kept = new KeptThinking(view.isChat);
  }

  /** More calls came than are held. */
  get isFull(): bool {
    return this.calls.isFull;
  }

  /** Bytes that wait: of calls and of thinking. */
  get heldBytes(): i32 {
    return this.kept.heldBytes + this.calls.heldBytes + this.sources.length + this.logprobs.heldBytes;
  }

  clearParts(): void {
    this.parts.clearTo(64 << 10);
    this.pieceAt = -1;
    this.pieces = 0;
  }

  /** Takes over one choice of a response or a chunk. */
  read(choice: i32): void {
    const doc = this.doc;
    let message = doc.get(choice, "message");
    // Servers that cannot stream send their whole response as one event.
    if (!doc.isObject(message)) message = doc.get(choice, "delta");
    this.readMessage(message);
    // The conversation form: several messages say the order of a turn.
    for (let one = doc.first(doc.get(choice, "messages")); one != NONE; one = doc.next(one)) {
      this.flushCalls();
      this.readMessage(one);
    }
    // finish_reason is null in most chunks, "" with some servers.
    this.addSources(doc.get(choice, "annotations"));
    this.logprobs.read(doc, doc.get(choice, "logprobs"));
    const finish = doc.get(choice, "finish_reason");
    if (innerOf(doc, finish).length == 0) return;
    this.isFinished = true;
    this.finish = finishReasonOf(doc, finish);
    this.isFailed = this.finish == FAILED;
  }

  private readMessage(message: i32): void {
    const doc = this.doc;
    this.readThinking(message);
    this.readContent(doc.get(message, "content"));
    this.addText(innerMember(doc, message, "refusal"));
    this.readImages(doc.get(message, "images"));
    this.addSources(doc.get(message, "annotations"));
    this.addSources(doc.get(message, "citations"));
    this.calls.read(doc, message, this.context.effects.text);
  }

  /** The conversation form is in order: a call that something else follows is whole. */
  private keepOrder(): void {
    if (this.view.isOrdered) this.flushCalls();
  }

  private flushCalls(): void {
    const list = this.calls.take();
    for (let k = 0; k < list.length; k++) this.writeCall(list[k]);
  }

  /** Adds what waits: the calls, and thinking that no part has taken. */
  end(): void {
    this.endThinkTag();
    this.flushCalls();
    if (!this.kept.isSealed) return;
    this.open();
    this.parts.ascii('"text":""');
    this.close(false);
  }

  // ---- thinking -----------------------------------------------------------------------------------------------------

  private readThinking(message: i32): void {
    const doc = this.doc;
    this.addThought(innerOf(doc, reasoningNode(doc, message)));
    const items = this.view.isOrdered ? doc.get(message, "reasoning_items") : NONE;
    for (let item = doc.first(items); item != NONE; item = doc.next(item)) {
      if (!this.hasThought) this.addThought(itemThought(doc, item));
      this.hasThought = false;
      if (this.context.options.reasoningMode != ReasoningMode.Passthrough) continue;
      this.keepOrder();
      this.kept.addItem(doc.raw(item));
    }
    if (this.context.options.reasoningMode != ReasoningMode.Passthrough) return;
    const blocks = doc.get(message, "thinking_blocks");
    for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
      this.keepOrder();
      const text = innerMember(doc, block, "thinking");
      // A block repeats text that came as reasoning before. One without a signature is reasoning itself.
      if (!this.hasThought && innerMember(doc, block, "signature").length == 0) this.addThought(text);
      else if (!this.hasThought) this.showThought(text);
      this.kept.addBlock(doc, block);
      this.hasThought = false;
    }
    this.kept.addDetails(doc, doc.get(message, "reasoning_details"));
  }

  private addThought(inner: View): void {
    if (inner.length == 0 || this.context.options.reasoningMode == ReasoningMode.Ignore) return;
    if (this.context.options.reasoningMode == ReasoningMode.Concat) {
      if (!this.inThinkTag) this.writeText(View.utf8("<think>"), "");
      this.inThinkTag = true;
      this.writeText(inner, "");
      return;
    }
    this.keepOrder();
    this.hasThought = true;
    if (this.view.keepsReasoning) this.kept.addReasoning(inner);
    this.showThought(inner);
  }

  private showThought(inner: View): void {
    if (inner.length != 0 && this.view.showsThoughts) this.writeText(inner, ',"thought":true');
  }

  private endThinkTag(): void {
    if (!this.inThinkTag) return;
    this.inThinkTag = false;
    this.writeText(View.utf8("</think>\\n"), "");
  }

  // ---- text and media -----------------------------------------------------------------------------------------------

  /** A string, or Mistral's list of text and thinking parts (Nov 2026). */
  private readContent(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.addText(innerOf(doc, content));
      return;
    }
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      for (let thought = firstThought(doc, part); thought != NONE; thought = nextThought(doc, thought)) {
        this.addThought(thoughtText(doc, thought));
      }
      if (isText(doc, part)) this.addText(innerMember(doc, part, "text"));
      this.addSources(doc.get(part, "citations"));
    }
  }

  /** Chat's annotations, or Anthropic's citations. */
  private addSources(list: i32): void {
    const doc = this.doc;
    for (let item = firstItem(doc, list); item != NONE; item = doc.next(item)) {
      const nested = doc.get(item, "url_citation");
      const link = linkOf(doc, doc.isObject(nested) ? nested : item, "uri");
      if (link.length == 0) continue;
      this.sources.ascii(this.sources.length != 0 ? ',{"web":{' : '{"web":{');
      this.sources.view(link);
      this.sources.ascii("}}");
    }
  }

  private addText(inner: View): void {
    if (inner.length == 0) return;
    this.hasText = true;
    this.keepOrder();
    this.endThinkTag();
    this.writeText(inner, "");
  }

  /** `mark`: what stands behind the text. */
  private writeText(inner: View, mark: string): void {
    this.open();
    this.parts.ascii('"text":"');
    this.context.effects.text.addOuter(inner);
    this.pieceAt = this.parts.length;
    this.piece = inner;
    this.parts.view(inner);
    this.parts.byte(Ascii.Quote);
    this.parts.ascii(mark);
    this.close(mark.length != 0);
  }

  /** Images that a model made, as OpenRouter and this plugin answer them: data URIs, or addresses. */
  private readImages(images: i32): void {
    const doc = this.doc;
    const parts = this.parts;
    for (let image = doc.first(images); image != NONE; image = doc.next(image)) {
      const url = innerMember(doc, doc.get(image, "image_url"), "url");
      const comma = url.indexOf(Ascii.Comma);
      const head = url.slice(0, max(comma, 0));
      if (!head.startsWith("data:") || !head.endsWith(";base64")) continue;
      this.open();
      parts.ascii('"inlineData":{"mimeType":"');
      parts.range(head, 5, head.length - 7);
      parts.ascii('","data":"');
      parts.range(url, comma + 1, url.length);
      parts.ascii('"}');
      this.close(false);
    }
  }

  private open(): void {
    this.parts.ascii(this.parts.length != 0 ? ",{" : "{");
    this.pieceAt = -1;
    this.pieces++;
  }

  /** Ends a part; a seal goes to the first that is no thought, as clients drop thoughts. */
  private close(isThought: bool): void {
    if (!isThought && this.kept.isSealed) {
      this.kept.writeSeal(this.parts);
      this.pieceAt = -1;
    }
    // A piece of several, or one that is kept, is not all that its event does.
    if (this.pieces > 1 || (isThought && this.view.keepsReasoning)) this.pieceAt = -1;
    this.parts.byte(Ascii.RightBrace);
  }

  // ---- calls --------------------------------------------------------------------------------------------------------

  private writeCall(call: GatheredCall): void {
    const parts = this.parts;
    this.open();
    parts.ascii('"functionCall":{');
    if (call.id.length != 0) {
      parts.wrap('"id":"', call.id, '",');
    }
    parts.wrap('"name":"', call.name, '","args":');
    writeArgumentsObject(decoded(call.args.toView()), parts);
    parts.byte(Ascii.RightBrace);
    if (this.kept.hasReasoning) this.kept.writeSeal(parts);
    else if (!this.kept.isSealed && call.signature.length != 0) {
      parts.put(',"thoughtSignature":', call.signature);
    }
    this.close(false);
  }
}

/** The text of an escaped inside of a JSON string. */
function decoded(inner: View): View {
  const text = new Buffer(inner.length);
  decodeInto(text, inner, 0, inner.length);
  return text.toView();
}

/** Blocks of other kinds, which the conversation form passes on, may hold a text of their own. */
function isText(doc: JsonDocument, part: i32): bool {
  const type = doc.get(part, "type");
  return !doc.isSet(type) || doc.textIn(type, "text output_text");
}
