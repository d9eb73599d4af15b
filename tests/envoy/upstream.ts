// The scripted provider of the lab: answers as told, byte for byte and with the given cuts, and keeps what it was sent.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One request as it arrived at the provider. */
export interface SeenRequest {
  method: string;
  path: string;
  /** Names in lower case; a repeated header is joined with ", " as node does. */
  headers: Record<string, string>;
  /** Names and values in the order of the wire, two entries a header. */
  rawHeaders: string[];
  body: Buffer;
  text: string;
  /** The body parsed; undefined when it is not JSON. */
  json: any;
}

/** One response. With `pieces` it is sent chunked, one write per piece, else whole with a content-length. */
export interface Reply {
  status?: number;
  headers?: Record<string, string | string[]>;
  /** Objects are sent as JSON. */
  body?: string | Uint8Array | object;
  pieces?: (string | Uint8Array)[];
  /** Pause after each piece in ms, one number for all or one per piece. 2 by default: Envoy joins what arrives together. */
  gapMs?: number | number[];
  /** With `pieces`: waits for it after the first one. */
  hold?: Promise<unknown>;
  /** Wait before the headers. */
  delayMs?: number;
  /** How it ends: properly, with the connection closed half way (`cut`), with a TCP reset, or never (`hang`). */
  end?: "complete" | "cut" | "reset" | "hang";
  /** These bytes instead of any HTTP response, then the connection is closed. */
  raw?: string | Uint8Array;
}

export type Script = Reply | Reply[] | ((request: SeenRequest, index: number) => Reply);

const DEFAULT_REPLY: Reply = {
  body: {
    id: "chatcmpl-lab",
    object: "chat.completion",
    created: 1700000000,
    model: "lab-model",
    choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  },
};

function hasContentType(headers: Reply["headers"] = {}): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
}

export class Upstream {
  /** What is answered next: one reply for all, one per request (the last repeats), or a function of the request. */
  script: Script = DEFAULT_REPLY;
  seen: SeenRequest[] = [];
  readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private count = 0;

  private constructor() {
    this.server = createServer((incoming, outgoing) => {
      this.respond(incoming, outgoing).catch(() => outgoing.destroy());
    });
    this.server.keepAliveTimeout = 60_000;
    this.server.on("connection", (socket) => {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
  }

  /** Starts on a free port of the loopback interface. */
  static async start(): Promise<Upstream> {
    const upstream = new Upstream();
    await new Promise<void>((resolve, reject) => upstream.server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Forgets what was seen and takes a new script. */
  reset(script: Script = DEFAULT_REPLY): void {
    this.script = script;
    this.seen = [];
    this.count = 0;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    this.seen.push(request);
    const index = this.count++;
    const { script } = this;
    const reply =
      typeof script === "function" ? script(request, index) : Array.isArray(script) ? script[Math.min(index, script.length - 1)] : script;
    if (reply?.delayMs) await sleep(reply.delayMs);
    await sendReply(outgoing, reply ?? DEFAULT_REPLY);
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    // Not JSON: stays undefined.
  }
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers,
    rawHeaders: incoming.rawHeaders,
    body,
    text: body.toString(),
    json,
  };
}

async function sendReply(outgoing: ServerResponse, reply: Reply): Promise<void> {
  const socket = outgoing.socket;
  outgoing.sendDate = false;
  if (reply.raw !== undefined) {
    socket?.end(reply.raw);
    return;
  }
  const type = hasContentType(reply.headers) ? {} : { "content-type": reply.pieces ? "text/event-stream" : "application/json" };
  const headers = { ...type, ...reply.headers };
  if (reply.pieces) {
    outgoing.writeHead(reply.status ?? 200, headers);
    outgoing.flushHeaders();
    const held = reply.hold ? 1 : 0;
    await writePieces(outgoing, reply.pieces.slice(0, held), 0);
    await reply.hold;
    await writePieces(outgoing, reply.pieces.slice(held), reply.gapMs ?? 2);
  } else {
    const { body = "" } = reply;
    const bytes =
      typeof body === "string" || body instanceof Uint8Array ? Buffer.from(body as Uint8Array) : Buffer.from(JSON.stringify(body));
    outgoing.writeHead(reply.status ?? 200, { ...headers, "content-length": String(bytes.length) });
    // A response that does not end properly keeps its last half back.
    outgoing.write(reply.end && reply.end !== "complete" ? bytes.subarray(0, bytes.length >> 1) : bytes);
  }
  if (reply.end === "hang") return;
  if (reply.end === "reset") socket?.resetAndDestroy();
  else if (reply.end === "cut") socket?.destroySoon();
  else outgoing.end();
}

async function writePieces(outgoing: ServerResponse, pieces: (string | Uint8Array)[], gapMs: number | number[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (outgoing.destroyed) return;
    if (piece.length > 0) outgoing.write(piece);
    const gap = typeof gapMs === "number" ? gapMs : (gapMs[index] ?? 0);
    if (gap > 0) await sleep(gap);
  }
}
