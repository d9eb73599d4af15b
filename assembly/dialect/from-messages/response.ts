// A whole chat.completion -> a Messages response. Only the first choice is told: Messages has one.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { ReasoningMode } from "../../model/reasoning-mode";
import { writeArgumentsObject } from "../conversation/arguments";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { firstThought, itemThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";
import { SealKind } from "../conversation/seal";
import { StopReason, refineStopReason, stopReasonName, stopReasonOf } from "./finish-reason";
import { writeMessageId, writeToolId } from "./ids";
import { writeOwnMembers } from "./events";
import { DetailReader, ThoughtSink, envelopeOf, googleSeal, isOptional, sealWith } from "./thoughts";
import { writeUsage } from "./usage";

@final
export class ResponseWriter extends ThoughtSink {
  /** Thinking that nothing has ended yet. */
  private pending: Buffer = new Buffer(16);
  private isThinking: bool = false;
  private blocks: i32 = 0;
  private tools: i32 = 0;
  private hasText: bool = false;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
  ) {
    super();
  }

  /** Writes the message for the parsed completion; false (nothing written) when it holds no response. */
  write(usage: Usage): bool {
    const doc = this.doc;
    const out = this.out;
    const choice = doc.first(doc.root("choices"));
    const list = doc.get(choice, "messages");
    const isList = this.context.isConversation && doc.isArray(list);
    const message = doc.get(choice, "message");
    let stop = stopReasonOf(doc, doc.get(choice, "finish_reason"));
    if ((!isList && !doc.isObject(message)) || stop == StopReason.Failed) return false;
    out.ascii('{"id":');
    writeMessageId(doc, doc.root("id"), this.context.nonce, out);
    out.ascii(',"type":"message","role":"assistant","model":');
    if (doc.isString(doc.root("model"))) out.view(doc.raw(doc.root("model")));
    else writeString(out, this.context.model);
    out.ascii(',"content":[');
    let onlyRefusal = false;
    if (isList) for (let one = doc.first(list); one != NONE; one = doc.next(one)) this.writeMessage(one);
    else onlyRefusal = this.writeMessage(message);
    out.byte(Ascii.RightBracket);
    this.writeEnd(refineStopReason(stop, this.tools > 0, onlyRefusal), usage);
    out.byte(Ascii.RightBrace);
    return true;
  }

  /** Why it ended and what it cost: what Anthropic's own message says of it, or chat's words. */
  private writeEnd(stop: StopReason, usage: Usage): void {
    const doc = this.doc;
    const out = this.out;
    const own = this.context.isConversation ? doc.root("anthropic_message") : NONE;
    if (doc.isString(doc.get(own, "stop_reason"))) {
      writeOwnMembers(doc, own, out);
      if (doc.isObject(doc.get(own, "usage"))) return;
    } else {
      out.ascii(',"stop_reason":"');
      out.ascii(stopReasonName(stop));
      out.ascii('","stop_sequence":null');
    }
    out.ascii(',"usage":');
    writeUsage(usage, out);
  }

  /** The blocks of one message; true when it holds a refusal and no text. */
  private writeMessage(message: i32): bool {
    const doc = this.doc;
    this.writeReasoning(message);
    this.writeContent(doc.get(message, "content"));
    const refusal = innerMember(doc, message, "refusal");
    const onlyRefusal = refusal.length != 0 && !this.hasText;
    this.writeText(refusal);
    const seal = googleSeal(doc, message);
    if (seal.length != 0) this.writeSeal(SealKind.GoogleText, seal);
    this.writeToolCalls(message);
    this.split(this.out);
    return onlyRefusal;
  }

  // ---- thinking: a block is written when its signature or something else comes -----------------------------------------

  private get isPassthrough(): bool {
    return this.context.options.reasoningMode == ReasoningMode.Passthrough;
  }

  /** A thinking block, or a tagged text, or nothing, as the provider's reasoning mode says. */
  thought(inner: View, _out: Buffer): void {
    const mode = this.context.options.reasoningMode;
    if (inner.length == 0 || mode == ReasoningMode.Ignore) return;
    if (mode == ReasoningMode.Concat) {
      this.writeTagged(inner);
      return;
    }
    this.isThinking = true;
    this.pending.view(inner);
  }

  seal(signature: View, _out: Buffer): void {
    if (!this.isPassthrough || (signature.length == 0 && !this.isThinking)) return;
    const inner = this.pending.toView();
    this.isThinking = false;
    this.context.effects.text.addOuter(inner);
    this.open('thinking","thinking":"');
    this.out.view(inner);
    this.out.wrap('","signature":"', signature, '"}');
    this.pending.clear();
  }

  split(out: Buffer): void {
    if (this.isThinking) this.seal(View.empty(), out);
  }

  redacted(data: View, out: Buffer): void {
    if (!this.isPassthrough) return;
    this.split(out);
    this.open('redacted_thinking","data":"');
    this.out.view(data);
    this.out.ascii('"}');
  }

  /** Google's seal; GoogleText is a block of its own. */
  private writeSeal(kind: SealKind, payload: View): void {
    if (kind == SealKind.GoogleText) this.split(this.out);
    sealWith(this, kind, payload, this.out);
  }

  private open(type: string): void {
    if (this.blocks > 0) this.out.byte(Ascii.Comma);
    this.blocks++;
    this.out.ascii('{"type":"');
    this.out.ascii(type);
  }

  /** The blocks of `thinking_blocks` (the form, LiteLLM), OpenRouter's `reasoning_details`, else the reasoning text. */
  private writeReasoning(message: i32): void {
    const doc = this.doc;
    const out = this.out;
    const reasoning = innerOf(doc, reasoningNode(doc, message));
    const blocks = doc.get(message, "thinking_blocks");
    const details = doc.get(message, "reasoning_details");
    const items = this.context.isConversation ? doc.get(message, "reasoning_items") : NONE;
    for (let item = doc.first(items); item != NONE; item = doc.next(item)) {
      this.split(out);
      this.thought(itemThought(doc, item), out);
      sealWith(this, SealKind.Responses, doc.raw(item), out);
    }
    if (doc.first(blocks) != NONE && (this.isPassthrough || this.context.isConversation)) {
      for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
        if (doc.memberIs(block, "type", "redacted_thinking")) {
          this.redacted(innerMember(doc, block, "data"), out);
          continue;
        }
        this.split(out);
        // A block that carries its signature only: the text is the reasoning beside it.
        const thinking = innerMember(doc, block, "thinking");
        this.thought(thinking.length == 0 && doc.size(blocks) == 1 ? reasoning : thinking, out);
        // Without a signature of its own it may get the seal of what follows.
        const signature = innerMember(doc, block, "signature");
        if (signature.length != 0) this.seal(signature, out);
        const seal = googleSeal(doc, block);
        if (seal.length != 0) this.writeSeal(SealKind.GoogleThought, seal);
      }
    } else if (doc.first(details) != NONE && this.isPassthrough) {
      const reader = new DetailReader(this);
      reader.read(doc, details, out);
      reader.close(out);
    } else {
      this.thought(reasoning, out);
      this.seal(innerMember(doc, message, "reasoning_signature"), out);
    }
  }

  private writeTagged(inner: View): void {
    this.context.effects.text.addOuter(inner);
    this.open('text","text":"<think>');
    this.out.view(inner);
    this.out.ascii('</think>\\n"}');
  }

  /** `envelope`: of a seal that the text may do without, or empty. */
  private writeText(inner: View, envelope: View = View.empty()): void {
    if (inner.length == 0) return;
    this.split(this.out);
    this.hasText = true;
    this.context.effects.text.addOuter(inner);
    this.open('text","text":"');
    this.out.view(inner);
    if (envelope.length != 0) {
      this.out.put('","signature":"', envelope);
    }
    this.out.ascii('"}');
  }

  /** A string, or Mistral's list of text and thinking parts (Nov 2026). */
  private writeContent(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.writeText(innerOf(doc, content));
      return;
    }
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      for (let thought = firstThought(doc, part); thought != NONE; thought = nextThought(doc, thought)) {
        this.split(this.out);
        this.thought(thoughtText(doc, thought), this.out);
      }
      if (this.context.isConversation) this.writePart(part);
      else this.writeText(innerMember(doc, part, "text"));
    }
  }

  /** A part of the form is a block; without Google's seal, which goes into a block before it. */
  private writePart(part: i32): void {
    const doc = this.doc;
    const text = innerMember(doc, part, "text");
    const seal = googleSeal(doc, part);
    if (seal.length != 0) {
      const hasBlock = this.isThinking || !isOptional(doc, part);
      if (this.isPassthrough && hasBlock) this.writeSeal(text.length != 0 ? SealKind.Google : SealKind.GoogleText, seal);
      this.writeText(text, this.isPassthrough && !hasBlock ? envelopeOf(SealKind.Google, seal) : View.empty());
      return;
    }
    this.split(this.out);
    if (doc.memberIs(part, "type", "text")) {
      this.hasText = true;
      this.context.effects.text.addOuter(text);
    }
    if (this.blocks > 0) this.out.byte(Ascii.Comma);
    this.blocks++;
    this.out.view(doc.raw(part));
  }

  private writeToolCalls(message: i32): void {
    const doc = this.doc;
    for (let call = doc.first(doc.get(message, "tool_calls")); call != NONE; call = doc.next(call)) {
      const named = doc.get(call, "function");
      if (isCall(doc, named)) this.writeToolUse(call, named);
    }
    // The form before tools (OpenAI, 2023), still spoken by some local servers.
    const single = doc.get(message, "function_call");
    if (this.tools == 0 && isCall(doc, single)) this.writeToolUse(NONE, single);
  }

  /** `named` is the function of `call`, which holds the id. */
  private writeToolUse(call: i32, named: i32): void {
    const out = this.out;
    const doc = this.doc;
    const seal = this.isPassthrough ? googleSeal(doc, call) : View.empty();
    const hasBlock = this.isThinking || !isOptional(doc, call);
    if (seal.length != 0 && hasBlock) this.writeSeal(SealKind.Google, seal);
    this.split(out);
    this.open('tool_use","id":');
    writeToolId(innerMember(doc, call, "id"), this.context.nonce, this.tools, hasBlock ? View.empty() : seal, out);
    this.tools++;
    out.wrap(',"name":"', innerMember(doc, named, "name"), '","input":');
    writeInput(doc, doc.get(named, "arguments"), out);
    const caller = this.context.isConversation ? doc.get(call, "caller") : NONE;
    if (doc.isSet(caller)) {
      out.put(',"caller":', doc.raw(caller));
    }
    out.byte(Ascii.RightBrace);
  }
}

/** False for a call without a name: servers that write every field write an empty one beside text (Snowflake Cortex, Nov 2026). */
function isCall(doc: JsonDocument, named: i32): bool {
  return innerMember(doc, named, "name").length != 0;
}

/** Appends `arguments` as the JSON object that `input` must be. */
function writeInput(doc: JsonDocument, node: i32, out: Buffer): void {
  // Ollama's older servers give the object itself (Nov 2026).
  if (doc.isObject(node)) out.view(doc.raw(node));
  else writeArgumentsObject(doc.isString(node) ? doc.text(node) : doc.raw(node), out);
}
