// What clients ask and providers answer in the survival tests: small, and each response is its own.

/** A chat request of an OpenAI client. */
export const chat = (content: string, extra: object = {}) => ({ model: "m", ...extra, messages: [{ role: "user", content }] });

/** A whole response of an OpenAI provider. */
export const completion = (text: string) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "up",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

/** A whole response of Claude. */
export const message = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "up",
  content: [{ type: "text", text }],
  stop_reason: "end_turn",
  usage: { input_tokens: 3, output_tokens: 2 },
});

const chunk = (rest: object) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "up", ...rest })}\n\n`;
const delta = (content: string) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });

/** The events of an OpenAI provider that says `words`, with the usage chunk that it is asked for. */
export const openaiEvents = (words: string[]) => [
  ...words.map(delta),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }),
  "data: [DONE]\n\n",
];

const claudeEvent = (event: object & { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** The events of Claude that says `words`. */
export const claudeEvents = (words: string[]) => [
  claudeEvent({ type: "message_start", message: { ...message(""), content: [], stop_reason: null } } as never),
  claudeEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
  ...words.map((text) => claudeEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } } as never)),
  claudeEvent({ type: "content_block_stop", index: 0 } as never),
  claudeEvent({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } } as never),
  claudeEvent({ type: "message_stop" }),
];

/** The text that a stream of chat completion chunks tells, and whether it came to its end. */
export function told(events: string[]): { text: string; isDone: boolean; error: string | null } {
  let text = "";
  let error: string | null = null;
  for (const event of events) {
    if (event === "[DONE]") continue;
    const value = JSON.parse(event);
    if (value.error) error = String(value.error.code ?? value.error.type);
    text += value.choices?.[0]?.delta?.content ?? "";
  }
  return { text, isDone: events.at(-1) === "[DONE]", error };
}
