// OpenAI's Responses.
import { endOf, ID, json, MODEL, pieces, some, sse, usageOf, type Answer, type Json, type Speaker } from "./answer";

const usage = (answer: Answer): Json => {
  const { input, output, cached, reasoning } = usageOf(answer);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
};

function items(answer: Answer): Json[] {
  const { thinking, text, refusal, citation, calls, logprob } = answer;
  const annotations = some(citation, (one) => ({ type: "url_citation", ...one, start_index: 0, end_index: 4 }));
  const logprobs = some(logprob, (one) => ({ token: "a", logprob: one, bytes: [97], top_logprobs: [] }));
  const content = [
    ...some(refusal === undefined ? text : undefined, (one) => ({ type: "output_text", text: one, annotations, logprobs })),
    ...some(refusal, (one) => ({ type: "refusal", refusal: one })),
  ];
  const summary = (one: string) => [{ type: "summary_text", text: one }];
  return [
    ...some(thinking, (one) => ({ type: "reasoning", id: "rs_1", summary: summary(one.text), encrypted_content: one.seal })),
    ...(content.length > 0 ? [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }] : []),
    ...(calls ?? []).map(({ id, name, ...call }) => ({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: JSON.stringify(call.arguments),
      status: "completed",
    })),
  ];
}

const REASONS: Record<string, string> = { length: "max_output_tokens", filter: "content_filter" };

function response(answer: Answer): Json {
  const reason = REASONS[endOf(answer)];
  return {
    id: ID,
    object: "response",
    created_at: 1,
    status: reason === undefined ? "completed" : "incomplete",
    incomplete_details: reason === undefined ? null : { reason },
    error: null,
    model: MODEL,
    output: items(answer),
    usage: usage(answer),
  };
}

/** What stands between an item's `added` and its `done`. */
function within(item: Json, output_index: number): Json[] {
  const at = { item_id: item.id, output_index };
  if (item.type === "function_call") {
    const told = pieces(item.arguments).map((delta) => ({ type: "response.function_call_arguments.delta", ...at, delta }));
    return [...told, { type: "response.function_call_arguments.done", ...at, arguments: item.arguments }];
  }
  if (item.type === "reasoning") {
    const [part] = item.summary;
    const here = { ...at, summary_index: 0 };
    return [
      { type: "response.reasoning_summary_part.added", ...here, part: { ...part, text: "" } },
      ...pieces(part.text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...here, delta })),
      { type: "response.reasoning_summary_text.done", ...here, text: part.text },
      { type: "response.reasoning_summary_part.done", ...here, part },
    ];
  }
  const [part] = item.content;
  const here = { ...at, content_index: 0 };
  const isText = part.type === "output_text";
  const kind = isText ? "output_text" : "refusal";
  const empty = isText ? { ...part, text: "", annotations: [] } : { ...part, refusal: "" };
  const logprobs = isText ? { logprobs: part.logprobs } : {};
  return [
    { type: "response.content_part.added", ...here, part: empty },
    ...pieces(part[isText ? "text" : "refusal"]).map((delta, n) => ({
      type: `response.${kind}.delta`,
      ...here,
      delta,
      ...(n === 0 ? logprobs : {}),
    })),
    ...(part.annotations ?? []).map((annotation: Json, annotation_index: number) => ({
      type: "response.output_text.annotation.added",
      ...here,
      annotation_index,
      annotation,
    })),
    { type: `response.${kind}.done`, ...here, ...(isText ? { text: part.text, ...logprobs } : { refusal: part.refusal }) },
    { type: "response.content_part.done", ...here, part },
  ];
}

const EMPTY: Record<string, Json> = { reasoning: { summary: [] }, message: { content: [] }, function_call: { arguments: "" } };

export const responses: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => json(response(answer)),
  stream: (answer) => {
    const whole = response(answer);
    const started = { ...whole, status: "in_progress", incomplete_details: null, output: [], usage: null };
    const events = [
      { type: "response.created", response: started },
      { type: "response.in_progress", response: started },
      ...whole.output.flatMap((item: Json, output_index: number) => [
        { type: "response.output_item.added", output_index, item: { ...item, ...EMPTY[item.type], status: "in_progress" } },
        ...within(item, output_index),
        { type: "response.output_item.done", output_index, item },
      ]),
      { type: `response.${whole.status}`, response: whole },
    ];
    return sse(
      events.map((one, sequence_number) => ({ type: one.type, sequence_number, ...one })),
      true,
    );
  },
  error: (_status, message) => ({ error: { message, type: "rate_limit_error", param: null, code: null } }),
};
