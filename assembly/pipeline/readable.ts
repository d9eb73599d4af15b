// Whether the plugin reads a request's body, and what becomes of a body that it cannot read.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import { boundaryOf, isJsonType, isMultipartType } from "../http/media-type";
import { Api, hasJsonModel, hasMultipartModel } from "../model/api";
import { RequestScan } from "../provider/request-scan";
import { countSkipped } from "../telemetry/metrics";
import { Arrival } from "./arrival";
import { addsPrompts, fitsParameters } from "./body-edits";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";
import { RequestHead } from "./request-head";

const ACCEPT_ENCODING: View = View.utf8("accept-encoding");
const IDENTITY: View = View.utf8("identity");
/** Bytes of a coding's name that the error quotes. */
const MAX_CODING: i32 = 64;

/** True when the API's body is read. What its content type says does not matter: servers read JSON under any type, too. */
export function readsBody(exchange: Exchange, head: RequestHead): bool {
  if (hasMultipartModel(exchange.api) && isMultipartType(head.contentType)) {
    exchange.isMultipart = true;
    exchange.boundary = boundaryOf(head.contentType).copy();
    return true;
  }
  exchange.isForeignType = !isJsonType(head.contentType);
  return exchange.isTranslated || hasJsonModel(exchange.api) || hasMultipartModel(exchange.api);
}

/**
 * True for a body that goes on as it came, since its type is foreign to the API and no server could take it for a request: it is no JSON
 * object (`isObject`), or one that names a model and asks nothing. Not when a limit, a translation or the target depends on the model.
 */
export function passesForeign(exchange: Exchange, scan: RequestScan, isObject: bool): bool {
  if (!exchange.isForeignType || exchange.isTranslated || !exchange.ledger.isEmpty) return false;
  const azure = exchange.upstream.azure;
  if (azure !== null && azure.wantsModel(exchange.api)) return false;
  return !isObject || scan.editor.count == scan.models;
}

/**
 * What becomes of a body with a content-encoding: false, and a refusal, when anything depends on it; true, and it goes on unread, when
 * nothing does.
 */
export function passesEncoded(exchange: Exchange, head: RequestHead): bool {
  if (!dependsOnBody(exchange)) {
    countSkipped("request_encoding");
    return true;
  }
  refuseEncoding(exchange, head);
  return false;
}

/** Chats and completions depend on it always: streams are asked for their usage. */
function dependsOnBody(exchange: Exchange): bool {
  const upstream = exchange.upstream;
  const config = upstream.config;
  const azure = upstream.azure;
  if (exchange.isTranslated || !exchange.ledger.isEmpty || exchange.api == Api.ChatCompletions || exchange.api == Api.Completions)
    return true;
  if (!exchange.mapping.isEmpty || config.customSettings.length != 0 || addsPrompts(exchange) || fitsParameters(exchange)) return true;
  return azure !== null && azure.wantsModel(exchange.api);
}

export function refuseEncoding(exchange: Arrival, head: RequestHead): void {
  const out = new Buffer(256);
  out.wrap(
    "The gateway does not decode bodies with the content-encoding ",
    head.encoding.slice(0, MAX_CODING),
    ". Send it without, or put Envoy's decompressor filter before the AI proxy.",
  );
  const headers = new HeaderList().add(ACCEPT_ENCODING, IDENTITY);
  refuse(exchange, Failure.UnsupportedEncoding, out.toView().toString(), "", headers);
}
