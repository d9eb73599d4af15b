// WebSocket sessions: which are served, and what their frames tell of tokens. What client and provider say to each other passes as
// it is: the model is in the path or in a client's message, so that nothing is mapped.

import { WebSockets } from "../config/provider-config";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { parameterOf } from "../http/url";
import { Api } from "../model/api";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";
import { responseBytes } from "./response";
import { MAX_MODEL } from "./target";

const NOT_SERVED: string = "WebSocket sessions of this API are not served here. Send the request over HTTP; its answer may be streamed.";

/**
 * False: no session of this API is served. Of one that is, the server's frames are read: without extensions they are not compressed.
 * Realtime names its model in the query.
 */
export function openSession(exchange: Exchange): bool {
  const mode = exchange.upstream.config.webSockets;
  if (mode == WebSockets.Refuse || (mode == WebSockets.Realtime && !exchange.keepsPath && exchange.api != Api.Realtime)) {
    refuse(exchange, Failure.WebSocketRefused, NOT_SERVED, "");
    return false;
  }
  exchange.isWebSocket = true;
  const model = parameterOf(exchange.query, "model");
  if (exchange.api == Api.Realtime && model.length <= MAX_MODEL) exchange.clientModel = model;
  host.removeHeader(HeaderMapType.RequestHeaders, names.WEBSOCKET_EXTENSIONS);
  return true;
}

/** Reads the session's frames; it has ended well when the server has said so, whoever closes the connection. */
export function meterFrames(exchange: Exchange, size: i32): void {
  const frames = exchange.frames;
  if (frames === null) return;
  frames.feed(responseBytes(size));
  if (frames.closeSeen) exchange.responseDone = true;
}
