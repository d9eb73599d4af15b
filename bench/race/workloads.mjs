// What is raced: the variants (one Envoy listener each) and the workloads.

export const CLIENT_AUTHORIZATION = "Bearer client-key";
export const UPSTREAM_MODEL = "raced-model";
const UPSTREAM_TOKEN = "sk-upstream-1";
const PROVIDER = { apiTokens: [UPSTREAM_TOKEN], modelMapping: { "*": UPSTREAM_MODEL } };
const OPENAI = { provider: { type: "openai", ...PROVIDER } };
const CLAUDE = { provider: { type: "claude", ...PROVIDER } };
/** Speaks chat completions alone: what Responses and Gemini clients send is translated. */
const DEEPSEEK = { provider: { type: "deepseek", ...PROVIDER } };

/** So many limits that count, by a header each, and refuse nothing. */
const limited = (count) => {
  const limits = Array.from({ length: count }, (_, at) => ({
    by: `header:x-team-${at}`,
    requestsPerMinute: 2_000_000_000,
    tokensPerDay: 2_000_000_000,
  }));
  return [{ module: "ours", config: { ...OPENAI, limits } }];
};

/**
 * Listeners by name: the filters in their order. `module` is a key of what `modules()` in modules.mjs finds.
 * @type {Record<string, { module: string, config: object }[]>}
 */
export const LISTENERS = {
  nofilter: [],
  noop: [{ module: "noop", config: {} }],
  onepass: [{ module: "one-pass", config: {} }],
  calls: [{ module: "host-calls", config: {} }],
  go: [
    { module: "go-statistics", config: {} },
    { module: "go-proxy", config: OPENAI },
  ],
  ours: [{ module: "ours", config: OPENAI }],
  core: [{ module: "core", config: OPENAI }],
  selection: [{ module: "selection", config: OPENAI }],
  "ours-claude": [{ module: "ours", config: CLAUDE }],
  "ours-deepseek": [{ module: "ours", config: DEEPSEEK }],
  "limits-1": limited(1),
  "limits-5": limited(5),
  "limits-20": limited(20),
};

/** As tables and plots name the variants. */
export const TITLES = {
  nofilter: "no filter",
  noop: "no-op",
  onepass: "no-op, one copy, one pass",
  calls: "our host calls, nothing computed",
  go: "Go",
  ours: "ours",
  core: "ours, core build",
  selection: "ours, three dialects",
  "limits-1": "ours, one limit",
  "limits-5": "ours, five limits",
  "limits-20": "ours, twenty limits",
};

/** Whose starts are measured. */
export const STARTS = ["nofilter", "noop", "go", "ours", "core", "selection"];

/** Variants that change the request: what the provider must see. */
export const CHANGES_REQUEST = ["calls", "go", "ours", "core", "limits-1", "limits-5", "limits-20"];

/**
 * @typedef {object} Workload
 * @property {string} title
 * @property {"exchange" | "chunk"} unit What the CPU time is divided by. For chunks, two lengths of streams are run, and the
 *   difference of their CPU time is divided by the difference of their numbers of chunks: what an exchange costs cancels out.
 * @property {string[]} variants
 * @property {number} exchanges In one measurement; the Go plugin gets a quarter of them.
 * @property {number} connections
 * @property {number} bytes Of the request's body, nearly.
 * @property {string} [path] Names the client's API.
 * @property {[number, number]} [chunks] Lengths of the streams.
 * @property {number} [gapMs] Between two chunks, so that each is read alone. Without it they arrive as fast as they can.
 * @property {Record<string, string>} [listeners] The listener of a variant, if it is not the one of that name.
 */

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const RESPONSES = "/v1/responses";
const GEMINI = "/v1beta/models/gpt-4o:generateContent";
const GEMINI_STREAM = "/v1beta/models/gpt-4o:streamGenerateContent?alt=sse";
const RIVALS = ["nofilter", "noop", "calls", "go", "ours", "core"];
const WITH_PASS = ["nofilter", "noop", "onepass", "calls", "go", "ours", "core"];
const OURS = ["nofilter", "noop", "ours"];
const LIMITED = ["nofilter", "ours", "limits-1", "limits-5", "limits-20"];
const TO_CLAUDE = { variants: OURS, listeners: { ours: "ours-claude" } };
const TO_CHAT = { variants: OURS, listeners: { ours: "ours-deepseek" } };
const KILOBYTE = 1 << 10;
const whole = { unit: "exchange", path: CHAT, bytes: KILOBYTE, connections: 16, exchanges: 1600 };
const burst = { unit: "chunk", path: CHAT, bytes: KILOBYTE, connections: 16, exchanges: 32, chunks: [100, 2000] };
const paced = { unit: "chunk", path: CHAT, bytes: KILOBYTE, connections: 32, exchanges: 128, chunks: [10, 300], gapMs: 1 };

/**
 * One pair of a client's API and a provider's: whole, and by chunk in both ways to arrive.
 * @param {string} name
 * @param {string} title
 * @param {{ whole: string, stream: string }} paths
 * @param {object} to
 * @returns {Record<string, Workload>}
 */
function pair(name, title, paths, to) {
  return {
    [`${name}-1k`]: { ...whole, title: `${title}, 1 KB`, path: paths.whole, ...to },
    [`${name}-paced`]: { ...paced, title: `${title}: chunk, each read alone`, path: paths.stream, ...to },
    [`${name}-burst`]: { ...burst, title: `${title}: chunk, many in one read`, path: paths.stream, ...to },
  };
}
const both = (path) => ({ whole: path, stream: path });

/** @type {Record<string, Workload>} */
export const WORKLOADS = {
  "1k-c1": { ...whole, title: "1 KB, 1 connection", connections: 1, variants: RIVALS },
  "1k-c16": { ...whole, title: "1 KB, 16 connections", exchanges: 3200, variants: RIVALS },
  "100k": { ...whole, title: "100 KB", bytes: 100 << 10, exchanges: 640, variants: WITH_PASS },
  "1m": { ...whole, title: "1 MB", bytes: 1 << 20, connections: 4, exchanges: 96, variants: WITH_PASS },
  "stream-paced": { ...paced, title: "metered chunk, each read alone", variants: RIVALS },
  "stream-burst": { ...burst, title: "metered chunk, many in one read", variants: RIVALS },
  limits: { ...whole, title: "limits, 1 KB", exchanges: 3200, variants: LIMITED },
  ...pair("claude", "chat client, Claude", both(CHAT), TO_CLAUDE),
  ...pair("messages", "Anthropic client, OpenAI", both(MESSAGES), { variants: OURS }),
  ...pair("passed-messages", "Anthropic client, Claude, passed", both(MESSAGES), TO_CLAUDE),
  ...pair("responses", "Responses client, chat provider", both(RESPONSES), TO_CHAT),
  ...pair("responses-claude", "Responses client, Claude", both(RESPONSES), TO_CLAUDE),
  ...pair("gemini", "Gemini client, chat provider", { whole: GEMINI, stream: GEMINI_STREAM }, TO_CHAT),
};

/** Workloads of `pair` that pass the body on, and those that translate it. */
export const PASSED = ["passed-messages"];
export const TRANSLATED = ["claude", "messages", "responses", "responses-claude", "gemini"];

const FILLER = 'She said: "caf\u00e9, na\u00efve, \u6a21\u578b." Then she went on,\nslowly, to the next of many points. ';

/**
 * The client's API, by its path.
 * @param {{ path: string }} workload
 * @returns {"chat" | "messages" | "responses" | "gemini"}
 */
export const apiOf = ({ path }) => (path === CHAT ? "chat" : path === MESSAGES ? "messages" : path === RESPONSES ? "responses" : "gemini");

/** Bodies by API: of a text, whole or streamed. */
const BODIES = {
  chat: (content, stream) => ({
    ...{ model: "gpt-4o", messages: [{ role: "user", content }], temperature: 0.7, max_tokens: 512 },
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  }),
  messages: (content, stream) => ({
    ...{ model: "gpt-4o", messages: [{ role: "user", content }], temperature: 0.7, max_tokens: 512 },
    ...(stream ? { stream } : {}),
  }),
  responses: (input, stream) => ({
    ...{ model: "gpt-4o", input, temperature: 0.7, max_output_tokens: 512, store: false },
    ...(stream ? { stream } : {}),
  }),
  gemini: (text) => ({
    contents: [{ role: "user", parts: [{ text }] }],
    generationConfig: { temperature: 0.7, maxOutputTokens: 512 },
  }),
};

/**
 * The body that a client of the workload sends.
 * @param {Workload} workload
 * @returns {string}
 */
export function requestBody({ bytes, path, chunks }) {
  const text = FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, bytes * 0.86);
  return JSON.stringify(BODIES[apiOf({ path })](text, chunks !== undefined));
}

/**
 * The same with a share of the exchanges, and streams as long as before.
 * @param {Record<string, Workload>} workloads
 * @param {number} scale
 * @returns {Record<string, Workload>}
 */
export function scaled(workloads, scale) {
  const part = (one) => ({ ...one, exchanges: Math.max(one.connections, Math.ceil(one.exchanges * scale)) });
  return Object.fromEntries(Object.entries(workloads).map(([name, one]) => [name, part(one)]));
}

/**
 * A tiny race that shows that everything works, and measures nothing. Streams of one pair differ only in how they arrive: one is enough.
 * @param {Record<string, Workload>} workloads
 * @returns {Record<string, Workload>}
 */
export function shrunk(workloads) {
  const small = (one) => ({ ...one, connections: 1, exchanges: 2, ...(one.chunks ? { chunks: [2, 6] } : {}) });
  const different = Object.entries(workloads).filter(
    ([name]) => !name.endsWith("-burst") || !(name.replace(/burst$/, "paced") in workloads),
  );
  return Object.fromEntries(different.map(([name, one]) => [name, small(one)]));
}
