// Token counts: OpenAI's `usage` object (cached tokens inside prompt_tokens) -> Usage -> Anthropic's `usage` object (cached
// tokens beside input_tokens).

import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { Usage } from "../../usage/usage";

/**
 * The usage object of a chat completion or chunk, or NONE. Nov 2026: Groq streams it as x_groq.usage, Moonshot inside
 * the first choice of the last chunk.
 */
export function findUsage(doc: JsonDocument, root: i32): i32 {
  let node = doc.get(root, "usage");
  if (doc.isObject(node)) return node;
  node = doc.get(doc.get(root, "x_groq"), "usage");
  if (doc.isObject(node)) return node;
  node = doc.get(doc.first(doc.get(root, "choices")), "usage");
  return doc.isObject(node) ? node : NONE;
}

/**
 * Takes over the counts that `node` holds; what it does not hold stays. The last report wins: servers that report in
 * every chunk send running totals, not increments.
 */
export function readUsage(doc: JsonDocument, node: i32, usage: Usage): void {
  if (!doc.isObject(node)) return;
  usage.input = doc.integer(doc.get(node, "prompt_tokens"), usage.input);
  usage.output = doc.integer(doc.get(node, "completion_tokens"), usage.output);
  usage.total = doc.integer(doc.get(node, "total_tokens"), usage.total);
  // Nov 2026: Moonshot puts cached_tokens on top; DeepSeek says prompt_cache_hit_tokens.
  usage.cachedInput = doc.integer(doc.get(node, "cached_tokens"), usage.cachedInput);
  usage.cachedInput = doc.integer(doc.get(node, "prompt_cache_hit_tokens"), usage.cachedInput);
  const input = doc.get(node, "prompt_tokens_details");
  usage.cachedInput = doc.integer(doc.get(input, "cached_tokens"), usage.cachedInput);
  // OpenAI's reference says cache_write_tokens; Qwen says cache_creation_input_tokens (Nov 2026).
  usage.cacheWrite = doc.integer(doc.get(input, "cache_creation_input_tokens"), usage.cacheWrite);
  usage.cacheWrite = doc.integer(doc.get(input, "cache_write_tokens"), usage.cacheWrite);
  const output = doc.get(node, "completion_tokens_details");
  usage.reasoning = doc.integer(doc.get(output, "reasoning_tokens"), usage.reasoning);
}

/**
 * Appends Anthropic's usage object: unknown counts are 0, `input_tokens` is what was neither read from a cache nor
 * written to one ("Total input tokens is the summation of input_tokens, cache_creation_input_tokens and
 * cache_read_input_tokens", Messages reference, Nov 2026) and never below 0.
 */
export function writeUsage(usage: Usage, out: Buffer): void {
  const read = known(usage.cachedInput);
  const written = known(usage.cacheWrite);
  out.ascii('{"input_tokens":');
  out.integer(known(known(usage.input) - read - written));
  out.ascii(',"output_tokens":');
  out.integer(known(usage.output));
  out.ascii(',"cache_creation_input_tokens":');
  out.integer(written);
  out.ascii(',"cache_read_input_tokens":');
  out.integer(read);
  if (usage.reasoning >= 0) {
    out.ascii(',"output_tokens_details":{"thinking_tokens":');
    out.integer(usage.reasoning);
    out.byte(0x7d);
  }
  out.byte(0x7d);
}

function known(count: i64): i64 {
  return count < 0 ? 0 : count;
}
