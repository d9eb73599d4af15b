// What the rounds say: medians and spreads of added CPU time, and the targets beside them.
import { WORKLOADS } from "./workloads.mjs";

/** Issue 4's and issue 8's bounds. */
const TIMES_BELOW_GO = 10;
const TIMES_NOOP = 2;
const METERED_CHUNK_MICROS = 3;
const TRANSLATED_CHUNK_MICROS = 8;
const CORE_BYTES = 150_000;
const START_MILLIS = 500;
/** Pages that the allocators of Envoy take and give back. */
const MEMORY_GROWTH = 0.02;

/** A value of a sorted list at a share of its length, between two if need be. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

/**
 * Microseconds that a variant adds to no filter in the same round: median and quartiles. Null when it did not run.
 * @returns {{ median: number, low: number, high: number } | null}
 */
export function added(results, workload, variant) {
  const runs = results.workloads[workload];
  if (!runs?.[variant]) return null;
  const differences = runs[variant].micros.map((micros, round) => micros - runs.nofilter.micros[round]);
  return { median: median(differences), low: quantile(differences, 0.25), high: quantile(differences, 0.75) };
}

/** Median CPU microseconds of Envoy, with no filter included. */
export const total = (results, workload, variant) => median(results.workloads[workload][variant].micros);

/**
 * CPU milliseconds of Envoy's start until its first response, what of it the variant adds, and what it adds until Envoy compiles
 * no more. Null when it was not measured.
 */
export function startOf({ starts }, variant) {
  if (!starts?.[variant]) return null;
  const more = (when) => median(starts[variant][when]) - median(starts.nofilter[when]);
  return { whole: median(starts[variant].first), first: more("first"), settled: more("settled") };
}

/** Growth of resident memory between the first fifth and the last of the time under load, as a share, or null. */
export function memoryGrowth({ memory }) {
  if (!memory) return null;
  const { samples } = memory;
  const fifth = Math.ceil(samples.length / 5);
  return median(samples.slice(-fifth)) / median(samples.slice(fifth, 2 * fifth)) - 1;
}

export const micros = (value) => `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} µs`;

/** A target that a number must not exceed; nothing when one of the two was not measured. */
const atMost = (what, bound, found, text = micros) =>
  bound == null || found == null ? [] : [{ what, bound: `≤ ${text(bound)}`, found: text(found), isMet: found <= bound }];

function goTargets(results) {
  const rivals = Object.keys(WORKLOADS).filter((name) => results.workloads[name]?.go);
  return rivals.flatMap((name) => {
    const [go, ours] = [added(results, name, "go").median, added(results, name, "ours").median];
    return atMost(`${WORKLOADS[name].title}: a tenth of Go`, go / TIMES_BELOW_GO, ours);
  });
}

/**
 * All targets with what was measured.
 * @returns {{ what: string, bound: string, found: string, isMet: boolean }[]}
 */
export function targets(results) {
  const of = (workload, variant) => added(results, workload, variant)?.median;
  const ours = (workload) => of(workload, "ours");
  const title = (workload) => WORKLOADS[workload].title;
  const twice = ["1k-c1", "1k-c16"];
  const passes = ["100k", "1m"];
  const metered = ["stream-paced", "stream-burst", "passed-messages-paced"];
  const translated = ["claude-paced", "claude-burst", "messages-paced", "messages-burst"];
  const bytes = (value) => `${value.toLocaleString("en")} bytes`;
  const millis = (value) => `${value.toFixed(0)} ms`;
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  const both = (what, variant) => atMost(what, START_MILLIS, startOf(results, variant)?.whole, millis);
  return [
    ...twice.flatMap((name) => atMost(`${title(name)}: twice the no-op`, TIMES_NOOP * of(name, "noop"), ours(name))),
    ...passes.flatMap((name) => atMost(`${title(name)}: the no-op, one copy, one pass`, of(name, "onepass"), ours(name))),
    ...metered.flatMap((name) => atMost(title(name), METERED_CHUNK_MICROS, ours(name))),
    ...translated.flatMap((name) => atMost(title(name), TRANSLATED_CHUNK_MICROS, ours(name))),
    ...goTargets(results),
    ...atMost("module, core build", CORE_BYTES, results.modules.core, bytes),
    ...both("CPU time of Envoy until its first response", "ours"),
    ...both("CPU time of Envoy until its first response, core build", "core"),
    ...atMost("growth of memory under load", MEMORY_GROWTH, memoryGrowth(results) ?? undefined, percent),
  ];
}
