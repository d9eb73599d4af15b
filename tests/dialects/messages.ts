// Anthropic's Messages: as Anthropic writes them, and as Bedrock frames the same events.
import { event } from "../unit/aws-frames";
import { endOf, ID, json, MODEL, pieces, some, sse, usageOf, type Answer, type Json, type Speaker } from "./answer";

const ENDS = { stop: "end_turn", calls: "tool_use", length: "max_tokens", filter: "refusal", sequence: "stop_sequence" };

const usage = (answer: Answer): Json => {
  const { input, output, cached, written, reasoning } = usageOf(answer);
  return {
    input_tokens: input - cached - written,
    output_tokens: output,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: written,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
  };
};

const citations = ({ citation }: Answer) =>
  some(citation, ({ url, title }) => ({ type: "web_search_result_location", url, title, encrypted_index: "ei", cited_text: "cited" }));

function blocks(answer: Answer): Json[] {
  const { thinking, text, calls } = answer;
  const sources = citations(answer);
  return [
    ...some(thinking, (one) => ({ type: "thinking", thinking: one.text, signature: one.seal })),
    ...some(text, (one) => ({ type: "text", text: one, ...(sources.length > 0 ? { citations: sources } : {}) })),
    ...(calls ?? []).map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
  ];
}

const message = (answer: Answer, rest: Json): Json => ({
  id: ID,
  type: "message",
  role: "assistant",
  model: MODEL,
  ...rest,
  usage: usage(answer),
});

const ending = (answer: Answer): Json => ({
  stop_reason: answer.refusal === undefined ? ENDS[endOf(answer)] : "refusal",
  stop_sequence: answer.end === "sequence" ? "END" : null,
  ...(answer.refusal === undefined ? {} : { stop_details: { type: "refusal", explanation: answer.refusal } }),
});

function deltas(block: Json): Json[] {
  if (block.type === "thinking")
    return [
      ...pieces(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
      { type: "signature_delta", signature: block.signature },
    ];
  if (block.type === "tool_use")
    return pieces(JSON.stringify(block.input)).map((partial_json) => ({ type: "input_json_delta", partial_json }));
  const sources = (block.citations ?? []).map((citation: Json) => ({ type: "citations_delta", citation }));
  return [...sources, ...pieces(block.text).map((text) => ({ type: "text_delta", text }))];
}

const STARTS: Record<string, Json> = {
  thinking: { thinking: "", signature: "" },
  text: { text: "" },
  tool_use: { input: {} },
};

function events(answer: Answer): Json[] {
  return [
    { type: "message_start", message: { ...message(answer, { content: [], stop_reason: null, stop_sequence: null }) } },
    ...blocks(answer).flatMap((block, index) => {
      const { citations: _sources, ...bare } = block;
      return [
        { type: "content_block_start", index, content_block: { ...bare, ...STARTS[block.type] } },
        ...deltas(block).map((delta) => ({ type: "content_block_delta", index, delta })),
        { type: "content_block_stop", index },
      ];
    }),
    { type: "message_delta", delta: ending(answer), usage: { output_tokens: usageOf(answer).output } },
    { type: "message_stop" },
  ];
}

export const messages: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => json(message(answer, { content: blocks(answer), ...ending(answer) })),
  stream: (answer) => sse(events(answer), true),
  error: (_status, text) => ({ type: "error", error: { type: "rate_limit_error", message: text } }),
};

/** InvokeModelWithResponseStream: each event in base64 in a frame. */
export const framedMessages: Speaker = {
  ...messages,
  streamType: "application/vnd.amazon.eventstream",
  unframed: messages.stream,
  stream: (answer) =>
    Buffer.concat(events(answer).map((one) => event("chunk", { bytes: Buffer.from(JSON.stringify(one)).toString("base64") }))),
};
