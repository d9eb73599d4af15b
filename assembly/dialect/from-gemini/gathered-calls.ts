// The calls of one choice, whose pieces a stream tells by and by: gathered until they are whole.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { TextTally } from "../../usage/estimate";
import { innerMember, innerOf } from "../conversation/inner";

/** Calls that one choice may hold. */
const MAX_CALLS: i32 = 256;

@final
export class GatheredCall {
  args: Buffer = new Buffer(64);
  /** Google's own, a raw JSON string, owned; empty without one. */
  signature: View = View.empty();

  /** `id` and `name`: escaped inner bytes, owned. */
  constructor(
    public key: i64,
    public id: View,
    public name: View,
  ) {}
}

@final
export class GatheredCalls {
  /** More calls came than are held. */
  isFull: bool = false;
  /** Bytes of the arguments that wait. */
  heldBytes: i32 = 0;
  private list: Array<GatheredCall> = [];

  /** The calls so far; those that come later are others. */
  take(): Array<GatheredCall> {
    const list = this.list;
    if (list.length == 0) return list;
    this.list = [];
    this.heldBytes = 0;
    return list;
  }

  /** Takes over the calls of a message or a delta; `tally` counts their text. */
  read(doc: JsonDocument, message: i32, tally: TextTally): void {
    let position: i64 = 0;
    for (let call = doc.first(doc.get(message, "tool_calls")); call != NONE; call = doc.next(call)) {
      // Nov 2026: Gemini's compatible API and some local servers leave `index` out.
      const key = doc.integer(doc.get(call, "index"), position);
      this.readCall(doc, key, call, doc.get(call, "function"), tally);
      position++;
    }
    // The form before tools (OpenAI, 2023), still spoken by some local servers.
    if (position == 0) this.readCall(doc, 0, NONE, doc.get(message, "function_call"), tally);
  }

  private readCall(doc: JsonDocument, key: i64, holder: i32, named: i32, tally: TextTally): void {
    if (!doc.isObject(named)) return;
    const id = innerMember(doc, holder, "id");
    const name = innerMember(doc, named, "name");
    const given = doc.get(named, "arguments");
    let call = this.find(key, id, name);
    if (call === null) {
      // Empty fields beside text (Snowflake Cortex, Nov 2026) begin nothing.
      if (name.length == 0) return;
      if (this.list.length >= MAX_CALLS) {
        this.isFull = true;
        return;
      }
      call = new GatheredCall(key, id.copy(), name.copy());
      this.list.push(call);
    }
    const signature = signatureOf(doc, holder);
    if (signature.length != 0) call.signature = signature.copy();
    const start = call.args.length;
    if (doc.isString(given)) {
      tally.addOuter(innerOf(doc, given));
      call.args.view(innerOf(doc, given));
    } else if (doc.isSet(given)) writeInner(call.args, doc.raw(given));
    this.heldBytes += call.args.length - start;
  }

  /** The call that a piece belongs to: the newest with its index. Another id together with a name means another call (Gemini's API). */
  private find(key: i64, id: View, name: View): GatheredCall | null {
    for (let k = this.list.length - 1; k >= 0; k--) {
      const call = this.list[k];
      if (call.key != key) continue;
      return id.length != 0 && name.length != 0 && !call.id.sameAs(id) ? null : call;
    }
    return null;
  }
}

/** The signature of a model of Google behind a compatible API, a raw JSON string; empty without one. */
function signatureOf(doc: JsonDocument, call: i32): View {
  const node = doc.get(doc.get(doc.get(call, "extra_content"), "google"), "thought_signature");
  return doc.isString(node) ? doc.raw(node) : View.empty();
}
