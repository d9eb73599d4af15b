// deploy/higress/prometheus/relabel.yaml gives every name that the plugin writes the name and labels that the stats_tags of
// deploy/envoy/envoy.yaml give it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { loadPlugin } from "../../emulator/module";
import { GEN_AI_HISTOGRAMS, HIGRESS_COUNTERS, OWN_COUNTERS, OWN_HISTOGRAMS, NEWER_COUNTERS, OVERHEAD, SERIES } from "./metric-names";
import { prometheusName, tagged } from "./tagged";

const rules = parse(readFileSync(join(ROOT, "deploy/higress/prometheus/relabel.yaml"), "utf8")).metric_relabel_configs;
const ROUTE = "team-a.openai";
const CLUSTER = "outbound|443||llm-openai.dns";

/** What Prometheus makes of a name: its regular expressions are anchored, `$1` and `${1}` are groups. */
function relabel(name: string): { series: string; labels: Record<string, string> } {
  const labels: Record<string, string> = { __name__: name };
  for (const rule of rules) {
    const found = new RegExp(`^(?:${rule.regex})$`).exec(rule.source_labels.map((one: string) => labels[one] ?? "").join(";"));
    if (found)
      labels[rule.target_label] = rule.replacement.replace(/\$\{?(\d)\}?/g, (_: string, group: string) => found[Number(group)] ?? "");
  }
  const { __name__: series = "", ...others } = labels;
  return { series, labels: others };
}

/** Names that the plugin has written after exchanges of all kinds: good, streamed, failed, refused, abnormal, unread. */
async function writtenNames(): Promise<{ name: string; isHistogram: boolean }[]> {
  const host = await loadPlugin();
  const plugin = host.configure(
    JSON.stringify({
      metrics: { family: "both" },
      abnormal: { promptBytes: 1024, refusalsPerMinute: 1 },
      limits: [{ by: "consumer", match: { consumers: ["bob"] }, requestsPerDay: 1 }],
      provider: { type: "openai", apiTokens: ["k"], modelMapping: { "gpt-4o": "" }, cluster: CLUSTER },
      currency: "USD",
      prices: [{ models: ["*"], input: 1 }],
      _rules_: [
        { _match_model_: ["split"], split: [{ name: "canary", cluster: CLUSTER, provider: { type: "openai", apiTokens: ["k"] } }] },
      ],
    }),
  );
  expect(plugin.ok).toBe(true);
  const run = (
    response: object,
    { model = "gpt-4o", consumer = "alice", prompt = "q", stream = false, type = "application/json" } = {},
  ) => {
    const exchange = plugin.exchange({
      path: "/v1/chat/completions",
      headers: { "content-type": type, "x-mse-consumer": consumer },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content: prompt }] }),
      properties: { route_name: ROUTE, cluster_name: CLUSTER },
    });
    if (exchange.upstream !== null) exchange.respond(response);
    exchange.finish();
  };
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  const headers = { "content-type": "application/json" };
  const good = { headers, chunks: [JSON.stringify({ model: "gpt-4o", choices: [], usage })] };
  const chunk = { model: "gpt-4o", choices: [{ index: 0, delta: { content: "a" } }], usage };
  run(good);
  run({ headers: { "content-type": "text/event-stream" }, chunks: [`data: ${JSON.stringify(chunk)}\n\n`] }, { stream: true });
  for (const status of [401, 429, 500]) run({ status, headers, chunks: ["{}"] });
  run(good, { model: "unknown", prompt: "x".repeat(2000) });
  for (let n = 0; n < 2; n++) run(good, { consumer: "bob" });
  run({ headers: { ...headers, "content-encoding": "gzip" }, chunks: ["x"] });
  run(good, { type: "text/plain" });
  run(good, { model: "split" });
  for (let n = 0; n < 64; n++) run(good);
  return Object.entries(host.metrics.snapshot()).map(([name, value]) => ({ name, isHistogram: typeof value !== "number" }));
}

describe("deploy/higress/prometheus/relabel.yaml", () => {
  let written: { name: string; isHistogram: boolean }[];
  beforeAll(async () => {
    written = await writtenNames();
  });

  it("is judged by names of every metric that has labels", () => {
    const series = new Set(written.map(({ name }) => tagged(name).series));
    const wanted = [
      ...HIGRESS_COUNTERS,
      ...OWN_COUNTERS,
      ...NEWER_COUNTERS,
      ...OWN_HISTOGRAMS,
      ...Object.keys(GEN_AI_HISTOGRAMS),
      OVERHEAD,
    ];
    expect(wanted.filter((name) => !series.has(name))).toEqual([]);
    expect([...series].filter((name) => /abnormal_(?!total)/.test(name)).length).toBeGreaterThan(2);
  });

  it("makes the names and labels of deploy/envoy/envoy.yaml, as far as Prometheus still knows their letters", () => {
    for (const { name, isHistogram } of written) {
      const wanted = tagged(name);
      const labels = Object.fromEntries(Object.entries(wanted.labels).map(([label, value]) => [label, prometheusName(value)]));
      for (const part of isHistogram ? ["_bucket", "_sum", "_count"] : [""]) {
        expect(relabel(prometheusName(name) + part), name).toEqual({ series: wanted.series + part, labels });
      }
    }
  });

  it("leaves names that have their labels, and others, as they are", () => {
    for (const name of [...SERIES, "envoy_cluster_upstream_rq_total"]) expect(relabel(name)).toEqual({ series: name, labels: {} });
  });
});
