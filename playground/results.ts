// The results of a run, drawn from an outcome that has no secrets in it.
import type { Change } from "../cli/json-diff";
import type { Explanation, Message } from "../cli/explanation";
import { wordsOf } from "./answer-text";
import { h, prefersStill } from "./dom";
import type { Outcome, Step } from "./engine";
import { code, coloured, withSecrets } from "./highlight";
import type { Setup } from "./setup";

type Part = HTMLElement | null;

export interface Drawn {
  parts: HTMLElement[];
  /** Adds the next arrival; false when there is none left. */
  next: () => boolean;
  /** Milliseconds of the page's clock at which the next arrival comes. */
  nextAt: () => number;
}

const STATUS_TEXTS: Record<number, string> = {
  200: "OK",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  413: "Content Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  529: "Overloaded",
};

export function drawResults(setup: Setup, outcome: Outcome): Drawn {
  const { explanation, response } = outcome;
  if (explanation === null || response === null) return still([refusedCard(outcome)]);
  const frames = framesCard(outcome);
  const parts: Part[] = [
    complaintsCard(outcome),
    flowCard(setup, outcome, explanation),
    upstreamCard(explanation),
    frames.card,
    tokensCard(outcome),
    logCard(outcome),
    metricsCard(outcome),
  ];
  return { ...frames, parts: parts.filter((part) => part !== null) };
}

function still(parts: HTMLElement[]): Drawn {
  return { parts, next: () => false, nextAt: () => 0 };
}

/** One sentence for the status line and for screen readers. */
export function summaryOf({ response, tokens, explanation }: Outcome): string {
  if (response === null) return "The plugin refuses this configuration.";
  const counts =
    tokens.total_token === undefined ? "" : `, ${String(tokens.input_token ?? 0)} + ${String(tokens.output_token ?? 0)} tokens`;
  const who = explanation?.localResponse ? "The plugin responded" : "Responded";
  return `${who} with ${response.status === 0 ? "nothing" : response.status}${counts}${response.isComplete ? "" : ", broken off"}.`;
}

function card(title: string, note: string, ...children: (Node | string | null)[]): HTMLElement {
  const id = `card-${title.toLowerCase().replace(/\W+/g, "-")}`;
  const heading = h("header", {}, h("h2", { id }, title), note !== "" && h("p", {}, note));
  return h("section", { class: "card", "aria-labelledby": id }, heading, ...children);
}

function refusedCard({ findings, complaints }: Outcome): HTMLElement {
  const count = findings.filter((one) => one.severity === "error").length;
  const text = `The plugin refuses to start with this configuration: ${count} error${count === 1 ? "" : "s"}, listed below the editor. Envoy would refuse it with the same messages.`;
  return h("section", { class: "card problem", "aria-label": "Refused" }, h("h2", {}, "No exchange"), h("p", {}, text), lines(complaints));
}

function complaintsCard({ complaints }: Outcome): Part {
  if (complaints.length === 0) return null;
  return h("section", { class: "card problem", "aria-label": "Log of the plugin" }, h("h2", {}, "The plugin says"), lines(complaints));
}

function lines(texts: string[]): HTMLElement | null {
  return texts.length === 0 ? null : h("ul", { class: "plain" }, ...texts.map((text) => h("li", {}, ...withSecrets(text))));
}

// ---------------------------------------------------------------- the way of the request

function flowCard({ request }: Setup, { response }: Outcome, explanation: Explanation): HTMLElement {
  const { upstream, provider, model, api, rule, sideCalls, localResponse } = explanation;
  const stations = [
    station("Client", `${request.method} ${pathOf(request.path)}`, model.requested),
    station(
      provider === null ? "Plugin" : `Plugin, provider ${provider.type}${provider.id === "" ? "" : ` (${provider.id})`}`,
      api || "no API of its own",
      rule === null ? "global configuration" : `rule ${rule.number}`,
    ),
    upstream === null
      ? station("Provider", localResponse === null ? "nothing was sent" : "not called", "", "unasked")
      : station("Provider", `${upstream.method} ${upstream.host}`, model.sent === "" ? model.requested : model.sent),
  ];
  const status = response?.status ?? 0;
  const kind = status >= 200 && status < 300 && response?.isComplete === true ? "good" : "bad";
  const verdict = h(
    "p",
    { class: `verdict ${kind}` },
    h("b", {}, status === 0 ? "no response" : String(status)),
    ` ${STATUS_TEXTS[status] ?? ""}`,
    h("span", {}, verdictNote(response, localResponse !== null)),
  );
  const calls = sideCalls.map(
    ({ purpose, method, host, path, cluster }) =>
      `First, for the ${purpose}: ${method} ${host}${path} through cluster ${cluster} (a stand-in responds).`,
  );
  return h("section", { class: "card flow", "aria-label": "Summary" }, h("ol", {}, ...stations), verdict, lines(calls));
}

function pathOf(path: string): string {
  const question = path.indexOf("?");
  return question < 0 ? path : `${path.slice(0, question)}?…`;
}

function station(name: string, what: string, model: string, kind = ""): HTMLElement {
  return h(
    "li",
    { class: kind },
    h("span", { class: "name" }, name),
    h("span", { class: "what" }, what),
    model !== "" && h("span", { class: "model" }, model),
  );
}

function verdictNote(response: Outcome["response"], isLocal: boolean): string {
  if (response === null) return "";
  const parts = [isLocal ? "from the plugin itself" : response.isStream ? "streamed" : "whole response"];
  if (!response.isComplete) parts.push("broken off, and the client can tell");
  return parts.join(", ");
}

// ---------------------------------------------------------------- request

function upstreamCard(explanation: Explanation): Part {
  const { upstream, changes, isSameBody, droppedHeaders, provider } = explanation;
  if (upstream === null) return null;
  const same =
    upstream.body === ""
      ? null
      : isSameBody
        ? "The body is the client’s, byte for byte."
        : changes === null
          ? "The body has changed, and is not JSON on both sides."
          : changes.length === 0
            ? "Only the spelling of the body has changed."
            : null;
  const dropped = provider === null ? [] : droppedHeaders;
  const list = h(
    "ul",
    { class: "changes" },
    ...(changes ?? []).map(changeItem),
    ...dropped.map((name) => h("li", {}, badge("dropped"), h("code", {}, `header ${name}`))),
  );
  const count = list.childElementCount;
  const title = h("h3", {}, "Changes by the plugin", h("span", { class: "count" }, String(count)));
  return card(
    "Request to the provider",
    "as it leaves the gateway, secrets masked",
    h("p", { class: "start" }, h("b", {}, upstream.method), " ", ...withSecrets(upstream.path)),
    headersList([["host", upstream.host], ...upstream.headers]),
    bodyBlock(upstream, "Body of the request to the provider"),
    count > 0 || same !== null ? title : null,
    same === null ? null : h("p", { class: "quiet" }, same),
    count > 0 ? list : null,
  );
}

function headersList(headers: [string, string][]): HTMLElement {
  return h("dl", { class: "headers" }, ...headers.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, ...withSecrets(value))]));
}

function bodyBlock({ body, isBase64 }: Message, label: string): HTMLElement | null {
  if (body === "") return null;
  return isBase64 ? h("p", { class: "quiet" }, `${body.length} characters of base64: the body is not text`) : code(body, label);
}

function badge(kind: string): HTMLElement {
  return h("span", { class: `badge ${kind}` }, kind === "moved" ? "mapped" : kind);
}

function changeItem({ kind, pointer, from, before, after }: Change): HTMLElement {
  const place = h("code", {}, from === undefined || from === pointer ? pointer : `${from} → ${pointer}`);
  const value = kind === "changed" || kind === "clamped" ? `${short(before)} → ${short(after)}` : short(kind === "added" ? after : before);
  return h("li", {}, badge(kind), place, h("span", { class: "value" }, ...coloured(value)));
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

// ---------------------------------------------------------------- response

/** A stream is drawn one arrival after the other, anything else at once. */
function framesCard(outcome: Outcome): Drawn & { card: HTMLElement } {
  const { response, steps, explanation } = outcome;
  const isLocal = explanation?.localResponse !== null;
  const head = [
    h("p", { class: "start" }, h("b", {}, `HTTP ${response?.status === 0 ? "–" : response?.status}`)),
    headersList(response?.headers ?? []),
  ];
  const shown = steps.filter((step) => step.from !== "" || step.to !== "");
  const isFramed = response !== null && !isLocal && (response.isStream || shown.length > 2);
  const words = h("p", { class: "words", "aria-label": "Text of the response" });
  if (response === null || !isFramed) {
    words.textContent = response === null ? "" : wordsOf(response.body);
    const note = isLocal ? "written by the plugin; no provider was called" : "after the plugin";
    const body = response === null ? null : bodyBlock(response, "Body of the response to the client");
    return { ...still([]), card: card("Response to the client", note, ...head, words.textContent === "" ? null : words, body) };
  }
  const list = h("ol", {
    class: "frames",
    tabindex: 0,
    role: "list",
    "aria-label": "Bytes that the provider sent and the client got, in order",
  });
  // A list that is drawn at once is read from its start.
  const isFollowed = !prefersStill();
  let at = 0;
  const next = () => {
    const step = shown[at];
    if (step === undefined) return false;
    list.append(frameItem(step, at++));
    if (isFollowed) list.scrollTop = list.scrollHeight;
    words.append(wordsOf(step.to));
    return at < shown.length;
  };
  const columns = h("div", { class: "columns", "aria-hidden": "true" }, h("span", {}, "Provider sent"), h("span", {}, "Client got"));
  const note = `${shown.filter((step) => step.from !== "").length} arrivals from the provider`;
  return { parts: [], next, nextAt: () => shown[at]?.at ?? 0, card: card("Response to the client", note, ...head, words, columns, list) };
}

function frameItem({ from, to, at }: Step, index: number): HTMLElement {
  const isSame = from !== "" && from === to;
  const left = h("pre", { class: "from" }, from === "" ? h("i", {}, "end of the response") : "", ...coloured(from.trimEnd()));
  const right = h(
    "pre",
    { class: "to" },
    ...(to === "" ? [h("i", {}, "nothing yet")] : isSame ? [h("i", {}, "the same bytes")] : coloured(to.trimEnd())),
  );
  const time = h("span", { class: "time" }, `${at} ms`);
  return h("li", { "aria-label": `Arrival ${index + 1}, after ${at} milliseconds` }, time, left, right);
}

// ---------------------------------------------------------------- what is counted

const TOKEN_NAMES: Record<string, string> = { input_token: "input", output_token: "output", total_token: "total" };

function tokensCard({ tokens, log }: Outcome): Part {
  if (log === null) return null;
  const main = Object.entries(TOKEN_NAMES).map(([key, name]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(tokens[key] ?? "–"))));
  const details = Object.entries(tokens).filter(([key]) => !(key in TOKEN_NAMES) && key !== "usage_source");
  const source =
    tokens.usage_source === undefined
      ? "the response has none"
      : tokens.usage_source === "reported"
        ? "as the provider reports them"
        : "estimated, because the provider reports none";
  const more =
    details.length === 0 ? null : h("p", { class: "quiet" }, details.map(([key, value]) => `${key} ${String(value)}`).join(", "));
  return card("Tokens", source, h("dl", { class: "tiles" }, ...main), more);
}

function logCard({ log }: Outcome): Part {
  if (log === null) return card("Log line", "none: the plugin left this request alone");
  return card("Log line", "%FILTER_STATE(wasm.ai_log:PLAIN)% in the access log", code(JSON.stringify(log), "ai_log"));
}

function metricsCard({ metrics }: Outcome): Part {
  const families = new Map<string, HTMLElement[]>();
  for (const [name, value] of Object.entries(metrics)) {
    const { family, last } = splitName(name);
    const shown = Array.isArray(value) ? [h("small", {}, "histogram"), `${value.join(", ")} ms`] : [String(value)];
    const row = h("tr", {}, h("th", { scope: "row" }, last), h("td", {}, ...shown));
    families.set(family, [...(families.get(family) ?? []), row]);
  }
  if (families.size === 0) return null;
  const bodies = [...families].map(([family, rows]) => {
    const head = h("tr", { class: "family" }, h("th", { scope: "rowgroup", colspan: 2 }, family));
    return h("tbody", {}, head, ...rows);
  });
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Metric"), h("th", { scope: "col" }, "Value")));
  return card("Metrics", "counted by this one exchange", h("table", {}, head, ...bodies));
}

/** Values of labels may have dots of their own, so only the last word is told apart. */
function splitName(name: string): { family: string; last: string } {
  const dot = name.lastIndexOf(".");
  return { family: name.slice(0, dot + 1), last: name.slice(dot + 1) };
}
