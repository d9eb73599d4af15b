// Spark's error numbers (https://www.xfyun.cn/doc/spark/HTTP%E8%B0%83%E7%94%A8%E6%96%87%E6%A1%A3.html and the list of the
// WebSocket interface, Nov 2026) in the terms of HTTP and OpenAI.

/** The HTTP status that says the same; `fallback` when the number says nothing. */
export function sparkStatus(code: i64, fallback: i32): i32 {
  switch (<i32>code) {
    case 10003: // Message, schema, value, other parameter.
    case 10004:
    case 10005:
    case 10163:
    case 10013: // Content of the question, of the response, of the conversation.
    case 10014:
    case 10019:
    case 10907: // Too many tokens.
      return 400;
    case 10015: // Blocked, not entitled, not entitled or used up.
    case 10016:
    case 11200:
      return 403;
    case 10404:
      return 404;
    case 10006: // Busy with the same user's last request.
    case 10007:
    case 11201: // A day's, a second's, concurrent requests.
    case 11202:
    case 11203:
      return 429;
    case 10008: // No capacity.
    case 10110:
      return 503;
    default:
      return fallback;
  }
}

/** OpenAI's word where it has one, else Spark's number. */
export function sparkErrorCode(code: i64): string {
  if (code == 10013 || code == 10014 || code == 10019) return "content_filter";
  if (code == 10907) return "context_length_exceeded";
  if (code == 10404) return "model_not_found";
  if (sparkStatus(code, 0) == 429) return "rate_limit_exceeded";
  return code.toString();
}
