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
const targets: { title: string; expr: string }[] = dashboard.panels.flatMap((panel: any) =>
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
    for (const panel of dashboard.panels) {
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
    const text = JSON.stringify(dashboard.panels);
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

describe("rules.yaml", () => {
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
