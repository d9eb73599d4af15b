// Cohere's `usage` (chat) and `meta` (embed) -> Usage.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/**
 * Takes the counts of the object `node`: {tokens: {input_tokens, output_tokens}, billed_units: {…}, cached_tokens}. `tokens` is
 * what the model read and wrote; `billed_units` leaves out Cohere's own preamble, and stands in where `tokens` is missing
 * (embed has nothing else). Counts are spelt as floats at times (`18.0`). Cohere API v2, "Usage", read 2026-11.
 */
export function readUsage(doc: JsonDocument, node: i32, usage: Usage): void {
  const tokens = doc.get(node, "tokens");
  const billed = doc.get(node, "billed_units");
  const input = count(doc, tokens, billed, "input_tokens");
  const output = count(doc, tokens, billed, "output_tokens");
  const cached = doc.integer(doc.get(node, "cached_tokens"), -1);
  if (input >= 0) usage.input = input;
  if (output >= 0) usage.output = output;
  if (cached >= 0) usage.cachedInput = cached;
}

function count(doc: JsonDocument, tokens: i32, billed: i32, name: string): i64 {
  return doc.integer(doc.get(tokens, name), doc.integer(doc.get(billed, name), -1));
}
