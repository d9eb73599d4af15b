// A whole chat.completion -> a Messages response. Only the first choice is told: Messages has one.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { countOuterText } from "../../usage/estimate";
import { Usage } from "../../usage/usage";
import { writeArgumentsObject } from "../conversation/arguments";
import { innerOf } from "../conversation/inner";
import { ReasoningMode } from "../../model/reasoning-mode";
import { TranslateContext } from "../translator";
import { StopReason, refineStopReason, stopReasonName, stopReasonOf } from "./finish-reason";
import { writeMessageId, writeToolId } from "./ids";
import { firstThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";
import { writeUsage } from "./usage";

@final
export class ResponseWriter {
  private blocks: i32 = 0;
  private tools: i32 = 0;
  private hasText: bool = false;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
  ) {}

  /** Writes the message for the parsed completion; false (nothing written) when it holds no response. */
  write(usage: Usage): bool {
    const doc = this.doc;
    const out = this.out;
    const choice = doc.first(doc.get(0, "choices"));
    const message = doc.get(choice, "message");
    let stop = stopReasonOf(doc, doc.get(choice, "finish_reason"));
    if (!doc.isObject(message) || stop == StopReason.Failed) return false;
    out.ascii('{"id":');
    writeMessageId(doc, doc.get(0, "id"), this.context.nonce, out);
    out.ascii(',"type":"message","role":"assistant","model":');
    if (doc.isString(doc.get(0, "model"))) out.view(doc.raw(doc.get(0, "model")));
    else writeString(out, this.context.model);
    out.ascii(',"content":[');
    this.writeReasoning(message);
    this.writeContent(doc.get(message, "content"));
    const refusal = innerOf(doc, doc.get(message, "refusal"));
    const onlyRefusal = refusal.length > 0 && !this.hasText;
    this.writeText(refusal);
    this.writeToolCalls(message);
    stop = refineStopReason(stop, this.tools > 0, onlyRefusal);
    out.ascii('],"stop_reason":"');
    out.ascii(stopReasonName(stop));
    out.ascii('","stop_sequence":null,"usage":');
    writeUsage(usage, out);
    out.byte(Ascii.RightBrace);
    return true;
  }

  private open(type: string): void {
    if (this.blocks > 0) this.out.byte(Ascii.Comma);
    this.blocks++;
    this.out.ascii('{"type":"');
    this.out.ascii(type);
  }

  /** The signed blocks of `thinking_blocks` (what LiteLLM and this plugin answer for Claude), else the reasoning text. */
  private writeReasoning(message: i32): void {
    const doc = this.doc;
    const reasoning = innerOf(doc, reasoningNode(doc, message));
    const blocks = doc.get(message, "thinking_blocks");
    if (doc.first(blocks) == NONE || this.context.options.reasoningMode != ReasoningMode.Passthrough) {
      this.writeThought(reasoning, innerOf(doc, doc.get(message, "reasoning_signature")));
      return;
    }
    for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
      if (doc.textIs(doc.get(block, "type"), "redacted_thinking")) {
        this.open('redacted_thinking","data":"');
        this.out.view(innerOf(doc, doc.get(block, "data")));
        this.out.ascii('"}');
        continue;
      }
      // A block that carries its signature only: the text is the reasoning beside it.
      const thinking = innerOf(doc, doc.get(block, "thinking"));
      const isLone = thinking.length == 0 && doc.size(blocks) == 1;
      this.writeThinking(isLone ? reasoning : thinking, innerOf(doc, doc.get(block, "signature")));
    }
  }

  /** A thinking block, or a tagged text, or nothing, as the provider's reasoning mode says. */
  private writeThought(inner: View, signature: View): void {
    const mode = this.context.options.reasoningMode;
    if (inner.length == 0 || mode == ReasoningMode.Ignore) return;
    if (mode == ReasoningMode.Concat) this.writeTagged(inner);
    else this.writeThinking(inner, signature);
  }

  private writeThinking(inner: View, signature: View): void {
    countOuterText(inner);
    this.open('thinking","thinking":"');
    this.out.view(inner);
    this.out.ascii('","signature":"');
    this.out.view(signature);
    this.out.ascii('"}');
  }

  private writeTagged(inner: View): void {
    countOuterText(inner);
    this.open('text","text":"<think>');
    this.out.view(inner);
    this.out.ascii('</think>\\n"}');
  }

  private writeText(inner: View): void {
    if (inner.length == 0) return;
    this.hasText = true;
    countOuterText(inner);
    this.open('text","text":"');
    this.out.view(inner);
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
        this.writeThought(thoughtText(doc, thought), View.empty());
      }
      this.writeText(innerOf(doc, doc.get(part, "text")));
    }
  }

  private writeToolCalls(message: i32): void {
    const doc = this.doc;
    for (let call = doc.first(doc.get(message, "tool_calls")); call != NONE; call = doc.next(call)) {
      const named = doc.get(call, "function");
      if (isCall(doc, named)) this.writeToolUse(doc.get(call, "id"), named);
    }
    // The form before tools (OpenAI, 2023), still spoken by some local servers.
    const single = doc.get(message, "function_call");
    if (this.tools == 0 && isCall(doc, single)) this.writeToolUse(NONE, single);
  }

  private writeToolUse(id: i32, call: i32): void {
    const out = this.out;
    this.open('tool_use","id":');
    writeToolId(innerOf(this.doc, id), this.context.nonce, this.tools, out);
    this.tools++;
    out.ascii(',"name":"');
    out.view(innerOf(this.doc, this.doc.get(call, "name")));
    out.ascii('","input":');
    writeInput(this.doc, this.doc.get(call, "arguments"), out);
    out.byte(Ascii.RightBrace);
  }
}

/** False for a call without a name: servers that write every field write an empty one beside text (Snowflake Cortex, Nov 2026). */
function isCall(doc: JsonDocument, named: i32): bool {
  return innerOf(doc, doc.get(named, "name")).length > 0;
}

/** Appends `arguments` as the JSON object that `input` must be. */
function writeInput(doc: JsonDocument, node: i32, out: Buffer): void {
  // Ollama's older servers give the object itself (Nov 2026).
  if (doc.isObject(node)) out.view(doc.raw(node));
  else writeArgumentsObject(doc.isString(node) ? doc.text(node) : doc.raw(node), out);
}
