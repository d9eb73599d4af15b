// One plot per measure as SVG: CPU time of Envoy by variant, its start, its memory under load.
import { plotLibraries } from "../../tools/plot-libraries.mjs";
import { added, median, total } from "./numbers.mjs";
import { TITLES, WORKLOADS } from "./workloads.mjs";

const COLORS = {
  nofilter: "#9aa0a6",
  noop: "#c7a76c",
  onepass: "#a98a4b",
  calls: "#7b9e87",
  go: "#4c78a8",
  ours: "#e4572e",
  core: "#f2a48f",
  selection: "#ec8064",
  "limits-1": "#f2a48f",
  "limits-5": "#ec8064",
  "limits-20": "#b9411f",
};
const WIDTH = 420;
const digits = (value) => (Math.abs(value) < 100 ? 1 : 0);

/** Horizontal bars, each with its value beside it. */
function bars(title, unit, rows) {
  const most = Math.max(...rows.map((row) => row.value));
  return {
    ...{ title: { text: title, anchor: "start", fontSize: 13 }, width: WIDTH, height: { step: 24 }, data: { values: rows } },
    encoding: {
      y: { field: "name", type: "nominal", sort: null, title: null, axis: { labelLimit: 200, ticks: false, domain: false } },
      // Room for the values behind the bars.
      x: { field: "value", type: "quantitative", title: unit, scale: { domain: [0, most * 1.35] }, axis: { tickCount: 5 } },
    },
    layer: [
      { mark: { type: "bar" }, encoding: { color: { field: "color", type: "nominal", scale: null } } },
      { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "text", type: "nominal" } } },
    ],
  };
}

function workloadPlot(results, name) {
  const variants = Object.keys(TITLES).filter((variant) => results.workloads[name][variant]);
  const rows = variants.map((variant) => {
    const value = total(results, name, variant);
    const more = added(results, name, variant).median;
    const text = variant === "nofilter" ? "" : ` (${more < 0 ? "−" : "+"}${Math.abs(more).toFixed(digits(more))})`;
    return { name: TITLES[variant], value, color: COLORS[variant], text: `${value.toFixed(digits(value))}${text}` };
  });
  return bars(WORKLOADS[name].title, `µs of Envoy's CPU per ${WORKLOADS[name].unit}`, rows);
}

function startPlot({ starts }) {
  const variants = Object.keys(TITLES).filter((variant) => starts[variant]);
  const rows = variants.map((variant) => {
    const value = median(starts[variant].first);
    return { name: TITLES[variant], value, color: COLORS[variant], text: value.toFixed(0) };
  });
  return bars("Start of Envoy", "ms of CPU until the first answer", rows);
}

function memoryPlot({ memory }) {
  const step = memory.seconds / (memory.samples.length - 1);
  return {
    ...{ title: { text: "Envoy with this plugin under load", anchor: "start", fontSize: 13 }, width: WIDTH, height: 160 },
    data: { values: memory.samples.map((value, index) => ({ time: index * step, value })) },
    mark: { type: "line", color: COLORS.ours },
    encoding: {
      x: { field: "time", type: "quantitative", title: "seconds" },
      y: { field: "value", type: "quantitative", title: "resident MiB", scale: { zero: true } },
    },
  };
}

/**
 * SVG texts by the plot's name.
 * @param {object} results
 * @returns {Promise<Record<string, string>>}
 */
export async function plots(results) {
  const names = Object.keys(WORKLOADS).filter((name) => results.workloads[name]);
  const specs = Object.fromEntries(names.map((name) => [name, workloadPlot(results, name)]));
  if (results.starts) specs.start = startPlot(results);
  if (results.memory) specs.memory = memoryPlot(results);
  const { vega, vegaLite } = await plotLibraries();
  const svgs = {};
  for (const [name, spec] of Object.entries(specs)) {
    const compiled = vegaLite.compile({ ...spec, background: "white", padding: 10, config: { view: { stroke: null } } }).spec;
    svgs[name] = `${await new vega.View(vega.parse(compiled), { renderer: "none" }).toSVG()}\n`;
  }
  return svgs;
}
