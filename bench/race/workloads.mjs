// What is raced: the variants (one Envoy listener each) and the workloads.

export const CLIENT_AUTHORIZATION = "Bearer client-key";
export const UPSTREAM_MODEL = "raced-model";
const UPSTREAM_TOKEN = "sk-upstream-1";
const PROVIDER = { apiTokens: [UPSTREAM_TOKEN], modelMapping: { "*": UPSTREAM_MODEL } };
const OPENAI = { provider: { type: "openai", ...PROVIDER } };
const CLAUDE = { provider: { type: "claude", ...PROVIDER } };

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
  "ours-claude": [{ module: "ours", config: CLAUDE }],
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
};

/** Variants that change the request: what the provider must see. */
export const CHANGES_REQUEST = ["calls", "go", "ours", "core"];

/**
 * @typedef {object} Workload
 * @property {string} title
 * @property {"exchange" | "chunk"} unit What the CPU time is divided by. For chunks, two lengths of streams are run, and the
 *   difference of their CPU time is divided by the difference of their numbers of chunks: what an exchange costs cancels out.
 * @property {string[]} variants
 * @property {number} exchanges In one measurement; the Go plugin gets a quarter of them.
 * @property {number} connections
 * @property {number} bytes Of the request's body, nearly.
 * @property {string} [path]
 * @property {[number, number]} [chunks] Lengths of the streams.
 * @property {number} [gapMs] Between two chunks, so that each is read alone. Without it they arrive as fast as they can.
 * @property {Record<string, string>} [listeners] The listener of a variant, if it is not the one of that name.
 */

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const RIVALS = ["nofilter", "noop", "calls", "go", "ours", "core"];
const WITH_PASS = ["nofilter", "noop", "onepass", "calls", "go", "ours", "core"];
const OURS = ["nofilter", "noop", "ours"];
const FROM_CLAUDE = { ours: "ours-claude" };
const KILOBYTE = 1 << 10;
const whole = { unit: "exchange", path: CHAT };
const burst = { unit: "chunk", path: CHAT, bytes: KILOBYTE, connections: 16, exchanges: 32, chunks: [100, 2000] };
const paced = { unit: "chunk", path: CHAT, bytes: KILOBYTE, connections: 32, exchanges: 128, chunks: [10, 300], gapMs: 1 };

/** @type {Record<string, Workload>} */
export const WORKLOADS = {
  "1k-c1": { ...whole, title: "1 KB, 1 connection", bytes: KILOBYTE, connections: 1, exchanges: 1600, variants: RIVALS },
  "1k-c16": { ...whole, title: "1 KB, 16 connections", bytes: KILOBYTE, connections: 16, exchanges: 3200, variants: RIVALS },
  "100k": { ...whole, title: "100 KB", bytes: 100 << 10, connections: 16, exchanges: 640, variants: WITH_PASS },
  "1m": { ...whole, title: "1 MB", bytes: 1 << 20, connections: 4, exchanges: 96, variants: WITH_PASS },
  "stream-paced": { ...paced, title: "metered chunk, each read alone", variants: RIVALS },
  "stream-burst": { ...burst, title: "metered chunk, many in one read", variants: RIVALS },
  "claude-1k": {
    ...{ ...whole, title: "chat client, Claude, 1 KB", bytes: KILOBYTE, connections: 16, exchanges: 1600 },
    ...{ variants: OURS, listeners: FROM_CLAUDE },
  },
  "claude-paced": { ...paced, title: "chat client, Claude: chunk, each read alone", variants: OURS, listeners: FROM_CLAUDE },
  "claude-burst": { ...burst, title: "chat client, Claude: chunk, many in one read", variants: OURS, listeners: FROM_CLAUDE },
  "messages-1k": {
    ...{ ...whole, title: "Anthropic client, OpenAI, 1 KB", path: MESSAGES, bytes: KILOBYTE },
    ...{ connections: 16, exchanges: 1600, variants: OURS },
  },
  "messages-paced": { ...paced, title: "Anthropic client, OpenAI: chunk, each read alone", path: MESSAGES, variants: OURS },
  "messages-burst": { ...burst, title: "Anthropic client, OpenAI: chunk, many in one read", path: MESSAGES, variants: OURS },
  "passed-messages-paced": {
    ...{ ...paced, title: "Anthropic client, Claude: metered chunk, each read alone", path: MESSAGES },
    ...{ variants: OURS, listeners: FROM_CLAUDE },
  },
};

const FILLER = 'She said: "caf\u00e9, na\u00efve, \u6a21\u578b." Then she went on,\nslowly, to the next of many points. ';

/**
 * The body that a client of the workload sends.
 * @param {Workload} workload
 * @returns {string}
 */
export function requestBody({ bytes, path, chunks }) {
  const content = FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, bytes * 0.86);
  const request = { model: "gpt-4o", messages: [{ role: "user", content }], temperature: 0.7, max_tokens: 512 };
  const options = path === CHAT ? { stream_options: { include_usage: true } } : {};
  return JSON.stringify(chunks ? { ...request, stream: true, ...options } : request);
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
 * A tiny race that shows that everything works, and measures nothing.
 * @param {Record<string, Workload>} workloads
 * @returns {Record<string, Workload>}
 */
export function shrunk(workloads) {
  const small = (one) => ({ ...one, connections: 1, exchanges: 2, ...(one.chunks ? { chunks: [2, 6] } : {}) });
  return Object.fromEntries(Object.entries(workloads).map(([name, one]) => [name, small(one)]));
}
