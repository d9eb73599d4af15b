// What does not vary from machine to machine and must not grow unseen: the module's size, imports and exports, host calls and
// allocations of an exchange, memory after many. budgets.json holds the limits; raise one only with a reason in the commit.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { compiledBytes } from "../../tools/pack/budgets.mjs";
import { functionNames } from "../../tools/pack/names.mjs";
import { limits } from "../../bench/scenarios";
import type { Host } from "../../emulator/host";
import { loadPlugin, releasePath } from "../../emulator/module";

interface Budgets {
  moduleBytes: number;
  /** Bytes of code that V8 compiles in Envoy, with what it inlines, for each byte of the module. */
  compiledShare: number;
  imports: string[];
  exports: string[];
  hostCalls: Record<"whole" | "stream" | "perChunk" | "perTranslatedChunk" | "requestLimit" | "tokenLimit", number>;
  allocations: { whole: number; stream: number; perChunk: number };
  /** Of 64 KiB. */
  memoryPages: { small: number; limits: number; largeRequest: number; largeResponse: number };
}

const budgets = JSON.parse(readFileSync(join(ROOT, "tests/budgets/budgets.json"), "utf8")) as Budgets;

/** Proxy-Wasm 0.2.1 as stock Envoy 1.35 and later link it; a module that imports anything else is not loaded at all. */
const STOCK_ENVOY = [
  "log get_log_level get_current_time_nanoseconds set_tick_period_milliseconds get_property set_property",
  "get_header_map_pairs set_header_map_pairs get_header_map_value get_header_map_size add_header_map_value",
  "replace_header_map_value remove_header_map_value get_buffer_bytes get_buffer_status set_buffer_bytes",
  "send_local_response continue_stream close_stream http_call set_effective_context done call_foreign_function",
  "get_shared_data set_shared_data register_shared_queue resolve_shared_queue dequeue_shared_queue enqueue_shared_queue",
  "define_metric increment_metric record_metric get_metric grpc_call grpc_stream grpc_send grpc_cancel grpc_close get_status",
]
  .join(" ")
  .split(" ")
  .map((name) => `env.proxy_${name}`)
  .concat(["environ_get", "environ_sizes_get"].map((name) => `wasi_snapshot_preview1.${name}`));

const OPENAI = JSON.stringify({ provider: { type: "openai", apiTokens: ["k"], modelMapping: { "*": "up" } } });
const CLAUDE = JSON.stringify({ provider: { type: "claude", apiTokens: ["k"] } });
const KILOBYTE_CHAT = { model: "m", messages: [{ role: "user", content: "x".repeat(950) }] };
const WHOLE = JSON.stringify({
  id: "c",
  model: "up",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const CHUNK = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content: "a" } }] })}\n\n`;
const EVENT = `data: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a" } })}\n\n`;
const MEGABYTES = 10 << 20;

type Plugin = ReturnType<Host["configure"]>;

function exchange(plugin: Plugin, body: object, chunks: string[]): void {
  const sent = plugin.exchange({
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: "Bearer caller" },
    body: JSON.stringify(body),
  });
  const type = chunks[0].startsWith("data:") ? "text/event-stream" : "application/json";
  sent.respond({ headers: { "content-type": type }, chunks, endWithLastChunk: true });
  sent.finish();
}

/** Host calls and allocations of one exchange, after others like it have defined the metrics. */
async function count(config: string, body: object, chunks: string[]): Promise<{ calls: number; allocations: number }> {
  const host = await loadPlugin();
  const plugin = host.configure(config);
  const runs = Array.from({ length: 5 }, () => {
    host.resetCounts();
    exchange(plugin, body, chunks);
    return { calls: host.hostCallCount, allocations: host.allocations };
  });
  expect(host.violations).toEqual([]);
  // A collection of garbage, which falls into some exchange or other, reads the clock twice.
  const least = (values: number[]) => Math.min(...values);
  return { calls: least(runs.slice(2).map((one) => one.calls)), allocations: least(runs.slice(2).map((one) => one.allocations)) };
}

const names = (list: { module?: string; name: string }[]) =>
  list.map((one) => (one.module === undefined ? one.name : `${one.module}.${one.name}`)).sort();

const pages = (host: Host) => host.memoryBytes / (64 << 10);

const released = () => new WebAssembly.Module(readFileSync(releasePath()));

describe("the module", () => {
  it("is not larger than its ceiling", () => {
    expect(statSync(releasePath()).size).toBeLessThanOrEqual(budgets.moduleBytes);
  });

  it("leaves V8 little to inline: compiling is most of Envoy's start", () => {
    const binary = readFileSync(releasePath());
    expect(compiledBytes(binary) / binary.length).toBeLessThanOrEqual(budgets.compiledShare);
  });

  it("imports what is written down and nothing that stock Envoy lacks", () => {
    const imports = names(WebAssembly.Module.imports(released()));
    expect(imports.filter((name) => !STOCK_ENVOY.includes(name))).toEqual([]);
    expect(imports).toEqual(budgets.imports);
  });

  it("exports what is written down", () => {
    expect(names(WebAssembly.Module.exports(released()))).toEqual(budgets.exports);
  });

  it("carries names of its exports and of nothing else: with none at all, Envoy prints no backtrace", () => {
    const functions = WebAssembly.Module.exports(released()).filter(({ kind }) => kind === "function");
    expect([...functionNames(readFileSync(releasePath())).values()].sort()).toEqual(functions.map(({ name }) => name).sort());
  });
});

describe("host calls and allocations", () => {
  it("of a whole chat of 1 KB stay within their budget", async () => {
    const { calls, allocations } = await count(OPENAI, KILOBYTE_CHAT, [WHOLE]);
    expect(calls).toBeLessThanOrEqual(budgets.hostCalls.whole);
    expect(allocations).toBeLessThanOrEqual(budgets.allocations.whole);
  });

  it.each([
    ["that is passed on", { stream_options: { include_usage: true } }],
    ["whose usage chunk is hidden", {}],
  ])("of a stream %s grow by one for each chunk: its bytes are read, none are copied back", async (_name, options) => {
    const body = { ...KILOBYTE_CHAT, stream: true, ...options };
    const [short, long] = await Promise.all([10, 110].map((size) => count(OPENAI, body, Array<string>(size).fill(CHUNK))));
    expect((long.calls - short.calls) / 100).toBe(budgets.hostCalls.perChunk);
    expect((long.allocations - short.allocations) / 100).toBe(budgets.allocations.perChunk);
    expect(short.calls - 10 * budgets.hostCalls.perChunk).toBeLessThanOrEqual(budgets.hostCalls.stream);
    expect(short.allocations - 10).toBeLessThanOrEqual(budgets.allocations.stream);
  });

  it("of a translated stream grow by two for each chunk", async () => {
    const body = { ...KILOBYTE_CHAT, stream: true };
    const [short, long] = await Promise.all([10, 110].map((size) => count(CLAUDE, body, Array<string>(size).fill(EVENT))));
    expect((long.calls - short.calls) / 100).toBe(budgets.hostCalls.perTranslatedChunk);
  });
});

describe("limits", () => {
  const openai = JSON.parse(OPENAI) as object;
  const limited = (count: number, field: string) => JSON.stringify({ ...openai, limits: limits(count, field) });

  it.each([
    ["requestsPerDay", "requestLimit"],
    ["tokensPerDay", "tokenLimit"],
  ] as const)("of %s read and store no more often than they must", async (field, budget) => {
    const counts = [1, 11].map((count) => limited(count, field));
    const [one, many] = await Promise.all(counts.map((config) => count(config, KILOBYTE_CHAT, [WHOLE])));
    expect((many.calls - one.calls) / 10).toBe(budgets.hostCalls[budget]);
    // Three headers for the client, and the time when its body has come.
    expect(one.calls).toBeLessThanOrEqual(budgets.hostCalls.whole + budgets.hostCalls[budget] + 4);
    expect(many.allocations - one.allocations).toBeLessThanOrEqual(10 * budgets.hostCalls[budget]);
  });

  it("leave no garbage: a worker with a hundred of them stays small", async () => {
    const host = await loadPlugin();
    const plugin = host.configure(limited(100, "tokensPerDay"));
    for (let n = 0; n < 1500; n++) exchange(plugin, KILOBYTE_CHAT, [WHOLE]);
    expect(pages(host)).toBeLessThanOrEqual(budgets.memoryPages.limits);
    expect(host.violations).toEqual([]);
  });
});

describe("memory", () => {
  it("is flat over 20,000 requests, and nothing of them is left", async () => {
    const host = await loadPlugin();
    const plugins = [OPENAI, CLAUDE].map((config) => host.configure(config));
    const run = (requests: number) => {
      for (let n = 0; n < requests; n++) {
        const plugin = plugins[n % 2];
        if (n % 4 < 2) exchange(plugin, KILOBYTE_CHAT, [WHOLE]);
        else exchange(plugin, { ...KILOBYTE_CHAT, stream: true }, Array<string>(3).fill(n % 2 === 0 ? CHUNK : EVENT));
      }
    };
    run(2000);
    const early = pages(host);
    run(18_000);
    expect(pages(host)).toBe(early);
    expect(early).toBeLessThanOrEqual(budgets.memoryPages.small);
    expect(host.liveContexts).toHaveLength(plugins.length);
    expect(host.traps).toEqual([]);
  }, 60_000);

  it.each([
    ["requests", "largeRequest", { ...KILOBYTE_CHAT, messages: [{ role: "user", content: "x".repeat(MEGABYTES) }] }, WHOLE],
    ["responses", "largeResponse", KILOBYTE_CHAT, null],
  ] as const)(
    "is flat over %s of 10 MB, passed on and translated",
    async (_name, limit, body, response) => {
      const host = await loadPlugin();
      const plugins = [OPENAI, CLAUDE].map((config) => host.configure(config));
      const text = "y".repeat(MEGABYTES);
      const responses = [
        response ?? JSON.stringify({ choices: [{ message: { content: text } }], usage: { prompt_tokens: 1, completion_tokens: 1 } }),
        response ??
          JSON.stringify({ id: "i", model: "m", content: [{ type: "text", text }], usage: { input_tokens: 1, output_tokens: 1 } }),
      ];
      // What a worker makes once and keeps would else stand in the middle of what the first large exchange gives back.
      plugins.forEach((plugin) => exchange(plugin, KILOBYTE_CHAT, [WHOLE]));
      const both = () => plugins.forEach((plugin, index) => exchange(plugin, body, [responses[index]]));
      both();
      both();
      const early = pages(host);
      for (let n = 0; n < 6; n++) both();
      expect(pages(host)).toBe(early);
      expect(early).toBeLessThanOrEqual(budgets.memoryPages[limit]);
      expect(host.traps).toEqual([]);
    },
    60_000,
  );
});
