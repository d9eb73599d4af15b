// Hunyuan's `Usage` -> Usage.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/** Takes the counts of an answer or of a stream event, which carries running totals; absent ones keep their value. */
export function readUsage(doc: JsonDocument, answer: i32, usage: Usage): void {
  const node = doc.get(answer, "Usage");
  usage.input = doc.integer(doc.get(node, "PromptTokens"), usage.input);
  usage.output = doc.integer(doc.get(node, "CompletionTokens"), usage.output);
  usage.total = doc.integer(doc.get(node, "TotalTokens"), usage.total);
}
