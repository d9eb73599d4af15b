// What tests put into an exchange and what they get to see of it.
import { decodeUtf8 } from "./bytes";
import type { Half } from "./half";
import { HeaderMap, type HeadersInit } from "./header-map";

export interface RequestInit {
  method?: string;
  path?: string;
  authority?: string;
  headers?: HeadersInit;
  /** Sent in one piece, with content-length unless `headers` has one; null or absent ends the request at its headers. */
  body?: Uint8Array | string | null;
  /** The body in pieces instead, without content-length. */
  requestChunks?: (Uint8Array | string)[];
  /** The last piece carries the end of the stream (HTTP/2); without it an empty last callback does (HTTP/1). */
  endWithLastChunk?: boolean;
  requestTrailers?: HeadersInit;
  /** The request does not end with its pieces: `requestData` brings the rest. */
  requestOpen?: boolean;
  /** `route_name`, `cluster_name`, and any other by its dotted name, such as `source.address`. */
  properties?: Record<string, string>;
}

export interface ResponseInit {
  status?: number;
  headers?: HeadersInit;
  /** Each is one body callback; none ends the response at its headers. */
  chunks?: (Uint8Array | string)[];
  /** The last piece carries the end of the stream; without it an empty last callback does. */
  endWithLastChunk?: boolean;
  /** False leaves the response open, for a client or an upstream that breaks off. */
  complete?: boolean;
  trailers?: HeadersInit;
  /** Not from the upstream: true, or the response code details that Envoy would give. */
  local?: boolean | string;
  /** Moves the clock on before each piece. */
  delaysMs?: number[];
}

/** A message that left the filter: bytes as they are, and conveniences. */
export class MessageView {
  /** Name to value; values of one name are joined by ", ". */
  readonly headers: Record<string, string>;
  readonly headerList: [string, string][];
  readonly body: Uint8Array;
  /** The pieces in which the body left; empty ones are not among them. */
  readonly chunksOut: Uint8Array[];
  readonly trailers: Record<string, string> | null;
  /** The end of the message has left too. */
  readonly isComplete: boolean;

  constructor(half: Half) {
    const headers = half.outHeaders ?? new HeaderMap();
    this.headers = headers.toObject();
    this.headerList = headers.toList();
    this.chunksOut = [...half.outChunks];
    this.body = half.outBody;
    this.trailers = half.outTrailers?.toObject() ?? null;
    this.isComplete = half.isComplete;
  }

  get text(): string {
    return decodeUtf8(this.body);
  }

  json(): unknown {
    return JSON.parse(this.text);
  }
}

export class UpstreamView extends MessageView {
  get method(): string {
    return this.headers[":method"] ?? "";
  }

  get path(): string {
    return this.headers[":path"] ?? "";
  }

  get authority(): string {
    return this.headers[":authority"] ?? "";
  }
}

export class ClientView extends MessageView {
  constructor(
    half: Half,
    /** The stream was reset, by either side, before the response was complete. */
    readonly isReset: boolean,
    /** `via_upstream`, or who answered and why. */
    readonly details: string,
  ) {
    super(half);
  }

  /** 0 when no headers reached the client. */
  get status(): number {
    return Number(this.headers[":status"] ?? 0);
  }
}
