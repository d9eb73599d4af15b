// A collector on the loopback interface that takes OTLP over HTTP, as far as tests read it: spans with their attributes.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import protobuf from "protobufjs";

/** The parts of OTLP's messages that are read (opentelemetry-proto 1.x: collector/trace/v1, trace/v1, common/v1; Nov 2026). */
const OTLP = protobuf
  .parse(
    `
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes trace_id = 1; string name = 5; int32 kind = 6; repeated KeyValue attributes = 9; Status status = 15; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message Status { string message = 2; int32 code = 3; }
`,
  )
  .root.lookupType("Request");

export interface Span {
  /** Hexadecimal digits, as in the access log. */
  traceId: string;
  name: string;
  attributes: Record<string, unknown>;
}

const LIMIT_MS = 8_000;

export class Collector {
  readonly spans: Span[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer(async (incoming, outgoing) => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part);
      this.spans.push(...readSpans(Buffer.concat(parts)));
      outgoing.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  }

  /** Starts on a free port. */
  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve, reject) => collector.server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return collector;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The spans of a trace, once there is one. Throws when none comes within 8 s. */
  async trace(traceId: string): Promise<Span[]> {
    const limit = Date.now() + LIMIT_MS;
    for (;;) {
      const found = this.spans.filter((span) => span.traceId === traceId);
      if (found.length > 0) return found;
      if (Date.now() > limit) throw new Error(`no span of trace ${traceId}`);
      await sleep(20);
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function readSpans(bytes: Uint8Array): Span[] {
  const { resourceSpans = [] } = OTLP.toObject(OTLP.decode(bytes), { longs: Number, bytes: Array });
  const spans: any[] = resourceSpans.flatMap((one: any) => (one.scopeSpans ?? []).flatMap((scope: any) => scope.spans ?? []));
  return spans.map(({ traceId, name, attributes = [] }) => ({
    traceId: Buffer.from(traceId).toString("hex"),
    name,
    attributes: Object.fromEntries(attributes.map(({ key, value }: any) => [key, Object.values(value ?? {})[0]])),
  }));
}
