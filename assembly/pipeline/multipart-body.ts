// A request body in multipart/form-data: the model's name in it is mapped, all else stays.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { takesDefaultModel } from "../model/api";
import { tookTooLong } from "../model/mapping";
import { replaceMultipartModel } from "../model/multipart";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse, refuseModelless, refuseUndecided } from "./refuse";
import { refuseGrown, replaceWhole } from "./send-body";
import { sendRequest } from "./upstream-head";

/** False: the request is held or was refused. */
export function sendMultipart(exchange: Exchange, body: View): bool {
  const upstream = exchange.upstream;
  const out = new Buffer(256);
  const azure = upstream.azure;
  const drops = azure !== null && azure.dropsModel(exchange.api);
  const edit = replaceMultipartModel(
    body,
    exchange.boundary,
    exchange.mapping,
    drops,
    takesDefaultModel(exchange.api),
    exchange.deployment,
    out,
  );
  exchange.clientModel = edit.clientModel.copy();
  exchange.upstreamModel = edit.upstreamModel.copy();
  if (tookTooLong()) {
    refuseUndecided(exchange);
    return false;
  }
  if (edit.problem.length != 0) {
    refuse(exchange, Failure.InvalidRequest, "The multipart body cannot be read: " + edit.problem + ".", "");
    return false;
  }
  if (azure !== null && edit.upstreamModel.length == 0 && azure.wantsModel(exchange.api)) {
    refuseModelless(exchange);
    return false;
  }
  if (out.overflow) return refuseGrown(exchange);
  const sent = edit.changed ? out.toView() : body;
  replaceWhole(exchange, body, sent);
  return sendRequest(exchange, exchange.upstreamModel, sent);
}
