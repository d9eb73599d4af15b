// Makes trials out of the cases: a configuration, a request and a response that belong together, one of them mutated.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { responseBytes, responseHeaders, configText, loadCases, requestOf, type Case } from "../cases/case";
import { event, exception } from "../unit/aws-frames";
import type { Trial } from "./exchange";
import { mutateBytes, mutateJson } from "./mutate";
import type { Random } from "./random";

export type Target = "request" | "response" | "config" | "head";

export interface Seed {
  config: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  status: number;
  responseHeaders: Record<string, string>;
  response: Buffer;
  /** The case itself says what the provider answers. */
  hasResponse: boolean;
  /** Bedrock's events before they were framed: their checksums would stop most mutated bytes at the door. */
  awsEvents: AwsEvent[];
}

type AwsEvent = NonNullable<NonNullable<Case["provider"]>["awsEvents"]>[number];

/** Cases whose exchange is worth mutating (they configure a provider and send a body), and the seeds of seeds.yaml. */
export function loadSeeds(): Seed[] {
  const fromCases = loadCases()
    .filter((one) => one.expect.start !== "refused" && one.request?.body !== undefined)
    .map(toSeed);
  return [...fromCases, ...extraSeeds()];
}

const CHAT = {
  model: "m",
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: null, tool_calls: [{ id: "t1", type: "function", function: { name: "f", arguments: '{"a":1}' } }] },
    { role: "tool", tool_call_id: "t1", content: "1" },
  ],
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: { a: { type: "number" } } } } }],
  temperature: 0.5,
  max_tokens: 9,
};
const MESSAGES = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }], stream: false };

function extraSeeds(): Seed[] {
  const list = parse(readFileSync(join(ROOT, "tests/fuzz/seeds.yaml"), "utf8")) as {
    config: object;
    responses?: string[];
    streams?: string[];
  }[];
  return list.flatMap(({ config, responses = [], streams = [] }) =>
    [...responses, ...streams].flatMap((response, index) => {
      const stream = index >= responses.length;
      const responseHeaders = { "content-type": stream ? "text/event-stream" : "application/json" };
      const common = {
        config: JSON.stringify(config),
        status: 200,
        responseHeaders,
        response: Buffer.from(response),
        hasResponse: true,
        awsEvents: [],
      };
      const headers = { "content-type": "application/json" };
      return [
        { ...common, path: "/v1/chat/completions", headers, body: Buffer.from(JSON.stringify({ ...CHAT, stream })) },
        { ...common, path: "/v1/messages", headers, body: Buffer.from(JSON.stringify({ ...MESSAGES, stream })) },
      ];
    }),
  );
}

function toSeed(one: Case): Seed {
  const { path, headers, body } = requestOf(one);
  const response = responseBytes(one);
  return {
    config: configText(one),
    path,
    headers,
    body: Buffer.from(body ?? ""),
    status: one.provider?.status ?? 200,
    hasResponse: one.provider !== undefined && response.length > 0,
    awsEvents: one.provider?.awsEvents ?? [],
    responseHeaders: responseHeaders(one),
    response:
      response.length > 0
        ? response
        : Buffer.from('{"id":"c","choices":[{"index":0,"message":{"content":"hi"}}],"usage":{"prompt_tokens":1}}'),
  };
}

/** All configuration texts, those that must be refused too. */
export function loadConfigs(): Buffer[] {
  return loadCases().map((one) => Buffer.from(configText(one)));
}

export function mutate(random: Random, bytes: Buffer, other: Buffer): Buffer {
  if (random.chance(0.5)) {
    try {
      let value: unknown = JSON.parse(bytes.toString());
      for (let count = 1 + random.below(3); count > 0; count--) value = mutateJson(random, value);
      return Buffer.from(JSON.stringify(value) ?? "null");
    } catch {
      // No JSON: bytes it is.
    }
  }
  return mutateBytes(random, bytes, other);
}

/** A stream is mutated by its events now and then: lost, doubled, exchanged, their JSON changed. */
export function mutateResponse(random: Random, seed: Seed, other: Seed): Buffer {
  if (seed.awsEvents.length > 0 && random.chance(0.7)) return mutateAwsEvents(random, seed.awsEvents);
  const text = seed.response.toString();
  if (!text.includes("data:") || random.chance(0.4)) return mutate(random, seed.response, other.response);
  const events = text.split(/(?<=\n\n|\r\n\r\n|\r\r)/);
  const at = random.below(events.length);
  switch (random.below(4)) {
    case 0:
      events.splice(at, 1);
      break;
    case 1:
      events.splice(random.below(events.length + 1), 0, events[at]);
      break;
    case 2:
      events.splice(at, 1, ...events.splice(random.below(events.length), 1, events[at]));
      break;
    default:
      events[at] = events[at].replace(/\{.*\}/, (json) => mutate(random, Buffer.from(json), other.body).toString());
  }
  return Buffer.from(events.join(""));
}

function mutateAwsEvents(random: Random, events: AwsEvent[]): Buffer {
  const types = ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "", "unknown"];
  const changed = events.flatMap((one) => {
    if (random.chance(0.6)) return [one];
    if (random.chance(0.2)) return [one, one];
    return [{ type: random.chance(0.2) ? random.pick(types) : one.type, data: random.chance(0.9) ? mutateJson(random, one.data) : null }];
  });
  const framed = changed.map(({ type, data }) => (random.chance(0.05) ? exception(type, data) : event(type, data)));
  return Buffer.concat(random.chance(0.2) ? framed.reverse() : framed);
}

export const PATHS = [
  "/v1/chat/completions",
  "/v1/messages",
  "/v1/embeddings",
  "/v1/responses",
  "/v1/completions",
  "/v1/images/edits",
  "/v1beta/models/g:generateContent",
  "/v1/models",
  "/v1/messages/count_tokens",
  "/v1/responses/input_tokens",
  "/v1beta/models/g:countTokens",
];
export const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "multipart/form-data; boundary=b",
  "multipart/form-data; boundary=",
  "text/plain",
  "application/vnd.x+json",
  "",
  "text/event-stream",
  "application/vnd.amazon.eventstream",
];

export function headerText(random: Random, text: string): string {
  // What a header cannot hold never reaches a filter: Envoy refuses it.
  return mutateBytes(random, Buffer.from(text), Buffer.from("?a=b&c=%00/v1/v1/"))
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, "~")
    .slice(0, 2000);
}

/** One trial: what `target` names is mutated. Answers and requests come in random pieces. */
export function makeTrial(random: Random, seeds: Seed[], target: Target, config: string | null): Trial {
  const seed = random.pick(target === "response" ? seeds.filter((one) => one.hasResponse) : seeds);
  const other = random.pick(seeds);
  // Requests and answers of one API through the configuration of another.
  const stranger = random.chance(0.25) ? other : seed;
  const body = target === "request" ? mutate(random, seed.body, other.body) : seed.body;
  const response = target === "response" ? mutateResponse(random, seed, other) : seed.response;
  let { path, headers } = seed;
  let { responseHeaders: headersBack, status } = seed;
  if (target === "head") {
    path = `/${headerText(random, random.chance(0.5) ? path : random.pick(PATHS)).replace(/^\//, "")}`.replace(/ /g, "+");
    headers = {
      ...headers,
      "content-type": random.chance(0.5) ? random.pick(TYPES) : headerText(random, headers["content-type"] ?? ""),
      authorization: headerText(random, "Bearer k"),
    };
    headersBack = { "content-type": random.chance(0.5) ? random.pick(TYPES) : headerText(random, headersBack["content-type"]) };
    status = random.pick([200, 200, 201, 204, 299, 301, 400, 401, 429, 500, 503, 599]);
  }
  return {
    config: config ?? stranger.config,
    request: { path, headers, pieces: random.cut(body, 6).map((piece) => piece.toString("base64")) },
    response: {
      status,
      headers: headersBack,
      pieces: random.cut(response, 9).map((piece) => piece.toString("base64")),
      isCut: random.chance(0.1),
    },
  };
}

/** A mutated configuration. */
export function makeConfig(random: Random, configs: Buffer[]): string {
  return mutate(random, random.pick(configs), random.pick(configs)).toString();
}
