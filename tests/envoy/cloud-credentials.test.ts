// The files of deploy/envoy in which Envoy's own filters add the credentials: what arrives at the provider is signed, or carries a token
// that a server on loopback gave, and nothing of the client's or the plugin's.
import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { PLUGIN_PATH } from "../../emulator/module";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { send } from "./client";
import { REPLIES } from "./four-providers";
import { openaiReply } from "./providers";
import { Upstream, type Script, type SeenRequest } from "./upstream";

/** A file's Envoy, with a server on loopback in place of each cluster's host. */
class Cloud {
  private constructor(
    readonly servers: Record<string, Upstream>,
    readonly envoy: EnvoyProcess,
    readonly port: number,
    private readonly directory: string,
  ) {}

  /** `change`: what is other than in the file. */
  static async start(
    file: string,
    values: Record<string, string>,
    servers: Record<string, Upstream>,
    change: (config: any) => void = () => {},
  ): Promise<Cloud> {
    const directory = mkdtempSync(join(tmpdir(), "ai-proxy-cloud-"));
    const local = { ...LOCAL_VALUES, LISTEN_PORT: 0, ADMIN_PORT: 0, PLUGIN_WASM: PLUGIN_PATH, ACCESS_LOG: join(directory, "access.log") };
    const config = parse(fillTemplate(readFileSync(join(ROOT, file), "utf8"), { ...local, ...values }));
    change(config);
    for (const cluster of config.static_resources.clusters) {
      cluster.type = "STATIC";
      delete cluster.transport_socket;
      const address = { socket_address: { address: "127.0.0.1", port_value: servers[cluster.name].port } };
      cluster.load_assignment.endpoints = [{ lb_endpoints: [{ endpoint: { address } }] }];
      const options = Object.values<any>(cluster.typed_extension_protocol_options ?? {})[0];
      if (!options) continue;
      delete options.auto_config;
      options.explicit_http_config = { http_protocol_options: {} };
    }
    const configPath = join(directory, "envoy.yaml");
    writeFileSync(configPath, stringify(config));
    const envoy = new EnvoyProcess({ configPath, directory, concurrency: 2 });
    await envoy.ready();
    return new Cloud(servers, envoy, (await envoy.ports()).ai, directory);
  }

  async close(): Promise<void> {
    await this.envoy.stop();
    await Promise.all(Object.values(this.servers).map((server) => server.close()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function server(script: Script): Promise<Upstream> {
  const started = await Upstream.start();
  started.reset(script);
  return started;
}

/** What a client might send to be somebody else. */
const FORGED = {
  authorization: "Bearer the-clients-own",
  "x-api-key": "the-clients-own",
  "api-key": "the-clients-own",
  "x-goog-api-key": "the-clients-own",
  "x-amz-security-token": "the-clients-own",
  "x-amz-date": "20200101T000000Z",
};
const messages = [{ role: "user", content: "Hello" }];
const chat = (port: number, body: object = {}) => send(port, { headers: FORGED, body: { model: "m.x-v1:0", messages, ...body } });
const credentials = ({ headers }: SeenRequest) =>
  ["x-api-key", "api-key", "x-goog-api-key"].flatMap((name) => headers[name] ?? []).concat(headers.authorization ?? "none");

const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const escaped = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

/** The authorization that AWS works out for what arrived: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function awsAuthorization(request: SeenRequest, accessKey: string, secretKey: string, region: string): string {
  const names = /SignedHeaders=([^,]+)/.exec(request.headers.authorization)?.[1] ?? "";
  const date = request.headers["x-amz-date"];
  const [path, query = ""] = request.path.split("?");
  const canonical = [
    request.method,
    path.split("/").map(escaped).join("/"),
    query,
    ...names.split(";").map((name) => `${name}:${request.headers[name].trim()}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const scope = [date.slice(0, 8), region, "bedrock", "aws4_request"];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretKey}`) as Buffer;
  const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonical)].join("\n")).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`;
}

/** Gives Envoy these variables alone of AWS's, and none that lead off this machine. The function returned takes them back. */
function awsEnvironment(variables: Record<string, string>): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, variables, { AWS_EC2_METADATA_DISABLED: "true" });
  return () => {
    process.env = before;
  };
}

describe("deploy/envoy/bedrock-aws-signing.yaml", () => {
  const ROLE = { AccessKeyId: "ASIAROLEOFTHEPOD", SecretAccessKey: "secret/of+the/role", Token: "session//token==" };
  const POD_TOKEN = "token-of-the-pod";
  let cloud: Cloud;
  let restore: () => void;

  beforeAll(async () => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
    const agent = await server({ body: { ...ROLE, Expiration } });
    // As a pod on EKS (Pod Identity) or a task on ECS finds them.
    restore = awsEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${agent.port}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: POD_TOKEN,
    });
    const bedrock = await server(REPLIES.bedrock);
    cloud = await Cloud.start("deploy/envoy/bedrock-aws-signing.yaml", { AWS_REGION: "eu-west-1" }, { bedrock, agent });
    await vi.waitFor(() => expect(agent.seen.length).toBeGreaterThan(0), { timeout: 10_000 });
  }, 60_000);
  afterAll(async () => {
    restore?.();
    await cloud?.close();
  });
  beforeEach(() => cloud.servers.bedrock.reset(REPLIES.bedrock));

  const signed = () =>
    cloud.servers.bedrock.seen.map((one) => [
      one.headers.authorization,
      awsAuthorization(one, ROLE.AccessKeyId, ROLE.SecretAccessKey, "eu-west-1"),
    ]);

  it("requests and streams are signed by Envoy as they arrive: translated, at the model's path, with the role's session token", async () => {
    for (const stream of [false, true]) {
      const { status, text } = await chat(cloud.port, { stream });
      expect([status, text]).toEqual([200, expect.stringContaining("bedrock")]);
    }
    const { seen } = cloud.servers.bedrock;
    expect(seen.map((one) => one.path)).toEqual(["/model/m.x-v1%3A0/converse", "/model/m.x-v1%3A0/converse-stream"]);
    for (const [sent, worked] of signed()) expect(sent).toBe(worked);
    for (const { headers, body } of seen) {
      expect(headers.host).toBe("bedrock-runtime.eu-west-1.amazonaws.com");
      expect(headers["x-amz-security-token"]).toBe(ROLE.Token);
      expect(headers["x-amz-content-sha256"]).toBe(sha256(body));
      expect(JSON.stringify(headers)).not.toContain("the-clients-own");
    }
    expect(cloud.servers.agent.seen[0].headers.authorization).toBe(POD_TOKEN);
  }, 30_000);

  it("bodies of all sizes are signed whole", async () => {
    for (const size of [1, 100_000, 3_000_000]) {
      const { status } = await chat(cloud.port, { messages: [{ role: "user", content: "x".repeat(size) }] });
      expect(status).toBe(200);
    }
    expect(signed().map(([sent, worked]) => sent === worked)).toEqual([true, true, true]);
  }, 30_000);

  it("a signature of another body or key is not the one that arrived, so this test judges", async () => {
    await chat(cloud.port);
    const [one] = cloud.servers.bedrock.seen;
    expect(awsAuthorization(one, ROLE.AccessKeyId, "another", "eu-west-1")).not.toBe(one.headers.authorization);
    expect(awsAuthorization({ ...one, body: Buffer.from("{}") }, ROLE.AccessKeyId, ROLE.SecretAccessKey, "eu-west-1")).not.toBe(
      one.headers.authorization,
    );
  }, 30_000);
});

describe("the guard, with one provider that Envoy signs for and one with a key", () => {
  const KEYS = { AWS_ACCESS_KEY_ID: "AKIAOFTHEGATEWAY", AWS_SECRET_ACCESS_KEY: "secret/of+the/gateway" };
  const SIGNED = "deploy/envoy/bedrock-aws-signing.yaml";
  const RULES = [
    { _match_model_: ["m.*"], activeProviderId: "aws" },
    { _match_model_: ["gpt-*"], activeProviderId: "openai" },
  ];
  let cloud: Cloud;
  let restore: () => void;

  /** Two providers, each with its cluster, behind `route`; the second cluster has the router's usual filters alone. */
  const withOpenai = (route: object) => (config: any) => {
    const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
    manager.route_config.virtual_hosts[0].routes = [{ name: "all", match: { prefix: "/" }, route: { ...route, timeout: "0s" } }];
    const providers = [
      { id: "aws", cluster: "bedrock", type: "bedrock", awsRegion: "eu-west-1", envoyCredentials: true },
      { id: "openai", cluster: "openai", type: "openai", apiTokens: ["sk-of-openai"] },
    ];
    const wasm = manager.http_filters.find((one: any) => one.name === "ai-proxy").typed_config.config;
    wasm.configuration.value = JSON.stringify({ providers, _rules_: RULES });
    const { typed_extension_protocol_options: _signer, ...openai } = structuredClone(config.static_resources.clusters[0]);
    config.static_resources.clusters.push({ ...openai, name: "openai", load_assignment: { cluster_name: "openai", endpoints: [] } });
  };
  const start = async (route: object) => {
    const servers = { bedrock: await server(REPLIES.bedrock), openai: await server(openaiReply) };
    cloud = await Cloud.start(SIGNED, { AWS_REGION: "eu-west-1" }, servers, withOpenai(route));
  };
  beforeAll(() => {
    restore = awsEnvironment(KEYS);
  });
  afterAll(() => restore?.());
  afterEach(() => cloud?.close());

  it("each request reaches its provider with its own credentials, those that the guard tries out among them", async () => {
    await start({ cluster_header: "x-ai-proxy-cluster" });
    const models = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? "m.x-v1:0" : "gpt-4o"));
    const replies = await Promise.all(models.map((model, n) => chat(cloud.port, { model, stream: n % 4 > 1 })));
    for (const [n, { status, text }] of replies.entries())
      expect([status, text]).toEqual([200, expect.stringContaining(n % 2 === 0 ? "bedrock" : "openai")]);
    const { bedrock, openai } = cloud.servers;
    expect([bedrock.seen.length, openai.seen.length]).toEqual([20, 20]);
    for (const one of bedrock.seen) {
      const worked = awsAuthorization(one, KEYS.AWS_ACCESS_KEY_ID, KEYS.AWS_SECRET_ACCESS_KEY, "eu-west-1");
      expect(one.headers.authorization).toBe(worked);
      expect(JSON.stringify(one.headers)).not.toContain("sk-of-openai");
    }
    expect(openai.seen.map(credentials)).toEqual(Array(20).fill(["Bearer sk-of-openai"]));
    expect(openai.seen.flatMap(({ headers }) => Object.keys(headers).filter((name) => name.startsWith("x-amz-")))).toEqual([]);
    expect(JSON.stringify([...bedrock.seen, ...openai.seen].map((one) => one.headers))).not.toContain("the-clients-own");
  }, 60_000);

  it("a route that leads all of them to the cluster with the signer sends no key there", async () => {
    await start({ cluster: "bedrock" });
    for (let n = 0; n < 6; n++) {
      const aws = await chat(cloud.port);
      expect([aws.status, aws.text]).toEqual([200, expect.stringContaining("bedrock")]);
      const { status, text } = await chat(cloud.port, { model: "gpt-4o" });
      expect([status, text]).toEqual([500, expect.stringContaining("route_changed")]);
    }
    expect(cloud.servers.openai.seen).toEqual([]);
    expect(cloud.servers.bedrock.seen.length).toBe(6);
    expect(JSON.stringify(cloud.servers.bedrock.seen.map((one) => one.headers))).not.toContain("sk-of-openai");
  }, 60_000);
});

describe("deploy/envoy/vertex-gcp-authn.yaml", () => {
  let cloud: Cloud;
  beforeAll(async () => {
    const metadata = await server({ body: { access_token: "ya29.of-the-machine", expires_in: 3599, token_type: "Bearer" } });
    const vertex = await server(REPLIES.gemini);
    const values = { VERTEX_REGION: "us-central1", VERTEX_PROJECT: "my-project" };
    cloud = await Cloud.start("deploy/envoy/vertex-gcp-authn.yaml", values, { vertex, "gcp-metadata": metadata });
  }, 60_000);
  afterAll(() => cloud?.close());

  it("requests and streams carry the access token of the metadata server, fetched once and kept", async () => {
    for (let n = 0; n < 10; n++) {
      const { status, text } = await chat(cloud.port, { model: "gemini-2.5-pro", stream: n % 2 === 1 });
      expect([status, text]).toEqual([200, expect.stringMatching(/gem/)]);
    }
    const { vertex, "gcp-metadata": metadata } = cloud.servers;
    expect(vertex.seen.map(credentials)).toEqual(Array(10).fill(["Bearer ya29.of-the-machine"]));
    expect(new Set(vertex.seen.map((one) => one.headers.host))).toEqual(new Set(["us-central1-aiplatform.googleapis.com"]));
    expect(vertex.seen[0].path).toBe(
      "/v1/projects/my-project/locations/us-central1/publishers/google/models/gemini-2.5-pro:generateContent",
    );
    // Each worker asks for itself.
    expect(metadata.seen.length).toBeLessThanOrEqual(2);
    const [asked] = metadata.seen;
    expect([asked.method, asked.headers["metadata-flavor"]]).toEqual(["GET", "Google"]);
    expect(asked.path).toMatch(/^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token\?scopes=.*cloud-platform/);
  }, 30_000);
});

describe("a filter that gets no credentials", () => {
  it("gcp_authn and aws_request_signing send the request without any, the client's own neither", async () => {
    const [metadata, vertex, bedrock] = [await server({ status: 404 }), await server(REPLIES.gemini), await server(REPLIES.bedrock)];
    const values = { VERTEX_REGION: "us-central1", VERTEX_PROJECT: "my-project" };
    const google = await Cloud.start("deploy/envoy/vertex-gcp-authn.yaml", values, { vertex, "gcp-metadata": metadata });
    const restore = awsEnvironment({ HOME: "/nonexistent" });
    const amazon = await Cloud.start("deploy/envoy/bedrock-aws-signing.yaml", { AWS_REGION: "eu-west-1" }, { bedrock });
    restore();
    for (const cloud of [google, amazon]) expect((await chat(cloud.port)).status).toBe(200);
    expect([...vertex.seen, ...bedrock.seen].map(credentials)).toEqual([["none"], ["none"]]);
    await Promise.all([google.close(), amazon.close()]);
  }, 60_000);
});

describe("deploy/envoy/azure-entra.yaml", () => {
  const SECRET = "secret~of.the-application";
  let directory: string;
  let clouds: Cloud[] = [];
  const start = async (entraScript: Script) => {
    directory = mkdtempSync(join(tmpdir(), "ai-proxy-entra-"));
    const file = join(directory, "secret");
    writeFileSync(file, SECRET);
    const [entra, azure] = [await server(entraScript), await server(openaiReply)];
    const values = { AZURE_RESOURCE: "res", ENTRA_TENANT: "tenant-1", ENTRA_CLIENT_ID: "app-1", ENTRA_CLIENT_SECRET_FILE: file };
    const cloud = await Cloud.start("deploy/envoy/azure-entra.yaml", values, { azure, entra });
    clouds.push(cloud);
    return { cloud, azure, entra };
  };
  afterEach(async () => {
    for (const cloud of clouds) await cloud.close();
    clouds = [];
    rmSync(directory, { recursive: true, force: true });
  });

  it("requests and streams carry the token that Entra ID gives the application", async () => {
    const { cloud, azure, entra } = await start({ body: { access_token: "eyJ.of.entra", expires_in: 3599, token_type: "Bearer" } });
    await expect.poll(async () => (await chat(cloud.port)).status, { timeout: 15_000, interval: 500 }).toBe(200);
    azure.reset(openaiReply);
    for (let n = 0; n < 10; n++) {
      const { status, text } = await chat(cloud.port, { model: "gpt-4o", stream: n % 2 === 1 });
      expect([status, text]).toEqual([200, expect.stringContaining("openai")]);
    }
    expect(azure.seen.map(credentials)).toEqual(Array(10).fill(["Bearer eyJ.of.entra"]));
    expect(azure.seen[0].headers.host).toBe("res.openai.azure.com");
    expect(azure.seen[0].path).toMatch(/^\/openai\/deployments\/gpt-4o\/chat\/completions\?api-version=/);
    expect(entra.seen.length).toBeLessThanOrEqual(3);
    const [asked] = entra.seen;
    expect([asked.method, asked.path]).toEqual(["POST", "/tenant-1/oauth2/v2.0/token"]);
    expect(Object.fromEntries(new URLSearchParams(asked.text))).toEqual({
      grant_type: "client_credentials",
      client_id: "app-1",
      client_secret: SECRET,
      scope: "https://cognitiveservices.azure.com/.default",
    });
  }, 60_000);

  it("without a token nothing leaves: the client gets the filter's own 401", async () => {
    const { cloud, azure } = await start({ status: 401, body: { error: "invalid_client" } });
    const { status, text } = await chat(cloud.port);
    expect([status, text]).toEqual([401, "Failed to inject credential."]);
    expect(azure.seen).toEqual([]);
  }, 60_000);
});
