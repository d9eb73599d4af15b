// What the request writers share: the client's document, the output, and why the request was refused.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { passMember } from "../../json/member";
import { parseNumber } from "../../json/number";
import { innerMember } from "./inner";

@final
export class Draft {
  /** One sentence for the client, without a word of the prompt; "" while all is well. */
  problem: string = "";
  /** The parameter that `problem` is about. */
  param: string = "";
  /** False inside a tool result, whose own mark stands for those of its parts. */
  marks: bool = true;
  /** The document is in the conversation form, not plain chat (docs/conversation-form.md). */
  isConversation: bool = false;
  /** Another host of Claude answers, not Anthropic: it takes fewer members (of a cache mark, `type` and `ttl` alone). */
  isHosted: bool = false;

  constructor(
    public doc: JsonDocument,
    public out: Buffer,
  ) {}

  /** Where the writers are, for `param`: index of the message, the list inside it (or `tools`) and the index there. */
  message: i32 = -1;
  list: string = "";
  item: i32 = -1;

  /** Notes the first problem at the present place; always false, so that writers can return it. */
  refuse(problem: string, leaf: string): bool {
    if (this.problem.length != 0) return false;
    this.problem = problem;
    let place = this.message < 0 ? "" : "messages[" + this.message.toString() + "]";
    if (this.item >= 0) place += this.list + "[" + this.item.toString() + "]";
    this.param = place + leaf;
    return false;
  }

  /** Sets the message that the writers are at. */
  atMessage(index: i32): void {
    this.message = index;
    this.item = -1;
  }

  /** Sets the place inside the message; -1 for the message itself. */
  atItem(list: string, index: i32): void {
    this.list = list;
    this.item = index;
  }

  /** A comma, unless the output stands at the start of a list or an object. */
  separate(): void {
    const last = this.out.at(this.out.length - 1);
    if (last != Ascii.LeftBracket && last != Ascii.LeftBrace) this.out.byte(Ascii.Comma);
  }

  /** Writes `"name":` with the comma before it when one is due; `name` is ASCII. */
  key(name: string): void {
    this.separate();
    this.out.byte(Ascii.Quote);
    this.out.ascii(name);
    this.out.ascii('":');
  }

  /** Writes a member with the raw JSON of `node`. */
  member(name: string, node: i32): void {
    this.key(name);
    this.out.view(this.doc.raw(node));
  }

  /** Writes a member with the number of `node`; what is below 0 or above 1 becomes that bound. */
  fraction(name: string, node: i32): void {
    const raw = this.doc.raw(node);
    const value = parseNumber(raw);
    this.key(name);
    if (value > 1) this.out.byte(Ascii.Digit1);
    else if (value < 0) this.out.byte(Ascii.Digit0);
    else this.out.view(raw);
  }

  /** Copies a member with its key as it is spelt. */
  rawMember(member: i32): void {
    this.separate();
    passMember(this.doc, member, this.out);
  }

  /** Copies member `name` of object `node` when it is set to something but null. */
  copyMember(node: i32, name: string): void {
    const value = this.doc.get(node, name);
    if (this.doc.isSet(value)) this.member(name, value);
  }

  /** Copies the cache_control of `node` when it has one with a type; true when it did. */
  copyMark(node: i32): bool {
    const mark = this.doc.get(node, "cache_control");
    if (!this.marks || innerMember(this.doc, mark, "type").length == 0) return false;
    if (!this.isHosted) {
      this.member("cache_control", mark);
      return true;
    }
    this.key("cache_control");
    this.out.byte(Ascii.LeftBrace);
    this.copyMember(mark, "type");
    this.copyMember(mark, "ttl");
    this.out.byte(Ascii.RightBrace);
    return true;
  }

  /** Writes a member whose value is the string `"` + inner + `"`. */
  innerMember(name: string, inner: View): void {
    this.key(name);
    this.out.byte(Ascii.Quote);
    this.out.view(inner);
    this.out.byte(Ascii.Quote);
  }
}
