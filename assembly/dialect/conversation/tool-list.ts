// The functions that a request offers.

import { JsonDocument, NONE } from "../../json/document";

/** The tools of the request: `tools`, or OpenAI's older `functions`; NONE when there are none. */
export function toolList(doc: JsonDocument): i32 {
  const tools = doc.get(0, "tools");
  if (doc.first(tools) != NONE) return tools;
  const functions = doc.get(0, "functions");
  return doc.first(functions) != NONE ? functions : NONE;
}
