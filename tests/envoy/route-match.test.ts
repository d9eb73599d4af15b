// What Envoy does with a route that matches by path or domain, once the plugin has written the provider's path and host.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import { bootstrap } from "./bootstrap";
import { send } from "./client";
import { Upstream } from "./upstream";

// Doubao's path is /api/v3/chat/completions.
const DOUBAO = { provider: { type: "doubao", apiTokens: ["k"] } };
const hosts = (domains: string[], ...prefixes: string[]) => [
  { name: "hosts", domains, routes: prefixes.map((prefix) => ({ match: { prefix }, route: { cluster: "c0", timeout: "0s" } })) },
];
const SETUPS = {
  "any path": hosts(["*"], "/"),
  "the client's prefix": hosts(["*"], "/v1/"),
  "the client's and the provider's": hosts(["*"], "/v1/", "/api/v3/"),
  "the client's domain": hosts(["gw.test"], "/"),
};

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-route-"));
let upstream: Upstream;
let envoy: EnvoyProcess;
let ports: Record<string, number>;

beforeAll(async () => {
  upstream = await Upstream.start();
  const plugins = Object.keys(SETUPS).map(() => ({ config: DOUBAO }));
  const config = bootstrap({ plugins, wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog: join(directory, "access.log") }) as any;
  Object.values(SETUPS).forEach((virtualHosts, index) => {
    config.static_resources.listeners[index].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts = virtualHosts;
  });
  const configPath = join(directory, "envoy.json");
  writeFileSync(configPath, JSON.stringify(config));
  envoy = new EnvoyProcess({ configPath, directory });
  await envoy.ready();
  ports = await envoy.ports();
}, 60_000);

afterAll(async () => {
  await envoy?.stop();
  await upstream?.close();
  rmSync(directory, { recursive: true, force: true });
});

it.each([
  ["any path", 200],
  ["the client's prefix", 404],
  ["the client's and the provider's", 200],
  ["the client's domain", 404],
])("a route for %s: %i", async (name, status) => {
  upstream.reset();
  const port = ports[`l${Object.keys(SETUPS).indexOf(name)}`];
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] });
  const response = await send(port, {
    path: "/v1/chat/completions",
    host: "gw.test",
    headers: { "content-type": "application/json" },
    body,
  });
  expect(response.status).toBe(status);
  if (status === 200) expect(upstream.seen.at(-1)).toMatchObject({ path: "/api/v3/chat/completions" });
});
