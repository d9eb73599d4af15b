// The `usage` object of OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat/object, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { Usage } from "../../usage/usage";

/**
 * Appends the usage object, braces included. Unknown counts are 0, and both details objects are always there: OpenAI
 * always sends them, and clients read them without a check. Tokens written to a cache have two names: `cache_write_tokens`
 * (OpenAI's and OpenRouter's) and `cache_creation_input_tokens` (Qwen's and Envoy AI Gateway's, Nov 2026).
 */
export function writeUsage(out: Buffer, usage: Usage): void {
  count(out, '{"prompt_tokens":', usage.input);
  count(out, ',"completion_tokens":', usage.output);
  count(out, ',"total_tokens":', usage.totalOrSum);
  count(out, ',"prompt_tokens_details":{"cached_tokens":', usage.cachedInput);
  if (usage.cacheWrite > 0) {
    count(out, ',"cache_write_tokens":', usage.cacheWrite);
    count(out, ',"cache_creation_input_tokens":', usage.cacheWrite);
  }
  count(out, '},"completion_tokens_details":{"reasoning_tokens":', usage.reasoning);
  out.byte(Ascii.RightBrace);
  // Anthropic's word for what is kept for an hour of what was written.
  if (usage.cacheWriteHour > 0) {
    count(out, ',"cache_creation":{"ephemeral_1h_input_tokens":', usage.cacheWriteHour);
    out.byte(Ascii.RightBrace);
  }
  out.byte(Ascii.RightBrace);
}

/**
 * Appends an embedding list's usage object. Zeros when there are no counts, as OpenAI's clients read the fields unchecked.
 */
export function writeEmbeddingUsage(out: Buffer, usage: Usage): void {
  count(out, '{"prompt_tokens":', usage.input < 0 ? usage.total : usage.input);
  count(out, ',"total_tokens":', usage.totalOrSum);
  out.byte(Ascii.RightBrace);
}

function count(out: Buffer, name: string, tokens: i64): void {
  out.ascii(name);
  out.integer(tokens < 0 ? 0 : tokens);
}
