// Token counts as the `usage` object of a response.

import { Buffer } from "../../bytes/buffer";
import { Usage } from "../../usage/usage";

/** Appends the object; null when nothing is known. Cached tokens are within input, reasoning within output, as in OpenAI's chat. */
export function writeResponseUsage(usage: Usage, out: Buffer): void {
  if (!usage.isKnown) {
    out.ascii("null");
    return;
  }
  count('{"input_tokens":', usage.input, out);
  count(',"input_tokens_details":{"cached_tokens":', usage.cachedInput, out);
  count(',"cache_write_tokens":', usage.cacheWrite, out);
  count('},"output_tokens":', usage.output, out);
  count(',"output_tokens_details":{"reasoning_tokens":', usage.reasoning, out);
  count('},"total_tokens":', usage.totalOrSum, out);
  out.ascii("}");
}

function count(name: string, tokens: i64, out: Buffer): void {
  out.ascii(name);
  out.integer(tokens < 0 ? 0 : tokens);
}
