// The largest bodies that a configuration can let in, through everything that can be done with a body: nothing traps, and nothing needs
// more memory than Envoy gives a VM. Bodies that the gateway would have to rewrite are refused before that is begun.
import v8 from "node:v8";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX, MAX_REWRITTEN, WAYS, requestOf, type Way } from "../../bench/bodies";
import type { Host, Plugin } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

/** Envoy's limit of 1 GiB for a VM's memory (proxy-wasm-cpp-host, PROXY_WASM_HOST_MAX_WASM_MEMORY_SIZE_BYTES), in pages. */
v8.setFlagsFromString("--wasm-max-mem-pages=16384");

const MB = 1_000_000;
const LARGEST = 127 * MB;
const TIME_LIMIT_MS = 300_000;

let host: Host;

beforeAll(async () => {
  host = await loadPlugin({ logLevel: "critical" });
});

/** What became of the request; the VM must be alive after it. */
function outcome(plugin: Plugin, way: Way, shape: string, bytes: number): string {
  const exchange = plugin.exchange(requestOf(way, shape, bytes));
  const { localReply, upstream } = exchange;
  const response = localReply === null ? `sent ${upstream?.isComplete ? "whole" : "in part"}` : `${localReply.status}`;
  const code = localReply === null ? "" : ` ${(JSON.parse(localReply.text) as { error: { code?: string } }).error.code ?? ""}`;
  exchange.finish();
  expect(host.traps, `${way.name}, ${shape}`).toEqual([]);
  expect(host.violations).toEqual([]);
  expect(host.memoryBytes).toBeLessThanOrEqual(1 << 30);
  return response + code;
}

function start(way: Way, change: object = {}): Plugin {
  const plugin = host.configure(JSON.stringify({ ...way.config, provider: { ...way.config.provider, ...change } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return plugin;
}

/** Bytes of a shape that weigh just less than may be rewritten (assembly/provider/request-scan.ts). */
const HEAVIEST: Record<string, number> = {
  text: MAX_REWRITTEN - MB,
  escapes: MAX_REWRITTEN / 5 - MB,
  neighbours: (MAX_REWRITTEN / (32 + 3 * 256 + 256)) * 32 * 0.95,
  messagesText: MAX_REWRITTEN / 5 - MB,
  inputs: (MAX_REWRITTEN / (4 + 256)) * 4 * 0.95,
};

const isPassed = (way: Way) => /^passed(, strict roles|, embeddings)?$/.test(way.name);
const isSigned = (way: Way) => "awsAccessKey" in way.config.provider || "hunyuanAuthId" in way.config.provider;
// Each dialect once, and merging with those that copy the most.
const CHOSEN = WAYS.filter(({ name }) => !name.startsWith("translated and merged") || /dify|claude/.test(name));

describe("127 MB, with the largest limits that the schema allows", () => {
  it.each(CHOSEN)(
    "$name",
    (way) => {
      const plugin = start(way);
      const shape = way.takes[0];
      // Qwen speaks Messages itself, but not in its original API.
      const passes = isPassed(way) || (way.config.provider.type === "qwen" && way.path === "/v1/messages");
      expect(outcome(plugin, way, shape, LARGEST)).toBe(
        passes ? "sent whole" : way.path === "/v1/messages" ? "413 " : "413 request_too_large",
      );
      plugin.stop();
    },
    TIME_LIMIT_MS,
  );
});

describe("the heaviest that may be rewritten", () => {
  it.each(CHOSEN.filter((way) => !isPassed(way)))(
    "$name",
    (way) => {
      const plugin = start(way);
      for (const shape of way.takes.filter((one) => one in HEAVIEST)) {
        const bytes = isSigned(way) ? HEAVIEST[shape] / 4.2 : HEAVIEST[shape];
        expect(outcome(plugin, way, shape, bytes), shape).toMatch(/^(sent whole|400 .*)$/);
      }
      plugin.stop();
    },
    TIME_LIMIT_MS,
  );
});

describe("the defaults", () => {
  const claude = WAYS.find(({ name }) => name === "translated, claude")!;
  const merged = WAYS.find(({ name }) => name === "passed, merged")!;
  const passed = WAYS.find(({ name }) => name === "passed")!;
  const defaults = { maxRequestBytes: undefined, maxRewrittenBytes: undefined };

  it("refuse to rewrite what would keep the worker busy, and say which field decides", () => {
    for (const way of [claude, merged]) {
      const plugin = start(way, defaults);
      expect(outcome(plugin, way, "text", 34 * MB)).toBe("413 request_too_large");
      expect(outcome(plugin, way, "text", 30 * MB)).toBe("sent whole");
      // Dense bodies cost more for each byte.
      expect(outcome(plugin, way, "escapes", 8 * MB)).toBe("413 request_too_large");
      expect(outcome(plugin, way, "neighbours", 2 * MB)).toBe("413 request_too_large");
      expect(outcome(plugin, way, "numbers", 2 * MB)).toBe("413 request_too_large");
      const { localReply } = plugin.exchange(requestOf(way, "numbers", 2 * MB));
      expect(localReply?.text).toContain("provider.maxRewrittenBytes");
      plugin.stop();
    }
  });

  it("let pass what is only looked at", () => {
    const plugin = start(passed, defaults);
    expect(outcome(plugin, passed, "text", 100 * MB)).toBe("sent whole");
    expect(outcome(plugin, passed, "neighbours", 20 * MB)).toBe("sent whole");
    expect(outcome(plugin, passed, "text", MAX)).toBe("413 request_too_large");
    plugin.stop();
  });
});

describe("responses", () => {
  it.each(["claude", "gemini", "bedrock", "cohere"])("of 127 MB from %s are refused before they are read", (type) => {
    const way = WAYS.find(({ name }) => name === `translated, ${type}`)!;
    const plugin = start(way);
    const exchange = plugin.exchange(requestOf(way, "text", 1000));
    const piece = Buffer.alloc(16 << 20, "a");
    const client = exchange.respond({
      headers: { "content-type": "application/json" },
      chunks: [Buffer.from('{"a":"'), ...Array.from({ length: 7 }, () => piece), Buffer.from('"}')],
    });
    expect(client.status).toBe(503);
    exchange.finish();
    expect(host.traps).toEqual([]);
    plugin.stop();
  });
});
