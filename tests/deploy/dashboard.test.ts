// Dashboard and rules ask only for series and labels that exist, without Envoy and Prometheus; with them: prometheus.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { LABELS, SERIES, labelsIn, seriesIn } from "./metric-names";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const dashboard = JSON.parse(read("deploy/grafana/dashboard.json"));
const rules: any[] = parse(read("deploy/prometheus/rules.yaml")).groups.flatMap((group: any) => group.rules);
const recorded = new Set(rules.flatMap((rule) => rule.record ?? []));
const panels: any[] = dashboard.panels.filter((panel: any) => panel.type !== "row");
const targets: { title: string; expr: string }[] = panels.flatMap((panel: any) =>
  panel.targets.map((target: any) => ({ title: panel.title, expr: target.expr })),
);
const variables: string[] = dashboard.templating.list.map((variable: any) => variable.name);

function expectKnown(expression: string): void {
  const series = seriesIn(expression);
  expect(series, expression).not.toEqual([]);
  expect(series.filter((name) => !SERIES.has(name) && !recorded.has(name))).toEqual([]);
  expect(labelsIn(expression).filter((name) => !LABELS.has(name))).toEqual([]);
}

describe("dashboard.json", () => {
  it.each(targets)("asks for known series: $title: $expr", ({ expr }) => expectKnown(expr));

  it("shows every metric family of ours, and tokens by model and by consumer", () => {
    const all = targets.map((target) => target.expr).join("\n");
    for (const part of [
      "requests_total",
      "request_duration_ms_bucket",
      "time_to_first_token_ms_bucket",
      "_input_token",
      "_output_token",
      "_total_token",
      "bodies_total",
      "errors_total",
      "token_failures_total",
      "abnormal_total",
      "overhead_us_bucket",
      "streams_in_flight",
      "requests_in_flight",
      "memory_bytes",
      "cost_nano_total",
    ])
      expect(all).toContain(part);
    for (const label of [
      "status_class",
      "ai_model",
      "ai_consumer",
      "error, status",
      "provider, currency",
      "ai_model, currency",
      "ai_consumer, currency",
    ])
      expect(all).toContain(`by (${label})`);
  });

  it("has a title, a description, a unit and the chosen data source in every panel", () => {
    for (const panel of panels) {
      expect(panel).toMatchObject({
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
        datasource: { uid: "${datasource}" },
      });
      expect(panel.fieldConfig.defaults.unit).toMatch(/^(ms|µs|reqps|short|percentunit|bytes)$/);
    }
    expect(new Set(dashboard.panels.map((panel: any) => panel.id)).size).toBe(dashboard.panels.length);
  });

  it("uses only variables that it defines, and each of them", () => {
    const text = JSON.stringify([
      panels,
      dashboard.annotations,
      dashboard.links,
      dashboard.templating.list.map((one: any) => one.datasource),
    ]);
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] ?? "").filter((name) => !name.startsWith("__"));
    expect(new Set(used)).toEqual(new Set(variables));
  });

  it("lays panels out without overlap, within 24 columns", () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }: any) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

describe("dashboard.json, by our own lint", () => {
  const selectors = targets.flatMap(({ expr }) =>
    [...expr.matchAll(/\b(ai_proxy|route_upstream|envoy_wasm)\w*(\{[^}]*\})?/g)].map(([whole]) => whole),
  );

  it("asks for nothing twice, and has no title twice", () => {
    const asked = targets.map(({ expr }) => expr);
    expect(asked.filter((one, index) => asked.indexOf(one) !== index)).toEqual([]);
    const titles = dashboard.panels.map((panel: any) => panel.title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("narrows every query by job and gateway, and what has a provider by that", () => {
    expect(selectors.length).toBeGreaterThan(30);
    for (const selector of selectors) {
      expect(selector).toContain('{job=~"$job",instance=~"$instance"');
      if (/cost_nano|token_failures|overhead_us/.test(selector)) expect(selector).toContain('provider=~"$provider"');
      if (selector.includes("ai_route=")) expect(selector).toContain('ai_cluster=~"$cluster"');
    }
  });

  it("has rows over all panels, and totals first", () => {
    const rows = dashboard.panels.filter((panel: any) => panel.type === "row");
    expect(rows.length).toBeGreaterThan(5);
    expect(dashboard.panels[0].type).toBe("row");
    expect(panels.slice(0, 4).every((panel) => panel.targets[0].expr.includes("$__range"))).toBe(true);
  });

  it("marks restarts and alerts, and links panels to runbooks of alerts that exist", () => {
    const marks = dashboard.annotations.list.map((one: any) => one.expr).join(" ");
    expect(marks).toContain("vm_reload_success");
    expect(marks).toContain('ALERTS{alertname=~"AiProxy.*"');
    const anchors = panels.flatMap((panel) => (panel.links ?? []).map((link: any) => link.url.split("#")[1]));
    const known = rules.flatMap((rule) => (rule.alert ?? "").toLowerCase());
    expect(anchors.length).toBeGreaterThan(5);
    for (const anchor of anchors) expect(known).toContain(anchor);
  });
});

describe("rules.yaml", () => {
  it.each(["docs/operations.md", "docs/operations.zh.md"])("every alert has its runbook in %s", (page) => {
    const headings = [...read(page).matchAll(/^### (\w+)$/gm)].map((match) => match[1]?.toLowerCase());
    const alerts = rules.filter((rule) => rule.alert);
    expect(headings.filter((one) => one?.startsWith("aiproxy")).sort()).toEqual(alerts.map((rule) => rule.alert.toLowerCase()).sort());
    for (const rule of alerts) expect(rule.annotations.runbook).toBe(`docs/operations.md#${rule.alert.toLowerCase()}`);
  });

  it.each(rules.map((rule) => ({ name: rule.alert ?? rule.record, expr: rule.expr })))("asks for known series: $name", ({ expr }) =>
    expectKnown(expr),
  );

  it("gives every alert a duration or an increase, a severity and a summary", () => {
    for (const rule of rules.filter((one) => one.alert)) {
      expect(rule).toMatchObject({
        labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
        annotations: { summary: expect.stringMatching(/./) },
      });
      expect(rule.for ?? rule.expr).toMatch(/m\b/);
    }
  });
});
