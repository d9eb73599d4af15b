// OpenAI's service that counts the tokens of a request of its Responses API.

import { CountService } from "../conversation/count-service";

/** (https://developers.openai.com/api/reference/resources/responses/subresources/input_tokens/methods/count, Nov 2026) */
export function responsesCount(): CountService {
  return new CountService("input_tokens", "model input instructions tools tool_choice parallel_tool_calls reasoning text truncation");
}
