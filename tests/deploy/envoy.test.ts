// deploy/envoy and deploy/istio.yaml in a real Envoy, with the probe in the plugin's place: what operators copy must work.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { COMPOSE_VALUES, LOCAL_VALUES, envoyConfig, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT, envoyPath } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { startMock } from "../../tools/mock-provider.mjs";
import { probeWasm } from "../envoy/probe";
import { HIGRESS_COUNTERS, OWN_COUNTERS, OWN_HISTOGRAMS } from "./metric-names";

const OTEL_BUCKETS_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-deploy-"));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const managerOf = (config: any) => config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
const aiProxy = (config: any) => managerOf(config).http_filters.find((filter: any) => filter.name === "ai-proxy");

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Values for a configuration that is only validated: a test's standard output is no file that Envoy could open. */
const VALIDATED = { ACCESS_LOG: join(directory, "validated.log") };

/** What `envoy --mode validate` says; "" when it accepts. It loads and configures the module, too. */
function validate(config: string): string {
  const path = join(directory, "validated.yaml");
  writeFileSync(path, config);
  const run = spawnSync(envoyPath(), ["--mode", "validate", "-c", path, "-l", "error"], { encoding: "utf8" });
  return run.status === 0 ? "" : run.stderr + run.stdout;
}

describe("envoy.yaml", () => {
  it("is accepted by Envoy as filled for this machine and for docker-compose", () => {
    expect(validate(envoyConfig({ ...VALIDATED, PLUGIN_WASM: probeWasm() }))).toBe("");
    expect(validate(envoyConfig({ ...COMPOSE_VALUES, ...VALIDATED, PLUGIN_WASM: probeWasm() }))).toBe("");
  }, 60_000);

  it("is refused by Envoy when a key is misspelt, so the test above judges", () => {
    const broken = envoyConfig({ ...VALIDATED, PLUGIN_WASM: probeWasm() }).replace("failure_policy:", "failure_polisy:");
    expect(validate(broken)).toContain("failure_polisy");
  });

  it("explains every placeholder it has, and nothing is filled silently", () => {
    expect(() => fillTemplate("port: ${NOT_THERE}", LOCAL_VALUES)).toThrow("NOT_THERE");
    const comments = read("deploy/envoy/envoy.yaml")
      .split("\n")
      .filter((line) => line.startsWith("#"));
    for (const name of Object.keys(LOCAL_VALUES)) expect(comments.join("\n")).toContain(name);
  });

  it("carries a plugin configuration that is JSON", () => {
    const filter = aiProxy(parse(envoyConfig()));
    expect(JSON.parse(filter.typed_config.config.configuration.value)).toHaveProperty("provider.type", "openai");
  });

  it("works with the cluster of openai.yaml in place", () => {
    const config = parse(envoyConfig({ ...VALIDATED, PLUGIN_WASM: probeWasm() }));
    const cluster = parse(read("deploy/envoy/openai.yaml"));
    expect(cluster.name).toBe(config.static_resources.clusters[0].name);
    config.static_resources.clusters = [cluster];
    expect(validate(stringify(config))).toBe("");
  });
});

describe("istio.yaml", () => {
  it("patches in a filter that Envoy accepts, with the settings of envoy.yaml", () => {
    const patches = parse(read("deploy/istio.yaml")).spec.configPatches;
    const filter = patches.find((patch: any) => patch.applyTo === "HTTP_FILTER").patch.value;
    const listener = patches.find((patch: any) => patch.applyTo === "LISTENER").patch.value;
    const config = parse(envoyConfig(VALIDATED));
    const ours = aiProxy(config).typed_config.config;
    const theirs = filter.typed_config.config;
    expect(theirs.allow_on_headers_stop_iteration).toBe(true);
    expect([theirs.allow_on_headers_stop_iteration, theirs.failure_policy]).toEqual([
      ours.allow_on_headers_stop_iteration,
      ours.failure_policy,
    ]);
    expect(listener.per_connection_buffer_limit_bytes).toBe(config.static_resources.listeners[0].per_connection_buffer_limit_bytes);
    theirs.vm_config.code.local.filename = probeWasm();
    Object.assign(aiProxy(config), filter);
    expect(validate(stringify(config))).toBe("");
  });
});

describe("Envoy with envoy.yaml", () => {
  let envoy: EnvoyProcess;
  let mock: Awaited<ReturnType<typeof startMock>>;
  let url: string;
  const accessLog = join(directory, "access.log");

  beforeAll(async () => {
    mock = await startMock({ port: 0, log: () => {} });
    const values = { LISTEN_PORT: 0, ADMIN_PORT: 0, UPSTREAM_PORT: mock.port, PLUGIN_WASM: probeWasm(), ACCESS_LOG: accessLog };
    const configPath = join(directory, "envoy.yaml");
    // Histograms show after a flush only, by default every 5 s.
    writeFileSync(configPath, `${envoyConfig(values)}\nstats_flush_interval: 0.2s\n`);
    envoy = new EnvoyProcess({ configPath, directory });
    await envoy.ready();
    url = `http://127.0.0.1:${(await envoy.ports()).ai}`;
  }, 60_000);

  afterAll(async () => {
    await envoy?.stop();
    await mock?.close();
  });

  const post = (body: object) => fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(body) });

  it("lets a plugin hold the headers and take a body of 8 MiB", async () => {
    const response = await post({ model: "m", messages: [{ role: "user", content: "x".repeat(8 << 20) }] });
    expect(response.status).toBe(200);
    expect(((await response.json()) as any).usage.prompt_tokens).toBeGreaterThan((8 << 20) / 4);
  });

  it("starts a new VM after a trap", async () => {
    expect((await fetch(`${url}/trap`)).status).toBe(503);
    // Within a second of the last start the new VM waits (reload_config.backoff); with the default policy it never comes.
    const statuses = [];
    while (statuses.at(-1) !== 200 && statuses.length < 100) {
      await sleep(50);
      statuses.push((await fetch(`${url}/v1/models`)).status);
    }
    expect(statuses.at(-1)).toBe(200);
  });

  it("writes one JSON line per request with ai_log in it", async () => {
    await (await fetch(`${url}/v1/models?logged`)).text();
    let line: any;
    for (let n = 0; n < 50 && !line; n++) {
      await sleep(50);
      line = readAccessLog(accessLog).find((one) => one.path === "/v1/models?logged");
    }
    expect(line).toMatchObject({ method: "GET", response_code: 200, route_name: "ai" });
    expect(parseAiLog(line.ai_log)).toMatchObject({ model: "gpt-4o", input_token: 3 });
  });

  it("shows each metric on Prometheus' page with its labels", async () => {
    await (await post({ model: "m", messages: [] })).text();
    await sleep(500);
    const page = await envoy.admin("/stats/prometheus");
    const labels = 'ai_route="r%2E0",ai_cluster="llm",ai_model="gpt-4o",ai_consumer="none"';
    for (const name of HIGRESS_COUNTERS) expect(page).toContain(`\n${name}{${labels}} `);
    for (const name of OWN_COUNTERS)
      expect(page).toContain(`\n${name}{${name.includes("skipped") ? 'reason="encoding"' : `${labels},status_class="2xx"`}} `);
    for (const name of OWN_HISTOGRAMS) {
      expect(page).toContain(`\n${name}_count{${labels}} `);
      const bounds = [...page.matchAll(new RegExp(`^${name}_bucket\\{.*le="([^"]+)"\\} (\\d+)$`, "gm"))];
      expect(bounds.map((bound) => bound[1])).toEqual([
        ...OTEL_BUCKETS_SECONDS.map((seconds) => String(Math.round(seconds * 1000))),
        "+Inf",
      ]);
      // The probe records 1000 ms: in the bucket up to 1280, not in the one up to 640.
      const counts = Object.fromEntries(bounds.map((bound) => [bound[1], Number(bound[2])]));
      expect(counts["640"]).toBe(0);
      expect(counts["1280"]).toBeGreaterThan(0);
    }
  });
});
