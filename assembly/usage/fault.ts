// What a provider's error says by words or numbers when its HTTP status is 200: the status that it deserves. By it a token is
// judged (provider/token-pool.ts).

import { View } from "../bytes/view";

/** Nobody's token is to blame: the stream broke off, or what came could not be understood. */
export const NO_BLAME: i32 = -1;
/** An error that does not say what it is: the provider's. */
export const UNSAID: i32 = 500;

/** Error types and codes of OpenAI, Anthropic and Google (their API references, read 2026-11), each with its status. */
const WORDS: StaticArray<string> = [
  "rate_limit_error",
  "rate_limit_exceeded",
  "insufficient_quota",
  "RESOURCE_EXHAUSTED",
  "authentication_error",
  "invalid_api_key",
  "UNAUTHENTICATED",
  "permission_error",
  "PERMISSION_DENIED",
  "invalid_request_error",
  "context_length_exceeded",
  "content_filter",
  "INVALID_ARGUMENT",
  "not_found_error",
  "model_not_found",
  "NOT_FOUND",
  // Ours, and that of gateways like us: see openai/error-writer.ts.
  "upstream_error",
];
const STATUSES: StaticArray<i32> = [429, 429, 429, 429, 401, 401, 401, 403, 403, 400, 400, 400, 400, 404, 404, 404, NO_BLAME];

/** The status that a word or a number stands for, NO_BLAME, or 0 when it is not known. */
export function faultStatus(word: View): i32 {
  const number = word.toInteger();
  if (number >= 400 && number < 600) return <i32>number;
  for (let k = 0; k < WORDS.length; k++) if (word.equals(WORDS[k])) return STATUSES[k];
  return 0;
}

/** The HTTP status of MiniMax's status codes (API reference, read 2026-11); `fallback` when the number says nothing. */
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
