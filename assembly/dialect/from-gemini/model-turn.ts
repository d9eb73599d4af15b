// A turn of the model -> one assistant message: its text joined, its thinking, its calls.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { OpenCalls, writeCallId } from "./calls";
import { firstOf, nextOf } from "./lists";
import { memberOf } from "./names";
import { readSeal } from "./seal";
import { GeminiClientSettings } from "./settings";

@final
export class ModelTurnWriter {
  private calls: i32 = 0;
  /** Insides of JSON: text, thinking without a seal, elements of tool_calls and of thinking_blocks. */
  private text: Buffer = new Buffer(256);
  private thoughts: Buffer = new Buffer(16);
  private toolCalls: Buffer = new Buffer(256);
  private sealed: Buffer = new Buffer(16);
  private sealedThoughts: Buffer = new Buffer(16);

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private settings: GeminiClientSettings,
  ) {}

  /** Writes the rest of the message behind `"content":` for the contents `[content, end)` of the list; false when they say nothing. */
  write(contents: i32, content: i32, end: i32, calls: OpenCalls): bool {
    const doc = this.doc;
    const out = this.out;
    this.clear();
    for (; content != end; content = nextOf(doc, contents, content)) {
      const list = doc.get(content, "parts");
      for (let part = firstOf(doc, list); part != NONE; part = nextOf(doc, list, part)) this.readPart(part, calls);
    }
    if (this.text.length > 0 || this.calls == 0) {
      out.byte(Ascii.Quote);
      out.view(this.text.toView());
      out.byte(Ascii.Quote);
    } else out.ascii("null");
    this.writeThinking();
    if (this.calls > 0) {
      out.ascii(',"tool_calls":[');
      out.view(this.toolCalls.toView());
      out.byte(Ascii.RightBracket);
    }
    out.byte(Ascii.RightBrace);
    return this.text.length + this.calls + this.sealed.length > 0;
  }

  private clear(): void {
    this.calls = 0;
    this.text.clear();
    this.thoughts.clear();
    this.toolCalls.clear();
    this.sealed.clear();
    this.sealedThoughts.clear();
  }

  private readPart(part: i32, calls: OpenCalls): void {
    const doc = this.doc;
    const signature = memberOf(doc, part, "thoughtSignature");
    const seal = readSeal(doc.text(signature));
    if (seal.length > 0) this.takeSeal(seal);
    const call = memberOf(doc, part, "functionCall");
    if (doc.isObject(call)) {
      this.writeCall(call, seal.length > 0 ? NONE : signature, calls);
      return;
    }
    const text = innerOf(doc, doc.get(part, "text"));
    if (doc.isTrue(doc.get(part, "thought"))) this.thoughts.view(text);
    else this.text.view(text);
    this.fence(memberOf(doc, part, "executableCode"), "code");
    this.fence(memberOf(doc, part, "codeExecutionResult"), "output");
  }

  /** Code that Google's own tool ran, and what it printed, as the text that a model would write for it. */
  private fence(node: i32, member: string): void {
    const inner = innerOf(this.doc, this.doc.get(node, member));
    if (inner.length == 0) return;
    this.text.ascii("\\n```\\n");
    this.text.view(inner);
    this.text.ascii("\\n```\\n");
  }

  /** A list of thinking blocks, or a string of reasoning. */
  private takeSeal(seal: View): void {
    if (seal.at(0) == Ascii.Quote) {
      this.sealedThoughts.range(seal, 1, seal.length - 1);
      return;
    }
    const inner = seal.slice(1, seal.length - 1).trim();
    if (this.sealed.length > 0 && inner.length > 0) this.sealed.byte(Ascii.Comma);
    this.sealed.view(inner);
  }

  /** Sealed blocks as they were; the reasoning of providers that sign nothing, from the seal or from thought parts that came back. */
  private writeThinking(): void {
    const out = this.out;
    if (!this.settings.keepExtras) return;
    const plain = this.sealedThoughts.length > 0 ? this.sealedThoughts : this.thoughts;
    if (plain.length > 0 && this.sealed.length == 0) {
      out.ascii(',"reasoning_content":"');
      out.view(plain.toView());
      out.byte(Ascii.Quote);
    }
    if (this.sealed.length == 0) return;
    out.ascii(',"thinking_blocks":[');
    out.view(this.sealed.toView());
    out.byte(Ascii.RightBracket);
  }

  /** `signature`: Google's own, which a model of Google behind a compatible API wants back. */
  private writeCall(call: i32, signature: i32, calls: OpenCalls): void {
    const doc = this.doc;
    const out = this.toolCalls;
    const name = innerOf(doc, doc.get(call, "name"));
    const args = doc.get(call, "args");
    if (this.calls++ > 0) out.byte(Ascii.Comma);
    out.ascii('{"id":');
    writeCallId(calls.add(innerOf(doc, doc.get(call, "id")), name), out);
    out.ascii(',"type":"function","function":{"name":"');
    out.view(name);
    out.ascii('","arguments":"');
    if (doc.isObject(args)) writeInner(out, doc.raw(args));
    else out.ascii("{}");
    out.ascii('"}');
    if (this.settings.keepExtras && innerOf(doc, signature).length > 0 && !doc.textIs(signature, PLACEHOLDER)) {
      out.ascii(',"extra_content":{"google":{"thought_signature":');
      out.view(doc.raw(signature));
      out.ascii("}}");
    }
    out.byte(Ascii.RightBrace);
  }
}

/** What Google's clients send for a signature that they do not have (thought signature guide, Nov 2026). */
const PLACEHOLDER: string = "skip_thought_signature_validator";
