// Secrets come from the environment of Envoy's process and are nowhere to be found afterwards but at the provider: not in
// logs of any level, metrics, admin pages, error bodies, nor in what is said about a configuration that is wrong.
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import { leaksOf } from "../leaks";
import { bootstrap } from "./bootstrap";
import { send, type ClientResponse } from "./client";
import { validateConfig } from "./lab";
import { Upstream, type SeenRequest } from "./upstream";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }) as string;

/** Variables of Envoy's process, all but the last two secret; a value for each field that the schema calls so. */
const VARIABLES: Record<string, string> = {
  TEST_OPENAI_KEY: "sk-secret-openai-4f1c9a",
  TEST_OPENAI_OTHER: "sk-secret-openai-other-77aa",
  TEST_CLAUDE_KEY: "sk-ant-secret-91bb02",
  TEST_AZURE_KEY: "azure-secret-5d2e",
  TEST_GEMINI_KEY: "AIza-secret-gemini-0c3d",
  TEST_AWS_ACCESS: "AKIASECRETACCESS0001",
  TEST_AWS_SECRET: "aws-secret-key-Zm9vYmFy-8812",
  TEST_AWS_SESSION: "session-token-IQoJb3JpZ2luX2VjE-4471",
  TEST_TENCENT_KEY: "tencent-secret-key-0123456789abc",
  TEST_KLING_ACCESS: "kling-access-key-made-up-2c7d",
  TEST_KLING_SECRET: "kling-secret-key-made-up-99f1",
  TEST_SERVICE_ACCOUNT: JSON.stringify({
    client_email: "gateway@project-1.iam.gserviceaccount.com",
    private_key_id: "key-1",
    private_key: PEM,
    token_uri: "https://oauth2.googleapis.com/token",
  }),
  TEST_CONSUMER_KEY: "gw-secret-consumer-0a1b2c",
  TEST_CONSUMER_OTHER: "gw-secret-consumer-other-3d4e",
  TEST_TENCENT_ID: "AKID-not-so-secret-but-36-characters",
  TEST_REGION: "eu-central-1",
};
const ACCESS_TOKEN = "ya29.secret-access-token-e1";
const CLIENT_KEY = "client-secret-key-31337";

const failover = { enabled: true, failureThreshold: 1, cooldownDuration: 60_000 };
const PROVIDERS: Record<string, object> = {
  openai: { type: "openai", apiTokens: ["${TEST_OPENAI_KEY}", "${TEST_OPENAI_OTHER}"], failover, tokenAffinity: "consumer" },
  claude: { type: "claude", apiTokens: ["${TEST_CLAUDE_KEY}"] },
  azure: { type: "azure", apiTokens: ["${TEST_AZURE_KEY}"], azureServiceUrl: "https://r.openai.azure.com?api-version=2025-01-01" },
  gemini: { type: "gemini", apiTokens: ["${TEST_GEMINI_KEY}"] },
  bedrock: {
    type: "bedrock",
    awsAccessKey: "${TEST_AWS_ACCESS}",
    awsSecretKey: "${TEST_AWS_SECRET}",
    awsSessionToken: "${TEST_AWS_SESSION}",
    awsRegion: "${TEST_REGION}",
  },
  hunyuan: { type: "hunyuan", hunyuanAuthId: "${TEST_TENCENT_ID}", hunyuanAuthKey: "${TEST_TENCENT_KEY}" },
  kling: { type: "kling", klingAccessKey: "${TEST_KLING_ACCESS}", klingSecretKey: "${TEST_KLING_SECRET}" },
  vertex: {
    type: "vertex",
    vertexAuthKey: "${TEST_SERVICE_ACCOUNT}",
    vertexRegion: "us-central1",
    vertexProjectId: "p",
    vertexAuthServiceName: "c0",
  },
};
const NAMES = Object.keys(PROVIDERS);
/** What a provider that has no chat is asked for. */
const OTHERS: Record<string, { path: string; text: string }> = {
  kling: { path: "/v1/videos", text: JSON.stringify({ model: "m", prompt: "A cat" }) },
};

/** A last listener asks for consumers' keys: plain, hashed, in headers and in the query. */
const HASHED = "gw-secret-hashed-consumer-5f6a";
const WRONG = "gw-secret-of-nobody-7b8c";
const GUARDED = {
  provider: { id: "guarded", ...PROVIDERS.openai },
  abnormal: { refusalsPerMinute: 2, promptBytes: 1024 },
  limits: [{ by: "token", requestsPerDay: 4 }],
  keys: ["authorization", "x-api-key", "apikey"],
  global_auth: true,
  consumers: [
    { name: "alice", credential: "${TEST_CONSUMER_KEY}", credentials: ["${TEST_CONSUMER_OTHER}"] },
    { name: "bob", credential: `sha256:${createHash("sha256").update(HASHED).digest("hex")}` },
  ],
};

/** Every text that must not be found, by what it is. */
const SECRETS: [string, string][] = [
  ...Object.entries(VARIABLES).filter(([name]) => !/REGION|TENCENT_ID|SERVICE_ACCOUNT/.test(name)),
  ["a line of the private key", PEM.split("\n")[3]],
  ["the access token", ACCESS_TOKEN],
  ["the client's key", CLIENT_KEY],
  ["a consumer's hashed key", HASHED],
  ["a key of nobody", WRONG],
];

const leaks = (text: string) => leaksOf(SECRETS, text);

describe("secrets from the environment", () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-secrets-"));
  const accessLog = join(directory, "access.log");
  const responses: ClientResponse[] = [];
  const guarded: ClientResponse[] = [];
  let guardedSeen: SeenRequest[] = [];
  let upstream: Upstream;
  let envoy: EnvoyProcess;
  let good: Record<string, SeenRequest>;
  let pages = "";

  beforeAll(async () => {
    Object.assign(process.env, VARIABLES);
    upstream = await Upstream.start();
    const plugins = NAMES.map((name) => ({ config: { provider: { id: name, ...PROVIDERS[name] } } }));
    plugins.push({ config: GUARDED } as any);
    const config = bootstrap({ plugins, wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog }) as any;
    for (const listener of config.static_resources.listeners) {
      const manager = listener.filter_chains[0].filters[0].typed_config;
      manager.http_filters[0].typed_config.config.vm_config.environment_variables = { host_env_keys: Object.keys(VARIABLES) };
      // Responses of the plugin's own are given the chance to leak, too.
      manager.access_log[0].typed_config.log_format.json_format.all =
        "%REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-PATH)% %REQ(X-MSE-CONSUMER)% %RESPONSE_CODE_DETAILS% %UPSTREAM_TRANSPORT_FAILURE_REASON% %FILTER_STATE(wasm.ai_log:PLAIN)%";
    }
    const configPath = join(directory, "envoy.json");
    writeFileSync(configPath, JSON.stringify(config));
    envoy = new EnvoyProcess({ configPath, directory, wasmLogLevel: "trace" });
    await envoy.ready();
    const ports = await envoy.ports();
    good = await callAll(ports, () => ({ body: {} }));
    await callAll(ports, () => ({ status: 401, body: { error: { message: "no such key" } } }));
    await callAll(ports, () => ({ status: 500, body: "<html>", headers: { "content-type": "text/html" } }));
    await callAll(ports, () => ({ body: { error: { message: "no such key", code: "invalid_api_key" } } }));
    await callAll(ports, () => ({ raw: "" }));
    await callAll(ports, () => ({ body: {} }), '{"model":"m","messages":[');
    await callAll(ports, () => ({ body: {} }), '{"messages":[]}');
    upstream.reset();
    for (const [key, path] of guardedCalls()) {
      const headers = { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) };
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "x".repeat(2000) }] });
      guarded.push(await send(ports[`l${NAMES.length}`], { path, headers, body }));
    }
    guardedSeen = upstream.seen;
    await sleep(500);
    const names = ["/stats", "/stats/prometheus", "/config_dump?include_eds", "/clusters", "/listeners", "/server_info", "/runtime"];
    pages = (await Promise.all(names.map((page) => envoy.admin(page)))).join("\n");
  }, 90_000);

  afterAll(async () => {
    await envoy?.stop();
    await upstream?.close();
    for (const name of Object.keys(VARIABLES)) delete process.env[name];
    rmSync(directory, { recursive: true, force: true });
  });

  /** Keys for the bearer header, and paths with the key in the query instead. Two wrong ones in a row are a burst, and so on. */
  function guardedCalls(): [key: string, path: string][] {
    const chat = "/v1/chat/completions";
    const { TEST_CONSUMER_KEY: key, TEST_CONSUMER_OTHER: other } = VARIABLES;
    const inQuery = [`${chat}?apikey=${key}`, `${chat}?a=1&apikey=${other}&b=2`, `${chat}?apikey=${HASHED}`];
    return [
      ...[key, other, HASHED, WRONG, WRONG, WRONG].map((one): [string, string] => [one, chat]),
      ...inQuery.map((path): [string, string] => ["", path]),
      ...Array.from({ length: 6 }, (): [string, string] => [key, chat]),
    ];
  }

  /** One call of each provider; what the provider saw. */
  async function callAll(ports: Record<string, number>, reply: () => object, body?: string): Promise<Record<string, SeenRequest>> {
    const isToken = (request: SeenRequest) => request.path === "/token";
    upstream.reset((request) =>
      isToken(request) ? { body: { access_token: ACCESS_TOKEN, expires_in: 3600, token_type: "Bearer" } } : reply(),
    );
    const seen: Record<string, SeenRequest> = {};
    for (const [index, name] of NAMES.entries()) {
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${CLIENT_KEY}`,
        "x-api-key": CLIENT_KEY,
        "x-mse-consumer": "alice",
      };
      const { path, text } = OTHERS[name] ?? {
        path: undefined,
        text: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] }),
      };
      responses.push(await send(ports[`l${index}`], { path, headers, body: body ?? text }));
      const last = upstream.seen.filter((request) => !isToken(request)).at(-1);
      if (last) seen[name] = last;
    }
    return seen;
  }

  it("reach the providers", () => {
    expect(Object.keys(good)).toEqual(NAMES);
    expect([`Bearer ${VARIABLES.TEST_OPENAI_KEY}`, `Bearer ${VARIABLES.TEST_OPENAI_OTHER}`]).toContain(good.openai.headers.authorization);
    expect(good.claude.headers["x-api-key"]).toBe(VARIABLES.TEST_CLAUDE_KEY);
    expect(good.azure.headers["api-key"]).toBe(VARIABLES.TEST_AZURE_KEY);
    expect(good.gemini.headers["x-goog-api-key"]).toBe(VARIABLES.TEST_GEMINI_KEY);
    expect(good.bedrock.headers.authorization).toContain(`Credential=${VARIABLES.TEST_AWS_ACCESS}/`);
    expect(good.bedrock.headers.host).toBe("bedrock-runtime.eu-central-1.amazonaws.com");
    expect(good.hunyuan.headers.authorization).toContain(`Credential=${VARIABLES.TEST_TENCENT_ID}/`);
    expect(JSON.parse(Buffer.from(String(good.kling.headers.authorization).split(".")[1], "base64url").toString())).toMatchObject({
      iss: VARIABLES.TEST_KLING_ACCESS,
    });
    expect(good.vertex.headers.authorization).toBe(`Bearer ${ACCESS_TOKEN}`);
  });

  it("stay out of every response to a client, good or bad", () => {
    expect(responses).toHaveLength(7 * NAMES.length);
    expect(new Set(responses.map((one) => Math.floor(one.status / 100)))).toEqual(new Set([2, 4, 5]));
    expect(guarded.map((one) => one.status).sort()).toEqual([...Array(8).fill(200), 401, 401, 401, ...Array(4).fill(429)]);
    for (const response of [...responses, ...guarded]) expect(leaks(JSON.stringify(response.headers) + response.text)).toEqual([]);
  });

  it("of consumers reach no provider: keys are taken out of headers and query", () => {
    expect(guardedSeen).toHaveLength(8);
    expect(guardedSeen.map((one) => one.path)).toContain("/v1/chat/completions?a=1&b=2");
    for (const one of guardedSeen) {
      expect(leaks(one.path + one.body)).toEqual([]);
      expect(leaks(JSON.stringify(one.headers))).toEqual([expect.stringMatching(/^TEST_OPENAI_(KEY|OTHER)$/)]);
    }
  });

  it("are of every field that the schema calls secret", () => {
    const schema = readFileSync(join(ROOT, "schema/config.schema.json"), "utf8");
    const fields = [...schema.matchAll(/"(\w+)": \{[^\n]*"x-secret": true/g)].map((match) => match[1]);
    expect(fields.length).toBeGreaterThan(5);
    const used = JSON.stringify([Object.values(PROVIDERS), GUARDED]);
    for (const field of fields) expect(used).toContain(`"${field}":`);
  });

  it("stay out of Envoy's log at level trace of the plugin, and of the access log", () => {
    const log = envoy.log();
    expect(log).toContain("is out of use for");
    expect(leaks(log)).toEqual([]);
    const access = readFileSync(accessLog, "utf8");
    expect(access.split("\n").length).toBeGreaterThan(7 * NAMES.length);
    for (const signal of ["burst_401", "burst_429", "large_prompt"]) expect(access).toContain(signal);
    expect(leaks(access)).toEqual([]);
  });

  it("stay out of metrics and admin pages: /config_dump has the variables' names only", () => {
    expect(pages).toContain("TEST_OPENAI_KEY");
    expect(pages).toMatch(/wasmcustom\./);
    expect(pages).toMatch(/ai_proxy_abnormal_total\{[^}]*signal="burst_401"/);
    expect(pages).toMatch(/ai_consumer="bob"/);
    expect(leaks(pages)).toEqual([]);
  });

  it("are found by this test where they are", () => {
    const upstreams = JSON.stringify(Object.values(good).map((request) => request.headers));
    expect(leaks(upstreams)).toEqual(expect.arrayContaining(["TEST_CLAUDE_KEY", "TEST_AZURE_KEY", "TEST_GEMINI_KEY", "the access token"]));
    expect(leaks(JSON.stringify({ text: PEM }))).toEqual(["a line of the private key"]);
    for (const before of ["", "a", "ab", "abc"]) {
      const text = Buffer.from(`${before}${VARIABLES.TEST_CLAUDE_KEY}:more`);
      for (const form of ["base64", "base64url", "hex"] as const) expect(leaks(text.toString(form))).toEqual(["TEST_CLAUDE_KEY"]);
    }
  });
});

describe("a configuration that is refused", () => {
  const KEY = VARIABLES.TEST_OPENAI_KEY;
  it.each<[string, object | string]>([
    ["a key with a line end", { provider: { type: "openai", apiTokens: [`${KEY}\n`] } }],
    ["a key that is no list", { provider: { type: "openai", apiTokens: KEY } }],
    ["a key that is a number's place", { provider: { type: "openai", apiTokens: [KEY], timeout: KEY } }],
    ["a key in place of a host", { provider: { type: "openai", apiTokens: ["k"], providerDomain: `https://${KEY}` } }],
    ["a key of the wrong length", { provider: { type: "hunyuan", hunyuanAuthId: KEY, hunyuanAuthKey: KEY } }],
    [
      "an account that is no JSON",
      {
        provider: {
          type: "vertex",
          vertexAuthKey: `{"private_key":"${KEY}`,
          vertexRegion: "r",
          vertexProjectId: "p",
          vertexAuthServiceName: "s",
        },
      },
    ],
    ["JSON that breaks off in a key", `{"provider":{"type":"openai","apiTokens":["${KEY}`],
    ["a variable that is not set", { provider: { type: "openai", apiTokens: ["${TEST_NOT_SET}", KEY] } }],
  ])("is described without the secret in it: %s", (_name, config) => {
    const { isAccepted, log } = validateConfig(config, PLUGIN_PATH);
    expect(isAccepted).toBe(false);
    expect(log).toContain("ai-proxy configuration");
    expect(leaks(log)).toEqual([]);
  });

  it("names the variable that is missing", () => {
    const { log } = validateConfig({ provider: { type: "openai", apiTokens: ["k", "${TEST_NOT_SET}"] } }, PLUGIN_PATH);
    expect(log).toContain('/provider/apiTokens/1: the environment variable "TEST_NOT_SET" is not set');
  });
});
