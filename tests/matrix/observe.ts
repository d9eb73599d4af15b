// Sends one request for a client, a dialect and a feature through the plugin, and says what became of the feature.
import { diffJson } from "../../cli/json-diff";
import type { Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { configFor, speakerAt, type Answer, type Dialect, type Json, type Speaker } from "../dialects";
import { laidOver, type Client } from "../dialects/clients";
import { THINKING, type Answered } from "./answered";
import { ASKED, type Fragment } from "./asked";

/** `none`: the provider's API has no such thing to say. */
export type Outcome = "kept" | "mapped" | "clamped" | "dropped" | "refused" | "none";

export interface Sent {
  path: string;
  text: string;
  json: Json;
}

export interface Told {
  /** The request as it reached the provider. */
  sent: string;
  /** The provider's bytes, and the client's. */
  raw: string;
  got: string;
  status: number;
  speaker: Speaker;
}

/** A plugin in front of one provider. */
export class Pair {
  private constructor(
    readonly host: Host,
    private readonly plugin: ReturnType<Host["configure"]>,
    readonly dialect: Dialect,
  ) {}

  static async of(dialect: Dialect): Promise<Pair> {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify(configFor(dialect)));
    if (!plugin.ok) throw new Error(JSON.stringify(plugin.logs));
    return new Pair(host, plugin, dialect);
  }

  private start(client: Client, body: Json, isStream: boolean) {
    const headers = { "content-type": "application/json" };
    return this.plugin.exchange({ method: "POST", path: client.path(isStream), headers, body: JSON.stringify(body) });
  }

  /** What reaches the provider; null when the plugin refuses the request. */
  ask(client: Client, body: Json): Sent | null {
    const exchange = this.start(client, body, false);
    exchange.abort();
    const { upstream, localReply } = exchange;
    return upstream === null || localReply !== null ? null : { path: upstream.path, text: upstream.text, json: upstream.json() };
  }

  /** What the client gets of an answer, in `chunks` pieces; null when the request is refused. */
  tell(client: Client, body: Json, isStream: boolean, answer: Answer, chunks?: (bytes: Buffer) => Buffer[]): Told | null {
    return this.respond(client, body, isStream, (speaker) => {
      const bytes = isStream ? speaker.stream(answer) : speaker.whole(answer);
      return { status: 200, type: isStream ? speaker.streamType : "application/json", bytes, chunks: chunks?.(bytes) };
    });
  }

  fail(client: Client, body: Json, status: number, message: string): Told | null {
    return this.respond(client, body, false, (speaker) => ({
      status,
      type: "application/json",
      bytes: Buffer.from(JSON.stringify(speaker.error(status, message))),
    }));
  }

  private respond(
    client: Client,
    body: Json,
    isStream: boolean,
    make: (speaker: Speaker) => { status: number; type: string; bytes: Buffer; chunks?: Buffer[] },
  ): Told | null {
    const exchange = this.start(client, body, isStream);
    const { upstream, localReply } = exchange;
    if (upstream === null || localReply !== null) {
      exchange.abort();
      return null;
    }
    const speaker = speakerAt(this.dialect, upstream.path.split("?")[0]);
    const { status, type, bytes, chunks } = make(speaker);
    const response = exchange.respond({ status, headers: { "content-type": type }, chunks: chunks ?? [bytes] });
    exchange.finish();
    return { sent: upstream.text, raw: bytes.toString(), got: response.text, status: response.status, speaker };
  }
}

// ---- requests ---------------------------------------------------------------------------------------------------------

type Leaves = Map<string, Json>;

/** What is new in `after`, by pointer. */
function news(before: Json, after: Json): Leaves {
  return new Map(diffJson(before, after).flatMap((one) => (one.kind === "dropped" ? [] : [[one.pointer, one.after]])));
}

function isSame(one: Leaves, other: Leaves): boolean {
  return one.size === other.size && [...one].every(([pointer, value]) => other.get(pointer) === value);
}

/** A number that did not arrive, and another in its place. */
function isClamped(asked: Leaves, sent: Leaves): boolean {
  const numbers = (leaves: Leaves) => [...leaves.values()].filter((value) => typeof value === "number");
  const arrived = numbers(sent);
  return asked.size === numbers(asked).length && arrived.length >= asked.size && numbers(asked).some((value) => !arrived.includes(value));
}

/** What became of a part of a request. */
export function outcomeOfAsked(pair: Pair, client: Client, { base = {}, more }: Fragment, marks: string[] = []): Outcome {
  const before = client.body(false, base);
  const after = laidOver(before, more);
  const without = pair.ask(client, before);
  const sent = pair.ask(client, after);
  if (sent === null) return "refused";
  if (without === null) return "kept";
  if (without.text === sent.text && without.path === sent.path) return "dropped";
  if (marks.some((mark) => !sent.text.includes(mark))) return "dropped";
  const [asked, arrived] = [news(before, after), news(without.json, sent.json)];
  if (isSame(asked, arrived)) return "kept";
  return isClamped(asked, arrived) ? "clamped" : "mapped";
}

// ---- responses --------------------------------------------------------------------------------------------------------

/** Whether a text is in JSON, its escapes aside. */
const has = (text: string, mark: string | number) => text.replaceAll("\\", "").includes(String(mark));

const toolsOf = (client: Client): Json => ASKED.find(({ name }) => name === "tools")?.of[client.name]?.more;

/** Without the time and the ids that a gateway makes. */
const essence = (value: Json) =>
  JSON.stringify(value, (key, member) => (/^(?:id|created|created_at|responseId|item_id)$/.test(key) ? undefined : member));

/** The client's view of a response, be it a stream or whole. */
export function seenBy(client: Client, { got }: Told, isStream: boolean): Json {
  return isStream ? client.assemble(got) : JSON.parse(got);
}

/** Whether the client got the provider's own bytes. */
function heard({ got, raw, speaker }: Told, isStream: boolean, answer: Answer): Outcome {
  const isOwn = got === raw || (isStream && got === speaker.unframed?.(answer).toString());
  return isOwn ? "kept" : "mapped";
}

/** What became of a part of a response. */
export function outcomeOfAnswered(pair: Pair, client: Client, one: Answered, isStream: boolean): Outcome {
  const body = client.body(isStream, one.hasTools ? toolsOf(client) : {});
  const without = pair.tell(client, body, isStream, one.base ?? {});
  const told = pair.tell(client, body, isStream, one.more);
  if (without === null || told === null) return "none";
  if (told.raw === without.raw) return "none";
  const whole = told.speaker.whole(one.more).toString();
  if (one.mark !== undefined && !has(whole, one.mark)) return "none";
  const mark = one.mark ?? one.more.refusal;
  const seen = seenBy(client, told, isStream);
  const isOther = mark === undefined || !has(whole, mark);
  const arrived = isOther ? essence(seen) !== essence(seenBy(client, without, isStream)) : has(JSON.stringify(seen), mark);
  return arrived ? heard(told, isStream, one.more) : "dropped";
}

/** A thought with its seal, and calls, that the client sends back in its next turn. */
export function outcomeOfThought(pair: Pair, client: Client, isStream: boolean): Outcome {
  const answer: Answer = { thinking: THINKING, calls: [{ id: "call_abc1", name: "look", arguments: { q: "x" } }] };
  const tools = toolsOf(client);
  const told = pair.tell(client, client.body(isStream, tools), isStream, answer);
  if (told === null) return "none";
  const whole = told.speaker.whole(answer).toString();
  const mark = [THINKING.seal, THINKING.text].find((one) => whole.includes(one));
  if (mark === undefined) return "none";
  const sent = pair.ask(client, client.next(seenBy(client, told, isStream), tools));
  if (sent === null) return "refused";
  return sent.text.includes(mark) ? "kept" : "dropped";
}

/** A stream that reaches the client piece by piece. */
export function outcomeOfStream(pair: Pair, client: Client): Outcome {
  const text = "Hello to you, and to all.";
  const told = pair.tell(client, client.body(true), true, { text });
  if (told === null || client.textOf(client.assemble(told.got)) !== text) return "dropped";
  // One event that brings all of it is no stream.
  if (told.got.includes(text) && told.got.split(text.slice(0, 5)).length === 2) return "dropped";
  return heard(told, true, { text });
}

export function outcomeOfError(pair: Pair, client: Client): Outcome {
  const told = pair.fail(client, client.body(false), 429, "mark-of-error");
  if (told === null) return "none";
  if (told.status !== 429 || !told.got.includes("mark-of-error")) return "dropped";
  return told.got === told.raw ? "kept" : "mapped";
}
