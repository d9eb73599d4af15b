// Tool messages -> functionResponse parts.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor, JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { decodeInto, writeString } from "../../json/text";
import { TranslateContext } from "../translator";
import { LastResults } from "../conversation/last-results";
import { CallIndex } from "./call-index";
import { PartWriter } from "./parts";
import { projectOf } from "./project";

/** Where a result stands that responses no known call: after all others. */
const UNKNOWN_CALL: i64 = i32.MAX_VALUE;

@final
export class ToolResultWriter {
  problem: string = "";
  problemParam: string = "";
  private cursor: JsonCursor = new JsonCursor();

  constructor(
    private doc: JsonDocument,
    private parts: PartWriter,
    private calls: CallIndex,
    private context: TranslateContext,
  ) {}

  private refuse(problem: string, index: i32, at: string): bool {
    this.problem = problem;
    this.problemParam = "messages[" + index.toString() + "]" + at;
    return false;
  }

  /**
   * Writes the parts of one user content for a run of tool messages, the first of which is messages[firstIndex]. They go in
   * the order of the calls: without ids Gemini tells parallel calls of the same function apart by their order only. Images
   * in results follow as parts of their own. False with `problem`.
   */
  write(run: Array<i32>, firstIndex: i32): bool {
    const doc = this.doc;
    if (run.length == 0) return true;
    const order: Array<i64> = [];
    const results = LastResults.among(doc, run[0], doc.next(run[run.length - 1]));
    let sorted = true;
    let last: i64 = -1;
    for (let k = 0; k < run.length; k++) {
      if (results !== null && !results.counts(run[k])) continue;
      const ordinal = this.calls.find(doc.textOf(run[k], "tool_call_id"));
      const rank = ((ordinal < 0 ? UNKNOWN_CALL : <i64>ordinal) << 32) | (<i64>k);
      order.push(rank);
      if (last > rank) sorted = false;
      last = rank;
    }
    if (!sorted) order.sort(byRank);
    for (let k = 0; k < order.length; k++) {
      const place = <i32>(order[k] & 0xffffffff);
      if (place >= run.length) continue;
      if (!this.writeResult(run[place], <i32>(order[k] >> 32), firstIndex + place)) return false;
    }
    for (let k = 0; k < run.length; k++) {
      if (this.parts.content(doc.get(run[k], "content"), true)) continue;
      return this.refuse(this.parts.problem, firstIndex + k, this.parts.problemAt);
    }
    return true;
  }

  private writeResult(message: i32, ordinal: i32, index: i32): bool {
    const doc = this.doc;
    const out = this.parts.out;
    const id = doc.textOf(message, "tool_call_id");
    const given = doc.get(message, "name");
    let name = this.calls.name(ordinal);
    if (name.length == 0 && doc.isString(given) && !doc.textIs(given, "")) name = doc.raw(given);
    if (name.length == 0) return this.refuse("A tool message must answer a tool call of an earlier message.", index, ".tool_call_id");
    this.parts.next();
    out.ascii('{"functionResponse":{');
    if (<i64>ordinal != UNKNOWN_CALL) writeCallId(this.context, id, out);
    out.wrap('"name":', name, ',"response":');
    const text = this.resultText(doc.get(message, "content"));
    const failed = doc.isTrue(doc.get(message, "is_error"));
    if (isJsonObject(this.cursor, text) && !(failed && this.context.isConversation)) out.view(text);
    else if (isJsonObject(this.cursor, text)) {
      out.wrap('{"error":', text, "}");
    } else {
      out.ascii(failed ? '{"error":' : '{"output":');
      writeString(out, text);
      out.byte(Ascii.RightBrace);
    }
    out.ascii("}}");
    return true;
  }

  /** The text of a tool's result, decoded: the string, or the text parts joined. */
  private resultText(content: i32): View {
    const doc = this.doc;
    if (!doc.isArray(content)) return doc.text(content);
    const joined = new Buffer(256);
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      const text = doc.get(part, "text");
      if (doc.isString(text)) decodeInto(joined, doc.view, doc.start(text) + 1, doc.end(text) - 1);
    }
    return joined.toView();
  }
}

function byRank(a: i64, b: i64): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True when `text` is one JSON object and nothing else. */
export function isJsonObject(cursor: JsonCursor, text: View): bool {
  cursor.reset(text);
  return cursor.kind() == JsonKind.Object && cursor.skipValue() && cursor.atEnd();
}

/**
 * Appends `"id":…,` for a call id that Gemini gave: with it parallel calls of one function are told apart, and models since
 * 3.0 ask for it back. Ids of our making and of OpenAI (call_…) and Anthropic (toolu_…) mean nothing there; Vertex does not
 * take the field (the vercel/ai provider leaves it out there, Aug 2026).
 */
export function writeCallId(context: TranslateContext, id: View, out: Buffer): void {
  if (id.length == 0 || id.startsWithOneOf("call_ toolu_")) return;
  if (projectOf(context.options).length != 0) return;
  out.ascii('"id":');
  writeString(out, id);
  out.byte(Ascii.Comma);
}
