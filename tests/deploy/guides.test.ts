// The guides: what they show is what deploy/ has or what Envoy takes, and what they promise happens in a real Envoy.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { PLUGIN_PATH } from "../../emulator/module";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { Upstream } from "../envoy/upstream";
import { documents, errorsOf, yamlBlocks } from "./resources";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const resourcesIn = (page: string) =>
  yamlBlocks(read(page))
    .flatMap((block) => documents(block, page))
    .map(({ object }) => object)
    .filter((object) => object?.kind);
const nameOf = ({ kind, metadata }: any) => `${kind} ${metadata.name}`;

describe("docs/envoy-gateway.md", () => {
  const shown = resourcesIn("docs/envoy-gateway.md");
  const whole = ["openai", "header-stop"].flatMap((name) => {
    const path = `deploy/envoy-gateway/${name}.yaml`;
    return documents(read(path), path).map(({ object }) => object);
  });

  it("shows resources that fit their schemas", () => {
    expect(shown.length).toBeGreaterThan(5);
    for (const object of shown) expect(errorsOf(object), nameOf(object)).toEqual([]);
  });

  it("shows those of deploy/envoy-gateway step by step, and leaves none out but the Gateway", () => {
    const own = (object: any) => object.kind !== "EnvoyProxy";
    const names = (objects: any[]) => objects.map(nameOf).sort();
    expect(names(shown.filter(own))).toEqual(names(whole.filter(({ kind }) => kind !== "Gateway")));
    for (const object of shown.filter(own)) expect(whole).toContainEqual(object);
  });

  it("patches the filter and the listener that Envoy Gateway makes of the policy and the Gateway", () => {
    const find = (kind: string) => whole.find((object) => object.kind === kind);
    const { namespace, name } = find("EnvoyExtensionPolicy").metadata;
    const gateway = find("Gateway");
    for (const { name: listener, operation } of find("EnvoyPatchPolicy").spec.jsonPatches) {
      expect(listener).toBe(`${gateway.metadata.namespace}/${gateway.metadata.name}/${gateway.spec.listeners[0].name}`);
      expect(operation.jsonPath).toContain(`'envoy.filters.http.wasm/envoyextensionpolicy/${namespace}/${name}/wasm/0'`);
    }
  });

  it("gives the route the host that the plugin writes", () => {
    const [route] = shown.filter(({ kind }) => kind === "HTTPRoute");
    const [backend] = shown.filter(({ kind }) => kind === "Backend");
    expect(route.spec.hostnames).toContain(backend.spec.endpoints[0].fqdn.hostname);
  });
});

describe("docs/istio.md", () => {
  it("shows resources that fit their schemas, and a WasmPlugin that needs no header stop", () => {
    const [plugin] = resourcesIn("docs/istio.md").filter(({ kind }) => kind === "WasmPlugin");
    expect(plugin.apiVersion).toBe("extensions.istio.io/v1alpha1");
    expect(plugin.spec.pluginConfig).toEqual(whole("deploy/envoy-gateway/openai.yaml", "EnvoyExtensionPolicy").spec.wasm[0].config);
  });
});

function whole(path: string, kind: string): any {
  return documents(read(path), path).find(({ object }) => object.kind === kind)?.object;
}

describe("docs/envoy.md", () => {
  const [start, ...steps] = yamlBlocks(read("docs/envoy.md"));
  const config = parse(start ?? "");
  const [listener] = config.static_resources.listeners;
  const manager = listener.filter_chains[0].filters[0].typed_config;
  const places: Record<string, (fragment: any) => void> = {
    "http_filters, before the router": (one) => manager.http_filters.splice(-1, 0, one),
    "http_filters, first": (one) => manager.http_filters.unshift(one),
    "in the listener": (one) => void Object.assign(listener, one),
    "in the route's action": (one) => void Object.assign(manager.route_config.virtual_hosts[0].routes[0].route, one),
    "in the connection manager": (one) => void Object.assign(manager, one),
  };
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-guide-"));
  const log = join(directory, "access.log");
  let upstream: Upstream;
  let envoy: EnvoyProcess;
  let url: string;

  beforeAll(async () => {
    upstream = await Upstream.start();
    for (const step of steps) {
      const place = /^# (.*)\n/.exec(step)?.[1] ?? "";
      expect(Object.keys(places)).toContain(place);
      places[place]?.(parse(step));
    }
    config.stats_config = parse(envoyConfig()).stats_config;
    // This machine in place of the guide's addresses and files.
    for (const address of [listener.address, config.admin.address]) address.socket_address.port_value = 0;
    manager.http_filters.at(-2).typed_config.config.vm_config.code.local.filename = PLUGIN_PATH;
    manager.access_log[0].typed_config.path = log;
    const [cluster] = config.static_resources.clusters;
    delete cluster.transport_socket;
    cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address = {
      address: "127.0.0.1",
      port_value: upstream.port,
    };
    const configPath = join(directory, "envoy.yaml");
    writeFileSync(configPath, stringify(config));
    envoy = new EnvoyProcess({ configPath, directory });
    await envoy.ready();
    url = `http://127.0.0.1:${(await envoy.ports()).ai}`;
  }, 90_000);

  afterAll(async () => {
    await envoy?.stop();
    await upstream?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
    fetch(`${url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  const chat = (content: string) => JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content }] });

  it("makes a gateway that maps the model, adds the key, and takes large, compressed and oddly written requests", async () => {
    for (const [path, body, headers] of [
      ["/v1/chat/completions", chat("Hello"), {}],
      ["/v1/chat/completions", chat("x".repeat(2 << 20)), {}],
      ["/v1/chat/completions", gzipSync(chat("Hello")), { "content-encoding": "gzip" }],
      ["//v1/x/../%63hat/completions", chat("Hello"), {}],
    ] as const) {
      const response = await post(path, body, headers);
      expect(response.status, path).toBe(200);
      expect(((await response.json()) as any).choices[0].message.content).toBe("pong");
    }
    for (const seen of upstream.seen) {
      expect(seen).toMatchObject({ path: "/v1/chat/completions", json: { model: "gpt-4o-mini" } });
      expect(seen.headers).toMatchObject({ host: "api.openai.com", authorization: "Bearer sk-replace-me" });
    }
    expect(upstream.seen).toHaveLength(4);
  });

  it("writes the log line and metrics with labels", async () => {
    await expect.poll(() => readAccessLog(log).length, { timeout: 15_000 }).toBe(4);
    expect(parseAiLog(readAccessLog(log)[0]?.ai_log)).toMatchObject({ request_model: "gpt-4o", provider: "openai", total_token: 2 });
    const page = async () => envoy.admin("/stats/prometheus");
    await expect.poll(page, { timeout: 15_000 }).toMatch(/^ai_proxy_requests_total\{[^}]*ai_route="ai"[^}]*ai_cluster="llm"/m);
  });
});
