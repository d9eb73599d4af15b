// Runs a case in the in-process host: the provider's response and the request's body in any pieces.
import { responseBytes, responseHeaders, configText, isStream, requestOf, streamPieces, type Case } from "../cases/case";
import { observedIn, type Observed } from "../cases/observed";
import type { Exchange, Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

export type Plugin = ReturnType<Host["configure"]>;

/** How the bytes are cut. Default: the request whole, a stream by its events, an empty last callback on both sides. */
export interface Cuts {
  request?: Buffer[];
  response?: Buffer[];
  endWithLastChunk?: boolean;
  /** Trailers end the response, as over HTTP/2. */
  trailers?: boolean;
}

export interface Loaded {
  host: Host;
  plugin: Plugin;
}

/** The plugin with a case's configuration, in a VM of its own. */
export async function loadCase(one: Case): Promise<Loaded> {
  const host = await loadPlugin({ logLevel: "trace" });
  return { host, plugin: host.configure(configText(one)) };
}

/** Pieces of `bytes` that end at the given offsets and at the end. */
export function cutAt(bytes: Buffer, ...offsets: number[]): Buffer[] {
  const ends = [...offsets, bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

function send(plugin: Plugin, one: Case, cuts: Cuts): Exchange {
  const { method, path, headers, body } = requestOf(one);
  return plugin.exchange({
    method,
    path,
    headers,
    authority: one.authority,
    ...(cuts.request ? { requestChunks: cuts.request } : { body: body ?? null }),
    endWithLastChunk: cuts.endWithLastChunk,
    properties: { route_name: one.route ?? "r0", cluster_name: one.cluster ?? "c0" },
  });
}

function respond(exchange: Exchange, one: Case, cuts: Cuts): void {
  const { provider } = one;
  if (provider?.ends === "unanswered") {
    exchange.failUpstream();
    return;
  }
  const whole = responseBytes(one);
  const chunks = cuts.response ?? (isStream(one) ? streamPieces(one) : whole.length > 0 ? [whole] : []);
  const length: Record<string, string> = isStream(one) ? {} : { "content-length": String(whole.length) };
  exchange.respond({
    status: provider?.status,
    headers: { ...length, ...responseHeaders(one) },
    chunks,
    local: provider?.local,
    endWithLastChunk: cuts.endWithLastChunk,
    complete: provider?.ends !== "cut",
    ...(cuts.trailers ? { trailers: { "x-checksum": "abc" } } : {}),
  });
  if (provider?.ends === "cut") exchange.failUpstream();
}

/** One exchange from request to log. */
export function runCase({ plugin }: Loaded, one: Case, cuts: Cuts = {}): Observed {
  const exchange = send(plugin, one, cuts);
  const { upstream } = exchange;
  if (exchange.localReply === null && upstream !== null) respond(exchange, one, cuts);
  exchange.finish();
  return observedIn(exchange);
}
