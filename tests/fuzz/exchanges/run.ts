// Runs one exchange through the in-process host, its bytes cut as one is told, and keeps what could be seen from outside.
import type { Exchange, Host, Plugin } from "../../../emulator/host";
import type { Random } from "../random";
import { bytesOf, type Input, type Message, type Pairs } from "./input";

/** All that client, provider and log see; equal for every cut. */
export interface Observed {
  upstream: { head: [string, string][]; body: Uint8Array; isComplete: boolean } | null;
  client: { head: [string, string][]; body: Uint8Array; trailers: string; isComplete: boolean; isReset: boolean };
  isLocal: boolean;
  /** All values of ai_log that were written. */
  logs: string[];
  /** The request has ended and nobody has done anything about it. */
  isStuck: boolean;
}

/** How bytes are cut: whole, or in pieces that `random` chooses. */
export type Cuts = Random | null;

function piecesOf(bytes: Buffer, cuts: Cuts): Buffer[] {
  if (cuts === null) return [bytes];
  if (bytes.length < 1500 && cuts.chance(0.04)) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  return cuts.cut(bytes, 12);
}

export function run(host: Host, plugin: Plugin, input: Input, cuts: Cuts): Observed {
  const { request, response } = input;
  const bytes = bytesOf(request.body);
  const hasBody = bytes.length > 0 || request.trailers !== undefined || request.isCut === true;
  const exchange = plugin.exchange({
    method: request.method,
    path: request.path,
    headers: request.headers,
    properties: { route_name: input.route ?? "r9", cluster_name: "c9" },
    ...(hasBody ? { requestChunks: [], requestOpen: true } : {}),
  });
  if (hasBody) feed(requestSide(exchange), request, cuts, request.isCut === true);
  serve(host, input);
  const isStuck = request.isCut !== true && !isAnswered(exchange) && exchange.upstream?.isComplete !== true;
  if (!isAnswered(exchange) && request.isCut !== true) respond(exchange, input, cuts);
  else if (request.isCut === true) exchange.abort();
  if (response.breaks === "abort") exchange.abort();
  serve(host, input);
  exchange.finish();
  const { upstream, client } = exchange;
  return {
    upstream: upstream && { head: upstream.headerList, body: upstream.body, isComplete: upstream.isComplete },
    client: {
      head: client.headerList,
      body: client.body,
      trailers: JSON.stringify(client.trailers),
      isComplete: client.isComplete,
      isReset: client.isReset,
    },
    isLocal: exchange.localReply !== null,
    logs: exchange.stateWrites.filter(([name]) => name === "ai_log").map(([, value]) => Buffer.from(value).toString()),
    isStuck,
  };
}

const isAnswered = (exchange: Exchange) => exchange.localReply !== null || exchange.isReset;

/** The body of one side in pieces, and what ends it. */
function feed(side: Side, message: Message, cuts: Cuts, isCut: boolean): void {
  const ends = !isCut && message.trailers === undefined;
  // Envoy hands no empty piece on but the one that ends a body.
  const pieces = piecesOf(bytesOf(message.body), cuts).filter((piece) => piece.length > 0);
  pieces.forEach((piece, index) => side.data(piece, ends && index === pieces.length - 1 && message.endsWithData === true));
  if (ends && (message.endsWithData !== true || pieces.length === 0)) side.data(Buffer.alloc(0), true);
  if (!isCut && message.trailers !== undefined) side.trailers(message.trailers);
}

interface Side {
  data(piece: Buffer, end: boolean): void;
  trailers(list: Pairs): void;
}

const requestSide = (exchange: Exchange): Side => ({
  data: (piece, end) => exchange.requestData(piece, end),
  trailers: (list) => exchange.requestTrailers(list),
});

const answerSide = (exchange: Exchange): Side => ({
  data: (piece, end) => exchange.respondData(piece, end),
  trailers: (list) => exchange.respondTrailers(list),
});

function respond(exchange: Exchange, input: Input, cuts: Cuts): void {
  const { response } = input;
  if (response.kind === "fails") {
    exchange.failUpstream();
    return;
  }
  if (response.kind === "reply" && exchange.upstream === null) return;
  const bytes = bytesOf(response.body);
  const hasBody = bytes.length > 0 || response.trailers !== undefined || response.breaks !== undefined;
  const local = response.kind === "local" ? (response.details ?? true) : undefined;
  exchange.respondHeaders({ status: response.status, headers: response.headers, local }, !hasBody);
  if (!hasBody) return;
  feed(answerSide(exchange), response, cuts, response.breaks !== undefined);
  if (response.breaks === "reset") exchange.failUpstream();
}

/** Services that the plugin calls itself answer, or fail. */
function serve(host: Host, input: Input): void {
  for (let count = 0; count < 4 && host.pendingCalls.length > 0; count++) {
    const { id } = host.pendingCalls[0];
    const { status, body } = input.service;
    if (status === 0) host.failCall(id);
    else host.respondToCall(id, { headers: { ":status": String(status) }, body: bytesOf(body) });
  }
}
