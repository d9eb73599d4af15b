// Members of Google's JSON, which its servers read under two names: `functionCall` and, as protocol buffers have it,
// `function_call` (ProtoJSON, https://protobuf.dev/programming-guides/json/, Nov 2026). Clients send both.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";

const window: View = new View(0, 0);

/** True when the member's key is `camel` (ASCII) or its spelling with underscores. */
export function isCalled(doc: JsonDocument, member: i32, camel: string): bool {
  return doc.keyIs(member, camel) || isSnake(doc.glanceKey(member, window), camel);
}

function isSnake(key: View, camel: string): bool {
  let here = 0;
  for (let k = 0; k < camel.length; k++) {
    let unit = camel.charCodeAt(k);
    if (unit >= Ascii.UpperA && unit <= Ascii.UpperZ) {
      if (key.at(here++) != Ascii.Underscore) return false;
      unit |= 0x20;
    }
    if (key.at(here++) != unit) return false;
  }
  return here == key.length;
}

/** The member `camel` of an object under either name, the last one when there are several; else NONE. */
export function memberOf(doc: JsonDocument, node: i32, camel: string): i32 {
  if (!doc.isObject(node)) return NONE;
  let found = NONE;
  for (let member = doc.first(node); member != NONE; member = doc.next(member)) {
    if (isCalled(doc, member, camel)) found = member;
  }
  return found;
}
