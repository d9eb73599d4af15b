// Dify's `metadata.usage` and a workflow's total -> Usage.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/** Takes the counts of `metadata.usage` in the object `root` (blocking answers and message_end; reference read 2026-11). */
export function readUsage(doc: JsonDocument, root: i32, usage: Usage): void {
  const node = doc.get(doc.get(root, "metadata"), "usage");
  usage.input = doc.integer(doc.get(node, "prompt_tokens"), usage.input);
  usage.output = doc.integer(doc.get(node, "completion_tokens"), usage.output);
  usage.total = doc.integer(doc.get(node, "total_tokens"), usage.total);
}

/** A workflow's `data` states one number for all its nodes: it counts only where nothing better is known. */
export function readWorkflowUsage(doc: JsonDocument, data: i32, usage: Usage): void {
  if (!usage.isKnown) usage.total = doc.integer(doc.get(data, "total_tokens"), -1);
}
