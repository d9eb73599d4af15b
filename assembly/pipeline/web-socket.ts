// WebSocket sessions: which are served, and what their frames tell of tokens. What client and provider say to each other passes as
// it is: the model is in the path or in a client's message, so that nothing is mapped.

import { WebSockets } from "../config/provider-config";
import { View } from "../bytes/view";
import { DataAction, HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { parameterOf } from "../http/url";
import { Api } from "../model/api";
import { FrameMeter } from "../usage/frames";
import { Usage } from "../usage/usage";
import { Exchange, ResponseHandler } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";
import { responseBytes } from "./response-bytes";
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

/** The session's frames are read as they pass. */
@final
export class MeteredFrames extends ResponseHandler {
  private frames: FrameMeter = new FrameMeter();

  /** It has ended well when the server has said so, whoever closes the connection. */
  onBytes(exchange: Exchange, size: i32, _endOfStream: bool): DataAction {
    this.frames.feed(responseBytes(size));
    if (this.frames.closeSeen) exchange.responseDone = true;
    return DataAction.Continue;
  }

  get usage(): Usage {
    return this.frames.usage;
  }

  get model(): View {
    return this.frames.reader.model;
  }
}
