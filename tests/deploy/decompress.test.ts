// What deploy/envoy/envoy.yaml does before the plugin, in a real Envoy with the plugin and an upstream that records: coded bodies are
// decoded, so that models are mapped and tokens are counted, and paths are normalised, so that rules and limits see what the provider reads.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../../emulator/module";

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-decompress-"));
const accessLog = join(directory, "access.log");
const CHAT = {
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "zstd zstd zstd zstd zstd zstd zstd zstd" }],
};
const PLAIN = Buffer.from(JSON.stringify(CHAT));
/** The same bytes as the zstd command writes them (-19): Node 20 has no zstd. */
const ZSTD = Buffer.from(
  "KLUv/QRoFQIAYkQOEaDt1C2OV45NawQgAm5OQHVgtdQDFHt+HxvH5s7DIbf8npeDp2TfnEw3s4erpphwQ8SXvl+MHDsNAQACnBIFJDHhhw==",
  "base64",
);
const RESPONSE = { id: "c", object: "chat.completion", choices: [], usage: { prompt_tokens: 21, completion_tokens: 7, total_tokens: 28 } };

const arrived: { path?: string; headers: Record<string, unknown>; body: string }[] = [];
let upstream: Server;
let envoy: EnvoyProcess;
let port: number;

beforeAll(async () => {
  upstream = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const part of incoming) body += part;
    arrived.push({ path: incoming.url, headers: incoming.headers, body });
    outgoing.setHeader("content-type", "application/json").end(JSON.stringify(RESPONSE));
  });
  await new Promise<void>((done) => upstream.listen(0, "127.0.0.1", done));
  const values = { LISTEN_PORT: 0, ADMIN_PORT: 0, UPSTREAM_PORT: (upstream.address() as AddressInfo).port };
  const configPath = join(directory, "envoy.yaml");
  writeFileSync(configPath, envoyConfig({ ...values, PLUGIN_WASM: PLUGIN_PATH, ACCESS_LOG: accessLog }));
  envoy = new EnvoyProcess({ configPath, directory });
  await envoy.ready();
  port = (await envoy.ports()).ai;
}, 60_000);

afterAll(async () => {
  await envoy?.stop();
  await new Promise((done) => upstream?.close(done));
  rmSync(directory, { recursive: true, force: true });
});

/** Sends the path as it is written: fetch would normalise it. */
function send(path: string, headers: Record<string, string>, body: Buffer): Promise<{ status?: number; text: string }> {
  arrived.length = 0;
  return new Promise((done, fail) => {
    const sent = request({ port, host: "127.0.0.1", path, method: "POST", headers }, async (response) => {
      let text = "";
      for await (const part of response) text += part;
      done({ status: response.statusCode, text });
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

async function lastLog(lines: number): Promise<Record<string, unknown>> {
  for (let k = 0; k < 100 && readAccessLog(accessLog).length < lines; k++) await new Promise((done) => setTimeout(done, 100));
  const log = readAccessLog(accessLog);
  return parseAiLog(log[log.length - 1].ai_log) as Record<string, unknown>;
}

const lines = () => readAccessLog(accessLog).length;

describe("a coded body through envoy.yaml", () => {
  it.each([
    ["gzip", gzipSync(PLAIN)],
    ["br", brotliCompressSync(PLAIN)],
    ["zstd", ZSTD],
    ["identity", PLAIN],
  ])("of the coding %s is decoded, its model mapped and its tokens counted", async (coding, body) => {
    const before = lines();
    const headers = { "content-type": "application/json", "content-encoding": coding };
    expect((await send("/v1/chat/completions", headers, body)).text).toBe(JSON.stringify(RESPONSE));
    expect(arrived).toHaveLength(1);
    expect(JSON.parse(arrived[0].body)).toEqual({ ...CHAT, model: "mock-large" });
    expect(arrived[0].headers["accept-encoding"]).toBeUndefined();
    if (coding !== "identity") expect(arrived[0].headers["content-encoding"]).toBeUndefined();
    const log = await lastLog(before + 1);
    expect(log).toMatchObject({
      request_model: "gpt-4o-mini",
      model: "mock-large",
      input_token: 21,
      output_token: 7,
      usage_source: "reported",
    });
  });

  it("of a coding that has no decompressor is refused, and the refusal says what helps", async () => {
    const { status, text } = await send("/v1/chat/completions", { "content-encoding": "deflate" }, deflateSync(PLAIN));
    expect([status, arrived]).toEqual([415, []]);
    expect(JSON.parse(text).error).toMatchObject({
      code: "unsupported_content_encoding",
      message: expect.stringMatching(/deflate.*decompressor/),
    });
  });
});

describe("a path through envoy.yaml", () => {
  it.each([
    ["a percent-encoded letter", "/v1/%63hat/completions"],
    ["double slashes", "//v1//chat/completions"],
    ["dot segments", "/v1/x/../chat/./completions"],
    ["an encoded dot segment", "/v1/x/%2e%2e/chat/completions"],
  ])("with %s is plain when the plugin judges it", async (_, path) => {
    expect((await send(path, { "content-type": "application/json" }, PLAIN)).status).toBe(200);
    expect(arrived.map((one) => one.path)).toEqual(["/v1/chat/completions"]);
    expect(JSON.parse(arrived[0].body).model).toBe("mock-large");
  });

  it("that is left in two readings is refused by the plugin", async () => {
    for (const path of ["/v1/chat%2Fcompletions", "/v1/chat/completions/", "/v1/Chat/Completions", "/v1/%2563hat/completions"]) {
      const { status, text } = await send(path, { "content-type": "application/json" }, PLAIN);
      expect([path, status, JSON.parse(text).error.code, arrived]).toEqual([path, 400, "invalid_path", []]);
    }
  });

  it("keeps the encoded slash of a model's name", async () => {
    await send("/v1/models/meta-llama%2FLlama-3", {}, Buffer.alloc(0));
    expect(arrived.map((one) => one.path)).toEqual(["/v1/models/meta-llama%2FLlama-3"]);
  });
});
