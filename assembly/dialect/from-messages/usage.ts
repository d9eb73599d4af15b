// Token counts as Anthropic's `usage` object, where cached tokens stand beside input_tokens.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { Usage } from "../../usage/usage";

/**
 * Appends Anthropic's usage object: unknown counts are 0, `input_tokens` is what was neither read from a cache nor written
 * to one ("Total input tokens is the summation of input_tokens, cache_creation_input_tokens and cache_read_input_tokens",
 * https://platform.claude.com/docs/en/api/messages, Nov 2026) and never below 0. Tokens that were written and then read are
 * both in OpenRouter's counts for Gemini (recorded Nov 2026): the smaller count is inside the larger one, and is not told.
 */
export function writeUsage(usage: Usage, out: Buffer): void {
  const input = known(usage.input);
  let read = known(usage.cachedInput);
  let written = known(usage.cacheWrite);
  if (read + written > input) {
    if (read < written) read = 0;
    else written = 0;
  }
  out.ascii('{"input_tokens":');
  out.integer(known(input - read - written));
  out.ascii(',"output_tokens":');
  out.integer(known(usage.output));
  out.ascii(',"cache_creation_input_tokens":');
  out.integer(written);
  out.ascii(',"cache_read_input_tokens":');
  out.integer(read);
  if (written > 0) {
    // Five minutes are what a cache mark asks for that says nothing else.
    const hour = min(known(usage.cacheWriteHour), written);
    out.ascii(',"cache_creation":{"ephemeral_5m_input_tokens":');
    out.integer(written - hour);
    out.ascii(',"ephemeral_1h_input_tokens":');
    out.integer(hour);
    out.byte(Ascii.RightBrace);
  }
  if (usage.reasoning >= 0) {
    out.ascii(',"output_tokens_details":{"thinking_tokens":');
    out.integer(usage.reasoning);
    out.byte(Ascii.RightBrace);
  }
  out.byte(Ascii.RightBrace);
}

function known(count: i64): i64 {
  return count < 0 ? 0 : count;
}
