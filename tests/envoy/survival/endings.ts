// Every way in which a provider's response can end badly or come in a wrong dress, as plays of the peer.
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { PeerRequest, PeerResponse } from "./peer";

/** `events` for a stream, `whole` else; the dialect is the provider's own. */
export interface Material {
  events: string[] | null;
  whole: string;
}

export type Ending = (response: PeerResponse, material: Material, request: PeerRequest) => void;

const typeOf = ({ events }: Material) => (events ? "text/event-stream" : "application/json");
const textOf = ({ events, whole }: Material) => events?.join("") ?? whole;

/** Head and a first part, then `end`: at an event's end for streams, in the middle of the body else. */
function begin(response: PeerResponse, material: Material, end: () => void): void {
  response.writeHead(200, { "content-type": typeOf(material) });
  response.write(material.events ? material.events.slice(0, 3).join("") : material.whole.slice(0, 40), () => setTimeout(end, 30));
}

function whole(response: PeerResponse, headers: Record<string, string>, body: string | Buffer): void {
  response.writeHead(200, headers);
  response.end(body);
}

export const ENDINGS: Record<string, Ending> = {
  "reset before the headers": (response) => response.socket.resetAndDestroy(),
  "closed before the headers": (response) => response.socket.end(),
  "reset after the headers": (response, material) => {
    response.writeHead(200, { "content-type": typeOf(material) });
    response.flushHeaders();
    setTimeout(() => response.socket.resetAndDestroy(), 30);
  },
  "closed after the headers": (response, material) => {
    response.writeHead(200, { "content-type": typeOf(material) });
    response.flushHeaders();
    setTimeout(() => response.socket.end(), 30);
  },
  "reset half way": (response, material) => begin(response, material, () => response.socket.resetAndDestroy()),
  "closed half way": (response, material) => begin(response, material, () => response.socket.end()),
  "stalled before the headers": () => {},
  "stalled half way": (response, material) => begin(response, material, () => {}),
  "half a frame, then the proper end": (response, material) =>
    whole(response, { "content-type": typeOf(material) }, textOf(material).slice(0, -30)),
  "HTML under status 200": (response) => whole(response, { "content-type": "text/html" }, "<html><body>maintenance</body></html>"),
  "as text/plain": (response, material) => whole(response, { "content-type": "text/plain" }, textOf(material)),
  "without a content type": (response, material) => whole(response, {}, textOf(material)),
  gzip: (response, material) =>
    whole(response, { "content-type": typeOf(material), "content-encoding": "gzip" }, gzipSync(textOf(material))),
  brotli: (response, material) =>
    whole(response, { "content-type": typeOf(material), "content-encoding": "br" }, brotliCompressSync(textOf(material))),
  "103 before it": (response, material) => {
    response.writeEarlyHints({ link: "</a>; rel=preload" }, () => whole(response, { "content-type": typeOf(material) }, textOf(material)));
  },
  "trailers after it": (response, material) => {
    response.writeHead(200, { "content-type": typeOf(material), trailer: "x-checksum" });
    response.write(textOf(material));
    response.addTrailers({ "x-checksum": "abc" });
    response.end();
  },
};
