// What the law of the round trip says of a pair: a turn that a client sends back reaches the provider as the provider wrote it, but for what
// the client's API cannot say.
import { expect } from "vitest";
import type { Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import type { Json } from "../dialects";
import type { Client, ClientName } from "../dialects/clients";
import { withoutIds, type Provider } from "./providers";

const hosts = new Map<Provider, Host>();

/** A plugin in front of the provider. */
export async function sender(provider: Provider, client: Client) {
  const host = hosts.get(provider) ?? (await loadPlugin());
  hosts.set(provider, host);
  const config = { provider: { apiTokens: ["sk-1"], ...provider.config, modelMapping: { "*": provider.model } } };
  const plugin = host.configure(JSON.stringify(config));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  /** Sends a body; what the provider got, and what the client makes of the answer `turn`. */
  return (body: Json, turn: Json, wantsStream: boolean, isStream: boolean): { sent: Json; response: Json } => {
    const headers = { "content-type": "application/json" };
    const exchange = plugin.exchange({ method: "POST", path: client.path(wantsStream), headers, body: JSON.stringify(body) });
    expect(exchange.localReply, JSON.stringify(exchange.localReply)).toBe(null);
    const sent = exchange.upstream!.json();
    const type = isStream ? provider.streamType : "application/json";
    const chunks = [isStream ? provider.stream(turn) : Buffer.from(provider.whole(turn))];
    const { text } = exchange.respond({ status: 200, headers: { "content-type": type }, chunks });
    exchange.finish();
    expect([host.violations, host.traps]).toEqual([[], []]);
    return { sent, response: wantsStream ? client.assemble(text) : JSON.parse(text) };
  };
}

// ---- what a client API can say ----------------------------------------------------------------------------------------

const isCall = (block: Json) => Boolean(block.toolUse ?? block.functionCall) || ["tool_use", "function_call"].includes(block.type);
const isText = (block: Json) =>
  block.type === "text" || block.type === "message" || (block.type === undefined && block.text && !block.thought);

/** Neighbouring texts are one text, a string is one, and an empty one is none. */
function joined(turn: Json): Json {
  if (typeof turn === "string") return [{ type: "text", text: turn }];
  if (!Array.isArray(turn)) return turn;
  const told = turn.filter((block: Json) => block.text !== "" || block.thoughtSignature);
  return told.reduce((blocks: Json[], block: Json) => {
    const last = blocks.at(-1);
    const isPiece = last && [last, block].every((one) => isText(one) && one.text !== undefined && one.thoughtSignature === undefined);
    if (last?.type === "message" && block.type === "message") {
      const text = last.content[0].text + block.content[0].text;
      return [...blocks.slice(0, -1), { ...last, content: [{ ...last.content[0], text }] }];
    }
    return isPiece ? [...blocks.slice(0, -1), { ...last, text: last.text + block.text }] : [...blocks, block];
  }, []);
}

/** What of a turn comes back by a client that keeps all it gets: exact for the Messages API, and for what passes. */
function sayable(client: Client, turn: Json): Json {
  if (client.name === "messages" || !Array.isArray(turn)) return turn;
  // Tools that ran at the provider have no word there; thoughts that nobody has sealed are not wanted back.
  const told = turn.filter((block: Json) => block.type !== "server_tool_use" && !(block.thought && !block.thoughtSignature));
  if (client.name !== "chat") return joined(told);
  // A chat's message has one text, which stands before all calls, and its thinking stands before both.
  const rest = told.filter((block: Json) => !isCall(block) && !isText(block));
  const texts = joined(told.filter(isText).map(({ thoughtSignature: _seal, ...text }: Json) => text));
  const { thoughtSignature } = told.find((block: Json) => isText(block) && block.thoughtSignature) ?? {};
  const sealed = texts.map((text: Json) => (thoughtSignature === undefined ? text : { ...text, thoughtSignature }));
  return [...rest, ...sealed, ...told.filter(isCall)];
}

/** Pairs whose bytes pass. */
const PASSING: Record<ClientName, string[]> = {
  chat: ["OpenRouter"],
  messages: ["Claude", "Claude on Vertex"],
  responses: ["Responses", "OpenRouter"],
  gemini: ["Gemini 3", "Gemini 3 on Vertex"],
};

export const passes = (client: Client, provider: Provider) => PASSING[client.name].includes(provider.name);

/** A turn as it has to reach its provider again. */
export function wanted(client: Client, provider: Provider, turn: Json): Json {
  if (client.name === "messages") return provider.name === "Gemini 3 on Vertex" ? withoutIds(turn) : turn;
  const said = passes(client, provider) ? joined(turn) : sayable(client, turn);
  return provider.name === "Gemini 3 on Vertex" ? withoutIds(said) : said;
}

/** The assistant's turns that have reached the provider. */
export function came(client: Client, provider: Provider, sent: Json): Json[] {
  return provider.turns(sent).map((turn) => (client.name === "messages" ? turn : joined(turn)));
}

/** The history of `body` with what follows in `next`, which begins with the first question. */
export function longer(client: Client, body: Json, next: Json): Json {
  const list = { chat: "messages", responses: "input", messages: "messages", gemini: "contents" }[client.name];
  const before = typeof body[list] === "string" ? [{ role: "user", content: body[list] }] : body[list];
  return { ...body, [list]: [...before, ...next[list].slice(1)] };
}
