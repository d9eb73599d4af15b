// A provider that a test plays by hand, byte by byte if it wants: over HTTP/1.1 or HTTP/2 without TLS, with whatever end.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";

export type PeerRequest = IncomingMessage | Http2ServerRequest;
export type PeerResponse = ServerResponse & Http2ServerResponse;
/** `body` is all of the request's body. */
export type Play = (request: PeerRequest, response: PeerResponse, body: Buffer) => unknown;

export class Peer {
  play: Play = (_request, response) => void response.end();
  /** Requests that have come whole. */
  count = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(readonly server: Server) {}

  static async start(isHttp2 = false): Promise<Peer> {
    const respond = (request: PeerRequest, response: ServerResponse | Http2ServerResponse) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("error", () => {});
      response.on("error", () => {});
      request.on("end", () => {
        peer.count++;
        // What the test's own play throws must fail the exchange, not the process.
        Promise.resolve(peer.play(request, response as PeerResponse, Buffer.concat(parts))).catch(() => response.socket?.destroy());
      });
    };
    const server = isHttp2 ? createHttp2Server({ settings: { maxConcurrentStreams: 2000 } }, respond) : createServer(respond);
    if ("keepAliveTimeout" in server) server.keepAliveTimeout = 60_000;
    const peer = new Peer(server);
    server.on("connection", (socket: Socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      peer.sockets.add(socket);
      socket.once("close", () => peer.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return peer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
