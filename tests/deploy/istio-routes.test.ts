// deploy/istio/provider.yaml and oci.yaml as Istio makes Envoy's configuration of them (no Istio needed): requests are really sent.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { bootstrap } from "../envoy/bootstrap";
import { send } from "../envoy/client";
import { claudeReply, openaiReply } from "../envoy/providers";
import { Upstream } from "../envoy/upstream";
import { PLUGIN_PATH } from "../../emulator/module";
import { RESOURCES, wasmOf } from "./resources";

const byFile = (path: string) => RESOURCES.filter(({ where }) => where.startsWith(`${path}#`)).map(({ object }) => object);
const RESOURCES_HERE = byFile("deploy/istio/provider.yaml");
const ofKind = (kind: string) => RESOURCES_HERE.filter((one) => one.kind === kind);
/** Istio's name of the cluster of a service (networking.istio.io, read 2026-11). */
const clusterOf = ({ host, port }: any) => `outbound|${port.number}||${host}`;

/** The gateway's virtual hosts, one for each host of a VirtualService that the Gateway has too, named and matched as Istio does. */
function virtualHosts(services: any[], gateway: any): any[] {
  const [{ port, hosts }] = gateway.spec.servers;
  return services.flatMap(({ spec }) =>
    spec.hosts
      .filter((host: string) => hosts.includes(host))
      .map((host: string) => ({
        name: `${host}:${port.number}`,
        domains: [host, `${host}:*`],
        routes: spec.http.map(({ name, match, route, timeout }: any) => ({
          name,
          match: { prefix: match?.[0].uri.prefix ?? "/" },
          route:
            route.length === 1
              ? { cluster: clusterOf(route[0].destination), timeout }
              : {
                  weighted_clusters: { clusters: route.map((one: any) => ({ name: clusterOf(one.destination), weight: one.weight })) },
                  timeout,
                },
        })),
      })),
  );
}

describe("deploy/istio/provider.yaml with the plugin of oci.yaml", () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-istio-routes-"));
  const upstreams = new Map<string, Upstream>();
  let envoy: EnvoyProcess;
  let ports: Record<string, number>;

  beforeAll(async () => {
    const config = wasmOf(byFile("deploy/istio/oci.yaml")[0]).typed_config.config.configuration.value;
    const clusters = ofKind("ServiceEntry").map(({ spec }) => clusterOf({ host: spec.hosts[0], port: spec.ports[0] }));
    for (const cluster of clusters) upstreams.set(cluster, await Upstream.start());
    const plugins = clusters.map((cluster) => ({ config, cluster }));
    const made = bootstrap({ plugins, wasm: PLUGIN_PATH, upstreamPort: 9, accessLog: join(directory, "access.log") }) as any;
    const [mended, before] = made.static_resources.listeners.map((one: any) => one.filter_chains[0].filters[0].typed_config.route_config);
    const [gateway] = ofKind("Gateway");
    mended.virtual_hosts = virtualHosts(ofKind("VirtualService"), gateway);
    // What these files had until November 2026: the clients' host alone.
    before.virtual_hosts = virtualHosts(ofKind("VirtualService").slice(0, 1), gateway);
    for (const { name, load_assignment } of made.static_resources.clusters) {
      load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value = upstreams.get(name)!.port;
    }
    const configPath = join(directory, "envoy.json");
    writeFileSync(configPath, JSON.stringify(made));
    envoy = new EnvoyProcess({ configPath, directory, concurrency: 1 });
    await envoy.ready();
    ports = await envoy.ports();
  }, 60_000);

  afterAll(async () => {
    await envoy?.stop();
    for (const upstream of upstreams.values()) await upstream.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const upstreamOf = (host: string) => upstreams.get(`outbound|443||${host}`)!;
  const chat = (port: number) =>
    send(port, {
      host: "ai.example.com",
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer client" },
      body: { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] },
    });

  beforeEach(() => {
    upstreamOf("api.openai.com").reset(openaiReply);
    upstreamOf("api.anthropic.com").reset(claudeReply);
  });

  it("answers every request, each from the provider of its side of the weights and with that one's key", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 200; n++) statuses.push((await chat(ports.l0)).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const [openai, claude] = [upstreamOf("api.openai.com").seen, upstreamOf("api.anthropic.com").seen];
    expect(new Set(openai.map(({ headers }) => [headers.host, headers.authorization, headers["x-api-key"]].join()))).toEqual(
      new Set(["api.openai.com,Bearer sk-replace-me,"]),
    );
    expect(new Set(claude.map(({ headers }) => [headers.host, headers.authorization, headers["x-api-key"]].join()))).toEqual(
      new Set(["api.anthropic.com,,sk-ant-replace-me"]),
    );
    // 90 to 10 of 200: the bounds are missed once in some million runs.
    expect(claude.length).toBeGreaterThan(2);
    expect(claude.length).toBeLessThan(50);
    expect(openai.length + claude.length).toBe(200);
  }, 60_000);

  it("would refuse all of them without the providers' own VirtualServices", async () => {
    for (let n = 0; n < 20; n++) expect((await chat(ports.l1)).json().error.code).toBe("route_changed");
    expect([...upstreams.values()].flatMap(({ seen }) => seen)).toEqual([]);
  }, 60_000);
});
