// Anthropic's count_tokens, and Vertex AI's for Claude.

import { View } from "../../bytes/view";
import { CountService } from "../conversation/count-service";

/** Parameters of "Count tokens in a Message" (https://platform.claude.com/docs/en/api/messages/count_tokens and its beta, Nov 2026). */
const MEMBERS: string =
  "model messages system tools tool_choice thinking output_config output_format " +
  "cache_control context_management compaction mcp_servers speed " +
  // Those of a body for a cloud.
  "anthropic_version anthropic_beta";

/**
 * `hosted`: the model for Vertex AI, whose path does not name it; empty for Anthropic itself
 * (https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens, Nov 2026).
 */
export function anthropicCount(hosted: View): CountService {
  const service = new CountService("input_tokens", MEMBERS, hosted.length != 0 ? '{"model":"' : "{");
  service.model = hosted;
  return service;
}
