// What a provider's error says by words or numbers: the status that it deserves, also when its HTTP status is 200. By it a token
// is judged (provider/blame.ts).

import { View } from "../bytes/view";

/** Nobody's token is to blame: the stream broke off, or what came could not be understood. */
export const NO_BLAME: i32 = -1;
/** An error that does not say what it is: the provider's. */
export const UNNAMED_ERROR_STATUS: i32 = 500;

/**
 * Error types and codes of OpenAI, Anthropic, Google, AWS, Alibaba, Moonshot, DeepSeek and Volcengine (their API references, read
 * Nov 2026), each with its status. 401, 402 and 429 stand only beside words that speak of the token, its account, credit or limits.
 */
// prettier-ignore
const WORDS: StaticArray<string> = [
  "rate_limit_error", "rate_limit_exceeded", "rate_limit_reached_error", "RESOURCE_EXHAUSTED", "ThrottlingException", "Throttling",
  "Throttling.RateQuota", "Throttling.AllocationQuota", "insufficient_quota", "exceeded_current_quota_error",
  "billing_hard_limit_reached", "billing_not_active",
  "billing_error", "insufficient_balance", "insufficient_credits", "Arrearage", "AllocationQuota.FreeTierOnly", "AccountOverdueError",
  "BILLING_DISABLED",
  "authentication_error", "invalid_api_key", "invalid_authentication_error", "incorrect_api_key_error", "account_deactivated",
  "UNAUTHENTICATED", "InvalidApiKey", "AuthenticationError", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "CONSUMER_SUSPENDED",
  "UnrecognizedClientException", "ExpiredTokenException",
  "permission_error", "PERMISSION_DENIED", "insufficient_permissions", "missing_scope", "mismatched_project",
  "mismatched_organization", "invalid_project", "invalid_organization", "unsupported_country_region_territory",
  "AccessDeniedException", "AccessDenied",
  "invalid_request_error", "context_length_exceeded", "content_filter", "content_policy_violation", "invalid_prompt",
  "INVALID_ARGUMENT", "FAILED_PRECONDITION", "ValidationException",
  "not_found_error", "model_not_found", "NOT_FOUND", "ResourceNotFoundException",
  "server_error", "internal_error", "internal_server_error", "api_error", "INTERNAL", "InternalServerException",
  "overloaded_error", "engine_overloaded_error", "service_unavailable_error", "UNAVAILABLE", "ServiceUnavailableException",
  "timeout_error", "DEADLINE_EXCEEDED",
  // Ours, and that of gateways like us: see dialect/conversation.
  "upstream_error",
];
/** The index in WORDS before which the words of each status end. */
const ENDS: StaticArray<i32> = [12, 19, 32, 43, 51, 55, 61, 66, 68, 69];
const STATUSES: StaticArray<i32> = [429, 402, 401, 403, 400, 404, 500, 503, 504, NO_BLAME];

/** The status that a word or a number stands for, NO_BLAME, or 0 when it is not known. */
export function faultStatus(word: View): i32 {
  const number = word.toInteger();
  if (number >= 400 && number < 600) return <i32>number;
  let group = 0;
  for (let k = 0; k < WORDS.length; k++) {
    if (k == ENDS[group]) group++;
    if (word.equals(WORDS[k])) return STATUSES[group];
  }
  return 0;
}

/** Rows of two: a status code of MiniMax and the HTTP status that it stands for (its API reference, Nov 2026). */
// prettier-ignore
const MINIMAX_ROWS: StaticArray<i32> = [
  1026, 400, // Content of the question.
  1027, 400, // Content of the response.
  2013, 400, // Parameters.
  1004, 401,
  2049, 401,
  1002, 429, // Requests a minute.
  1008, 429, // Balance.
  1039, 429, // Tokens a minute.
  1001, 504,
  1000, 500,
  1013, 500,
];

/** The HTTP status of one of MiniMax's status codes; `fallback` when the number says nothing. */
export function minimaxStatus(code: i64, fallback: i32): i32 {
  for (let k = 0; k < MINIMAX_ROWS.length; k += 2) {
    if (unchecked(MINIMAX_ROWS[k]) == <i32>code) return unchecked(MINIMAX_ROWS[k + 1]);
  }
  return fallback;
}
