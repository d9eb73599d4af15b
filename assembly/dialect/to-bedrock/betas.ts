// Which of Anthropic's betas Bedrock takes: Converse and InvokeModel in the body, the Messages endpoint in a header.

/**
 * Betas that Bedrock takes, without their dates; any other is a 400. Those of Claude Code and of OAuth are Anthropic's own matter.
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html, Nov 2026)
 */
export const BETAS: StaticArray<string> = [
  "computer-use-",
  "token-efficient-tools-",
  "interleaved-thinking-",
  "output-128k-",
  "dev-full-thinking-",
  "context-1m-",
  "context-management-",
  "effort-",
  "tool-search-tool-",
  "tool-examples-",
  "fine-grained-tool-streaming-",
];
