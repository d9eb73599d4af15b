// When a case holds: what a runner saw against what the case expects. Every difference is one line of text.
import { createParser } from "eventsource-parser";
import { responseBytes, type BodyExpectation, type Case, type Headers } from "./case";
import type { Observed } from "./observed";

export type { Observed };

/** Values of a case that stand for any value of a kind. */
const MARKERS: Record<string, (got: unknown) => boolean> = {
  "<number>": (got) => typeof got === "number",
  "<string>": (got) => typeof got === "string" && got !== "",
  "<absent>": (got) => got === undefined,
};

const shown = (value: unknown) => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** What of `want` is not in `got`: objects by subset, lists by position and length, the rest equal. */
export function missing(want: unknown, got: unknown, where = "$"): string[] {
  if (typeof want === "string" && want in MARKERS) return MARKERS[want](got) ? [] : [`${where}: wanted ${want}, got ${shown(got)}`];
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return [`${where}: wanted ${want.length} items, got ${shown(got)}`];
    return want.flatMap((item, index) => missing(item, got[index], `${where}[${index}]`));
  }
  if (want !== null && typeof want === "object") {
    if (got === null || typeof got !== "object" || Array.isArray(got)) return [`${where}: wanted an object, got ${shown(got)}`];
    return Object.entries(want).flatMap(([key, value]) => missing(value, (got as Record<string, unknown>)[key], `${where}.${key}`));
  }
  return want === got ? [] : [`${where}: wanted ${shown(want)}, got ${shown(got)}`];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compareHeaders(want: Headers = {}, got: Record<string, string>, where: string): string[] {
  return Object.entries(want)
    .filter(([name, value]) => (value === null ? name in got : missing(value, got[name]).length > 0))
    .map(([name, value]) => `${where} header ${name}: wanted ${value}, got ${got[name]}`);
}

function compareBody(want: BodyExpectation, got: string, where: string): string[] {
  const found: string[] = [];
  if (want.body !== undefined && want.body !== got) found.push(`${where} body: wanted ${shown(want.body)}, got ${shown(got)}`);
  if (want.json !== undefined) found.push(...missing(want.json, parseJson(got), `${where} body`));
  const members = parseJson(got) ?? {};
  for (const key of want.absent ?? []) if (key in (members as object)) found.push(`${where} body has ${key}`);
  for (const part of want.contains ?? []) if (!got.includes(part)) found.push(`${where} body lacks ${part}: ${shown(got)}`);
  for (const part of want.lacks ?? []) if (got.includes(part)) found.push(`${where} body contains ${part}`);
  return found;
}

/** The events of a stream, read by a library of others'. */
export function eventsOf(text: string): { name: string | undefined; data: string }[] {
  const events: { name: string | undefined; data: string }[] = [];
  const parser = createParser({ onEvent: (event) => events.push({ name: event.event, data: event.data }) });
  parser.feed(text);
  // A last event without its empty line counts, as most clients take it.
  parser.feed("\n\n");
  return events;
}

function compareEvents(want: unknown[], got: string): string[] {
  const events = eventsOf(got);
  if (events.length !== want.length)
    return [`events: wanted ${want.length}, got ${events.length}: ${shown(events.map((one) => one.data))}`];
  return want.flatMap((item, index) => {
    const { data } = events[index];
    return missing(item, typeof item === "string" ? data : parseJson(data), `event ${index}`);
  });
}

function compareResponse(one: Case, seen: Observed["response"]): string[] {
  // A case that neither says what the provider answers nor what the client gets is about the request only.
  if (!one.expect.response && !one.provider) return [];
  const want = one.expect.response ?? {};
  const found: string[] = [];
  if ((want.status ?? one.provider?.status ?? 200) !== seen.status) {
    found.push(`status: wanted ${want.status ?? one.provider?.status ?? 200}, got ${seen.status}: ${seen.body.slice(0, 300)}`);
  }
  if ((want.complete ?? true) !== seen.isComplete) found.push(`the answer is ${seen.isComplete ? "" : "not "}complete`);
  found.push(...compareHeaders(want.headers, seen.headers, "answer"), ...compareBody(want, seen.body, "answer"));
  if (want.passThrough && seen.body !== responseBytes(one).toString()) found.push(`the answer's bytes changed: ${shown(seen.body)}`);
  if (want.events) found.push(...compareEvents(want.events, seen.body));
  if (want.eventNames)
    found.push(
      ...missing(
        want.eventNames,
        eventsOf(seen.body).map((event) => event.name ?? ""),
        "event names",
      ),
    );
  return found;
}

function compareUpstream(want: Exclude<Case["expect"]["upstream"], "none" | undefined>, seen: Observed): string[] {
  const { upstream } = seen;
  if (!upstream) return [`no call left; the answer was ${seen.response.status} ${seen.response.body.slice(0, 300)}`];
  const found: string[] = [];
  for (const key of ["method", "host", "path"] as const) {
    if (want[key] !== undefined && want[key] !== upstream[key]) found.push(`${key}: wanted ${want[key]}, got ${upstream[key]}`);
  }
  return [...found, ...compareHeaders(want.headers, upstream.headers, "upstream"), ...compareBody(want, upstream.body, "upstream")];
}

/** Everything in which a case with a request and what was seen of it differ; empty when the case holds. */
export function compare(one: Case, seen: Observed): string[] {
  const { upstream, log } = one.expect;
  const found: string[] = [];
  if (upstream === "none" && seen.upstream) found.push("a call left although none may");
  if (upstream !== "none" && upstream) found.push(...compareUpstream(upstream, seen));
  // Whatever the case is about: a call that was not refused reaches the provider.
  if (upstream === undefined && !seen.upstream) found.push(`no call left; the answer was ${seen.response.status} ${seen.response.body}`);
  found.push(...compareResponse(one, seen.response));
  if (log) found.push(...missing(log, seen.log ?? {}, "ai_log"));
  return found;
}

/** What of the expected log lines is not so. */
export function compareLogLines(one: Case, lines: string[]): string[] {
  const { contain = [], lack = [] } = one.expect.logLines ?? {};
  return [
    ...contain
      .filter((part) => !lines.some((line) => line.includes(part)))
      .map((part) => `no log line contains ${part}: ${lines.join(" | ")}`),
    ...lack.filter((part) => lines.some((line) => line.includes(part))).map((part) => `a log line contains ${part}`),
  ];
}
