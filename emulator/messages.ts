// Messages as Envoy makes them: the headers of a request that comes in, and of a response that Envoy gives itself.
import { textToBinary, toBytes } from "./bytes";
import { HeaderMap } from "./header-map";
import type { RequestInit } from "./views";

/** A response in place of the upstream's. */
export interface LocalReply {
  status: number;
  details: string;
  body: Uint8Array;
  /** Binary strings, as the module gave them. */
  headers: [string, string][];
}

/** Headers of a local reply: Envoy adds length and type of a body, and takes both away when there is none. */
export function localReplyHeaders(reply: LocalReply): HeaderMap {
  const headers = new HeaderMap();
  headers.add(":status", String(reply.status));
  for (const [name, value] of reply.headers) headers.add(name, value);
  headers.remove("content-length");
  if (reply.body.length === 0) {
    headers.remove("content-type");
    return headers;
  }
  headers.add("content-length", String(reply.body.length));
  if (!headers.has("content-type")) headers.add("content-type", "text/plain");
  return headers;
}

/** Pseudo headers first, content-length for a body in one piece. */
export function requestHeaders(init: RequestInit, size: number): HeaderMap {
  const headers = HeaderMap.from(init.headers);
  const pseudo = {
    ":method": init.method ?? "POST",
    ":path": init.path ?? "/",
    ":authority": init.authority ?? "gw.test",
    ":scheme": "http",
  };
  headers.pairs.unshift(...Object.entries(pseudo).map(([name, value]): [string, string] => [name, textToBinary(value)]));
  if (init.requestChunks === undefined && size > 0 && !headers.has("content-length")) headers.add("content-length", String(size));
  return headers;
}

/** The body in pieces; none for a request that ends at its headers. */
export function requestChunks(init: RequestInit): Uint8Array[] {
  if (init.requestChunks !== undefined) return init.requestChunks.map(toBytes);
  const body = toBytes(init.body ?? "");
  return body.length === 0 ? [] : [body];
}
