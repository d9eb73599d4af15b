// A turn of the model -> assistant messages of the conversation form (docs/conversation-form.md), for translators that read it: every
// part at its place, thinking with its seal.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember } from "../conversation/inner";
import { Seal, SealKind } from "../conversation/seal";
import { TurnWriter } from "../conversation/turn-writer";
import { OpenCalls, callIdOf } from "./calls";
import { firstOf, nextOf } from "./lists";
import { fenced, writeArgs } from "./model-parts";
import { memberOf } from "./names";

@final
export class FormTurnWriter {
  private turn: TurnWriter;
  /** Thinking that came back as thought parts: it counts unless a seal follows that holds it. */
  private thoughts: Buffer = new Buffer(16);

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {
    this.turn = new TurnWriter(out);
  }

  /** Writes the messages for the contents `[content, end)` of the list; returns how many. */
  write(contents: i32, content: i32, end: i32, calls: OpenCalls): i32 {
    const doc = this.doc;
    const before = this.turn.messages;
    for (; content != end; content = nextOf(doc, contents, content)) {
      const list = doc.get(content, "parts");
      for (let part = firstOf(doc, list); part != NONE; part = nextOf(doc, list, part)) this.writePart(part, calls);
    }
    this.endThought();
    this.turn.end();
    return this.turn.messages - before;
  }

  private writePart(part: i32, calls: OpenCalls): void {
    const doc = this.doc;
    const turn = this.turn;
    const signature = doc.text(memberOf(doc, part, "thoughtSignature"));
    if (Seal.isEnvelope(signature)) this.unwrap(Seal.open(signature));
    const text = innerMember(doc, part, "text");
    if (doc.isTrue(doc.get(part, "thought"))) {
      this.thoughts.view(text);
      return;
    }
    if (text.length != 0) {
      this.endThought();
      turn.text(text);
    }
    const code = fenced(doc, part);
    if (code.length != 0) turn.text(code);
    const call = memberOf(doc, part, "functionCall");
    if (!doc.isObject(call)) return;
    const name = innerMember(doc, call, "name");
    this.endThought();
    turn.beginCall(callIdOf(calls.add(innerMember(doc, call, "id"), name)), name);
    writeArgs(doc, call, this.out);
    turn.endCall();
    turn.closeCall();
  }

  /** Thought parts without a seal: nobody has sealed them. */
  private endThought(): void {
    if (this.thoughts.length == 0) return;
    this.turn.thinking(this.thoughts.toView(), View.empty());
    this.thoughts.clear();
  }

  /** What Anthropic has sealed, block by block; of what a chat has told the unsealed reasoning. */
  private unwrap(seal: Seal): void {
    if (seal.kind == SealKind.None) return;
    this.thoughts.clear();
    const own = new JsonDocument();
    if (!own.parse(seal.payload)) return;
    if (seal.kind == SealKind.Chat) this.thoughts.view(innerMember(own, 0, "reasoning_content"));
    if (seal.kind == SealKind.Chat) {
      const items = own.root("reasoning_items");
      for (let item = own.first(items); item != NONE; item = own.next(item)) this.turn.sealed("reasoning_items", own.raw(item));
    }
    if (seal.kind != SealKind.Anthropic) return;
    for (let block = own.first(0); block != NONE; block = own.next(block)) {
      const type = own.get(block, "type");
      if (own.textIs(type, "redacted_thinking")) this.turn.redacted(innerMember(own, block, "data"));
      else if (own.textIs(type, "thinking")) this.turn.thinking(innerMember(own, block, "thinking"), innerMember(own, block, "signature"));
    }
  }
}
