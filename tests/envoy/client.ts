// The lab's HTTP client: one connection per call, exact bytes both ways, every ending told apart.
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";

const CALL_LIMIT_MS = 20_000;

export interface Call {
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
  /** Value of the Host header; "gateway.example.com" by default. */
  host?: string;
  /** Objects are sent as JSON; a list of strings or byte arrays is sent chunked, piece by piece. */
  body?: string | Uint8Array | object;
  /** Go away after so many body bytes of the response, as an impatient client does. */
  abortAfterBytes?: number;
  /** Go away so long after sending, even before a response: it then has status 0. */
  abortAfterMs?: number;
  timeoutMs?: number;
}

export interface ClientResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The pieces as they arrived, with the time since the request was sent. */
  pieces: { atMs: number; bytes: Buffer }[];
  /** Whether the response ended as HTTP wants it; false for a cut, a reset or our own abort. */
  isComplete: boolean;
  /** The client's TCP port: pairs the call with its log line. */
  localPort: number;
  /** The body parsed as JSON. Throws with the text when it is none. */
  json(): any;
}

/** The body as pieces to write, and whether its length is announced. */
function bodyPieces(body: Call["body"]): { pieces: Uint8Array[]; isChunked: boolean } {
  if (body === undefined) return { pieces: [], isChunked: false };
  const toBytes = (one: string | Uint8Array) => (typeof one === "string" ? Buffer.from(one) : one);
  if (typeof body === "string" || body instanceof Uint8Array) return { pieces: [toBytes(body)], isChunked: false };
  const isPieces = Array.isArray(body) && body.every((one) => typeof one === "string" || one instanceof Uint8Array);
  if (isPieces) return { pieces: (body as (string | Uint8Array)[]).map(toBytes), isChunked: true };
  return { pieces: [Buffer.from(JSON.stringify(body))], isChunked: false };
}

function open(port: number, call: Call): ClientRequest {
  const { pieces, isChunked } = bodyPieces(call.body);
  const method = call.method ?? (call.body === undefined ? "GET" : "POST");
  const type = pieces.length > 0 ? { "content-type": "application/json" } : {};
  const headers: OutgoingHttpHeaders = { host: call.host ?? "gateway.example.com", ...type, ...call.headers };
  if (!isChunked && method !== "GET") headers["content-length"] = pieces[0]?.length ?? 0;
  const outgoing = httpRequest({ host: "127.0.0.1", port, method, path: call.path ?? "/v1/chat/completions", headers, agent: false });
  for (const piece of pieces) outgoing.write(piece);
  outgoing.end();
  return outgoing;
}

/** Sends a request to a port of this machine. Rejects when the connection fails before a response, unless we ended it. */
export function send(port: number, call: Call): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const limitMs = call.timeoutMs ?? CALL_LIMIT_MS;
    const outgoing = open(port, call);
    const pieces: ClientResponse["pieces"] = [];
    let incoming: IncomingMessage | undefined;
    let localPort = 0;
    let isAborted = false;
    const abort = () => {
      isAborted = true;
      outgoing.destroy();
    };
    const timers = [setTimeout(() => outgoing.destroy(new Error(`no answer in ${limitMs} ms`)), limitMs)];
    if (call.abortAfterMs !== undefined) timers.push(setTimeout(abort, call.abortAfterMs));
    const finish = () => {
      timers.forEach(clearTimeout);
      resolve(toResponse(incoming, pieces, localPort));
    };
    outgoing.once("socket", (socket) => socket.once("connect", () => (localPort = socket.localPort ?? 0)));
    outgoing.on("error", (error) => {
      if (incoming || isAborted) return finish();
      timers.forEach(clearTimeout);
      reject(error);
    });
    outgoing.once("response", (response) => {
      incoming = response;
      let size = 0;
      response.on("data", (bytes: Buffer) => {
        pieces.push({ atMs: Date.now() - started, bytes });
        size += bytes.length;
        if (call.abortAfterBytes !== undefined && size >= call.abortAfterBytes) abort();
      });
      // A cut response is a result here, not an error: `isComplete` says so.
      response.on("error", () => {});
      response.once("close", finish);
    });
  });
}

function toResponse(incoming: IncomingMessage | undefined, pieces: ClientResponse["pieces"], localPort: number): ClientResponse {
  const body = Buffer.concat(pieces.map((piece) => piece.bytes));
  const text = body.toString();
  return {
    status: incoming?.statusCode ?? 0,
    headers: incoming?.headers ?? {},
    body,
    text,
    pieces,
    isComplete: incoming?.complete ?? false,
    localPort,
    json: () => parseJson(text),
  };
}

function parseJson(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`not JSON: ${text.slice(0, 500)}`);
  }
}
