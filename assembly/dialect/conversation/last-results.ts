// A tool's result that is given twice: providers refuse the second, and the last is what the client knows now.

import { JsonDocument, NONE } from "../../json/document";
import { View } from "../../bytes/view";

/** A tool's result; `function` is OpenAI's older name, which has no id. */
export function isResult(doc: JsonDocument, message: i32): bool {
  const role = doc.get(message, "role");
  return doc.textIn(role, "tool function");
}

@final
export class LastResults {
  private last: Map<u32, i32> = new Map<u32, i32>();

  private constructor(private doc: JsonDocument) {}

  /** Those among the messages `[message, end)`, which are answered together; null when no two of them are results. */
  static among(doc: JsonDocument, message: i32, end: i32): LastResults | null {
    let results = 0;
    for (let one = message; one != end && results < 2; one = doc.next(one)) if (isResult(doc, one)) results++;
    if (results < 2) return null;
    const made = new LastResults(doc);
    for (let one = message; one != end; one = doc.next(one)) if (isResult(doc, one)) made.last.set(made.call(one).hash(), one);
    return made;
  }

  /** False for a result that a later one of the same call replaces. Two ids of one hash both count. */
  counts(message: i32): bool {
    const call = this.call(message);
    if (!this.last.has(call.hash())) return true;
    const other = this.last.get(call.hash());
    return other == message || !this.call(other).sameAs(call);
  }

  /** The id of the call that a result answers, or the function's name from before there were ids. */
  private call(message: i32): View {
    const id = this.doc.get(message, "tool_call_id");
    return this.doc.text(id == NONE ? this.doc.get(message, "name") : id);
  }
}
