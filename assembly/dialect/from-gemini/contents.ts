// systemInstruction and contents -> messages. Contents that follow each other on one side are one turn: clients keep a stream's
// pieces as contents of their own, and the chat wants results right behind their calls.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerMember, innerOf } from "../conversation/inner";
import { Refusing } from "../conversation/refusing";
import { OpenCalls, callIdOf, strayId } from "./calls";
import { FormTurnWriter } from "./form-turn";
import { firstOf, nextOf } from "./lists";
import { ModelTurnWriter } from "./model-turn";
import { memberOf } from "./names";
import { PartWriter } from "./parts";
import { GeminiClientSettings } from "./settings";

@final
export class ContentsWriter extends Refusing {
  private parts: PartWriter;
  private calls: OpenCalls = new OpenCalls();
  private model: ModelTurnWriter;
  private form: FormTurnWriter;
  /** The list of contents. */
  private list: i32 = NONE;
  private count: i32 = 0;

  /** `isConversation`: the conversation form is written, and plain chat otherwise. */
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    settings: GeminiClientSettings,
    private isConversation: bool,
  ) {
    super();
    this.form = new FormTurnWriter(doc, out);
    this.parts = new PartWriter(doc, out);
    this.model = new ModelTurnWriter(doc, out, settings);
  }

  /** Writes the whole list, brackets included; false with `problem` when it cannot be said. */
  write(system: i32, contents: i32): bool {
    const doc = this.doc;
    this.out.byte(Ascii.LeftBracket);
    this.writeSystem(system);
    this.list = contents;
    let content = firstOf(doc, contents);
    if (content == NONE) return this.refuse("contents must be a list of contents.", "contents");
    let index = 0;
    while (content != NONE) {
      const isModel = this.isModel(content);
      const first = index;
      let end = content;
      while (end != NONE && this.isModel(end) == isModel) {
        if (!this.isTurn(end, index++)) return false;
        end = nextOf(doc, contents, end);
      }
      if (isModel) this.writeModel(content, end);
      else if (!this.writeResults(content, end, first) || !this.writeUsers(content, end, first)) return false;
      content = end;
    }
    this.out.byte(Ascii.RightBracket);
    return true;
  }

  private isModel(content: i32): bool {
    return this.doc.memberIs(content, "role", "model");
  }

  /** `function` is the older role of function responses. */
  private isTurn(content: i32, index: i32): bool {
    const doc = this.doc;
    const role = doc.get(content, "role");
    if (!doc.isObject(content)) return this.refuse("A content must be an object.", place(index));
    if (!doc.isSet(role) || doc.textIn(role, "user model function")) return true;
    return this.refuse("The role of a content must be user or model.", place(index) + ".role");
  }

  /** Starts a message; `role` is what follows `"role":`. */
  private open(role: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.out.ascii('{"role":');
    this.out.ascii(role);
  }

  private writeSystem(system: i32): void {
    const doc = this.doc;
    const mark = this.out.length;
    this.open('"system","content":');
    this.parts.begin();
    if (doc.isString(system)) this.parts.text(innerOf(doc, system));
    const list = doc.get(system, "parts");
    for (let part = firstOf(doc, list); part != NONE; part = nextOf(doc, list, part)) this.parts.text(innerMember(doc, part, "text"));
    const isEmpty = this.parts.count == 0;
    this.parts.end();
    this.out.byte(Ascii.RightBrace);
    if (!isEmpty) return;
    this.out.truncate(mark);
    this.count = 0;
  }

  private writeModel(content: i32, end: i32): void {
    const mark = this.out.length;
    this.calls.begin();
    if (this.isConversation) {
      if (this.count > 0) this.out.byte(Ascii.Comma);
      const written = this.form.write(this.list, content, end, this.calls);
      if (written == 0) this.out.truncate(mark);
      this.count += written;
      return;
    }
    this.open('"assistant","content":');
    if (this.model.write(this.list, content, end, this.calls)) return;
    this.out.truncate(mark);
    this.count--;
  }

  // ---- the other side -----------------------------------------------------------------------------------------------

  /** A tool message for each functionResponse of the contents `[content, end)`. */
  private writeResults(content: i32, end: i32, index: i32): bool {
    const doc = this.doc;
    for (; content != end; content = nextOf(doc, this.list, content), index++) {
      const list = doc.get(content, "parts");
      let k = 0;
      for (let part = firstOf(doc, list); part != NONE; part = nextOf(doc, list, part), k++) {
        const response = memberOf(doc, part, "functionResponse");
        if (doc.isObject(response) && !this.writeResult(response)) return this.refusePart(index, k);
      }
    }
    return true;
  }

  private writeResult(response: i32): bool {
    const doc = this.doc;
    const id = innerMember(doc, response, "id");
    const name = innerMember(doc, response, "name");
    const call = this.calls.answer(id, name);
    this.open('"tool","tool_call_id":"');
    this.out.view(call !== null ? callIdOf(call) : strayId(id, name));
    this.out.ascii('","content":');
    const isForm = this.isConversation;
    const media = doc.get(response, "parts");
    if (!isForm || firstOf(doc, media) == NONE) this.writeOutput(response);
    else if (!this.writeMixed(response, media)) return false;
    if (isForm && doc.isSet(doc.get(doc.get(response, "response"), "error"))) this.out.ascii(',"is_error":true');
    this.out.byte(Ascii.RightBrace);
    return true;
  }

  /** In the conversation form a result holds its media. */
  private writeMixed(response: i32, media: i32): bool {
    const doc = this.doc;
    const output = new Buffer(256);
    this.parts.begin();
    if (doc.first(doc.get(response, "response")) != NONE) {
      this.writeText(response, output);
      this.parts.text(output.toView());
    }
    for (let one = firstOf(doc, media); one != NONE; one = nextOf(doc, media, one)) if (!this.parts.part(one)) return false;
    this.parts.end();
    return true;
  }

  /**
   * The text of a result. `{"output": "text"}` alone is that text; any other object is its own JSON, `{"error": …}` among them,
   * which says that the call failed ("output" and "error", https://ai.google.dev/api/caching#FunctionResponse, Nov 2026).
   */
  private writeOutput(response: i32): void {
    const doc = this.doc;
    const value = doc.get(response, "response");
    const says = doc.isObject(value) && doc.first(value) != NONE;
    this.out.byte(Ascii.Quote);
    if (!says && firstOf(doc, doc.get(response, "parts")) != NONE) this.out.ascii("The result is in the next user message.");
    else this.writeText(response, this.out);
    this.out.byte(Ascii.Quote);
  }

  private writeText(response: i32, out: Buffer): void {
    const doc = this.doc;
    const value = doc.get(response, "response");
    const output = doc.get(value, "output");
    const isAlone = output != NONE && doc.size(value) == 1;
    if (isAlone && doc.isString(output)) out.view(innerOf(doc, output));
    else if (isAlone) writeInner(out, doc.raw(output));
    else if (doc.isSet(value)) writeInner(out, doc.raw(value));
  }

  /** A user message for each of the contents, of what stands beside results and of the media inside of them. */
  private writeUsers(content: i32, end: i32, index: i32): bool {
    const doc = this.doc;
    for (; content != end; content = nextOf(doc, this.list, content), index++) {
      const mark = this.out.length;
      this.open('"user","content":');
      this.parts.begin();
      let results = 0;
      const list = doc.get(content, "parts");
      let k = 0;
      for (let part = firstOf(doc, list); part != NONE; part = nextOf(doc, list, part), k++) {
        const response = memberOf(doc, part, "functionResponse");
        const inside = this.isConversation ? NONE : doc.get(response, "parts");
        if (doc.isObject(response)) results++;
        for (let one = firstOf(doc, inside); one != NONE; one = nextOf(doc, inside, one)) {
          if (!this.parts.part(one)) return this.refusePart(index, k);
        }
        if (!this.parts.part(part)) return this.refusePart(index, k);
      }
      const isEmpty = this.parts.count == 0;
      this.parts.end();
      this.out.byte(Ascii.RightBrace);
      if (!isEmpty || results == 0) continue;
      this.out.truncate(mark);
      this.count--;
    }
    return true;
  }

  private refusePart(index: i32, part: i32): bool {
    return this.refuse(this.parts.problem, place(index) + ".parts[" + part.toString() + "]");
  }
}

function place(index: i32): string {
  return "contents[" + index.toString() + "]";
}
