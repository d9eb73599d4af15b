// promoteThinkingOnEmpty: a model that put its whole response into reasoning_content and left content blank. The reasoning
// becomes the content; in streams it is withheld until it is known whether content comes.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { readUsage } from "../../usage/document";
import { TranslateContext, Translator } from "../translator";
import { ResponseEditor } from "./response-editor";

/** Reasoning that a stream may withhold; what follows is sent on as it comes. */
const MAX_WITHHELD: i32 = 1 << 20;

@final
export class ThinkingPromoter extends Translator {
  /** The usage chunk was asked for by us: the client does not get it. */
  hidesUsage: bool = false;
  /** What else has to change in the response, before the thinking is looked at. */
  editor: ResponseEditor | null = null;
  private doc: JsonDocument = new JsonDocument();
  /** Inner JSON bytes of the reasoning so far. */
  private withheld: Buffer = Buffer.capped(256, MAX_WITHHELD);
  /** Head of the last chunk that carried reasoning, for the chunk that promotes it. */
  private template: View = View.empty();
  private sawContent: bool = false;
  private flushed: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    out.view(body);
    return true;
  }

  path(_out: Buffer): void {}

  get heldBytes(): i32 {
    return this.withheld.capacity;
  }

  error(_status: i32, body: View, out: Buffer): void {
    out.view(body);
  }

  response(source: View, out: Buffer): bool {
    const doc = this.doc;
    const editor = this.editor;
    const body = editor === null ? source : editor.editWhole(source);
    if (!doc.parse(body)) {
      out.view(body);
      return true;
    }
    this.take(doc);
    const patches = new PatchList();
    const choices = doc.root("choices");
    for (let choice = doc.first(choices); choice != NONE; choice = doc.next(choice)) {
      promote(doc, doc.get(choice, "message"), patches);
    }
    patches.apply(body, out, body.length);
    return true;
  }

  event(name: View, source: View, out: Buffer): void {
    const doc = this.doc;
    if (source.equals("[DONE]")) {
      this.flush(out);
      pass(name, source, out);
      return;
    }
    const editor = this.editor;
    const data = editor === null ? source : editor.edit(source, false);
    if (!doc.parse(data)) {
      pass(name, data, out);
      return;
    }
    this.take(doc);
    const choice = doc.first(doc.root("choices"));
    if (choice == NONE && this.hidesUsage && doc.isObject(doc.root("usage"))) return;
    const delta = doc.get(choice, "delta");
    const content = doc.get(delta, "content");
    const reasoning = doc.get(delta, "reasoning_content");
    const isToolCall = doc.isArray(doc.get(delta, "tool_calls"));
    if ((doc.isString(content) && !isBlank(doc.text(content))) || isToolCall) this.sawContent = true;
    if (!this.sawContent && doc.isString(reasoning) && doc.raw(reasoning).length > 2 && this.withhold(doc, reasoning)) return;
    if (doc.isString(doc.get(choice, "finish_reason"))) this.flush(out);
    pass(name, data, out);
  }

  private withhold(doc: JsonDocument, reasoning: i32): bool {
    const raw = doc.raw(reasoning);
    this.withheld.range(raw, 1, raw.length - 1);
    if (this.withheld.overflow) return false;
    if (this.template.length == 0) this.template = doc.view.copy();
    return true;
  }

  /** No content came: the reasoning goes out as one content delta, in a chunk like those it came in. */
  private flush(out: Buffer): void {
    if (this.flushed || this.sawContent || this.withheld.length == 0) return;
    this.flushed = true;
    const doc = new JsonDocument();
    if (!doc.parse(this.template)) return;
    const delta = doc.get(doc.first(doc.root("choices")), "delta");
    out.ascii("data: ");
    out.range(doc.view, 0, doc.start(delta));
    out.wrap('{"role":"assistant","content":"', this.withheld.toView(), '"}');
    out.range(doc.view, doc.end(delta), doc.view.length);
    out.ascii("\n\n");
  }

  end(out: Buffer): void {
    this.flush(out);
  }

  private take(doc: JsonDocument): void {
    const error = doc.root("error");
    if (doc.isObject(error)) this.context.effects.countForeignError(doc.textOf(error, "code"), doc.textOf(error, "type"));
    readUsage(doc, 0, this.report);
    if (this.responseId.length == 0) this.responseId = doc.textOf(0, "id").copy();
    if (this.responseModel.length == 0) this.responseModel = doc.textOf(0, "model").copy();
  }
}

function pass(name: View, data: View, out: Buffer): void {
  if (name.length != 0 && !name.equals("message")) {
    out.put("event: ", name);
    out.byte(Ascii.LineFeed);
  }
  let start = 0;
  while (true) {
    const end = data.indexOf(Ascii.LineFeed, start);
    out.ascii("data: ");
    out.range(data, start, end < 0 ? data.length : end);
    out.byte(Ascii.LineFeed);
    if (end < 0) break;
    start = end + 1;
  }
  out.byte(Ascii.LineFeed);
}

/** Moves the reasoning of one message into its blank content. */
function promote(doc: JsonDocument, message: i32, patches: PatchList): void {
  const reasoning = doc.get(message, "reasoning_content");
  const content = doc.get(message, "content");
  if (!doc.isString(reasoning) || isBlank(doc.text(reasoning))) return;
  if (doc.isArray(content) || (doc.isString(content) && !isBlank(doc.text(content)))) return;
  if (doc.first(doc.get(message, "tool_calls")) != NONE) return;
  const editor = ObjectEditor.read(doc.view, doc.start(message), patches);
  if (editor === null) return;
  editor.remove("reasoning_content");
  editor.set("content", doc.raw(reasoning));
  editor.finish();
}

function isBlank(text: View): bool {
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k);
    if (byte != Ascii.Space && byte != Ascii.LineFeed && byte != Ascii.CarriageReturn && byte != Ascii.Tab) return false;
  }
  return true;
}
