// The exchanges that bench/ measures: what the client sends, what the provider answers, and one run through the tests' host.
import type { Host } from "../emulator/host";

export interface Scenario {
  name: string;
  provider: object;
  /** Beside the provider. */
  config?: object;
  path?: string;
  body: object;
  response: { headers: Record<string, string>; chunks: string[] };
  /** Exchanges that are measured when time is. */
  runs: number;
}

type Plugin = ReturnType<Host["configure"]>;

export const CHUNKS = 200;
const CLIENT_HEADERS = {
  "content-type": "application/json",
  accept: "application/json",
  "user-agent": "OpenAI/JS 6.49.0",
  authorization: "Bearer client-key",
  "x-forwarded-proto": "http",
  "x-request-id": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
};
const RESPONSE_HEADERS = { "x-request-id": "req_0123456789abcdef", "x-envoy-upstream-service-time": "1" };
const openai = { type: "openai", apiTokens: ["sk-1"], modelMapping: { "*": "gpt-4o-mini" } };
const claude = { type: "claude", apiTokens: ["sk-1"], modelMapping: { "*": "claude-sonnet-4-5" } };
const text = (bytes: number) => 'She said: "so be it."\n '.repeat(Math.max(1, Math.ceil(bytes / 26)));
const chat = (bytes: number, extra = {}) => ({
  model: "gpt-4o",
  ...extra,
  messages: [{ role: "user", content: text(bytes) }],
  temperature: 0.7,
});
const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1764000000,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: text(300) }, finish_reason: "stop" }],
  usage: { prompt_tokens: 100, completion_tokens: 80, total_tokens: 180 },
};
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [{ type: "text", text: text(300) }],
  stop_reason: "end_turn",
  usage: { input_tokens: 100, output_tokens: 80 },
};
const piece = (delta: object, rest = {}) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o-mini", choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`;
const claudeEvent = (event: object & { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** A chat stream of so many pieces of text. */
const chatStream = (chunks: number) => [...Array<string>(chunks).fill(piece({ content: " word" })), "data: [DONE]\n\n"];

/** The same response as Anthropic streams it. */
const claudeStream = (chunks: number) => [
  claudeEvent({ type: "message_start", message: { ...message, content: [] } } as never),
  claudeEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
  ...Array<string>(chunks).fill(
    claudeEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " word" } } as never),
  ),
  claudeEvent({ type: "content_block_stop", index: 0 } as never),
  claudeEvent({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 80 } } as never),
  claudeEvent({ type: "message_stop" }),
];
const whole = (value: object) => ({
  headers: { ...RESPONSE_HEADERS, "content-type": "application/json" },
  chunks: [JSON.stringify(value)],
});
const streamed = (chunks: string[]) => ({ headers: { ...RESPONSE_HEADERS, "content-type": "text/event-stream" }, chunks });
const asked = { stream: true, stream_options: { include_usage: true } };
const anthropic = (extra = {}) => ({ model: "m", max_tokens: 256, ...extra, messages: [{ role: "user", content: text(1 << 10) }] });
const MESSAGES = "/v1/messages";

/** So many limits of requests or tokens, each for the whole gateway and in another window. */
export const limits = (count: number, field = "requestsPerDay") =>
  Array.from({ length: count }, (_, index) => ({ name: `limit-${index}`, [field]: 1_000_000_000 + index }));

/** Streams have so many `chunks` of text. */
export function scenarios(chunks = CHUNKS): Scenario[] {
  return [
    { name: "pass-through, 1 KB", provider: openai, body: chat(1 << 10), response: whole(completion), runs: 5000 },
    { name: "pass-through, 100 KB", provider: openai, body: chat(100 << 10), response: whole(completion), runs: 1000 },
    { name: "pass-through, 1 MB", provider: openai, body: chat(1 << 20), response: whole(completion), runs: 100 },
    ...[1, 20].map((count) => ({
      ...{ name: `pass-through, 1 KB, ${count} limits of tokens`, config: { limits: limits(count, "tokensPerDay") } },
      ...{ provider: openai, body: chat(1 << 10), response: whole(completion), runs: 2000 },
    })),
    { name: "metered stream", provider: openai, body: chat(1 << 10, asked), response: streamed(chatStream(chunks)), runs: 200 },
    {
      name: "metered stream, usage chunk hidden",
      provider: openai,
      body: chat(1 << 10, { stream: true }),
      response: streamed(chatStream(chunks)),
      runs: 200,
    },
    { name: "translated to Claude, 1 KB", provider: claude, body: chat(1 << 10), response: whole(message), runs: 2000 },
    {
      name: "translated stream from Claude",
      provider: claude,
      body: chat(1 << 10, asked),
      response: streamed(claudeStream(chunks)),
      runs: 200,
    },
    {
      name: "/v1/messages translated to OpenAI, 1 KB",
      provider: openai,
      path: MESSAGES,
      body: anthropic(),
      response: whole(completion),
      runs: 2000,
    },
    {
      name: "/v1/messages, translated stream from OpenAI",
      provider: openai,
      path: MESSAGES,
      body: anthropic({ stream: true }),
      response: streamed(chatStream(chunks)),
      runs: 200,
    },
    {
      name: "/v1/messages passed to Claude, stream",
      provider: claude,
      path: MESSAGES,
      body: anthropic({ stream: true }),
      response: streamed(claudeStream(chunks)),
      runs: 200,
    },
  ];
}

/** The scenario's configuration in `host`. Throws when the plugin refuses it. */
export function configure(host: Host, scenario: Scenario): Plugin {
  const plugin = host.configure(JSON.stringify({ provider: scenario.provider, ...scenario.config }));
  if (!plugin.ok) throw new Error(JSON.stringify(plugin.logs));
  return plugin;
}

/** A function that sends one exchange of the scenario, from its first header to the log callback. */
export function sender(plugin: Plugin, scenario: Scenario): () => void {
  const body = JSON.stringify(scenario.body);
  const request = { method: "POST", path: scenario.path ?? "/v1/chat/completions", headers: CLIENT_HEADERS, body };
  return () => {
    const exchange = plugin.exchange(request);
    if (exchange.upstream === null) throw new Error(`${scenario.name}: ${exchange.trap?.message ?? exchange.localReply?.text}`);
    exchange.respond({ status: 200, ...scenario.response });
    exchange.finish();
  };
}

/** Throws when the module trapped or did what no filter may. */
export function assertSound(host: Host): void {
  if (host.violations.length > 0 || host.traps.length > 0) throw new Error(JSON.stringify([host.violations[0], host.traps[0]]));
}
