// Debian's Prometheus in front of a real Envoy with the plugin, under a mixed load: every query of the dashboard, of the
// rules and of docs/metrics.md is run, and one alert really fires. Rules are unit tested by promtool as well.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { startMetricsLab } from "../../tools/metrics-lab.mjs";
import { Prometheus, fillVariables, installPrometheus, promtool } from "../../tools/prometheus.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import {
  GAUGES,
  GEN_AI_HISTOGRAMS,
  HIGRESS_COUNTERS,
  LABELS,
  HIGRESS_SIGNALS,
  NEWER_COUNTERS,
  OVERHEAD,
  OWN_COUNTERS,
  OWN_HISTOGRAMS,
  seriesIn,
} from "./metric-names";

const WINDOW = "8s";
/** From the first request to the first query: a window full of scrapes. */
const WARM_UP_MS = 10_000;
const ALERT_LIMIT_MS = 20_000;
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const dashboard = JSON.parse(read("deploy/grafana/dashboard.json"));
const rules = read("deploy/prometheus/rules.yaml");
const alerts: { alert: string; expr: string }[] = parse(rules).groups.flatMap((group: any) =>
  group.rules.filter((rule: any) => rule.alert),
);
const targets: { title: string; expr: string }[] = dashboard.panels.flatMap((panel: any) =>
  (panel.targets ?? []).map((target: any) => ({ title: panel.title, expr: target.expr })),
);
const variables: { name: string; query: string }[] = dashboard.templating.list
  .filter((variable: any) => variable.type === "query")
  .map((variable: any) => ({ name: variable.name, query: variable.query.query }));
const documented = [...read("docs/metrics.md").matchAll(/```promql\n([^`]+)```/g)].flatMap((block) =>
  (block[1] ?? "").split(/\n\n/).map((expr) => expr.replace(/^#.*\n/gm, "").trim()),
);

/** The rules with windows and waits of seconds: what they say of a minute they say here of a second. */
const hasty = rules.replace(/\[\d+m\]/g, `[${WINDOW}]`).replace(/for: \d+m/g, "for: 1s");

const missing = installPrometheus();
const isUsable = missing === "" || process.env.CI !== undefined;

describe.skipIf(!isUsable)(`Prometheus${isUsable ? "" : ` (${missing})`}`, () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-prometheus-"));
  let lab: Awaited<ReturnType<typeof startMetricsLab>>;
  let prometheus: Prometheus;

  beforeAll(async () => {
    lab = await startMetricsLab({ directory, wasm: PLUGIN_PATH });
    prometheus = await Prometheus.start({ directory, target: lab.adminAddress, rules: hasty });
    lab.load();
    await sleep(WARM_UP_MS);
  }, 60_000);

  afterAll(async () => {
    await lab?.close();
    await prometheus?.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 30_000);

  /** Samples that are numbers: a quantile of nothing is NaN. */
  const samples = async (expression: string) => (await prometheus.query(expression)).filter((one) => Number.isFinite(one.value));

  it("scrapes Envoy's page without an error", async () => {
    expect((await prometheus.query("up")).map((one) => one.value)).toEqual([1]);
    expect(await samples("scrape_samples_scraped > 100")).toHaveLength(1);
  });

  it("was given a load of good, bad, refused and broken off requests", async () => {
    for (const status of [200, 400, 401, 403, 429, 500, 502]) expect(lab.statuses.get(status) ?? 0, `status ${status}`).toBeGreaterThan(0);
    const errors = await prometheus.api("label/error/values");
    expect(errors).toEqual(expect.arrayContaining(["aborted", "invalid_json", "provider_error", "upstream_unreachable"]));
  });

  it.each(targets)("has data for the dashboard: $title: $expr", async ({ expr }) => {
    expect(await samples(fillVariables(expr, WINDOW))).not.toEqual([]);
  });

  it.each(variables)("has values to choose from for the variable $name", async ({ query }) => {
    const [, series, label] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
    expect(await prometheus.api(`label/${label}/values`, { "match[]": series ?? "" })).not.toEqual([]);
  });

  it("has every documented metric, with no label but the documented ones", async () => {
    const histograms = [...OWN_HISTOGRAMS, OVERHEAD, ...Object.keys(GEN_AI_HISTOGRAMS)].map((name) => `${name}_bucket`);
    for (const name of [...HIGRESS_COUNTERS, ...OWN_COUNTERS, ...NEWER_COUNTERS, ...GAUGES, ...histograms]) {
      const found = await prometheus.query(name);
      expect(found, name).not.toEqual([]);
      const labels = new Set(found.flatMap((one) => Object.keys(one.labels)));
      expect(
        [...labels].filter((label) => !LABELS.has(label) && !["__name__", "job"].includes(label)),
        name,
      ).toEqual([]);
    }
  });

  it("has the abnormal signals by consumer, in both families", async () => {
    const found = await prometheus.query("sum by (ai_consumer, signal) (ai_proxy_abnormal_total)");
    const seen = Object.fromEntries(found.map(({ labels, value }) => [`${labels.ai_consumer} ${labels.signal}`, value]));
    expect(Object.keys(seen).sort()).toEqual(["eve unknown_model", "mallory burst_429", "team.search large_prompt"]);
    for (const signal of ["burst_429", "unknown_model", "large_prompt"]) {
      const name = HIGRESS_SIGNALS.find((one) => one.endsWith(signal)) ?? "";
      const own = `sum(ai_proxy_abnormal_total{signal="${signal}"})`;
      expect((await prometheus.query(`sum(${name}) - ${own}`)).map((one) => one.value)).toEqual([0]);
    }
  });

  it("shows names with dots as they are, and no name that only clients know", async () => {
    const models = await prometheus.api("label/ai_model/values");
    expect(models).toEqual(expect.arrayContaining(["gpt-4.1", "mock-large", "mock-sonnet-4.5", "mock-flash-2.5", "other"]));
    expect(models.filter((name: string) => name.startsWith("error-4") || name.startsWith("error-5"))).toEqual([]);
    expect(await prometheus.api("label/ai_consumer/values")).toEqual(
      expect.arrayContaining(["alice", "none", "team.search", "odd%2Emodel%2E%22%7E%25"]),
    );
    expect(await prometheus.api("label/ai_cluster/values")).toContain("openai.llm");
  });

  it.each(Object.entries(GEN_AI_HISTOGRAMS))("has the recommended buckets of %s", async (name, bounds) => {
    const found = await prometheus.query(`count by (le) (${name}_bucket)`);
    const seen = found
      .map((one) => one.labels.le)
      .sort((one, other) => Number(one.replace("+Inf", "Infinity")) - Number(other.replace("+Inf", "Infinity")));
    expect(seen.map((bound) => (bound === "+Inf" ? Infinity : Number(bound)))).toEqual([...bounds, Infinity]);
  });

  it("finds queries in docs/metrics.md", () => {
    expect(documented.length).toBeGreaterThan(8);
    for (const expr of documented) expect(seriesIn(expr), expr).not.toEqual([]);
  });

  it.each(documented)("has data for the documented query %s", async (expr) => {
    expect(await samples(expr.replace(/\[\d+[mhd]\]/g, `[${WINDOW}]`))).not.toEqual([]);
  });

  it.each(alerts)("takes the expression of the alert $alert", async ({ expr }) => {
    expect(await prometheus.query(expr)).toBeInstanceOf(Array);
  });

  it("records what the rules record", async () => {
    expect(await samples("ai_proxy:requests:rate5m")).not.toEqual([]);
    expect(await samples('ai_proxy:request_success:ratio5m{ai_route="openai"}')).not.toEqual([]);
  });

  it("fires AiProxyErrors for the provider that is down, AiProxyTokenRefused for refused keys, AiProxyRefusalBurst", async () => {
    const wanted = ["AiProxyErrors", "AiProxyTokenRefused", "AiProxyRefusalBurst"];
    let firing: any[] = [];
    for (const limit = Date.now() + ALERT_LIMIT_MS; Date.now() < limit; await sleep(250)) {
      firing = (await prometheus.api("alerts")).alerts.filter((one: any) => one.state === "firing");
      if (wanted.every((name) => firing.some((one) => one.labels.alertname === name))) break;
    }
    expect(firing.map((one) => one.labels.alertname)).toEqual(expect.arrayContaining(wanted));
    const burst = firing.find((one) => one.labels.alertname === "AiProxyRefusalBurst");
    expect(burst.labels).toMatchObject({ ai_consumer: "mallory", signal: "burst_429" });
    const errors = firing.filter((one) => one.labels.alertname === "AiProxyErrors");
    expect(errors.map((one) => one.labels.ai_model)).toContain("mock-broken");
    expect(errors[0].annotations.summary).toMatch(/^\d+(\.\d+)?% of requests to \S+ on route \w+ fail$/);
  }, 30_000);

  it("has counted every request once the load has ended, and none is in flight", async () => {
    await lab.rest();
    const sent = [...lab.statuses.values()].reduce((sum, count) => sum + count, 0);
    const requests = "sum(ai_proxy_requests_total)";
    const expression = `${requests} - 1e6 * sum(ai_proxy_requests_in_flight) - 1e6 * sum(ai_proxy_streams_in_flight)`;
    let counted = NaN;
    for (const limit = Date.now() + 5_000; counted !== sent && Date.now() < limit; await sleep(250)) {
      counted = (await prometheus.query(expression))[0]?.value ?? NaN;
    }
    expect(counted).toBe(sent);
    // One in sixteen of each of two workers has been timed, and none has cost a second. Envoy merges histograms later than counters.
    const least = Math.ceil(sent / 16);
    let timed = NaN;
    for (const limit = Date.now() + 10_000; !(timed >= least) && Date.now() < limit; await sleep(250)) {
      timed = (await prometheus.query("sum(ai_proxy_overhead_us_count)"))[0]?.value ?? NaN;
    }
    expect(timed).toBeGreaterThanOrEqual(least);
    expect(timed).toBeLessThanOrEqual(least + 1);
    const [sum] = await prometheus.query("sum(ai_proxy_overhead_us_sum) / sum(ai_proxy_overhead_us_count)");
    expect(sum?.value).toBeGreaterThan(1);
    expect(sum?.value).toBeLessThan(1e6);
  }, 30_000);
});

describe.skipIf(!isUsable)(`promtool${isUsable ? "" : ` (${missing})`}`, () => {
  it("finds the rules sound, and each alert does what rules.test.yaml says", () => {
    const folder = join(ROOT, "deploy/prometheus");
    expect(promtool(["check", "rules", "rules.yaml"], folder)).toContain("SUCCESS");
    expect(promtool(["test", "rules", "rules.test.yaml"], folder)).toContain("SUCCESS");
    expect(promtool(["check", "config", "prometheus.yaml"], folder)).toContain("SUCCESS");
  });

  it("tests every alert both ways", () => {
    const groups = parse(read("deploy/prometheus/rules.test.yaml")).tests;
    const cases = groups.flatMap((group: any) => group.alert_rule_test ?? []);
    for (const { alert } of alerts) {
      const own = cases.filter((one: any) => one.alertname === alert);
      expect(own.some((one: any) => one.exp_alerts.length === 0) && own.some((one: any) => one.exp_alerts.length > 0), alert).toBe(true);
    }
  });
});
