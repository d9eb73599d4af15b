// One choice of a chat completion, or of a chunk of one, as pieces of a response's output.

import { View } from "../../bytes/view";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { linkOf } from "../conversation/citations";
import { innerMember, innerOf } from "../conversation/inner";
import { SealKind } from "../conversation/seal";
import { firstThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";
import { ReasoningMode } from "../../model/reasoning-mode";
import { Output } from "./output";
import { PartKind } from "../conversation/response-parts";

@final
export class ChunkReader {
  /** Thinking came that no signed block has ended. */
  private hasThought: bool = false;
  /** Mode Concat: <think> was written and </think> was not. */
  private inThinkTag: bool = false;
  /** Calls of the choice so far: the index of the next that has none. To be set to 0 for each chunk. */
  position: i64 = 0;
  /** What thinking is told as: the client asked for a summary of it, or did not. */
  thoughtPart: PartKind = PartKind.Thought;

  constructor(
    private doc: JsonDocument,
    private output: Output,
    private mode: ReasoningMode,
  ) {}

  /** Reads a message or a delta of one; `choice` holds what stands beside it. */
  read(delta: i32, choice: i32): void {
    const doc = this.doc;
    this.readReasoning(delta);
    if (doc.isTrue(doc.get(delta, "content_end"))) this.output.endText();
    // In the form pictures stand before the parts of a message, in a chat beside its text.
    const content = doc.get(delta, "content");
    const isList = doc.isArray(content);
    if (isList) this.readImages(delta);
    this.readContent(content, this.logprobsOf(choice));
    if (!isList) this.readImages(delta);
    this.readAnnotations(doc.get(delta, "annotations"));
    this.readCitations(doc.get(delta, "citations"));
    const refusal = innerMember(doc, delta, "refusal");
    this.output.piece(PartKind.Refusal, refusal);
    const seal = googleSeal(doc, delta);
    if (seal.length != 0) this.output.addSeal(SealKind.GoogleText, seal);
    this.readToolCalls(delta);
  }

  private readImages(delta: i32): void {
    const doc = this.doc;
    for (let image = doc.first(doc.get(delta, "images")); image != NONE; image = doc.next(image))
      this.output.picture(innerMember(doc, doc.get(image, "image_url"), "url"));
  }

  /** Nothing more comes. */
  end(): void {
    this.endThinkTag();
  }

  // ---- thinking -----------------------------------------------------------------------------------------------------

  private readReasoning(delta: i32): void {
    const doc = this.doc;
    const blocks = doc.get(delta, "thinking_blocks");
    this.addThought(innerOf(doc, reasoningNode(doc, delta)));
    if (this.mode != ReasoningMode.Passthrough || !doc.isArray(blocks)) return;
    for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
      // The block repeats text that came as reasoning before; its signature ends it.
      const text = innerMember(doc, block, "thinking");
      if (!this.hasThought) this.addThought(text);
      this.hasThought = false;
      const google = googleSeal(doc, block);
      const isSigned = innerMember(doc, block, "signature").length != 0 || innerMember(doc, block, "data").length != 0;
      if (google.length != 0) this.output.addSeal(SealKind.GoogleThought, google);
      else if (isSigned) this.output.addBlock(doc, block);
    }
  }

  private addThought(inner: View): void {
    if (inner.length == 0 || this.mode == ReasoningMode.Ignore) return;
    this.hasThought = true;
    if (this.mode == ReasoningMode.Passthrough) {
      this.output.piece(this.thoughtPart, inner);
      return;
    }
    if (!this.inThinkTag) this.output.piece(PartKind.Text, View.utf8("<think>"));
    this.inThinkTag = true;
    this.output.piece(PartKind.Text, inner);
  }

  private endThinkTag(): void {
    if (!this.inThinkTag) return;
    this.inThinkTag = false;
    this.output.piece(PartKind.Text, View.utf8("</think>\\n"));
  }

  // ---- text ---------------------------------------------------------------------------------------------------------

  /** A string, or a list of parts: texts, and Mistral's of thinking (Nov 2026). */
  private readContent(content: i32, logprobs: View): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.addText(innerOf(doc, content), logprobs);
      return;
    }
    if (!doc.isArray(content)) return;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      for (let thought = firstThought(doc, part); thought != NONE; thought = nextThought(doc, thought)) {
        this.addThought(thoughtText(doc, thought));
      }
      const seal = googleSeal(doc, part);
      const text = innerMember(doc, part, "text");
      if (seal.length != 0) this.output.addSeal(text.length != 0 ? SealKind.Google : SealKind.GoogleText, seal);
      // A cited text is a part of its own, as its citations are of all of it.
      const citations = doc.get(part, "citations");
      if (citations != NONE) this.output.endText();
      this.addText(text, View.empty());
      this.readCitations(citations);
      if (citations != NONE) this.output.endText();
    }
  }

  private addText(inner: View, logprobs: View): void {
    if (inner.length == 0) return;
    this.endThinkTag();
    this.hasThought = false;
    this.output.piece(PartKind.Text, inner, logprobs);
  }

  /** The inside of the list of tokens' logprobs, whose items both APIs write alike. */
  private logprobsOf(choice: i32): View {
    const list = this.doc.get(this.doc.get(choice, "logprobs"), "content");
    if (this.doc.first(list) == NONE) return View.empty();
    const raw = this.doc.raw(list);
    return raw.slice(1, raw.length - 1);
  }

  /** Anthropic's citations, of a whole text. */
  private readCitations(list: i32): void {
    const doc = this.doc;
    for (let item = doc.isArray(list) ? doc.first(list) : NONE; item != NONE; item = doc.next(item))
      this.output.cite(linkOf(doc, item, "url"), 0, i32.MAX_VALUE, true);
  }

  /** Citations of pages: chat nests their members once more. In the form they may name the bytes of the text. */
  readAnnotations(list: i32): void {
    const doc = this.doc;
    if (!doc.isArray(list)) return;
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      const nested = doc.get(item, "url_citation");
      if (doc.first(nested) == NONE) continue;
      const bytes = doc.get(item, "bytes");
      if (doc.isArray(bytes)) {
        const start = doc.integer(doc.first(bytes), 0);
        const end = doc.integer(doc.next(doc.first(bytes)), 0);
        this.output.cite(linkOf(doc, nested, "url"), <i32>min<i64>(start, i32.MAX_VALUE), <i32>min<i64>(end, i32.MAX_VALUE), false);
        continue;
      }
      const out = new Buffer(256);
      out.ascii('{"type":"url_citation",');
      out.range(doc.raw(nested), 1, doc.raw(nested).length);
      this.output.annotate(out.toView());
    }
  }

  // ---- calls --------------------------------------------------------------------------------------------------------

  private readToolCalls(delta: i32): void {
    const doc = this.doc;
    const calls = doc.get(delta, "tool_calls");
    for (let call = doc.isArray(calls) ? doc.first(calls) : NONE; call != NONE; call = doc.next(call)) {
      // Nov 2026: Gemini's compatible API and some local servers leave `index` out, and whole messages have none.
      const key = doc.integer(doc.get(call, "index"), this.position);
      const named = doc.get(call, "function");
      if (doc.isObject(named)) this.readCall(key, doc.get(call, "id"), named, googleSeal(doc, call));
      this.position++;
    }
    // The form before tools (OpenAI, 2023), still spoken by some local servers.
    const single = doc.get(delta, "function_call");
    if (doc.isObject(single)) this.readCall(0, NONE, single, View.empty());
  }

  private readCall(key: i64, id: i32, call: i32, seal: View): void {
    const doc = this.doc;
    this.endThinkTag();
    const given = doc.get(call, "arguments");
    let pieces = innerOf(doc, given);
    // Ollama's older servers give the object itself (Nov 2026).
    if (doc.isObject(given)) {
      const escaped = new Buffer(doc.raw(given).length + 16);
      writeInner(escaped, doc.raw(given));
      pieces = escaped.toView();
    }
    this.output.call(key, innerOf(doc, id), innerMember(doc, call, "name"), pieces, seal);
  }
}

/** The thought signature of Google that a call, a block or a delta carries (decoded UTF-8), or empty. */
function googleSeal(doc: JsonDocument, holder: i32): View {
  return doc.text(doc.get(doc.get(doc.get(holder, "extra_content"), "google"), "thought_signature"));
}
