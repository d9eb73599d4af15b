// `instructions` and `input` of a Responses request -> `messages` of a chat completion. Items that the model wrote in a row become one
// assistant message. What follows it up to the model's next item becomes the results of its calls first, wherever they stand, as
// chat completions want them directly behind the calls, and then everything else.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { SealKind } from "../conversation/seal";
import { Refusing } from "../conversation/refusing";
import { CallHistory } from "./call-history";
import { ContentWriter, storedImage } from "./content";
import { ItemKind, isAssistants, isCall, isOutput, isSilent, kindOfItem, refusalOf } from "../conversation/response-items";
import { ReasoningHistory, sealOf } from "./reasoning-history";
import { ResponsesSettings } from "./settings";

const STORED_IMAGE = "An image given by file id cannot be sent to this provider. Send an image_url instead.";

@final
export class ConversationWriter extends Refusing {
  private content: ContentWriter;
  private reasoning: ReasoningHistory;
  private calls: CallHistory;
  private count: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private settings: ResponsesSettings,
    /** The conversation form is to be written, not plain chat. */
    private isForm: bool,
  ) {
    super();
    this.content = new ContentWriter(doc, out, settings.keepExtras);
    this.reasoning = new ReasoningHistory(doc, out);
    this.calls = new CallHistory(doc, out, settings.keepExtras);
  }

  /** Writes the whole list, brackets included; false with `problem` when it cannot be said. */
  write(instructions: i32, input: i32): bool {
    const doc = this.doc;
    if (!doc.isString(input) && !doc.isArray(input)) return this.refuse("input must be a string or a list of items.", "input");
    if (doc.isArray(input) && !this.check(input)) return false;
    this.out.byte(Ascii.LeftBracket);
    let item = this.writeSystem(instructions, doc.isArray(input) ? doc.first(input) : NONE);
    if (doc.isString(input)) {
      this.open('"user","content":');
      this.out.view(doc.raw(input));
      this.out.byte(Ascii.RightBrace);
    }
    while (item != NONE) {
      const end = this.endOfTurn(item, true);
      const turnEnd = this.endOfTurn(end, false);
      if (item != end) this.writeAssistant(item, end);
      this.writeOutputs(end, turnEnd);
      this.writeMedia(item, turnEnd);
      this.writeMessages(end, turnEnd);
      item = turnEnd;
    }
    this.out.byte(Ascii.RightBracket);
    return true;
  }

  /** Refuses what has no counterpart and would change the question if it were left out. */
  private check(input: i32): bool {
    const doc = this.doc;
    let index = 0;
    for (let item = doc.first(input); item != NONE; item = doc.next(item), index++) {
      const place = "input[" + index.toString() + "]";
      if (!doc.isObject(item)) return this.refuse("An item of input must be an object.", place);
      const kind = kindOfItem(doc, item);
      const refusal = refusalOf(kind);
      if (refusal.length != 0) return this.refuse(refusal, place);
      const isResult = isOutput(kind);
      const content = doc.get(item, isResult ? "output" : "content");
      if ((isResult || kind == ItemKind.Message) && storedImage(doc, content) != NONE) return this.refuse(STORED_IMAGE, place);
      if (kind == ItemKind.Message && !doc.isString(content) && !doc.isArray(content))
        return this.refuse("The content of a message must be a string or a list of parts.", place + ".content");
      if ((isCall(kind) || isResult) && innerOf(doc, this.calls.idOf(item)).length == 0)
        return this.refuse("A call and its output need a call_id.", place + ".call_id");
    }
    return true;
  }

  /** The first item from `item` on that does not belong to the model's (or, with `assistants` false, does). */
  private endOfTurn(item: i32, assistants: bool): i32 {
    const doc = this.doc;
    for (; item != NONE; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (!isSilent(kind) && isAssistants(doc, item, kind) != assistants) return item;
    }
    return NONE;
  }

  /** Starts a message; `role` is what follows `"role":`. */
  private open(role: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.out.ascii('{"role":');
    this.out.ascii(role);
  }

  /** Ends a message with content; one without any part is left out. */
  private close(mark: i32): void {
    const isEmpty = this.content.count == 0;
    this.content.end('""');
    this.out.byte(Ascii.RightBrace);
    if (!isEmpty) return;
    this.out.truncate(mark);
    this.count--;
  }

  /** Instructions and the system messages at the beginning, as one: many servers take only one. Returns the item after them. */
  private writeSystem(instructions: i32, item: i32): i32 {
    const doc = this.doc;
    const mark = this.out.length;
    this.open('"system","content":');
    this.content.begin();
    if (innerOf(doc, instructions).length != 0) this.content.text(innerOf(doc, instructions), NONE);
    for (; item != NONE; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (isSilent(kind)) continue;
      if (kind != ItemKind.Message || !isSystem(doc, item)) break;
      this.content.parts(doc.get(item, "content"), true);
    }
    this.close(mark);
    return item;
  }

  /**
   * The model's items `[item, end)`. Plain chat has one message for all of them. The conversation form begins another where thinking
   * follows text or calls, or text follows calls, so that their order is told.
   */
  private writeAssistant(item: i32, end: i32): void {
    while (item != end) {
      const next = this.isForm ? this.endOfOrder(item, end) : end;
      this.writeTurn(item, next);
      item = next;
    }
  }

  /** The first of the items `[item, end)` that stands behind one of a later rank. */
  private endOfOrder(item: i32, end: i32): i32 {
    const doc = this.doc;
    let highest = 0;
    for (; item != end; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (isSilent(kind)) continue;
      const rank = isCall(kind) ? 2 : kind != ItemKind.Reasoning || this.isText(item) ? 1 : 0;
      if (rank < highest) break;
      highest = rank;
    }
    return item;
  }

  /** True for a reasoning item that stands for an empty text, which Google has signed. */
  private isText(item: i32): bool {
    return sealOf(this.doc, item).kind == SealKind.GoogleText;
  }

  /** One message: text, thinking, calls. */
  private writeTurn(item: i32, end: i32): void {
    const doc = this.doc;
    const mark = this.out.length;
    const first = item;
    let hasMore = false;
    this.open('"assistant","content":');
    this.content.begin();
    // Google signs the text or the call that follows a seal, or an empty text.
    let seal = View.empty();
    for (; item != end; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (kind == ItemKind.Message) {
        this.content.parts(doc.get(item, "content"), false, seal);
        seal = View.empty();
      } else if (isCall(kind)) hasMore = true;
      else if (this.isForm && kind == ItemKind.Reasoning) {
        const own = sealOf(doc, item);
        seal = own.kind == SealKind.Google ? own.payload : View.empty();
        if (own.kind == SealKind.GoogleText) this.content.signed(View.empty(), own.payload);
      }
    }
    const hasContent = this.content.count > 0;
    this.content.end(hasMore ? "null" : '""');
    if (this.settings.keepExtras && this.reasoning.writeBlocks(first, end)) hasMore = true;
    if (!this.isForm && this.settings.keepReasoning && this.reasoning.writeText(first, end)) hasMore = true;
    this.calls.write(first, end);
    this.out.byte(Ascii.RightBrace);
    if (hasContent || hasMore) return;
    this.out.truncate(mark);
    this.count--;
  }

  private writeOutputs(item: i32, end: i32): void {
    const doc = this.doc;
    const out = this.out;
    for (; item != end; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (!isOutput(kind)) continue;
      this.open('"tool","tool_call_id":');
      out.view(doc.raw(this.calls.idOf(item)));
      out.ascii(',"content":');
      this.writeOutput(item, kind);
      out.byte(Ascii.RightBrace);
    }
  }

  /** What a tool gave back: its text or parts; of built-in tools, whose output is an object or a list of such, the JSON as text. */
  private writeOutput(item: i32, kind: ItemKind): void {
    const doc = this.doc;
    const output = doc.get(item, kind == ItemKind.SearchOutput ? "tools" : "output");
    const content = this.content;
    if (doc.isSet(output) && !doc.isString(output) && !isPartList(doc, output)) {
      this.calls.writeJsonText(output);
      return;
    }
    content.begin();
    content.parts(output, this.isForm);
    if (content.count == 0 && isPartList(doc, output)) content.text(View.utf8("The result is in the next user message."), NONE);
    // A patch without a word tells how it went.
    if (content.count == 0 && kind == ItemKind.PatchOutput) content.text(innerMember(doc, item, "status"), NONE);
    content.end('""');
  }

  /** Pictures that the model had made, and what tools gave back that their messages cannot hold: a user message behind them. */
  private writeMedia(item: i32, end: i32): void {
    const doc = this.doc;
    const content = this.content;
    const mark = this.out.length;
    this.open('"user","content":');
    content.begin();
    for (; item != end; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      const picture = kind == ItemKind.ImageCall ? innerMember(doc, item, "result") : View.empty();
      if (picture.length != 0) content.generated(picture);
      else if (isOutput(kind) && !this.isForm) content.media(doc.get(item, "output"));
    }
    this.close(mark);
  }

  private writeMessages(item: i32, end: i32): void {
    const doc = this.doc;
    for (; item != end; item = doc.next(item)) {
      if (kindOfItem(doc, item) != ItemKind.Message) continue;
      const mark = this.out.length;
      this.open(isSystem(doc, item) ? '"system","content":' : '"user","content":');
      this.content.begin();
      this.content.parts(doc.get(item, "content"), true);
      this.close(mark);
    }
  }
}

function isSystem(doc: JsonDocument, item: i32): bool {
  const role = doc.get(item, "role");
  return doc.textIn(role, "system developer");
}

/** True for a list of content parts, and for an empty one. */
function isPartList(doc: JsonDocument, output: i32): bool {
  return (
    doc.isArray(output) &&
    (doc.first(output) == NONE ||
      (doc.isString(doc.get(doc.first(output), "type")) && !doc.memberIs(doc.first(output), "type", "function")))
  );
}
