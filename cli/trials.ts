// What the members of a request bring about. The plugin itself is asked, and no table: the request is sent again without each of them.
import { decodeUtf8, encodeUtf8 } from "../emulator/bytes";
import { FixedClock } from "../emulator/host";
import { initOf } from "./client-request";
import type { Loaded } from "./exchange";
import { diffJson, step, type Change } from "./json-diff";
import type { Json } from "./located";
import { configure } from "./plugin";
import { Secrets } from "./secrets";
import { respondToSideCalls } from "./side-calls";

/** What reached the provider. */
export interface Reached {
  path: string;
  body: Json;
}

/** Sends the request with another body; null when the plugin responded itself, or sent no JSON. */
export type Ask = (body: Json) => Reached | null;

/** Requests that are sent for one explanation. */
const MAX_TRIALS = 300;
/** Bytes of all bodies of these. */
const MAX_BYTES = 32 << 20;
const DAY_MS = 86_400_000;

/** Asks the plugin in a VM of its own. A day goes by between requests, so that no limit ends them. */
export async function askerFor({ module, file, source, config, environment: all, request, contextText }: Loaded): Promise<Ask> {
  const clock = new FixedClock(BigInt(Date.now()) * 1_000_000n);
  const { host, plugin, environment } = await configure(module, file, source, all, { clock });
  const secrets = new Secrets(config, environment);
  const headers = request.headers.filter(([name]) => name.toLowerCase() !== "content-length");
  let trials = 0;
  let bytes = 0;
  return (body) => {
    const text = encodeUtf8(JSON.stringify(body));
    bytes += text.length;
    if (++trials > MAX_TRIALS || bytes > MAX_BYTES) return null;
    clock.advance(DAY_MS);
    const exchange = plugin.exchange(initOf({ ...request, headers, body: text }));
    respondToSideCalls(host, secrets, contextText);
    exchange.abort();
    const { upstream, localReply } = exchange;
    if (upstream === null || localReply !== null) return null;
    try {
      return { path: secrets.target(upstream.path), body: JSON.parse(secrets.text(decodeUtf8(upstream.body))) as Json };
    } catch {
      return null;
    }
  };
}

/**
 * The difference of two bodies, with the guesses of diffJson (which goes by names and values) put to the test: what makes no
 * difference when it is missing was dropped, and what does is where the difference is.
 */
export function triedChanges(before: Json, after: Json, ask: Ask): Change[] {
  const guessed = diffJson(before, after);
  const sent = guessed.some(isGuess) ? ask(before) : null;
  if (sent === null) return guessed;
  const sure: Change[] = [];
  const added = new Map(guessed.filter(({ kind }) => kind === "added").map((one) => [one.pointer, one]));
  for (const change of guessed) {
    if (change.kind === "added") continue;
    const judged = isGuess(change) ? judge(change, before, sent, ask) : change;
    if (change.from !== undefined && judged?.pointer !== change.pointer)
      added.set(change.pointer, { kind: "added", pointer: change.pointer, after: change.after });
    if (judged !== null) sure.push(judged);
  }
  for (const { pointer } of sure) added.delete(pointer);
  return [...sure, ...added.values()];
}

/** A value that is at the same place on both sides needs no test. */
function isGuess({ kind, from }: Change): boolean {
  return kind === "dropped" || from !== undefined;
}

/** Null for what the request cannot do without, such as a role: it was not dropped, and it is nowhere by itself. */
function judge(guess: Change, before: Json, sent: Reached, ask: Ask): Change | null {
  const source = guess.from ?? guess.pointer;
  const rest = ask(without(before, source));
  if (rest === null) return guess.kind === "dropped" ? null : guess;
  const value = guess.before;
  // A mapping may give all models one name: that does not make the model a member that is lost.
  if (isSame(rest, sent)) return source === "/model" ? null : { kind: "dropped", pointer: source, before: value };
  const places = diffJson(rest.body, sent.body).filter(({ kind }) => kind !== "dropped");
  if (places.some(({ pointer }) => guess.from !== undefined && pointer === guess.pointer)) return guess;
  const place = places.find(({ after }) => after === value) ?? places[0];
  if (place === undefined) return { kind: "mapped", pointer: source, before: value };
  const kind = place.after === value ? "moved" : "mapped";
  return { kind, pointer: place.pointer, from: source, before: value, after: place.after };
}

/** The members without which a refused request would be taken; none when there is no such member. */
export function refusedMembers(before: Json, ask: Ask): Change[] {
  if (before === null || typeof before !== "object" || Array.isArray(before)) return [];
  const one = culprits(before, "", (pointer) => ask(without(before, pointer)) !== null);
  if (one.length > 0) return one;
  // Several, each of which is refused: every member is tried alone beside those without which there is no request.
  const needed = Object.entries(before).filter(([key]) => CONVERSATION.has(key));
  const bare = Object.fromEntries(needed) as Json;
  if (ask(bare) === null) return [];
  const rest = Object.entries(before).filter(([key]) => !CONVERSATION.has(key));
  const alone = rest.filter(([key, value]) => ask({ ...(bare as object), [key]: value } as Json) === null);
  return alone.map(([key, value]) => ({ kind: "refused", pointer: step("", key), before: value }));
}

/** What makes a request of a client API: its conversation, and the model. */
const CONVERSATION = new Set(["model", "messages", "input", "contents", "prompt", "max_tokens", "max_output_tokens"]);

/** The innermost members of `value` whose removal helps. */
function culprits(value: Json, pointer: string, helps: (pointer: string) => boolean): Change[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]): Change[] => {
    const here = step(pointer, key);
    if (!helps(here)) return [];
    const within = culprits(member, here, helps);
    return within.length > 0 ? within : [{ kind: "refused", pointer: here, before: member }];
  });
}

function isSame(one: Reached, other: Reached): boolean {
  return one.path === other.path && JSON.stringify(one.body) === JSON.stringify(other.body);
}

/** A copy of `value` that lacks what the pointer names. */
function without(value: Json, pointer: string): Json {
  const copy = structuredClone(value);
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  let here = copy;
  for (const key of keys.slice(0, -1)) here = (here as Record<string, Json>)[key];
  const last = keys.at(-1) ?? "";
  if (Array.isArray(here)) here.splice(Number(last), 1);
  else delete (here as Record<string, Json>)[last];
  return copy;
}
