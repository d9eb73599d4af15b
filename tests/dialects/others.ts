// Providers with APIs of their own: DashScope, Cohere, Hunyuan, Dify, MiniMax pro, Triton, DeepL.
import { endOf, ID, json, MODEL, pieces, some, sse, usageOf, type Answer, type Json, type Speaker } from "./answer";

const CHAT_ENDS = { stop: "stop", calls: "tool_calls", length: "length", filter: "content_filter", sequence: "stop" };

// ---- DashScope --------------------------------------------------------------------------------------------------------

const dashUsage = (answer: Answer): Json => {
  const { input, output, cached, written, reasoning } = usageOf(answer);
  const cache = written > 0 ? { cache_creation_input_tokens: written } : {};
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, ...cache },
    output_tokens_details: { reasoning_tokens: reasoning },
  };
};

function dashResponse(answer: Answer, message: Json, finish_reason: string): Json {
  const { citation, logprob } = answer;
  const logprobs = some(logprob, (one) => ({ token: "a", logprob: one, bytes: [97], top_logprobs: [] }));
  const choice = {
    finish_reason,
    message: { role: "assistant", ...message },
    ...(logprobs.length > 0 ? { logprobs: { content: logprobs } } : {}),
  };
  const search = citation && { search_info: { search_results: [{ index: 1, ...citation, site_name: "s" }] } };
  return { request_id: ID, output: { choices: [choice], ...search }, usage: dashUsage(answer) };
}

const dashCalls = ({ calls }: Answer): Json[] =>
  (calls ?? []).map(({ id, name, ...call }, index) => ({
    index,
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(call.arguments) },
  }));

export const dashscope: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => {
    const { thinking, text } = answer;
    const message = {
      content: text ?? "",
      ...(thinking && { reasoning_content: thinking.text }),
      ...(answer.calls && { tool_calls: dashCalls(answer) }),
    };
    return json(dashResponse(answer, message, CHAT_ENDS[endOf(answer)]));
  },
  stream: (answer) => {
    const told = [
      ...pieces(answer.thinking?.text ?? "").map((reasoning_content) => ({ content: "", reasoning_content })),
      ...pieces(answer.text ?? "").map((content) => ({ content })),
      ...dashCalls(answer).map((call) => ({ content: "", tool_calls: [call] })),
    ];
    const events = [
      ...told.map((message) => dashResponse(answer, message, "null")),
      dashResponse(answer, { content: "" }, CHAT_ENDS[endOf(answer)]),
    ];
    return sse(events);
  },
  error: (_status, message) => ({ code: "Throttling", message, request_id: ID }),
};

// ---- Cohere -----------------------------------------------------------------------------------------------------------

const COHERE_ENDS = { stop: "COMPLETE", calls: "TOOL_CALL", length: "MAX_TOKENS", filter: "ERROR_TOXIC", sequence: "STOP_SEQUENCE" };

const cohereUsage = (answer: Answer): Json => {
  const { input, output, cached } = usageOf(answer);
  const tokens = { input_tokens: input, output_tokens: output };
  return { billed_units: tokens, tokens, ...(cached > 0 ? { cached_tokens: cached } : {}) };
};

const cohereCitation = ({ url, title }: { url: string; title: string }): Json => {
  const sources = [{ type: "document", id: "d1", document: { url, title } }];
  return { start: 0, end: 4, text: "cite", sources, type: "TEXT_CONTENT" };
};

const cohereCalls = ({ calls }: Answer): Json[] =>
  (calls ?? []).map(({ id, name, ...call }) => ({ id, type: "function", function: { name, arguments: JSON.stringify(call.arguments) } }));

export const cohere: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => {
    const { thinking, text, citation, calls, logprob } = answer;
    const content = [
      ...some(thinking, (one) => ({ type: "thinking", thinking: one.text })),
      ...some(text, (one) => ({ type: "text", text: one })),
    ];
    const message = {
      role: "assistant",
      ...(content.length > 0 ? { content } : {}),
      ...(calls && { tool_calls: cohereCalls(answer) }),
      ...(citation && { citations: [cohereCitation(citation)] }),
    };
    const logprobs = logprob === undefined ? {} : { logprobs: [{ text: "a", token_ids: [1], logprobs: [logprob] }] };
    return json({ id: ID, finish_reason: COHERE_ENDS[endOf(answer)], message, usage: cohereUsage(answer), ...logprobs });
  },
  stream: (answer) => {
    const { thinking, text, citation, logprob } = answer;
    const blocks = [...some(thinking, (one) => ["thinking", one.text]), ...some(text, (one) => ["text", one])];
    const logprobs = logprob === undefined ? {} : { logprobs: { text: "a", token_ids: [1], logprobs: [logprob] } };
    const delta = (type: string, index: number, message: Json, more: Json = {}) => ({ type, index, delta: { message }, ...more });
    return sse(
      [
        {
          type: "message-start",
          id: ID,
          delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } },
        },
        ...blocks.flatMap(([type, whole], index) => [
          delta("content-start", index, { content: { type, [type]: "" } }),
          ...pieces(whole).map((piece, at) =>
            delta("content-delta", index, { content: { [type]: piece } }, at === 0 && type === "text" ? logprobs : {}),
          ),
          { type: "content-end", index },
        ]),
        ...some(citation, (one) => delta("citation-start", 0, { citations: cohereCitation(one) })),
        ...cohereCalls(answer).flatMap((call, index) => [
          delta("tool-call-start", index, { tool_calls: { ...call, function: { ...call.function, arguments: "" } } }),
          ...pieces(call.function.arguments).map((piece) =>
            delta("tool-call-delta", index, { tool_calls: { function: { arguments: piece } } }),
          ),
          { type: "tool-call-end", index },
        ]),
        { type: "message-end", delta: { finish_reason: COHERE_ENDS[endOf(answer)], usage: cohereUsage(answer) } },
      ],
      true,
    );
  },
  error: (_status, message) => ({ message }),
};

// ---- Hunyuan ----------------------------------------------------------------------------------------------------------

const HUNYUAN_ENDS = { ...CHAT_ENDS, filter: "sensitive" };
const plainUsage = (answer: Answer): Json => {
  const { input, output } = usageOf(answer);
  return { PromptTokens: input, CompletionTokens: output, TotalTokens: input + output };
};
const hunyuanCalls = ({ calls }: Answer): Json[] =>
  (calls ?? []).map(({ id, name, ...call }, Index) => ({
    Index,
    Id: id,
    Type: "function",
    Function: { Name: name, Arguments: JSON.stringify(call.arguments) },
  }));
const hunyuanBody = (answer: Answer, choice: Json) => ({
  Id: ID,
  Created: 1,
  Note: "",
  Choices: [{ Index: 0, ...choice }],
  Usage: plainUsage(answer),
});

export const hunyuan: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => {
    const { text, thinking, calls } = answer;
    const Message = {
      Role: "assistant",
      Content: text ?? "",
      ...(thinking && { ReasoningContent: thinking.text }),
      ...(calls && { ToolCalls: hunyuanCalls(answer) }),
    };
    return json({ Response: { RequestId: "rq", ...hunyuanBody(answer, { Message, FinishReason: HUNYUAN_ENDS[endOf(answer)] }) } });
  },
  stream: (answer) => {
    const told = [
      ...pieces(answer.thinking?.text ?? "").map((piece) => ({ Content: "", ReasoningContent: piece })),
      ...pieces(answer.text ?? "").map((Content) => ({ Content })),
      ...hunyuanCalls(answer).map((call) => ({ Content: "", ToolCalls: [call] })),
    ];
    const delta = (Delta: Json, FinishReason: string) => hunyuanBody(answer, { Delta: { Role: "assistant", ...Delta }, FinishReason });
    return sse([...told.map((one) => delta(one, "")), delta({ Content: "" }, HUNYUAN_ENDS[endOf(answer)])]);
  },
  error: (_status, Message) => ({ Response: { RequestId: "rq", Error: { Code: "LimitExceeded", Message } } }),
};

// ---- Dify -------------------------------------------------------------------------------------------------------------

const difyUsage = (answer: Answer) => {
  const { input, output } = usageOf(answer);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
};
const difyMetadata = (answer: Answer): Json => ({
  usage: difyUsage(answer),
  ...(answer.citation && { retriever_resources: [{ position: 1, document_name: answer.citation.title, content: answer.citation.url }] }),
});

export const dify: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) =>
    json({
      event: "message",
      message_id: ID,
      conversation_id: "v-1",
      mode: "chat",
      answer: answer.text ?? "",
      metadata: difyMetadata(answer),
      created_at: 1,
    }),
  stream: (answer) => {
    const common = { task_id: "t-1", message_id: ID, conversation_id: "v-1" };
    const told = pieces(answer.text ?? "").map((piece) => ({ event: "message", ...common, answer: piece, created_at: 1 }));
    return sse([...told, { event: "message_end", id: ID, ...common, metadata: difyMetadata(answer) }]);
  },
  error: (status, message) => ({ code: "too_many_requests", message, status }),
};

// ---- MiniMax pro ------------------------------------------------------------------------------------------------------

const MINIMAX_ENDS = { stop: "stop", calls: "stop", length: "length", filter: "stop", sequence: "stop" };
const bot = ({ text, calls }: Answer): Json => ({
  sender_type: "BOT",
  sender_name: "MM智能助理",
  text: text ?? "",
  ...(calls && { function_call: { name: calls[0].name, arguments: JSON.stringify(calls[0].arguments) } }),
});
const minimaxLast = (answer: Answer): Json => {
  const { input, output } = usageOf(answer);
  return {
    created: 1,
    model: MODEL,
    id: ID,
    reply: answer.text ?? "",
    choices: [{ finish_reason: MINIMAX_ENDS[endOf(answer)], messages: [bot(answer)] }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    ...(answer.end === "filter" ? { output_sensitive: true } : {}),
    ...(answer.calls && { function_call: bot(answer).function_call }),
    base_resp: { status_code: 0, status_msg: "" },
  };
};

export const minimax: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => json(minimaxLast(answer)),
  stream: (answer) => {
    const told = pieces(answer.text ?? "").map((text) => ({
      created: 1,
      model: MODEL,
      reply: "",
      choices: [{ messages: [bot({ text })] }],
    }));
    return sse([...told, minimaxLast(answer)]);
  },
  error: (_status, status_msg) => ({ base_resp: { status_code: 1002, status_msg } }),
};

// ---- Triton, DeepL ----------------------------------------------------------------------------------------------------

const tritonPiece = (text_output: string) => ({ model_name: MODEL, model_version: "1", text_output });

export const triton: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => json(tritonPiece(answer.text ?? "")),
  stream: (answer) => sse(pieces(answer.text ?? "").map(tritonPiece)),
  error: (_status, error) => ({ error }),
};

/** DeepL does not stream. */
const translation = (answer: Answer) => json({ translations: [{ detected_source_language: "EN", text: answer.text ?? "" }] });
export const deepl: Speaker = {
  streamType: "application/json",
  whole: translation,
  stream: translation,
  error: (_status, message) => ({ message }),
};
