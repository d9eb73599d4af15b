// A workflow's `outputs` as the text of a response.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerOf } from "../conversation/inner";

/**
 * Appends, escaped as the inside of a JSON string, the output called `variable` (plain UTF-8); nothing when there is none of
 * that name. Without a name: the only output, or all of them as JSON. A value that is no string is told as JSON.
 */
export function writeOutput(doc: JsonDocument, outputs: i32, variable: View, out: Buffer): void {
  let value = outputs;
  if (variable.length != 0) {
    value = NONE;
    for (let member = doc.isObject(outputs) ? doc.first(outputs) : NONE; member != NONE; member = doc.next(member)) {
      if (doc.key(member).sameAs(variable)) value = member;
    }
  } else if (doc.isObject(outputs) && doc.size(outputs) == 1) value = doc.first(outputs);
  if (doc.isString(value)) out.view(innerOf(doc, value));
  else if (doc.isSet(value)) writeInner(out, doc.raw(value));
}
