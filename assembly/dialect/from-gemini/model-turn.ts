// A turn of the model -> one assistant message of a plain chat: its text joined, its thinking, its calls.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { Seal, SealKind } from "../conversation/seal";
import { OpenCalls, callIdOf } from "./calls";
import { firstOf, nextOf } from "./lists";
import { fenced, writeArgs } from "./model-parts";
import { memberOf } from "./names";
import { GeminiClientSettings } from "./settings";

@final
export class ModelTurnWriter {
  private calls: i32 = 0;
  /** Insides of JSON: text, thinking without a seal and out of seals, elements of lists. */
  private text: Buffer = new Buffer(256);
  private thoughts: Buffer = new Buffer(16);
  private toolCalls: Buffer = new Buffer(256);
  private blocks: Buffer = new Buffer(16);
  private details: Buffer = new Buffer(16);
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
    if (this.text.length != 0 || this.calls == 0) {
      out.byte(Ascii.Quote);
      out.view(this.text.toView());
      out.byte(Ascii.Quote);
    } else out.ascii("null");
    this.writeThinking();
    if (this.calls > 0) {
      out.wrap(',"tool_calls":[', this.toolCalls.toView(), "]");
    }
    out.byte(Ascii.RightBrace);
    return this.text.length + this.calls + this.blocks.length + this.details.length != 0;
  }

  private clear(): void {
    this.calls = 0;
    this.text.clear();
    this.thoughts.clear();
    this.toolCalls.clear();
    this.blocks.clear();
    this.details.clear();
    this.sealedThoughts.clear();
  }

  private readPart(part: i32, calls: OpenCalls): void {
    const doc = this.doc;
    const signature = memberOf(doc, part, "thoughtSignature");
    const given = doc.text(signature);
    const isOurs = Seal.isEnvelope(given);
    if (isOurs) this.takeSeal(Seal.open(given));
    const call = memberOf(doc, part, "functionCall");
    if (doc.isObject(call)) {
      this.writeCall(call, isOurs ? NONE : signature, calls);
      return;
    }
    const text = innerMember(doc, part, "text");
    if (doc.isTrue(doc.get(part, "thought"))) this.thoughts.view(text);
    else this.text.view(text);
    this.text.view(fenced(doc, part));
  }

  /** What Anthropic has sealed goes back to Anthropic's models, what a chat has told to chats; unsealed reasoning to whoever wants it. */
  private takeSeal(seal: Seal): void {
    if (seal.kind == SealKind.Anthropic && !this.settings.isChat) addItems(seal.payload, this.blocks);
    if (seal.kind != SealKind.Chat) return;
    const doc = new JsonDocument();
    if (!doc.parse(seal.payload)) return;
    this.sealedThoughts.view(innerMember(doc, 0, "reasoning_content"));
    if (!this.settings.isChat) return;
    addItems(doc.raw(doc.root("thinking_blocks")), this.blocks);
    addItems(doc.raw(doc.root("reasoning_details")), this.details);
  }

  /** The thinking of seals as it was; without any, thought parts that came back. */
  private writeThinking(): void {
    const out = this.out;
    if (!this.settings.keepReasoning) return;
    const isSealed = this.blocks.length + this.details.length != 0;
    const plain = this.sealedThoughts.length != 0 ? this.sealedThoughts : this.thoughts;
    if (plain.length != 0 && !isSealed) {
      out.wrap(',"reasoning_content":"', plain.toView(), '"');
    }
    writeList(',"thinking_blocks":[', this.blocks, out);
    writeList(',"reasoning_details":[', this.details, out);
  }

  /** `signature`: Google's own, which a model of Google behind a compatible API wants back. */
  private writeCall(call: i32, signature: i32, calls: OpenCalls): void {
    const doc = this.doc;
    const out = this.toolCalls;
    const name = innerMember(doc, call, "name");
    if (this.calls++ > 0) out.byte(Ascii.Comma);
    out.wrap('{"id":"', callIdOf(calls.add(innerMember(doc, call, "id"), name)), '","type":"function","function":{"name":"');
    out.view(name);
    out.ascii('","arguments":"');
    writeArgs(doc, call, out);
    out.ascii('"}');
    if (this.settings.keepExtras && innerOf(doc, signature).length != 0 && !doc.textIs(signature, PLACEHOLDER)) {
      out.wrap(',"extra_content":{"google":{"thought_signature":', doc.raw(signature), "}}");
    }
    out.byte(Ascii.RightBrace);
  }
}

/** Adds the items of a list (raw JSON; anything else has none) to those in `to`. */
function addItems(list: View, to: Buffer): void {
  if (list.at(0) != Ascii.LeftBracket) return;
  const items = list.slice(1, list.length - 1).trim();
  if (items.length == 0) return;
  if (to.length != 0) to.byte(Ascii.Comma);
  to.view(items);
}

function writeList(start: string, items: Buffer, out: Buffer): void {
  if (items.length == 0) return;
  out.ascii(start);
  out.view(items.toView());
  out.byte(Ascii.RightBracket);
}

/** What Google's clients send for a signature that they do not have (thought signature guide, Nov 2026). */
const PLACEHOLDER: string = "skip_thought_signature_validator";
