// What the rounds say: medians and spreads of added CPU time, and the targets beside them.
import { PASSED, TITLES, TRANSLATED, WORKLOADS } from "./workloads.mjs";

/** Bounds in the race, in microseconds over another variant of the same round, or as a factor (issues 17 and 20). */
const TIMES_BELOW_GO = 10;
const OVER_HOST_CALLS = { passed: 30, translated: 70, chunk: 2 };
const TIMES_PASSED = { sameFamily: 1, translated: 2 };
const TRANSLATED_CHUNK_MICROS = 10;
const OVER_NO_LIMIT = { "limits-1": 15, "limits-5": 35, "limits-20": 100 };
const START_MILLIS = { core: 430, ours: 650, selection: 500 };
const FULL_BYTES = 360_000;

/**
 * What Higress's Go plugins (ai-statistics and ai-proxy) added, in microseconds: the race of 28 Nov 2026, seven variants in turns in
 * one Envoy on 2 CPUs. Their modules are not kept, so these numbers stand in where a race has no Go of its own.
 */
export const GO_ON_28_NOV = { "1k-c1": 1866, "1k-c16": 1797, "100k": 7051, "1m": 57343, "stream-paced": 55.6, "stream-burst": 68.6 };
/** CPU milliseconds that they added to Envoy's start: the race of 26 Nov 2026, in which they still ran beside the others. */
export const GO_START_ON_26_NOV = 25986;
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

const bytes = (value) => `${value.toLocaleString("en")} bytes`;
const millis = (value) => `${value.toFixed(0)} ms`;
const percent = (value) => `${(100 * value).toFixed(1)} %`;
const title = (workload) => WORKLOADS[workload].title;

function goTargets(results) {
  return Object.entries(GO_ON_28_NOV).flatMap(([name, then]) => {
    const go = added(results, name, "go")?.median;
    const what = `${title(name)}: a tenth of Go${go === undefined ? " on 28 Nov 2026" : ""}`;
    return atMost(what, (go ?? then) / TIMES_BELOW_GO, added(results, name, "ours")?.median);
  });
}

/** Requests of 1 KB and chunks: over our host calls with nothing computed, and translated ones beside passed ones. */
function exchangeTargets(results) {
  const of = (workload, variant) => added(results, workload, variant)?.median;
  const ours = (workload) => of(workload, "ours");
  const plus = (value, more) => (value === undefined ? undefined : value + more);
  const [passed, floor] = [ours("1k-c16"), of("1k-c16", "calls")];
  return [
    ...["1k-c1", "1k-c16"].flatMap((name) =>
      atMost(`${title(name)}: our host calls + ${OVER_HOST_CALLS.passed} µs`, plus(of(name, "calls"), OVER_HOST_CALLS.passed), ours(name)),
    ),
    ...["100k", "1m"].flatMap((name) => atMost(`${title(name)}: the no-op, one copy, one pass`, of(name, "onepass"), ours(name))),
    ...PASSED.flatMap((name) =>
      atMost(`${title(`${name}-1k`)}: a passed chat`, passed && TIMES_PASSED.sameFamily * passed, ours(`${name}-1k`)),
    ),
    ...TRANSLATED.flatMap((name) => [
      ...atMost(`${title(`${name}-1k`)}: two passed chats`, passed && TIMES_PASSED.translated * passed, ours(`${name}-1k`)),
      ...atMost(
        `${title(`${name}-1k`)}: our host calls + ${OVER_HOST_CALLS.translated} µs`,
        plus(floor, OVER_HOST_CALLS.translated),
        ours(`${name}-1k`),
      ),
    ]),
    ...atMost(
      `${title("stream-paced")}: our host calls + ${OVER_HOST_CALLS.chunk} µs`,
      plus(of("stream-paced", "calls"), OVER_HOST_CALLS.chunk),
      ours("stream-paced"),
    ),
    ...TRANSLATED.flatMap((name) =>
      ["paced", "burst"].flatMap((how) => atMost(title(`${name}-${how}`), TRANSLATED_CHUNK_MICROS, ours(`${name}-${how}`))),
    ),
  ];
}

/** What limits cost over the same exchange without one. */
function limitTargets(results) {
  const without = added(results, "limits", "ours")?.median;
  return Object.entries(OVER_NO_LIMIT).flatMap(([variant, bound]) => {
    const found = added(results, "limits", variant)?.median;
    return atMost(`${TITLES[variant]}: over ours without`, bound, found === undefined ? undefined : found - without);
  });
}

/**
 * All targets with what was measured.
 * @returns {{ what: string, bound: string, found: string, isMet: boolean }[]}
 */
export function targets(results) {
  return [
    ...exchangeTargets(results),
    ...limitTargets(results),
    ...goTargets(results),
    ...atMost("module, full", FULL_BYTES, results.modules.ours, bytes),
    ...Object.entries(START_MILLIS).flatMap(([variant, bound]) =>
      atMost(`CPU time of Envoy until its first response: ${TITLES[variant]}`, bound, startOf(results, variant)?.whole, millis),
    ),
    ...atMost("growth of memory under load", MEMORY_GROWTH, memoryGrowth(results) ?? undefined, percent),
  ];
}
