// The `usage` object of OpenAI's chat completions (API reference, read Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { Usage } from "../../usage/usage";

/**
 * Appends the usage object, braces included. Unknown input and output count as 0. Details are written when they are
 * known: `cached_tokens` and `reasoning_tokens` are OpenAI's, `cache_write_tokens` is OpenRouter's name.
 */
export function writeUsage(out: Buffer, usage: Usage): void {
  out.ascii('{"prompt_tokens":');
  out.integer(usage.input < 0 ? 0 : usage.input);
  out.ascii(',"completion_tokens":');
  out.integer(usage.output < 0 ? 0 : usage.output);
  out.ascii(',"total_tokens":');
  out.integer(usage.totalOrSum);
  if (usage.cachedInput >= 0 || usage.cacheWrite >= 0) {
    out.ascii(',"prompt_tokens_details":{"cached_tokens":');
    out.integer(usage.cachedInput < 0 ? 0 : usage.cachedInput);
    if (usage.cacheWrite >= 0) {
      out.ascii(',"cache_write_tokens":');
      out.integer(usage.cacheWrite);
    }
    out.byte(0x7d);
  }
  if (usage.reasoning >= 0) {
    out.ascii(',"completion_tokens_details":{"reasoning_tokens":');
    out.integer(usage.reasoning);
    out.byte(0x7d);
  }
  out.byte(0x7d);
}
