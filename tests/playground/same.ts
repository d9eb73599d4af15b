// What the page and Envoy must agree on in every exchange, and what they cannot: Envoy's own headers, ids made from chance, time.
import type { Observed } from "../cases/compare";

/** Envoy's, node's and HTTP/1's own; x-case is how the lab tells cases apart. */
const OWN_HEADERS = /^(?::.*|host|x-request-id|x-forwarded-proto|x-envoy-.*|x-case|connection|keep-alive|transfer-encoding|date|server)$/;
const MADE_IDS = /\b((?:chatcmpl|call|msg|toolu|resp|rs|fc|cmpl)[-_])[0-9a-zA-Z_]{6,}/g;
/** A time that was measured. */
const TIMES = new Set(["x-ai-proxy-overhead-us"]);
const CREATED = /("created(?:_at)?": ?)(\d{10})\b/g;
/** Between the two runs of one case. */
const SECONDS_APART = 300;

const KLING_SKEW_MS = 5000;

/** The same object for the same exchange. */
export function comparable({ upstream, response, log }: Observed): object {
  const { llm_first_token_duration: _first, llm_service_duration: _whole, ...counted } = log ?? {};
  return {
    upstream: upstream && { ...upstream, headers: headersOf(withoutTrueLength(upstream)), body: steady(upstream.body) },
    response: { ...response, headers: headersOf(withoutTrueLength(response)), body: steady(response.body) },
    log: log === null ? null : JSON.parse(steady(JSON.stringify(counted))),
  };
}

function headersOf(headers: Record<string, string>): Record<string, string> {
  // A message without a body may say so or not.
  const kept = Object.entries(headers).filter(([name, value]) => !OWN_HEADERS.test(name) && !(name === "content-length" && value === "0"));
  return Object.fromEntries(kept.map(([name, value]): [string, string] => [name, TIMES.has(name) ? "time" : steady(value)]).sort());
}

/**
 * A length is the host's to say: Envoy says it of side calls, as which requests leave whose route was tried out
 * (assembly/pipeline/route-trial.ts), and the page's host tries none; and the lab's provider says it of a stream that comes in one piece.
 * A length that is not the body's stays.
 */
function withoutTrueLength({ headers, body }: { headers: Record<string, string>; body: string }): Record<string, string> {
  const { "content-length": length, ...others } = headers;
  return Number(length) === new TextEncoder().encode(body).length ? others : headers;
}

/** Without ids made from chance, and with one word for the time at which it happened. */
function steady(text: string): string {
  const now = Date.now() / 1000;
  return text
    .replace(MADE_IDS, "$1made")
    .replace(CREATED, (whole, key: string, seconds: string) => (Math.abs(now - Number(seconds)) < SECONDS_APART ? `${key}"now"` : whole));
}

/** When a signed request left, as it says itself: signatures can be equal only at the same second. */
export function signedAt(headers: Record<string, string>): number | undefined {
  const amazon = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers["x-amz-date"] ?? "");
  if (amazon !== null) {
    const [year, month, day, hour, minute, second] = amazon.slice(1).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }
  // A token of Kling's says from when on it holds: five seconds before it was made.
  const kling = /^Bearer eyJ[\w-]+\.([\w-]+)\./.exec(headers.authorization ?? "");
  if (kling !== null)
    return (JSON.parse(atob(kling[1].replace(/-/g, "+").replace(/_/g, "/"))) as { nbf: number }).nbf * 1000 + KLING_SKEW_MS;
  const tencent = headers["x-tc-timestamp"];
  return tencent === undefined ? undefined : Number(tencent) * 1000;
}
