// Parts of the model that both forms of a turn write: arguments of calls, and code that Google's own tool ran.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerMember } from "../conversation/inner";
import { memberOf } from "./names";

/** Appends the arguments of a functionCall as the inside of a JSON string. */
export function writeArgs(doc: JsonDocument, call: i32, out: Buffer): void {
  const args = doc.get(call, "args");
  if (doc.isObject(args)) writeInner(out, doc.raw(args));
  else out.ascii("{}");
}

/** Code that ran, or what it printed, between fences as a model would write it, escaped; empty for other parts. */
export function fenced(doc: JsonDocument, part: i32): View {
  const code = innerMember(doc, memberOf(doc, part, "executableCode"), "code");
  const inner = code.length != 0 ? code : innerMember(doc, memberOf(doc, part, "codeExecutionResult"), "output");
  if (inner.length == 0) return inner;
  const out = new Buffer(inner.length + 32);
  out.wrap("\\n```\\n", inner, "\\n```\\n");
  return out.toView();
}
