// The functions that a request offers.

import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember } from "./inner";

/** The tools of the request: `tools`, or OpenAI's older `functions`; NONE when there are none. */
export function toolList(doc: JsonDocument): i32 {
  const tools = doc.root("tools");
  if (doc.first(tools) != NONE) return tools;
  const functions = doc.root("functions");
  return doc.first(functions) != NONE ? functions : NONE;
}

/** True when the list holds a function: any, or the one of this name (escaped inner bytes). */
export function holdsFunction(doc: JsonDocument, tools: i32, name: View = View.empty()): bool {
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    const inner = innerMember(doc, doc.get(tool, "function"), "name");
    if (inner.length != 0 && (name.length == 0 || inner.sameAs(name))) return true;
  }
  return false;
}
