// DashScope's `usage` -> Usage.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/**
 * Takes the counts of an answer or of a stream event into `usage`: every event carries running totals, so the last one
 * stands, and counts that an event leaves out keep their value. Text models name the details prompt_tokens_details,
 * multimodal ones input_tokens_details; older text models put cached_tokens beside the counts (SDK samples, Jul 2026).
 */
export function readUsage(doc: JsonDocument, root: i32, usage: Usage): void {
  const node = doc.get(root, "usage");
  if (!doc.isObject(node)) return;
  const input = count(doc, node, "input_tokens");
  const output = count(doc, node, "output_tokens");
  const total = count(doc, node, "total_tokens");
  if (input >= 0) usage.input = input;
  if (output >= 0) usage.output = output;
  if (total >= 0) usage.total = total;
  // A total without the new counts would contradict them: the sum is taken then.
  else if (input >= 0 || output >= 0) usage.total = -1;
  const promptDetails = doc.get(node, "prompt_tokens_details");
  const details = doc.isObject(promptDetails) ? promptDetails : doc.get(node, "input_tokens_details");
  const nested = count(doc, details, "cached_tokens");
  const cached = nested >= 0 ? nested : count(doc, node, "cached_tokens");
  if (cached >= 0) usage.cachedInput = cached;
  const written = count(doc, details, "cache_creation_input_tokens");
  if (written >= 0) usage.cacheWrite = written;
  const reasoning = count(doc, doc.get(node, "output_tokens_details"), "reasoning_tokens");
  if (reasoning >= 0) usage.reasoning = reasoning;
}

function count(doc: JsonDocument, node: i32, name: string): i64 {
  return doc.integer(doc.get(node, name), -1);
}
