// Draws the Grafana dashboard's panels from Prometheus' query_range as one PNG:
//   node tools/plot-dashboard.mjs [--prometheus URL] [--minutes 4] [--out docs/images/dashboard.png]
// Without --prometheus it starts Envoy with the built plugin (or PLUGIN_WASM), mock providers, a mixed load and Prometheus
// itself, and draws what they have shown after so many minutes. Vega and resvg are fetched into build/plot on first use.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ROOT } from "./envoy-path.mjs";
import { startMetricsLab } from "./metrics-lab.mjs";
import { plotLibraries } from "./plot-libraries.mjs";
import { Prometheus, fillVariables, installPrometheus, queryApi } from "./prometheus.mjs";

const POINTS = 120;
const WINDOW = "15s";
/** d3's format for each of Grafana's units. */
const FORMATS = { percentunit: ".1%", bytes: "~s", ms: "~s", µs: "~s", reqps: "~r", short: "~s" };
const UNITS = { ms: "ms", µs: "µs", reqps: "per second", bytes: "bytes", percentunit: "", short: "" };

/** Grafana's legend: `{{label}}` filled from the series. */
function legend(format, labels) {
  return format.replace(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? "").trim() || "value";
}

/** Points of all queries of a panel as rows of time, value and series. */
async function panelRows(url, panel, start, end) {
  const rows = [];
  for (const target of panel.targets) {
    const query = fillVariables(target.expr, WINDOW);
    const step = String((end - start) / POINTS);
    const { result } = await queryApi(url, "query_range", { query, start: String(start), end: String(end), step });
    for (const { metric, values } of result) {
      const series = legend(target.legendFormat, metric);
      for (const [time, value] of values) {
        if (Number.isFinite(Number(value))) rows.push({ time: time * 1000, value: Number(value), series });
      }
    }
  }
  return rows;
}

function panelSpec(panel, rows) {
  const { unit, custom } = panel.fieldConfig.defaults;
  const isStacked = custom?.stacking?.mode === "normal";
  return {
    title: { text: panel.title, anchor: "start", fontSize: 14 },
    width: 400,
    height: 170,
    data: { values: rows },
    mark: isStacked ? { type: "area", opacity: 0.75 } : { type: "line", strokeWidth: 1.5 },
    encoding: {
      x: { field: "time", type: "temporal", title: null, axis: { format: "%H:%M:%S", tickCount: 5, grid: false } },
      y: {
        field: "value",
        type: "quantitative",
        title: UNITS[unit] || null,
        axis: { format: FORMATS[unit], tickCount: 5 },
        scale: rows.some((row) => row.value !== 0) ? { zero: true } : { domain: [0, 1] },
        ...(isStacked ? { stack: "zero" } : {}),
      },
      color: {
        field: "series",
        type: "nominal",
        title: null,
        legend: { labelLimit: 220, symbolLimit: 12, symbolType: isStacked ? "square" : "stroke" },
        scale: { scheme: "tableau20" },
      },
    },
  };
}

/** Writes the picture; throws when a panel has no data. */
async function draw(url, start, end, out) {
  const { panels } = JSON.parse(readFileSync(join(ROOT, "deploy/grafana/dashboard.json"), "utf8"));
  const specs = [];
  for (const panel of panels.filter(({ type }) => type !== "row")) {
    const rows = await panelRows(url, panel, start, end);
    if (rows.length === 0) throw new Error(`the panel "${panel.title}" has no data`);
    specs.push(panelSpec(panel, rows));
  }
  const { vega, vegaLite, Resvg } = await plotLibraries();
  const spec = { columns: 3, concat: specs, spacing: 30, resolve: { scale: { color: "independent" } }, background: "white", padding: 16 };
  const compiled = vegaLite.compile({ ...spec, config: { font: "DejaVu Sans" } }).spec;
  const svg = await new vega.View(vega.parse(compiled), { renderer: "none" }).toSVG();
  mkdirSync(dirname(out), { recursive: true });
  const font = { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" };
  writeFileSync(out, new Resvg(svg, { font, fitTo: { mode: "width", value: 1800 } }).render().asPng());
  console.log(`wrote ${out}: ${specs.length} panels`);
}

/** Runs `use` with a Prometheus that has watched the lab for `seconds`. */
async function withLab(seconds, use) {
  const missing = installPrometheus();
  if (missing !== "") throw new Error(missing);
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-plot-"));
  const lab = await startMetricsLab({ directory, wasm: process.env.PLUGIN_WASM ?? join(ROOT, "build/plugin.wasm") });
  let prometheus;
  try {
    const rules = readFileSync(join(ROOT, "deploy/prometheus/rules.yaml"), "utf8");
    prometheus = await Prometheus.start({ directory, target: lab.adminAddress, rules });
    lab.load();
    await sleep(seconds * 1000);
    await use(prometheus.url);
  } finally {
    await lab.close();
    await prometheus?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    prometheus: { type: "string" },
    minutes: { type: "string", default: "4" },
    out: { type: "string", default: join(ROOT, "docs/images/dashboard.png") },
  },
});
const seconds = Number(values.minutes) * 60;
// The first seconds of the lab have no rates yet.
const drawLast = (url) => draw(url, Date.now() / 1000 - seconds + (values.prometheus ? 0 : 12), Date.now() / 1000, values.out);
if (values.prometheus) await drawLast(values.prometheus);
else await withLab(seconds, drawLast);
