// What Amazon Bedrock's Converse and ConverseStream answer, after the API reference (read November 2026): JSON, and the
// binary event stream of AWS.
import { event, exception } from "../unit/aws-frames";
import { cut } from "./gateway";

export type BedrockBlock =
  | { text: string }
  | { toolUse: { toolUseId: string; name: string; input: object } }
  | { reasoningContent: { reasoningText: { text: string; signature: string } } };

export interface ConverseParts {
  content: BedrockBlock[];
  stop?: string;
  /** Input, output, cache read and cache write tokens. */
  tokens?: [number, number, number?, number?];
}

export { exception };

const stopOf = (parts: ConverseParts) => parts.stop ?? (parts.content.some((block) => "toolUse" in block) ? "tool_use" : "end_turn");

const usageOf = ([input, output, read = 0, written = 0]: NonNullable<ConverseParts["tokens"]>) => ({
  inputTokens: input,
  outputTokens: output,
  totalTokens: input + output + read + written,
  cacheReadInputTokens: read,
  cacheWriteInputTokens: written,
});

/** A whole Converse response. */
export const converse = (parts: ConverseParts) => ({
  metrics: { latencyMs: 551 },
  output: { message: { content: parts.content, role: "assistant" } },
  stopReason: stopOf(parts),
  usage: usageOf(parts.tokens ?? [11, 6]),
});

function deltasOf(block: BedrockBlock): object[] {
  if ("text" in block) return cut(block.text).map((text) => ({ text }));
  if ("toolUse" in block) return cut(JSON.stringify(block.toolUse.input), 6).map((input) => ({ toolUse: { input } }));
  const { text, signature } = block.reasoningContent.reasoningText;
  return [...cut(text).map((piece) => ({ reasoningContent: { text: piece } })), { reasoningContent: { signature } }];
}

/** The messages of a stream; only tools have a start, and every payload is padded with `p`. */
export function converseStream(parts: ConverseParts): Buffer[] {
  const p = "abcdefghij";
  const blocks = parts.content.flatMap((block, contentBlockIndex) => {
    const start = "toolUse" in block ? { toolUse: { toolUseId: block.toolUse.toolUseId, name: block.toolUse.name } } : null;
    return [
      ...(start ? [event("contentBlockStart", { contentBlockIndex, p, start })] : []),
      ...deltasOf(block).map((delta) => event("contentBlockDelta", { contentBlockIndex, delta, p })),
      event("contentBlockStop", { contentBlockIndex, p }),
    ];
  });
  return [
    event("messageStart", { p, role: "assistant" }),
    ...blocks,
    event("messageStop", { p, stopReason: stopOf(parts) }),
    event("metadata", { metrics: { latencyMs: 551 }, p, usage: usageOf(parts.tokens ?? [11, 6]) }),
  ];
}

/** A stream as the provider sends it, with its content type. */
export const converseReply = (pieces: Uint8Array[]) => ({ headers: { "content-type": "application/vnd.amazon.eventstream" }, pieces });
