// The generated part of docs/performance.md: results as tables.
import { GO_ON_28_NOV, GO_START_ON_26_NOV, added, median, memoryGrowth, startOf, targets, total } from "./numbers.mjs";
import { STARTS, TITLES, WORKLOADS } from "./workloads.mjs";

/** Of each CPU, before a race that is alone on its machine. */
const MOST_LOAD = 0.75;

const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const plain = (value) => value.toFixed(Math.abs(value) < 100 ? 1 : 0);

/** `65.5 (61.0 … 70.2)`: median and quartiles. */
function spread(one) {
  return one === null ? "" : `${plain(one.median)} (${plain(one.low)} … ${plain(one.high)})`;
}

function addedTable(results, names) {
  const variants = Object.keys(TITLES).filter((name) => name !== "nofilter" && names.some((one) => results.workloads[one][name]));
  const hasGo = variants.includes("go");
  const head = ["µs of CPU", "no filter, total", ...variants.map((name) => `${TITLES[name]} adds`), ...(hasGo ? ["Go / ours"] : [])];
  const rows = names.map((name) => {
    const of = (variant) => added(results, name, variant);
    // A filter that adds nothing that can be told from noise has no ratio.
    const ratio = hasGo && of("go") && of("ours").median > 0 ? (of("go").median / of("ours").median).toFixed(1) : "";
    const cells = [WORKLOADS[name].title, plain(total(results, name, "nofilter")), ...variants.map((variant) => spread(of(variant)))];
    return hasGo ? [...cells, ratio] : cells;
  });
  return table(head, rows);
}

/** Every target beside the number measured, and in a sentence those that are above their target. */
function targetText(results) {
  const all = targets(results);
  const rows = all.map(({ what, bound, found }) => [what, bound, found]);
  const above = all.filter(({ isMet }) => !isMet).map(({ what, found, bound }) => `${what} (${found}, target ${bound})`);
  const sentence =
    above.length === 0
      ? `All ${all.length} numbers are within their targets.`
      : `${all.length - above.length} of the ${all.length} numbers are within their targets. Above their targets are:\n\n- ${above.join("\n- ")}`;
  return [table(["quantity", "target", `measured on ${results.date}`], rows), sentence].join("\n\n");
}

function latencyTable(results) {
  const names = Object.keys(results.workloads).filter((name) => WORKLOADS[name].unit === "exchange");
  const variants = ["nofilter", "noop", "go", "ours"].filter((variant) => names.some((name) => results.workloads[name][variant]));
  const cell = (name, variant) => {
    const runs = results.workloads[name][variant];
    return runs ? `${(median(runs.p50) / 1000).toFixed(2)} / ${(median(runs.p99) / 1000).toFixed(2)}` : "";
  };
  const rows = names.map((name) => [WORKLOADS[name].title, ...variants.map((variant) => cell(name, variant))]);
  return table(["ms, p50 / p99", ...variants.map((variant) => TITLES[variant])], rows);
}

function startTable(results) {
  const variants = STARTS.filter((variant) => variant !== "nofilter" && results.starts?.[variant]);
  const { modules } = results;
  const sizes = { ...modules, go: modules["go-proxy"] + modules["go-statistics"] };
  const rows = [
    ["module, bytes", ...variants.map((variant) => sizes[variant].toLocaleString("en"))],
    ["CPU time added until Envoy's first response, ms", ...variants.map((variant) => startOf(results, variant).first.toFixed(0))],
    ["… until it has finished compiling, ms", ...variants.map((variant) => startOf(results, variant).settled.toFixed(0))],
  ];
  return table(["", ...variants.map((variant) => TITLES[variant])], rows);
}

function memoryText({ memory, ...rest }) {
  const { samples, after, seconds, exchanges, failed } = memory;
  const at = (share) => samples[Math.floor((samples.length - 1) * share)].toFixed(1);
  const growth = (100 * memoryGrowth({ memory, ...rest })).toFixed(1);
  return [
    `${seconds} s of 100 KB bodies and, at the same time, streams of 200 chunks, with 8 connections each: ${exchanges.toLocaleString("en")}`,
    `exchanges, ${failed} failed. Resident memory of Envoy in MiB: ${samples[0].toFixed(1)} before, ${at(0.1)} after a tenth of the`,
    `time, ${at(0.5)} after half, ${at(1)} at the end, ${after.toFixed(1)} five seconds later; ${growth} % more in the last fifth than`,
    "in the second.",
  ].join("\n");
}

function countTable({ counts }) {
  const cell = (each, perChunk) => `${each}${perChunk ? ` + ${perChunk} a chunk` : ""}`;
  const rows = Object.entries(counts).map(([name, one]) => [
    name,
    cell(one.hostCalls, one.hostCallsPerChunk),
    cell(one.allocations, one.allocationsPerChunk),
  ]);
  return table(["exchange", "host calls", "allocations in the module"], rows);
}

const image = (name, text) => `![${text}](images/race-${name}.svg)`;

/**
 * What people want to know first: what it costs over no filter, and what the Go plugins cost. Markdown.
 * @param {object} results
 * @returns {string}
 */
export function comparison(results) {
  const rows = Object.entries(GO_ON_28_NOV).flatMap(([name, then]) => {
    const ours = added(results, name, "ours")?.median;
    if (ours === undefined) return [];
    const go = added(results, name, "go")?.median ?? then;
    return [
      [
        `${WORKLOADS[name].title}, µs`,
        plain(total(results, name, "nofilter")),
        plain(ours),
        plain(go),
        ours > 0 ? (go / ours).toFixed(0) : "",
      ],
    ];
  });
  const start = startOf(results, "ours");
  if (start) {
    const go = startOf(results, "go")?.first ?? GO_START_ON_26_NOV;
    const none = median(results.starts.nofilter.first);
    rows.push([
      "CPU time added until Envoy's first response, ms",
      plain(none),
      plain(start.first),
      plain(go),
      (go / start.first).toFixed(0),
    ]);
  }
  return table(["CPU time of Envoy", "no filter", "this plugin adds", "Higress's Go plugins add", "Go / this plugin"], rows);
}

/**
 * Markdown of a results file.
 * @param {object} results
 * @returns {string}
 */
export function tables(results) {
  const names = Object.keys(WORKLOADS).filter((name) => results.workloads[name]);
  // A table for each set of variants, so that none has empty columns.
  const kindOf = (name) => (WORKLOADS[name].variants.includes("go") ? 0 : WORKLOADS[name].variants.includes("noop") ? 1 : 2);
  const groups = [0, 1, 2].map((kind) => names.filter((name) => kindOf(name) === kind)).filter((group) => group.length > 0);
  const runs = Object.values(results.workloads).flatMap((variants) => Object.values(variants));
  const failed = runs.reduce((sum, one) => sum + one.failed, 0);
  const busy = results.loadBefore > MOST_LOAD * results.cpus;
  const parts = [
    [
      `Measured on ${results.date}: ${results.cpu}, ${results.cpus} CPUs, Envoy ${results.envoy}; ${results.rounds} rounds of`,
      `${plain(100 * results.scale)} % of the exchanges, ${failed} exchanges failed. Load average before: ${results.loadBefore}.`,
      ...(busy
        ? [
            "Other programs used the machine at the same time. So the times are too high and vary a lot from round to round: they show orders of",
            "magnitude, and a run on a quiet machine may give another result for each target below.",
          ]
        : []),
    ].join("\n"),
    "### Targets and measured numbers",
    targetText(results),
    "### CPU time that a filter adds to Envoy",
    ...groups.map((group) => addedTable(results, group)),
    ...names.map((name) => image(name, WORKLOADS[name].title)),
  ];
  if (results.starts) parts.push("### Start and size", startTable(results), image("start", "CPU time of Envoy's start"));
  if (results.memory) parts.push("### Memory", memoryText(results), image("memory", "Resident memory under load"));
  if (results.counts) parts.push("### Counted in the emulator", countTable(results));
  parts.push("### Latency, for orientation", latencyTable(results));
  return parts.join("\n\n");
}
