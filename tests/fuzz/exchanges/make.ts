// Makes whole exchanges out of the cases: a configuration, a request of any client API and a response that fits or does not,
// both mutated: heads, paths, bodies, events, trailers, and where either side breaks off.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../../tools/envoy-path.mjs";
import type { Random } from "../random";
import { PATHS, TYPES, headerText, loadSeeds, mutate, mutateResponse, type Seed } from "../trials";
import type { ProviderResponse, Input, Message, Pairs } from "./input";

export interface Setup {
  name: string;
  like: string[];
  config: object;
  forwardsKey?: boolean;
  /** Routes that requests come by; "r9" without them. */
  properties?: string[];
}

/** A setup with the exchanges that fit it. */
export interface Source {
  setup: Setup;
  config: string;
  seeds: Seed[];
  responses: Seed[];
}

export function loadSources(): { sources: Source[]; all: Seed[] } {
  const setups = parse(readFileSync(join(ROOT, "tests/fuzz/exchanges/setups.yaml"), "utf8")) as Setup[];
  const all = loadSeeds();
  const types = all.map((seed) => typesOf(seed.config));
  const sources = setups.map((setup) => {
    const seeds = all.filter((_, index) => types[index].some((type) => setup.like.includes(type)));
    const responses = seeds.filter((seed) => seed.hasResponse);
    if (seeds.length === 0 || responses.length === 0) throw new Error(`no case fits the setup ${setup.name}`);
    return { setup, config: JSON.stringify(setup.config), seeds, responses };
  });
  return { sources, all };
}

function typesOf(config: string): string[] {
  return [...config.matchAll(/"type"\s*:\s*"([a-z0-9-]+)"/g)].map((match) => match[1]);
}

const METHODS = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"];
const STATUSES = [200, 200, 201, 204, 206, 299, 301, 304, 400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529, 599];
const DETAILS = [
  "upstream_response_timeout",
  "upstream_reset_before_response_started{connection_termination}",
  "no_healthy_upstream",
  "cluster_not_found",
  "route_not_found",
  "ext_authz_denied",
  "request_rate_limited",
  "request_overall_timeout",
  "upstream_per_try_timeout",
  "rbac_access_denied_matched_policy[none]",
  "direct_response",
  "some_filter",
];
const KEY_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
const ENCODINGS = ["gzip", "br", "identity", "deflate", "zstd", "Identity", "gzip, br", ""];
const ODD_HEADERS: Pairs = [
  ["accept", "text/event-stream"],
  ["anthropic-version", "2023-06-01"],
  ["anthropic-beta", "a-2025-01-01,b"],
  ["x-mse-consumer", "one"],
  ["conversationid", "v1"],
  ["x-session-id", "s1"],
  ["session_id", "s2"],
  ["x-team", "red"],
  ["x-team", "blue"],
  ["transfer-encoding", "chunked"],
  ["upgrade", "websocket"],
  ["expect", "100-continue"],
  ["content-length", "0"],
  ["content-length", "99999999999999999999"],
  ["x-envoy-attempt-count", "2"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
];

/** The next exchange that chance makes. */
export function makeInput(random: Random, sources: Source[], all: Seed[]): Input {
  const source = random.pick(sources);
  const { setup, config } = source;
  const seed = random.chance(0.7) ? random.pick(source.seeds) : random.pick(all);
  const responses = random.chance(0.92) ? source.responses : all;
  const reply = seed.hasResponse && random.chance(0.5) ? seed : random.pick(responses);
  return {
    setup: setup.name,
    config,
    ...(setup.forwardsKey ? { forwardsKey: true } : {}),
    route: setup.properties === undefined ? "r9" : random.pick(setup.properties),
    request: makeRequest(random, seed, random.pick(all)),
    response: makeResponse(random, reply, random.pick(all)),
    service: random.chance(0.8) ? { status: 200, body: base64("Be brief.") } : { status: random.pick([0, 200, 500]), body: base64("{") },
  };
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

function makeRequest(random: Random, seed: Seed, other: Seed): Input["request"] {
  let path = random.chance(0.08) ? random.pick(PATHS) : seed.path;
  if (random.chance(0.1)) path = `/${headerText(random, path).replace(/^\//, "")}`.replace(/ /g, "+");
  const body = random.chance(0.55) ? mutate(random, seed.body, other.body) : seed.body;
  const headers: Pairs = Object.entries(seed.headers).filter(([name]) => !KEY_HEADERS.includes(name));
  addKey(random, headers);
  muddle(random, headers);
  const method = random.chance(0.95) ? "POST" : random.pick(METHODS);
  return { method, path, ...makeMessage(random, headers, body), ...(random.chance(0.04) ? { isCut: true } : {}) };
}

function addKey(random: Random, headers: Pairs): void {
  if (random.chance(0.12)) return;
  const name = random.pick(KEY_HEADERS);
  const key = `client-secret-${random.chance(0.9) ? 1 + random.below(3) : 9}`;
  headers.push([name, name === "authorization" ? `Bearer ${key}` : key]);
}

/** Changes the type of the content, the coding, or adds what a filter may stumble over. */
function muddle(random: Random, headers: Pairs): void {
  if (random.chance(0.08))
    setHeader(headers, "content-type", random.chance(0.6) ? random.pick(TYPES) : headerText(random, "application/json"));
  if (random.chance(0.03)) headers.push(["content-encoding", random.pick(ENCODINGS)]);
  while (random.chance(0.25)) {
    const [name, value] = random.pick(ODD_HEADERS);
    headers.push([name, random.chance(0.9) ? value : headerText(random, value)]);
  }
}

function setHeader(headers: Pairs, name: string, value: string): void {
  const at = headers.findIndex(([other]) => other === name);
  if (at >= 0) headers.splice(at, 1);
  headers.push([name, value]);
}

function makeMessage(random: Random, headers: Pairs, body: Buffer): Message {
  if (random.chance(0.4) && !headers.some(([name]) => name === "content-length")) headers.push(["content-length", String(body.length)]);
  const message: Message = { headers, body: base64(body) };
  if (random.chance(0.12)) message.trailers = random.chance(0.7) ? [["x-checksum", "1"]] : [];
  else if (random.chance(0.5)) message.endsWithData = true;
  return message;
}

function makeResponse(random: Random, seed: Seed, other: Seed): ProviderResponse {
  const body = random.chance(0.6) ? mutateResponse(random, seed, other) : seed.response;
  const headers: Pairs = Object.entries(seed.responseHeaders);
  muddle(random, headers);
  const status = random.chance(0.85) ? seed.status : random.pick(STATUSES);
  const kind = random.chance(0.88) ? "reply" : random.chance(0.4) ? "fails" : "local";
  const response: ProviderResponse = {
    kind,
    status,
    ...makeMessage(random, headers, status === 204 || status === 304 ? Buffer.alloc(0) : body),
  };
  if (kind === "local") {
    response.details = random.pick(DETAILS);
    response.status = random.pick([400, 403, 404, 408, 429, 500, 503, 504]);
    response.body = base64("local");
    response.headers = [["content-type", "text/plain"]];
    delete response.trailers;
  } else if (random.chance(0.1)) response.breaks = random.chance(0.5) ? "reset" : "abort";
  if (response.breaks !== undefined) {
    const bytes = Buffer.from(response.body, "base64");
    response.body = base64(bytes.subarray(0, random.below(bytes.length + 1)));
    delete response.trailers;
  }
  return response;
}
