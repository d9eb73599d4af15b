// The tool calls of a conversation by id: Gemini answers a call by the function's name, OpenAI by the call's id.

import { View } from "../../bytes/view";

/** Calls with one hash that are looked through; bounds the work that forged ids can cause. */
const MAX_CHAIN: i32 = 32;

@final
export class CallIndex {
  private latest: Map<u32, i32> = new Map<u32, i32>();
  private older: Array<i32> = [];
  private ids: Array<View> = [];
  private names: Array<View> = [];

  /** Adds a call: id as plain UTF-8, name as a raw JSON string. A later call hides an earlier one of the same id. */
  add(id: View, rawName: View): void {
    const hash = id.hash();
    this.older.push(this.latest.has(hash) ? this.latest.get(hash) : -1);
    this.latest.set(hash, this.ids.length);
    this.ids.push(id);
    this.names.push(rawName);
  }

  /** The ordinal of the latest call with this id, or -1. Ordinals grow in the order of the calls. */
  find(id: View): i32 {
    const hash = id.hash();
    let ordinal = this.latest.has(hash) ? this.latest.get(hash) : -1;
    for (let step = 0; step < MAX_CHAIN && ordinal >= 0 && ordinal < this.ids.length; step++) {
      if (this.ids[ordinal].sameAs(id)) return ordinal;
      ordinal = this.older[ordinal];
    }
    return -1;
  }

  /** The function's name as a raw JSON string; empty for an ordinal that is not there. */
  name(ordinal: i32): View {
    return ordinal >= 0 && ordinal < this.names.length ? this.names[ordinal] : View.empty();
  }
}
