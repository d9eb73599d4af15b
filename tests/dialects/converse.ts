// Bedrock's Converse and ConverseStream.
import { event } from "../unit/aws-frames";
import { endOf, json, pieces, some, usageOf, type Answer, type Json, type Speaker } from "./answer";

const ENDS = { stop: "end_turn", calls: "tool_use", length: "max_tokens", filter: "content_filtered", sequence: "stop_sequence" };

const usage = (answer: Answer): Json => {
  const { input, output, cached, written } = usageOf(answer);
  return {
    inputTokens: input - cached - written,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: written,
  };
};

function blocks({ thinking, text, calls, citation }: Answer): Json[] {
  const sources = some(citation, ({ url, title }) => ({ title, location: { web: { url } }, sourceContent: [{ text: "cited" }] }));
  return [
    ...some(thinking, (one) => ({ reasoningContent: { reasoningText: { text: one.text, signature: one.seal } } })),
    ...some(text, (one) => (sources.length > 0 ? { citationsContent: { content: [{ text: one }], citations: sources } } : { text: one })),
    ...(calls ?? []).map(({ id, name, arguments: input }) => ({ toolUse: { toolUseId: id, name, input } })),
  ];
}

function events(block: Json, contentBlockIndex: number): Buffer[] {
  const delta = (value: Json) => event("contentBlockDelta", { contentBlockIndex, delta: value });
  const texts = (text: string) => pieces(text).map((piece) => delta({ text: piece }));
  const stop = event("contentBlockStop", { contentBlockIndex });
  if (block.text !== undefined) return [...texts(block.text), stop];
  if (block.citationsContent)
    return [...texts(block.citationsContent.content[0].text), delta({ citation: block.citationsContent.citations[0] }), stop];
  if (block.toolUse) {
    const { input, ...toolUse } = block.toolUse;
    const told = pieces(JSON.stringify(input)).map((piece) => delta({ toolUse: { input: piece } }));
    return [event("contentBlockStart", { contentBlockIndex, start: { toolUse } }), ...told, stop];
  }
  const { text, signature } = block.reasoningContent.reasoningText;
  return [...pieces(text).map((piece) => delta({ reasoningContent: { text: piece } })), delta({ reasoningContent: { signature } }), stop];
}

export const converse: Speaker = {
  streamType: "application/vnd.amazon.eventstream",
  whole: (answer) =>
    json({ output: { message: { role: "assistant", content: blocks(answer) } }, stopReason: ENDS[endOf(answer)], usage: usage(answer) }),
  stream: (answer) =>
    Buffer.concat([
      event("messageStart", { role: "assistant" }),
      ...blocks(answer).flatMap(events),
      event("messageStop", { stopReason: ENDS[endOf(answer)] }),
      event("metadata", { usage: usage(answer), metrics: { latencyMs: 1 } }),
    ]),
  error: (_status, message) => ({ message }),
};
