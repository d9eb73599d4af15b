// How many tokens a request is taken to need before its response has told: what is reserved when it starts.

/** Bytes of a request body that are taken for a token. */
const BYTES_A_TOKEN: i64 = 4;
/** Most that is reserved for a prompt and for a response: pictures are large, and max_tokens is often a fancy figure. */
const MOST_PROMPT_TOKENS: i64 = 32768;
const MOST_RESPONSE_TOKENS: i64 = 4096;
/** For a response whose length the request does not limit. */
const USUAL_RESPONSE_TOKENS: i64 = 512;

/** Tokens for a body of `bytes`. */
export function estimatePromptTokens(bytes: i64): i64 {
  return min((bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN, MOST_PROMPT_TOKENS);
}

/** Tokens of the response; `outputLimit` is the request's max_tokens, -1 without one, 0 when no text is answered. */
export function estimateResponseTokens(outputLimit: i64): i64 {
  return min(outputLimit < 0 ? USUAL_RESPONSE_TOKENS : outputLimit, MOST_RESPONSE_TOKENS);
}
