// Reads Bedrock's Converse, whole and as its binary event stream. Source (November 2026): docs.aws.amazon.com/bedrock, API reference of
// Converse and ConverseStream. The frames are read by AWS' own codec.
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { argumentsOf, emptyReading, numberOf, type Json, type Reading } from "../reading";

const FINISH: Record<string, string> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  guardrail_intervened: "filter",
  content_filtered: "filter",
};

/** A tool that Bedrock ran itself is no call for the client. */
const isCall = (toolUse: Json): boolean => toolUse !== undefined && toolUse.type !== "server_tool_use";

export function readConverse(body: Json): Reading {
  const reading = emptyReading();
  for (const block of body.output?.message?.content ?? []) {
    if (typeof block.text === "string") reading.text += block.text;
    if (isCall(block.toolUse)) reading.calls.push({ name: block.toolUse.name, arguments: argumentsOf(block.toolUse.input) });
    reading.reasoning += block.reasoningContent?.reasoningText?.text ?? "";
  }
  reading.finish = FINISH[body.stopReason] ?? body.stopReason ?? "";
  const { usage } = body;
  if (usage) {
    const cached = numberOf(usage.cacheReadInputTokens);
    const input = numberOf(usage.inputTokens) + cached + numberOf(usage.cacheWriteInputTokens);
    const output = numberOf(usage.outputTokens);
    reading.usage = { input, output, total: input + output, cached, reasoning: 0 };
  }
  return reading;
}

/** Type and data of each frame. */
export function framesOf(bytes: Buffer): [string, Json][] {
  const codec = new EventStreamCodec(
    (input) => Buffer.from(input as Uint8Array).toString("utf8"),
    (input) => Buffer.from(input, "utf8"),
  );
  const frames: [string, Json][] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + bytes.readUInt32BE(at);
    const { headers, body } = codec.decode(bytes.subarray(at, end));
    frames.push([String(headers[":event-type"]?.value), JSON.parse(Buffer.from(body).toString("utf8"))]);
    at = end;
  }
  return frames;
}

function addDelta(block: Json, delta: Json): void {
  if (typeof delta.text === "string") block.text = (block.text ?? "") + delta.text;
  if (delta.toolUse) block.json = (block.json ?? "") + (delta.toolUse.input ?? "");
  const thought = delta.reasoningContent?.text;
  if (typeof thought === "string") {
    block.reasoningContent = { reasoningText: { text: (block.reasoningContent?.reasoningText?.text ?? "") + thought } };
  }
}

/** The message that the frames make, read as a whole one. */
export function readConverseStream(bytes: Buffer): Reading {
  const blocks = new Map<number, Json>();
  const body: Json = {};
  for (const [type, data] of framesOf(bytes)) {
    const index = data.contentBlockIndex;
    if (type.startsWith("contentBlock") && !blocks.has(index)) blocks.set(index, {});
    if (type === "contentBlockStart") Object.assign(blocks.get(index), data.start);
    if (type === "contentBlockDelta") addDelta(blocks.get(index), data.delta);
    if (type === "messageStop") body.stopReason = data.stopReason;
    if (type === "metadata") body.usage = data.usage;
  }
  const content = [...blocks.values()].map((block) =>
    block.toolUse ? { ...block, toolUse: { ...block.toolUse, input: argumentsOf(block.json) } } : block,
  );
  return readConverse({ ...body, output: { message: { content } } });
}
