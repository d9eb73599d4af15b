// MiniMax's status codes (API reference, read 2026-11) in the terms of HTTP and OpenAI.

/** The HTTP status that says the same; `fallback` when the number says nothing. */
export function minimaxStatus(code: i64, fallback: i32): i32 {
  switch (<i32>code) {
    case 1026: // Content of the question, of the answer; parameters.
    case 1027:
    case 2013:
      return 400;
    case 1004:
    case 2049:
      return 401;
    case 1002: // Requests a minute, balance, tokens a minute.
    case 1008:
    case 1039:
      return 429;
    case 1001:
      return 504;
    case 1000:
    case 1013:
      return 500;
    default:
      return fallback;
  }
}

/** OpenAI's word where it has one, else MiniMax's number. */
export function minimaxErrorCode(code: i64): string {
  if (code == 1008) return "insufficient_quota";
  if (code == 1026 || code == 1027) return "content_filter";
  const status = minimaxStatus(code, 0);
  if (status == 401) return "invalid_api_key";
  return status == 429 ? "rate_limit_exceeded" : code.toString();
}
