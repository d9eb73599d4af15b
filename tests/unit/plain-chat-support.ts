// Helpers of the tests of the small chat dialects (spark, minimax, deepl, triton): one exchange in, JSON out, mutations.
import { expect } from "vitest";
import { loadUnits, type Units } from "./units";

export interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  /** The dialect's own setting: groupId, targetLang, modelVersion. */
  setting?: string;
}

export const sse = (...events: (object | string)[]) =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");

/** A client's stream: the parsed chunks; fails when it does not end in [DONE] or a line is no JSON. */
export function parseStream(text: string): any[] {
  const lines = text.trimEnd().split("\n\n");
  expect(lines.pop()).toBe("data: [DONE]");
  return lines.map((line) => JSON.parse(line.slice(6)));
}

/** The text of a choice's deltas, joined. */
export const joined = (chunks: any[], choice = 0) =>
  chunks
    .flatMap((chunk) => chunk.choices ?? [])
    .filter((c) => c.index === choice)
    .map((c) => c.delta.content ?? "")
    .join("");

export const finishes = (chunks: any[]) =>
  chunks
    .flatMap((chunk) => chunk.choices ?? [])
    .map((c) => c.finish_reason)
    .filter(Boolean);

export class Dialect {
  units: Units;

  constructor(
    name: string,
    private defaults: Options = {},
  ) {
    this.units = loadUnits(name);
  }

  call(name: string, ...inputs: (string | number)[]): string {
    return this.units.text(this.units.exports[name](...inputs.map((input) => (typeof input === "number" ? input : this.units.put(input)))));
  }

  begin(options: Options = {}): void {
    const o = { model: "m", setting: "", ...this.defaults, ...options };
    this.units.exports.begin((o.stream ? 1 : 0) | (o.usage ? 2 : 0), this.units.put(o.model), this.units.put(o.setting));
  }

  requestText(body: object, options?: Options): string {
    this.begin(options);
    return this.call("request", JSON.stringify({ model: "client", messages: [{ role: "user", content: "ping" }], ...body }));
  }

  request(body: object, options?: Options): any {
    const text = this.requestText(body, options);
    expect(text[0]).toBe("{");
    return JSON.parse(text);
  }

  /** The param of a refusal. */
  refusal(body: object, options?: Options): string {
    const text = this.requestText(body, options);
    expect(text).toMatch(/^!.*\|[A-Za-z].{10,}\.$/);
    return text.slice(1).split("|")[0];
  }

  path(options?: Options): string {
    this.begin(options);
    return this.call("path");
  }

  response(body: object, options?: Options): any {
    this.begin(options);
    const text = this.call("response", JSON.stringify(body));
    expect(text[0]).toBe("{");
    return JSON.parse(text);
  }

  /** The status that an answer with status 200 is given instead; 0 when it is understood or no error that is known. */
  failedStatus(body: object | string): number {
    this.begin();
    const text = this.call("response", typeof body === "string" ? body : JSON.stringify(body));
    const status = this.units.exports.failedStatus();
    if (status !== 0) expect(text).toBe("!");
    return status;
  }

  error(status: number, body: object | string): any {
    this.begin();
    return JSON.parse(this.call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  }

  streamText(text: string, options?: Options, size = 1 << 20): string {
    this.begin({ stream: true, ...options });
    return this.call("stream", text, size);
  }

  stream(text: string, options?: Options): any[] {
    return parseStream(this.streamText(text, options));
  }

  /** Feeds `rounds` mutations of each input; every output must be JSON, and some answers must be understood. */
  fuzz(inputs: { request: object; answer: object; failure: object; events: object[] }, rounds = 3000): void {
    const random = randomOf(20261124);
    const json = (text: string) => expect(() => JSON.parse(text), text).not.toThrow();
    let understood = 0;
    for (let round = 0; round < rounds; round++) {
      this.begin({ stream: round % 2 === 1, usage: true });
      const sent = this.call("request", mutate(inputs.request, random));
      if (!sent.startsWith("!")) json(sent);
      const got = this.call("response", mutate(inputs.answer, random));
      if (got !== "!") {
        understood++;
        json(got);
      }
      json(this.call("error", 400 + random(200), mutate(inputs.failure, random)));
      const events = [...inputs.events, ...(random(4) === 0 ? [inputs.failure] : [])].map((event) =>
        mutate(event, random).replaceAll("\n", " "),
      );
      parseStream(this.streamText(sse(...events, ...(random(2) ? ["[DONE]"] : [])), { usage: random(2) === 0 }));
      if (round % 500 === 499) this.units.exports.collect();
    }
    expect(understood).toBeGreaterThan(rounds / 10);
  }
}

function randomOf(start: number): (limit: number) => number {
  let seed = start;
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const ODD = [null, true, 0, -1, 1e300, "", "x", "\ud800", [], {}, [[]], { a: null }, "function", 9007199254740993];
const ALPHABET = [...'{}[]",:\\0189-.eutfn \u0001\u00e9"'];

/** JSON of a wrong shape, or text that is hardly JSON any more. */
function mutate(value: object, random: (limit: number) => number): string {
  const visit = (item: any): any => {
    if (random(25) === 0) return ODD[random(ODD.length)];
    if (Array.isArray(item))
      return item.flatMap((one) => (random(20) === 0 ? [] : random(20) === 0 ? [visit(one), visit(one)] : [visit(one)]));
    if (item && typeof item === "object")
      return Object.fromEntries(
        Object.entries(item)
          .filter(() => random(25))
          .map(([k, v]) => [k, visit(v)]),
      );
    return item;
  };
  if (random(2)) return JSON.stringify(visit(value));
  const bytes = [...JSON.stringify(value)];
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(bytes.length);
    const kind = random(4);
    if (kind === 0) bytes.splice(at, 1 + random(8));
    else if (kind === 1) bytes.splice(at, 0, ALPHABET[random(ALPHABET.length)]);
    else if (kind === 2) bytes[at] = ALPHABET[random(ALPHABET.length)];
    else bytes.splice(at, 0, ...bytes.slice(random(bytes.length), random(bytes.length)));
  }
  return bytes.join("");
}
