// A conversation whose provider changes: three turns with A, then B, then A again, for every ordered pair of dialects and every client
// API. A seal goes to the dialect that made it, and to no other.
import { beforeAll, describe, expect, it } from "vitest";
import { DIALECTS, type Answer, type Dialect, type Json } from "../dialects";
import { CLIENTS, laidOver, type Client, type ClientName } from "../dialects/clients";
import { ASKED } from "../matrix/asked";
import { Pair, seenBy } from "../matrix/observe";
import { longer } from "./law";

const ANTHROPIC = ["claude", "vertex claude", "bedrock claude", "bedrock invoke", "bedrock nova"];
const GOOGLE = ["gemini", "vertex gemini"];
/** Providers that serve the client's own API: its bytes pass, and whose seals they are cannot be seen. */
const NATIVE: Partial<Record<ClientName, string[]>> = {
  responses: ["openai", "openai responses", "openrouter", "qwen"],
  messages: [...ANTHROPIC, "deepseek", "qwen"],
};

/** Whether a seal of one dialect is good at another: for all of its family, and OpenRouter may speak for Claude. */
function isGood(client: Client, from: Dialect, to: Dialect): boolean | null {
  const both = (list: string[] = []) => list.includes(from.name) && list.includes(to.name);
  if (from === to || both(ANTHROPIC) || both(GOOGLE) || both(NATIVE[client.name])) return true;
  const speaksForClaude = [from.name, to.name].includes("openrouter") && both([...ANTHROPIC, ...(NATIVE[client.name] ?? []), "openrouter"]);
  return speaksForClaude ? null : false;
}

const pairs = new Map<string, Pair>();
beforeAll(async () => {
  for (const dialect of DIALECTS) pairs.set(dialect.name, await Pair.of(dialect));
});

const sealOf = (mark: string) => Buffer.from(`the seal of ${mark}`).toString("base64");
const answerOf = (mark: string): Answer => ({
  thinking: { text: `thought-${mark}`, seal: sealOf(mark) },
  text: `text-${mark}`,
  calls: [{ id: `call_${mark}`, name: "look", arguments: { q: `query-${mark}` } }],
});

/** Sends `body` to a dialect, which answers with `mark`; what it got, and the body of the client's next turn. */
function turn(client: Client, dialect: Dialect, body: Json, mark: string, isStream: boolean): { sent: string; next: Json } {
  const told = pairs.get(dialect.name)!.tell(client, isStream ? laidOver(client.body(true), body) : body, isStream, answerOf(mark));
  expect(told === null, `${dialect.name} refuses a ${client.name} client`).toBe(false);
  return { sent: told!.sent, next: longer(client, body, client.next(seenBy(client, told!, isStream))) };
}

/** Whether the dialect's answers hold seals. */
const seals = (dialect: Dialect, client: Client) =>
  pairs.get(dialect.name)!.tell(client, client.body(false), false, answerOf("X"))!.raw.includes(sealOf("X"));

/** Three turns; the first and the last with `first`. `hasSeals`: whose answers hold any. */
function talk(client: Client, first: Dialect, second: Dialect, isStream: boolean, hasSeals: Map<Dialect, boolean>): void {
  const tools = ASKED.find(({ name }) => name === "tools")!.of[client.name]!.more;
  const context = `${first.name}, ${second.name}, stream ${isStream}`;
  const one = turn(client, first, client.body(false, tools), "A", isStream);
  const two = turn(client, second, one.next, "B", isStream);
  const three = turn(client, first, two.next, "C", isStream);
  const judge = (text: string, mark: string, from: Dialect, to: Dialect) => {
    const good = isGood(client, from, to);
    if (good === null) return;
    expect(text.includes(sealOf(mark)), `${context}: ${mark}'s seal at ${to.name}`).toBe(good && hasSeals.get(from));
  };
  judge(two.sent, "A", first, second);
  judge(three.sent, "B", second, first);
  judge(three.sent, "A", first, first);
  // Envelopes are the clients' alone; those of Gemini clients are in base64.
  expect(two.sent + three.sent, context).not.toMatch(/seal1\.|c2VhbDEu/);
}

describe.each(CLIENTS)("a $name client", (client) => {
  it.each(DIALECTS)("$name, then another, then the first again", (first) => {
    const hasSeals = new Map(DIALECTS.map((one) => [one, seals(one, client)]));
    // Each dialect is met with streams and with whole responses.
    DIALECTS.forEach((second, at) => {
      if (second !== first) talk(client, first, second, (DIALECTS.indexOf(first) + at) % 2 === 0, hasSeals);
    });
  });
});
