// A tool's result that is given twice: providers refuse the second, and the last is what the client knows now.

import { JsonDocument, NONE } from "../../json/document";
import { View } from "../../bytes/view";

@final
export class LastResults {
  private last: Map<u32, i32> | null = null;

  constructor(private doc: JsonDocument) {}

  /** Notes a result among those that stand together, in their order. */
  note(message: i32): void {
    let last = this.last;
    if (last === null) {
      last = new Map<u32, i32>();
      this.last = last;
    }
    last.set(this.call(message).hash(), message);
  }

  /** False for a result that a later one of the same call replaces. Two ids of one hash both count. */
  counts(message: i32): bool {
    const last = this.last;
    const call = this.call(message);
    if (last === null || !last.has(call.hash())) return true;
    const other = last.get(call.hash());
    return other == message || !this.call(other).sameAs(call);
  }

  /** The id of the call that a result answers, or the function's name from before there were ids. */
  private call(message: i32): View {
    const id = this.doc.get(message, "tool_call_id");
    return this.doc.text(id == NONE ? this.doc.get(message, "name") : id);
  }
}
