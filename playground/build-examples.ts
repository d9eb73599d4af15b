// Makes the examples of the page: for each provider a configuration, and for each request the reply that this provider would
// give. Which reply fits is found by sending the request through the plugin and looking at where it goes.
import { readFileSync, readdirSync } from "node:fs";
import { parse, stringify } from "yaml";
import schema from "../schema/config.schema.json";
import { loadCases, type Case } from "../tests/cases/case";
import { encodeUtf8 } from "../emulator/bytes";
import { Host } from "../emulator/host";
import { eventText, replyFor } from "../tools/mock-provider.mjs";
import { readableSetup, replyOfCase } from "./case-setup";
import type { Examples, ReplyExample } from "./examples";
import { HOST, REQUESTS, type RequestExample } from "./requests";

/** Member `playground` of a provider's file. Every secret in it is made up. */
interface Start {
  /** For chats; "": none. */
  model: string;
  /** Where the provider has embeddings. */
  embedding?: string;
  /** False: no token. */
  token?: boolean;
  fields?: Record<string, unknown>;
}

interface Sent {
  host: string;
  path: string;
  body: Record<string, unknown>;
}

/** Where a request goes, to the case whose reply fits. The first that holds counts; the mock provider comes after these. */
const RECORDED: [RegExp, (body: Sent["body"]) => boolean, string][] = [
  [/\/converse-stream$/, always, "bedrock/stream"],
  [/\/converse$/, always, "bedrock/answer"],
  [/\/invoke$/, always, "bedrock/embeddings"],
  [/:batchEmbedContents/, always, "gemini/embeddings"],
  [/:predict/, always, "vertex/embeddings"],
  [/:generateContent/, hasTools, "gemini/tool-answer"],
  [/anthropic\.com\/v1\/messages/, hasTools, "claude/tool-answer"],
  [/cohere\.com\/v2\/chat/, isStream, "cohere/stream"],
  [/cohere\.com\/v2\/chat/, always, "cohere/answer"],
  [/cohere\.com\/v2\/embed/, always, "cohere/embeddings"],
  [/\/chat-messages$/, (body) => body.response_mode === "streaming", "dify/stream"],
  [/\/chat-messages$/, always, "dify/answer"],
  [/hunyuan\.tencentcloudapi\.com/, (body) => body.InputList !== undefined || body.Input !== undefined, "hunyuan/embeddings"],
  [/hunyuan\.tencentcloudapi\.com/, (body) => body.Stream === true, "hunyuan/stream"],
  [/hunyuan\.tencentcloudapi\.com/, always, "hunyuan/answer"],
  [/spark-api-open/, isStream, "spark/stream"],
  [/spark-api-open/, always, "spark/answer"],
  [/\/v2\/translate$/, always, "deepl/answer"],
  [/\/generate_stream$/, always, "triton/stream"],
  [/\/generate$/, always, "triton/answer"],
  [/\/responses(?:\?|$)/, isStream, "event-streams/responses-api"],
  [/\/responses(?:\?|$)/, always, "openai/responses-answer"],
  [/\/chat\/completions/, hasTools, "messages-client/tool-answer"],
];

function always(): boolean {
  return true;
}

function isStream(body: Sent["body"]): boolean {
  return body.stream === true;
}

function hasTools(body: Sent["body"]): boolean {
  return body.tools !== undefined;
}

const types: string[] = schema.$defs.provider.properties.type.enum;
const FOLDER = "tests/conformance/providers";
const starts: Record<string, Start> = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file.replace(/\.yaml$/, ""), parse(readFileSync(`${FOLDER}/${file}`, "utf8")).playground as Start]),
);
const cases = loadCases();

function providerOf(type: string): object {
  const start = starts[type];
  if (start === undefined) throw new Error(`${FOLDER}/${type}.yaml does not say what the playground starts with`);
  const mapping = start.embedding === undefined ? {} : { "text-embedding-*": start.embedding };
  return {
    type,
    ...(start.token === false ? {} : { apiTokens: ["made-up-token-0123456789"] }),
    ...start.fields,
    ...(start.model === "" ? {} : { modelMapping: { ...mapping, "*": start.model } }),
  };
}

function configOf(type: string): string {
  const comment = "# Secrets here are made up; nothing leaves this page.\n";
  return comment + stringify({ provider: providerOf(type) }, { lineWidth: 110 });
}

/** Where the plugin sends the request, null when it answers by itself. */
async function sentTo(module: WebAssembly.Module, type: string, { path, body }: RequestExample): Promise<Sent | null> {
  const host = await Host.load(module);
  const plugin = host.configure(JSON.stringify({ provider: providerOf(type) }));
  if (!plugin.ok) throw new Error(`${type}: ${plugin.logs.map((line) => line.text).join("; ")}`);
  const headers = { "content-type": "application/json" };
  const { upstream } = plugin.exchange({ method: "POST", path, authority: HOST, headers, body: encodeUtf8(JSON.stringify(body)) });
  return upstream && { host: upstream.authority, path: upstream.path, body: upstream.json() as Sent["body"] };
}

function caseReply(one: Case): ReplyExample {
  const { status, body } = replyOfCase(one);
  const type = one.provider?.awsEvents
    ? "application/vnd.amazon.eventstream"
    : one.provider?.stream
      ? "text/event-stream"
      : "application/json";
  return { source: `tests/cases/${one.name}`, type, status, body: type === "application/json" ? spread(body) : body };
}

function spread(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}

/** Paths of providers' own that take and give what OpenAI's paths do. */
const SAME_AS: [RegExp, string][] = [[/\/text\/chatcompletion_v2$/, "/v1/chat/completions"]];

function mockReply({ path, body }: Sent): ReplyExample | null {
  const own = new URL(path, "http://mock").pathname;
  const target = SAME_AS.find(([pattern]) => pattern.test(own))?.[1] ?? own;
  const model = typeof body.model === "string" ? body.model : (/\/models\/([^/:]+):/.exec(target)?.[1] ?? "");
  const reply = replyFor("POST", target, body, model, 1);
  if (reply.status !== 200) return null;
  const source = "tools/mock-provider.mjs";
  if (!("events" in reply)) return { source, type: "application/json", status: 200, body: JSON.stringify(reply.body, null, 2) };
  const text = reply.events.map(([name, data]: [string | null, unknown]) => eventText(name, data)).join("") + reply.last;
  return { source, type: "text/event-stream", status: 200, body: text };
}

function replyTo(sent: Sent): ReplyExample {
  const target = `${sent.host}${sent.path}`;
  const name = RECORDED.find(([where, holds]) => where.test(target) && holds(sent.body))?.[2];
  const recorded = cases.find((one) => one.name === name);
  if (name !== undefined && recorded === undefined) throw new Error(`there is no case ${name}`);
  const reply = recorded === undefined ? mockReply(sent) : caseReply(recorded);
  if (reply === null) throw new Error(`no example response for ${target}`);
  return reply;
}

/** Reads build/plugin.wasm and the case folders; the working directory is the project's. */
export async function buildExamples(): Promise<Examples> {
  const module = new WebAssembly.Module(readFileSync("build/plugin.wasm"));
  const examples: Examples = { providers: [], replies: [], replyOf: {}, cases: [] };
  const known = new Map<string, number>();
  const indexOf = (reply: ReplyExample) => {
    const key = JSON.stringify(reply).replace(/"created":\d+/g, "");
    if (!known.has(key)) known.set(key, examples.replies.push(reply) - 1);
    return known.get(key) ?? 0;
  };
  for (const type of types) {
    examples.providers.push({ type, config: configOf(type) });
    const own: Record<string, number> = {};
    for (const request of REQUESTS) {
      const sent = await sentTo(module, type, request);
      if (sent !== null) own[request.id] = indexOf(replyTo(sent));
    }
    examples.replyOf[type] = own;
  }
  for (const one of cases) {
    if (one.provider === undefined || one.request === undefined || one.only !== undefined) continue;
    examples.cases.push({ name: one.name, why: one.why, setup: readableSetup(one) });
  }
  return examples;
}
