// MiniMax's status codes (its API reference, Nov 2026) in the terms of HTTP and OpenAI.

import { minimaxStatus } from "../../usage/fault";

/** OpenAI's word where it has one, else MiniMax's number. */
export function minimaxErrorCode(code: i64): string {
  if (code == 1008) return "insufficient_quota";
  if (code == 1026 || code == 1027) return "content_filter";
  const status = minimaxStatus(code, 0);
  if (status == 401) return "invalid_api_key";
  return status == 429 ? "rate_limit_exceeded" : code.toString();
}
