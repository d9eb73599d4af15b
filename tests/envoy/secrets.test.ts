// Secrets come from the environment of Envoy's process and are nowhere to be found afterwards but at the provider: not in
// logs of any level, metrics, admin pages, error bodies, nor in what is said about a configuration that is wrong.
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../host/module";
import { bootstrap } from "./bootstrap";
import { send, type Answer } from "./client";
import { validateConfig } from "./lab";
import { Upstream, type SeenRequest } from "./upstream";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }) as string;

/** Variables of Envoy's process, all but the last two secret. */
const VARIABLES: Record<string, string> = {
  TEST_OPENAI_KEY: "sk-secret-openai-4f1c9a",
  TEST_OPENAI_OTHER: "sk-secret-openai-other-77aa",
  TEST_CLAUDE_KEY: "sk-ant-secret-91bb02",
  TEST_AZURE_KEY: "azure-secret-5d2e",
  TEST_GEMINI_KEY: "AIza-secret-gemini-0c3d",
  TEST_AWS_ACCESS: "AKIASECRETACCESS0001",
  TEST_AWS_SECRET: "aws-secret-key-Zm9vYmFy-8812",
  TEST_TENCENT_KEY: "tencent-secret-key-0123456789abc",
  TEST_SERVICE_ACCOUNT: JSON.stringify({
    client_email: "gateway@project-1.iam.gserviceaccount.com",
    private_key_id: "key-1",
    private_key: PEM,
    token_uri: "https://oauth2.googleapis.com/token",
  }),
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
  bedrock: { type: "bedrock", awsAccessKey: "${TEST_AWS_ACCESS}", awsSecretKey: "${TEST_AWS_SECRET}", awsRegion: "${TEST_REGION}" },
  hunyuan: { type: "hunyuan", hunyuanAuthId: "${TEST_TENCENT_ID}", hunyuanAuthKey: "${TEST_TENCENT_KEY}" },
  vertex: {
    type: "vertex",
    vertexAuthKey: "${TEST_SERVICE_ACCOUNT}",
    vertexRegion: "us-central1",
    vertexProjectId: "p",
    vertexAuthServiceName: "c0",
  },
};
const NAMES = Object.keys(PROVIDERS);

/** Every text that must not be found, by what it is. */
const SECRETS: [string, string][] = [
  ...Object.entries(VARIABLES).filter(([name]) => !/REGION|TENCENT_ID|SERVICE_ACCOUNT/.test(name)),
  ["a line of the private key", PEM.split("\n")[3]],
  ["the access token", ACCESS_TOKEN],
  ["the client's key", CLIENT_KEY],
];

/** Names of the secrets that stand in `text`, as they are or as JSON, percent-encoded or in base64. */
function leaks(text: string): string[] {
  const forms = (secret: string) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1),
  ];
  return SECRETS.filter(([, secret]) => forms(secret).some((form) => text.includes(form))).map(([name]) => name);
}

describe("secrets from the environment", () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-secrets-"));
  const accessLog = join(directory, "access.log");
  const answers: Answer[] = [];
  let upstream: Upstream;
  let envoy: EnvoyProcess;
  let good: Record<string, SeenRequest>;
  let pages = "";

  beforeAll(async () => {
    Object.assign(process.env, VARIABLES);
    upstream = await Upstream.start();
    const plugins = NAMES.map((name) => ({ config: { provider: { id: name, ...PROVIDERS[name] } } }));
    const config = bootstrap({ plugins, wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog }) as any;
    for (const listener of config.static_resources.listeners) {
      const manager = listener.filter_chains[0].filters[0].typed_config;
      manager.http_filters[0].typed_config.config.vm_config.environment_variables = { host_env_keys: Object.keys(VARIABLES) };
      // Answers of the plugin's own are given the chance to leak, too.
      manager.access_log[0].typed_config.log_format.json_format.all =
        "%RESPONSE_CODE_DETAILS% %UPSTREAM_TRANSPORT_FAILURE_REASON% %FILTER_STATE(wasm.ai_log:PLAIN)%";
    }
    const configPath = join(directory, "envoy.json");
    writeFileSync(configPath, JSON.stringify(config));
    envoy = new EnvoyProcess({ configPath, directory, wasmLogLevel: "trace" });
    await envoy.ready();
    const ports = await envoy.ports();
    good = await callAll(ports, () => ({ body: {} }));
    await callAll(ports, () => ({ status: 401, body: { error: { message: "no such key" } } }));
    await callAll(ports, () => ({ status: 500, body: "<html>", headers: { "content-type": "text/html" } }));
    await callAll(ports, () => ({ raw: "" }));
    await callAll(ports, () => ({ body: {} }), '{"model":"m","messages":[');
    await callAll(ports, () => ({ body: {} }), '{"messages":[]}');
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
      const text = body ?? JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] });
      answers.push(await send(ports[`l${index}`], { headers, body: text }));
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
    expect(good.vertex.headers.authorization).toBe(`Bearer ${ACCESS_TOKEN}`);
  });

  it("stay out of every answer to a client, good or bad", () => {
    expect(answers).toHaveLength(6 * NAMES.length);
    expect(new Set(answers.map((one) => Math.floor(one.status / 100)))).toEqual(new Set([2, 4, 5]));
    for (const answer of answers) expect(leaks(JSON.stringify(answer.headers) + answer.text)).toEqual([]);
  });

  it("stay out of Envoy's log at level trace of the plugin, and of the access log", () => {
    const log = envoy.log();
    expect(log).toContain("is out of use for");
    expect(leaks(log)).toEqual([]);
    const access = readFileSync(accessLog, "utf8");
    expect(access.split("\n").length).toBeGreaterThan(6 * NAMES.length);
    expect(leaks(access)).toEqual([]);
  });

  it("stay out of metrics and admin pages: /config_dump has the variables' names only", () => {
    expect(pages).toContain("TEST_OPENAI_KEY");
    expect(pages).toMatch(/wasmcustom\./);
    expect(leaks(pages)).toEqual([]);
  });

  it("are found by this test where they are", () => {
    const upstreams = JSON.stringify(Object.values(good).map((request) => request.headers));
    expect(leaks(upstreams)).toEqual(expect.arrayContaining(["TEST_CLAUDE_KEY", "TEST_AZURE_KEY", "TEST_GEMINI_KEY", "the access token"]));
    expect(leaks(JSON.stringify({ text: PEM }))).toEqual(["a line of the private key"]);
    expect(leaks(Buffer.from(VARIABLES.TEST_CLAUDE_KEY).toString("base64"))).toEqual(["TEST_CLAUDE_KEY"]);
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
