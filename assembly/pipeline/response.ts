// The response's header phase: reads what the headers tell, and chooses how its bytes are handled.

import { View } from "../bytes/view";
import { ThinkingPromoter } from "../dialect/conversation/promote-thinking";
import { TranslateContext, Translator } from "../dialect/translator";
import { DataAction, HeaderMapType, HeadersAction } from "../host/abi";
import * as host from "../host/host";
import { isJsonType } from "../http/media-type";
import * as names from "../http/names";
import { Api, generatesText } from "../model/api";
import { faultStatus } from "../usage/fault";
import { UsageMeter } from "../usage/meter";
import { writeRateHeaders } from "../limit/rate-headers";
import { Arrival } from "./arrival";
import { EditedBody, responseEditor } from "./edited-response";
import { logError } from "./error-log";
import { Exchange } from "./exchange";
import { tellResponse } from "./finish";
import { holdResponse } from "./held-response";
import { mergeModels } from "./merged-models";
import { FilteredStream, HeldJson, MOST_AWAITED, MeteredJson, MeteredStream } from "./metered-response";
import { awaitsBody, tellClient } from "./publish";
import { replaceEncoded, replaceLocal } from "./replaced-response";
import { ResponseHead } from "./response-head";
import { judgeTokenByStatus } from "./token";
import { translateResponse } from "./translated-response";
import { MeteredFrames } from "./web-socket";

/** The response to a request that had no provider: it passes as it is. */
export function readStatus(arrival: Arrival, block: View, endOfStream: bool): void {
  arrival.status = ResponseHead.read(block).status;
  if (endOfStream) arrival.responseDone = true;
}

/** Runs the header phase of a response. */
export function onResponseHead(exchange: Exchange, block: View, endOfStream: bool): HeadersAction {
  if (exchange.handler.isTrial) return exchange.handler.onOwnHead(exchange);
  const action = readHead(exchange, block, endOfStream);
  if (endOfStream) tellResponse(exchange, true);
  const leaves = endOfStream || exchange.isAhead || !exchange.handler.holdsBody;
  if (leaves && exchange.plugin.responseHeaders != 0 && !exchange.rejected && exchange.status >= 200) tellClient(exchange);
  return action;
}

function readHead(exchange: Exchange, block: View, endOfStream: bool): HeadersAction {
  const head = ResponseHead.read(block);
  exchange.status = head.status;
  if (endOfStream) exchange.responseDone = true;
  exchange.logsError = head.status >= 400 && exchange.config.logsErrors;
  if (head.status == 101 && exchange.isWebSocket) exchange.handler = new MeteredFrames();
  if (exchange.rejected || head.status < 200) return HeadersAction.Continue;
  if (!exchange.ledger.isEmpty) writeRateHeaders(exchange.ledger, null);
  const mayBeLocal = (head.status >= 400 && !answersAnyhow(exchange)) || exchange.translator !== null;
  if (mayBeLocal && replaceLocal(exchange, head, block, endOfStream)) return HeadersAction.Continue;
  readVerdict(exchange, head, endOfStream);
  return endOfStream ? HeadersAction.Continue : chooseHandler(exchange, head);
}

/** What is configured takes the place of an error. */
function answersAnyhow(exchange: Exchange): bool {
  const merge = exchange.merge;
  return !isDefined(CORE_BUILD) && merge !== null && !merge.isEmpty;
}

/** Runs the body phase: `size` bytes are there. */
export function onResponseBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
  if (endOfStream) exchange.responseDone = true;
  if (exchange.logsError && size > 0) logError(exchange, size);
  const action = exchange.handler.onBytes(exchange, size, endOfStream);
  tellResponse(exchange, endOfStream);
  return action;
}

/** What the status tells of the token; of one of success only the body may tell. */
function readVerdict(exchange: Exchange, head: ResponseHead, endOfStream: bool): void {
  if (!endOfStream && !head.isEncoded && head.status < 300 && countsTokens(exchange.api)) exchange.awaitsVerdict = true;
  else judgeTokenByStatus(exchange, head.status, head.retryAfter);
  if (head.errorType.length != 0) exchange.codeFault = faultStatus(head.errorType);
}

/** True for APIs whose whole responses hold tokens or an error. */
function countsTokens(api: Api): bool {
  return generatesText(api) || api == Api.Embeddings;
}

/** The one place where the way to handle a response of the provider's is chosen. */
function chooseHandler(exchange: Exchange, head: ResponseHead): HeadersAction {
  const merge = exchange.merge;
  if (!isDefined(CORE_BUILD) && merge !== null && !(head.isEncoded && merge.isEmpty)) return mergeModels(exchange, merge, head);
  if (head.isEncoded) {
    exchange.skipped = "encoding";
    if (exchange.isTranslated) replaceEncoded(exchange, head);
    return HeadersAction.Continue;
  }
  const isJson = head.contentType.length != 0 && isJsonType(head.contentType);
  const isEvents = head.contentType.startsWithIgnoreCase("text/event-stream");
  const isGood = head.status < 300;
  // A stream that was asked for may come under another type; only JSON says that it is no stream.
  const isStream = isEvents || (exchange.wantsStream && isGood && !isJson);
  exchange.isStreamResponse = isStream;
  const translator = isGood ? translatorOrPromoter(exchange) : exchange.translator;
  if (translator !== null) return translateResponse(exchange, translator, head);
  if (!isStream && !isJson) {
    if (exchange.awaitsVerdict) exchange.skipped = "content_type";
    return HeadersAction.Continue;
  }
  const editor = isGood ? responseEditor(exchange, isStream) : null;
  const changesLength = editor !== null || (isStream && exchange.addedUsage);
  if (head.hasLength && changesLength) host.removeHeader(HeaderMapType.ResponseHeaders, names.CONTENT_LENGTH);
  if (!isStream && editor !== null) return holdResponse(exchange, head, new EditedBody(editor));
  if (!isStream && isGood && awaitsBody(exchange.plugin) && countsTokens(exchange.api) && head.length <= MOST_AWAITED) {
    return holdResponse(exchange, head, new HeldJson());
  }
  if (!isStream) exchange.handler = MeteredJson.make();
  else if (changesLength) exchange.handler = new FilteredStream(exchange, UsageMeter.clean(), editor);
  else exchange.handler = MeteredStream.make();
  return HeadersAction.Continue;
}

/** With promoteThinkingOnEmpty a chat response is rewritten although client and provider speak one dialect. */
function translatorOrPromoter(exchange: Exchange): Translator | null {
  const config = exchange.config;
  const translator = exchange.translator;
  if (translator !== null || !config.promoteThinkingOnEmpty) return translator;
  if (exchange.api != Api.ChatCompletions || config.protocolOriginal) return null;
  const promoter = new ThinkingPromoter(new TranslateContext());
  promoter.hidesUsage = exchange.addedUsage;
  promoter.editor = responseEditor(exchange, true);
  return promoter;
}
