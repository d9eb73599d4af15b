// deploy/istio in a real Envoy: the discovered filter configuration as Istio's agent hands it on, and the routes to providers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { ROOT, envoyPath } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { startMock } from "../../tools/mock-provider.mjs";
import { RESOURCES, wasmOf } from "./resources";
import { PLUGIN_PATH } from "../../emulator/module";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const byFile = (path: string) => RESOURCES.filter(({ where }) => where.startsWith(`${path}#`)).map(({ object }) => object);
const managerOf = (config: any) => config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
/** Puts a filter in the plugin's place. */
const place = (config: any, filter: any) => {
  const chain = managerOf(config).http_filters;
  chain[chain.findIndex((one: any) => one.name === "ai-proxy")] = filter;
};
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-istio-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("deploy/istio/oci.yaml", () => {
  const [filter] = byFile("deploy/istio/oci.yaml");
  const patch = (applyTo: string) => filter.spec.configPatches.find((one: any) => one.applyTo === applyTo).patch.value;

  it("has the settings of the file variant, and the reference of this version", () => {
    const [theirs] = byFile("deploy/istio.yaml");
    const settings = (value: any) => {
      const { allow_on_headers_stop_iteration, failure_policy, vm_config } = value.typed_config.config;
      return { allow_on_headers_stop_iteration, failure_policy, vm_id: vm_config.vm_id, runtime: vm_config.runtime };
    };
    expect(settings(wasmOf(filter))).toEqual(settings(wasmOf(theirs)));
    expect(settings(wasmOf(filter)).allow_on_headers_stop_iteration).toBe(true);
    expect(patch("LISTENER")).toEqual(theirs.spec.configPatches.find((one: any) => one.applyTo === "LISTENER").patch.value);
    const { version } = JSON.parse(read("package.json"));
    expect(wasmOf(filter).typed_config.config.vm_config.code.remote.http_uri.uri).toBe(
      `oci://registry.example.com/gateway/ai-proxy-wasm:${version}`,
    );
    expect(patch("HTTP_FILTER").name).toBe(patch("EXTENSION_CONFIG").name);
  });

  it("has only fields that Envoy knows, also where Istio's agent reads the image's address", () => {
    const path = join(directory, "remote.yaml");
    const said = (change: (remote: any) => void) => {
      const config = parse(envoyConfig({ ACCESS_LOG: join(directory, "remote.log") }));
      const { name, typed_config } = structuredClone(patch("EXTENSION_CONFIG"));
      change(typed_config.config.vm_config.code.remote);
      place(config, { name, typed_config });
      writeFileSync(path, stringify(config));
      return spawnSync(envoyPath(), ["--mode", "validate", "-c", path, "-l", "error"], { encoding: "utf8" }).stderr;
    };
    expect(said(() => {})).not.toMatch(/no such field|unknown field|constraint/i);
    expect(said((remote) => (remote.http_url = {}))).toMatch(/no such field|unknown field/i);
    expect(said((remote) => delete remote.sha256)).toMatch(/constraint/);
  });

  it("is served by Envoy over the discovery service, as Istio's agent hands it on", async () => {
    const mock = await startMock({ port: 0, log: () => {} });
    const extension = structuredClone(patch("EXTENSION_CONFIG"));
    // The agent's part: the image's address becomes the file that was in it.
    extension.typed_config.config.vm_config.code = { local: { filename: PLUGIN_PATH } };
    const ecds = join(directory, "ecds.yaml");
    const resource = { "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", ...extension };
    writeFileSync(ecds, stringify({ version_info: "1", resources: [resource] }));
    const config = parse(
      envoyConfig({ LISTEN_PORT: 0, ADMIN_PORT: 0, UPSTREAM_PORT: mock.port, ACCESS_LOG: join(directory, "istio.log") }),
    );
    const inserted = structuredClone(patch("HTTP_FILTER"));
    const { ads, ...kept } = inserted.config_discovery.config_source;
    expect(ads).toEqual({});
    inserted.config_discovery.config_source = { ...kept, path_config_source: { path: ecds } };
    place(config, inserted);
    Object.assign(config.static_resources.listeners[0], patch("LISTENER"));
    config.node = { id: "gateway", cluster: "gateway" };
    const configPath = join(directory, "istio.yaml");
    writeFileSync(configPath, stringify(config));
    const envoy = new EnvoyProcess({ configPath, directory });
    try {
      await envoy.ready();
      const url = `http://127.0.0.1:${(await envoy.ports()).ai}/v1/chat/completions`;
      const body = JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "x".repeat(2 << 20) }] });
      const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(15_000) });
      expect(response.status).toBe(200);
      expect(((await response.json()) as any).usage.total_tokens).toBeGreaterThan(1000);
      expect(envoy.log()).not.toContain("ai-proxy configuration:");
    } finally {
      await envoy.stop();
      await mock.close();
    }
  }, 60_000);
});

describe("deploy/istio/provider.yaml", () => {
  it("routes to hosts that have an entry and TLS, with weights that make 100", () => {
    const resources = byFile("deploy/istio/provider.yaml");
    const hosts = resources.filter((one) => one.kind === "ServiceEntry").flatMap((one) => one.spec.hosts);
    const secured = resources.filter((one) => one.kind === "DestinationRule" && one.spec.trafficPolicy.tls.sni === one.spec.host);
    const routes = resources.find((one) => one.kind === "VirtualService").spec.http[0].route;
    expect(secured.map((one) => one.spec.host)).toEqual(hosts);
    expect(routes.map((route: any) => route.destination.host)).toEqual(hosts);
    expect(routes.reduce((sum: number, route: any) => sum + route.weight, 0)).toBe(100);
    const config = JSON.parse(wasmOf(byFile("deploy/istio/oci.yaml")[0]).typed_config.config.configuration.value);
    expect(hosts).toEqual(expect.arrayContaining(config._rules_.flatMap((rule: any) => rule._match_service_)));
  });
});
