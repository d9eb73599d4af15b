// How many tokens a request is taken to need before its answer has told: what is reserved when it starts.

/** Bytes of a request body that are taken for a token. */
const BYTES_A_TOKEN: i64 = 4;
/** Most that is reserved for a prompt and for an answer: pictures are large, and max_tokens is often a fancy figure. */
const MOST_PROMPT: i64 = 32768;
const MOST_ANSWER: i64 = 4096;
/** For an answer whose length the request does not limit. */
const USUAL_ANSWER: i64 = 512;

/** Tokens for a body of `bytes`; `answerLimit` is the request's max_tokens, -1 without one, 0 when no text is answered. */
export function estimateTokens(bytes: i64, answerLimit: i64): i64 {
  const prompt = (bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
  const answer = answerLimit < 0 ? USUAL_ANSWER : answerLimit;
  return (prompt > MOST_PROMPT ? MOST_PROMPT : prompt) + (answer > MOST_ANSWER ? MOST_ANSWER : answer);
}
