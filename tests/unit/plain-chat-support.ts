// Helpers of the tests of the small chat dialects (spark, minimax, deepl, triton): one exchange in, JSON out, mutations.
import { expect } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
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

  /** The status that a response with status 200 is given instead; 0 when it is understood or no error that is known. */
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

  /** Feeds `rounds` mutations of each input; every output must be JSON, and some responses must be understood. */
  fuzz(inputs: { request: object; response: object; failure: object; events: object[] }, rounds = 3000): void {
    const broken = new BrokenJson(20261124);
    const harmed = (value: object) => broken.mutate(JSON.stringify(value));
    let understood = 0;
    for (let round = 0; round < rounds; round++) {
      this.begin({ stream: round % 2 === 1, usage: true });
      const sent = this.call("request", harmed(inputs.request));
      if (!sent.startsWith("!")) expectJson(sent);
      const got = this.call("response", harmed(inputs.response));
      if (got !== "!") {
        understood++;
        expectJson(got);
      }
      expectJson(this.call("error", 400 + broken.below(200), harmed(inputs.failure)));
      const events = [...inputs.events, ...(broken.below(4) === 0 ? [inputs.failure] : [])].map((event) =>
        harmed(event).replaceAll("\n", " "),
      );
      parseStream(this.streamText(sse(...events, ...(broken.below(2) ? ["[DONE]"] : [])), { usage: broken.below(2) === 0 }));
      if (round % 500 === 499) this.units.exports.collect();
    }
    expect(understood).toBeGreaterThan(rounds / 10);
  }
}
