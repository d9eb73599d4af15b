// A provider that plays a scenario in one dialect and judges what it is sent as the real service would: required fields, roles, order,
// pairs of calls and results, signatures, schemas. Everything that it would refuse is a problem, and so is what got lost on the way.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { markerOf, type Scenario, type Turn } from "./scenarios";

export type Json = any;

export interface Tool {
  name: string;
  schema: Json;
}

/** What a request says, in terms that all dialects share. */
export interface Reading {
  tools: Tool[];
  /** Results of tool calls in order: the call's id, where the dialect has one, and the text. */
  results: { id: string; text: string }[];
  /** Seals of thoughts, as they came back, in order. */
  seals: string[];
  /** Data of pictures, in base64. */
  images: string[];
  /** Whether the request wants a stream. */
  isStream: boolean;
}

export interface Call {
  id: string;
  name: string;
  arguments: string;
}

/** One response, in terms that all dialects share. */
export interface Spoken {
  thinking: string;
  seal: string;
  text: string;
  calls: Call[];
}

export interface Reply {
  status: number;
  type: string;
  body: string | Uint8Array;
}

const SHELLS = ["exec_command", "shell", "shell_command", "run_shell_command", "local_shell", "bash"];
/** Ends of the paths of services that count tokens, each with the member of its answer. */
const COUNTS: Record<string, string> = {
  "/count_tokens": "input_tokens",
  "/count-tokens": "inputTokens",
  "count-tokens:rawPredict": "input_tokens",
  ":countTokens": "totalTokens",
  "/input_tokens": "input_tokens",
};
const MAGIC = ["iVBORw0KGgo", "/9j/", "UklGR"]; // PNG, JPEG and WebP in base64

export const sse = (events: (Json | string)[], isNamed = false) =>
  events
    .map((one) => {
      const name = isNamed && typeof one === "object" ? `event: ${one.type}\n` : "";
      return `${name}data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`;
    })
    .join("");

export abstract class Provider {
  readonly problems: string[] = [];
  readonly seen: string[] = [];
  requests = 0;
  /** False for a client that loses seals by itself, wherever they come from. */
  judgesSeals = true;
  private failed = false;
  private server: Server | undefined;

  constructor(protected readonly scenario: Scenario) {}

  /** Reads a request of this dialect; what the service would refuse goes to problem(). */
  protected abstract read(body: Json, path: string): Reading;
  /** Writes a response as a stream, or whole. */
  protected abstract write(spoken: Spoken, isStream: boolean): Reply;
  protected abstract failure(status: number): Reply;
  /** What the service refuses and the client must do without; null for everything else. */
  protected refuses(_body: Json): Reply | null {
    return null;
  }
  /** Responses to anything but a chat (lists of models). */
  protected other(_path: string): Reply | null {
    return null;
  }
  /** Gives a thought's seal back unchanged when a history holds the thought; false where the dialect has none. */
  protected get seals(): boolean {
    return true;
  }

  protected problem(text: string): void {
    if (!this.problems.includes(text)) this.problems.push(text);
  }

  protected check(condition: unknown, text: string): void {
    if (!condition) this.problem(text);
  }

  async listen(): Promise<number> {
    this.server = createServer((request, response) => void this.serve(request, response));
    await new Promise<void>((done) => this.server!.listen(0, "127.0.0.1", done));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const path = request.url ?? "/";
    const reply = request.method === "POST" ? this.respond(path, Buffer.concat(pieces).toString()) : this.other(path);
    const { status, type, body } = reply ?? { status: 404, type: "application/json", body: "{}" };
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }

  private respond(path: string, text: string): Reply {
    const count = Object.keys(COUNTS).find((end) => path.split("?")[0].endsWith(end));
    if (count !== undefined) return { status: 200, type: "application/json", body: JSON.stringify({ [COUNTS[count]]: 9 }) };
    const other = this.other(path);
    if (other !== null) return other;
    let body: Json;
    try {
      body = JSON.parse(text);
    } catch {
      this.problem(`a body that is no JSON came to ${path}`);
      return this.failure(400);
    }
    this.seen.push(`${path} ${text}`);
    const refusal = this.refuses(body);
    if (refusal !== null) return refusal;
    const reading = this.read(body, path);
    for (const { schema, name } of reading.tools)
      this.check(typeof schema === "object" && schema !== null, `the tool ${name} has no schema`);
    const shell = reading.tools.find(({ name }) => SHELLS.includes(name));
    // Titles, summaries and the like are asked for without tools.
    if (shell === undefined) return this.write({ thinking: "", seal: "", text: "A title", calls: [] }, reading.isStream);
    this.requests++;
    if (this.scenario.failsFirst !== undefined && !this.failed) {
      this.failed = true;
      return this.failure(this.scenario.failsFirst);
    }
    return this.write(this.next(reading, shell), reading.isStream);
  }

  /** The turn that follows upon the results that came, all of them judged. */
  private next(reading: Reading, shell: Tool): Spoken {
    const { turns, hasImage } = this.scenario;
    let results = 0;
    let at = 0;
    for (; at < turns.length - 1; at++) {
      const commands = turns[at].commands ?? [];
      if (reading.results.length < results + commands.length) break;
      commands.forEach((command, k) => this.judgeResult(reading.results, results, `call_${at}_${k}`, command));
      results += commands.length;
    }
    if (this.seals && this.judgesSeals) this.judgeSeals(reading.seals, turns.slice(0, at));
    if (hasImage)
      this.check(
        reading.images.some((data) => MAGIC.some((magic) => data.startsWith(magic))),
        "the picture did not come",
      );
    return this.speak(turns[at], at, shell);
  }

  private judgeResult(results: Reading["results"], before: number, id: string, command: string): void {
    const found = results.find((one) => one.id === id) ?? (results.every((one) => one.id === "") ? results[before] : undefined);
    // Results of one turn may come in any order where they have no ids.
    const candidates = found === undefined ? [] : found.id === "" ? results : [found];
    this.check(
      candidates.some(({ text }) => text.includes(markerOf(command))),
      `the result of ${id} (${command}) did not come back with its call`,
    );
  }

  private judgeSeals(seals: string[], turns: Turn[]): void {
    const wanted = turns.flatMap(({ thinking }, at) => (thinking === undefined ? [] : [sealOf(at)]));
    this.check(
      JSON.stringify(seals) === JSON.stringify(wanted),
      `the seals ${JSON.stringify(wanted)} were to come back, and ${JSON.stringify(seals)} came`,
    );
  }

  private speak(turn: Turn, at: number, shell: Tool): Spoken {
    const calls = (turn.commands ?? []).map((command, k) => ({
      id: `call_${at}_${k}`,
      name: shell.name,
      arguments: JSON.stringify(argumentsFor(shell, command)),
    }));
    return { thinking: turn.thinking ?? "", seal: turn.thinking === undefined ? "" : sealOf(at), text: turn.text ?? "", calls };
  }
}

/** As opaque as a real one: base64. */
const sealOf = (at: number) => Buffer.from(`seal of the thought ${at}`).toString("base64");

function argumentsFor({ schema }: Tool, command: string): object {
  const key = schema?.properties?.cmd === undefined ? "command" : "cmd";
  const isList = String(schema?.properties?.[key]?.type).toLowerCase() === "array";
  const required: string[] = schema?.required ?? [];
  const rest = required.includes("description") ? { description: "prints a marker" } : {};
  return { [key]: isList ? ["bash", "-c", command] : command, ...rest };
}
