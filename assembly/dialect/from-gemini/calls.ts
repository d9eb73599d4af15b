// Which call a function response answers, and the id that both have in the chat. Gemini's API may leave ids out on either
// side; clients then mean the calls of the turn before by name and order.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

/** Calls of one turn that a response is compared with; bounds the work that a forged conversation can cause. */
const MAX_COMPARED: i32 = 256;

/** Names and ids are escaped insides of JSON strings. */
@final
class Call {
  isAnswered: bool = false;

  constructor(
    public id: View,
    public name: View,
    /** The call's number in the conversation: the same in every request that holds the same history. */
    public ordinal: i32,
  ) {}
}

@final
export class OpenCalls {
  private calls: Array<Call> = [];
  /** All calls before this one are answered. */
  private first: i32 = 0;
  private count: i32 = 0;

  /** A new turn of the model begins: its calls are the ones that responses can be meant for. */
  begin(): void {
    if (this.calls.length != 0) this.calls = [];
    this.first = 0;
  }

  add(id: View, name: View): Call {
    const call = new Call(bareId(id, name), name, this.count++);
    this.calls.push(call);
    return call;
  }

  /** The call that a response answers: by its id, else the first without an answer that has the name; null for none. */
  answer(id: View, name: View): Call | null {
    const calls = this.calls;
    while (this.first < calls.length && calls[this.first].isAnswered) this.first++;
    const end = min(calls.length, this.first + MAX_COMPARED);
    const bare = bareId(id, name);
    let found: Call | null = null;
    for (let k = this.first; k < end; k++) {
      const call = calls[k];
      if (bare.length != 0 && call.id.sameAs(bare)) {
        found = call;
        break;
      }
      if (found === null && !call.isAnswered && call.name.sameAs(name)) found = call;
    }
    if (found !== null) found.isAnswered = true;
    return found;
  }
}

/** The id without the `<name>__` that Gemini CLI puts before it (release 0.61, processStreamResponse of its chat, Nov 2026). */
function bareId(id: View, name: View): View {
  const size = name.length;
  const isMarked = size > 0 && id.length > size + 2 && id.hasAt(0, name) && id.startsWithAt(size, "__");
  return isMarked ? id.slice(size + 2, id.length) : id;
}

/** The id that call and response have in the chat, an escaped inside of a JSON string. */
export function callIdOf(call: Call): View {
  return call.id.length != 0 ? call.id : madeId(View.utf8(call.ordinal.toString()));
}

/** The id of a response that answers no call of the turn before: its own, else one made of its name. */
export function strayId(id: View, name: View): View {
  return id.length != 0 ? bareId(id, name) : madeId(name);
}

function madeId(mark: View): View {
  const out = new Buffer(mark.length + 8);
  out.put("call_", mark);
  return out.toView();
}
