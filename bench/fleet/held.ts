// What a stream that is under way holds in the plugin's VM. Envoy's own memory of a stream is not in it.
import { Host } from "../../emulator/host";

const STREAMS = 4000;
const OPENAI_CHUNK = (at: number) =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"word${at} "},"finish_reason":null}]}\n\n`;
const CLAUDE_START =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":5,"output_tokens":1}}}\n\n' +
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';
const CLAUDE_CHUNK = (at: number) =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word${at} "}}\n\n`;

/** Pairs of a client and a provider: the provider's type, its first events, and each further one. */
const PAIRS: { name: string; type: string; path: string; start: string; chunk: (at: number) => string }[] = [
  { name: "chat client, OpenAI (metered)", type: "openai", path: "/v1/chat/completions", start: "", chunk: OPENAI_CHUNK },
  { name: "chat client, Claude (translated)", type: "claude", path: "/v1/chat/completions", start: CLAUDE_START, chunk: CLAUDE_CHUNK },
  { name: "Anthropic client, OpenAI (translated)", type: "openai", path: "/v1/messages", start: "", chunk: OPENAI_CHUNK },
  { name: "Responses client, Claude (translated twice)", type: "claude", path: "/v1/responses", start: CLAUDE_START, chunk: CLAUDE_CHUNK },
];

const bodyOf = (path: string) =>
  path.endsWith("responses")
    ? { model: "m", stream: true, store: false, input: "Hello" }
    : { model: "m", stream: true, max_tokens: 50, messages: [{ role: "user", content: "Hello" }] };

/** Opens many streams in one VM, lets each get three chunks, and divides what the VM has grown by. */
export async function heldStreams(module: WebAssembly.Module): Promise<{ name: string; kib: number }[]> {
  const found = [];
  for (const { name, type, path, start, chunk } of PAIRS) {
    const host = await Host.load(module, { logLevel: "critical" });
    const plugin = host.configure(JSON.stringify({ provider: { type, apiTokens: ["k"] } }));
    const request = { path, headers: { "content-type": "application/json" }, body: JSON.stringify(bodyOf(path)) };
    const before = host.memoryBytes;
    const open = Array.from({ length: STREAMS }, () => {
      const exchange = plugin.exchange(request);
      exchange.respondHeaders({ status: 200, headers: { "content-type": "text/event-stream" } });
      for (let at = 0; at < 3; at++) exchange.respondData((at === 0 ? start : "") + chunk(at));
      return exchange;
    });
    found.push({ name, kib: (host.memoryBytes - before) / STREAMS / 1024 });
    for (const exchange of open) exchange.abort();
    if (host.traps.length > 0) throw new Error(`${name}: a trap`);
  }
  return found;
}
