// Responses of providers that speak another dialect: held whole, or event by event.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { errorEvents, lastFault } from "../dialect/stream-errors";
import { Translator } from "../dialect/translator";
import { DataAction, HeaderMapType, HeadersAction } from "../host/abi";
import * as host from "../host/host";
import { HeaderList, isHeaderValue } from "../http/header-list";
import * as names from "../http/names";
import { releaseDocuments } from "../json/document";
import { listenTo } from "../usage/estimate";
import { NO_BLAME } from "../usage/fault";
import { UsageMeter } from "../usage/meter";
import { ResponseMode, Exchange } from "./exchange";
import { Failure, describeUpstreamFailure, failureStatus } from "./failure";
import { fits, hold, holdBody, holdStream } from "./held";
import { writeClientError } from "./refuse";
import { noteFaults } from "./token";
import { ResponseHead, responseBytes, replaceResponse, replaceByError, writeResponse, writeStatus } from "./response";
import { TranslatingSink, translatingSink } from "./translating-sink";

/** Bytes of a whole response that are held to be translated: several copies of it must fit into what a VM may have. */
const MOST_RESPONSE: i64 = 64 << 20;
const MAX_RESPONSE: View = View.utf8("67108864");
const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;

/** Chooses between whole body and stream; the headers of a body that must be held wait for it. */
export function beginTranslatedResponse(exchange: Exchange, head: ResponseHead): HeadersAction {
  const translator = exchange.translator;
  if (translator === null) return HeadersAction.Continue;
  if (head.hasLength) host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
  if (head.errorType.length > 0) translator.errorName = head.errorType.copy();
  // Some providers stream although the client wants a whole response; their translators read such a stream whole.
  if (exchange.isTranslated && !exchange.wantsStream) exchange.isStreamResponse = false;
  if (exchange.isStreamResponse && head.status < 300) {
    exchange.responseMode = ResponseMode.TranslateStream;
    exchange.sink = translatingSink(translator, exchange.config.maxResponseEventBytes);
    host.replaceHeader(RESPONSE, names.CONTENT_TYPE, streamType(translator));
    return HeadersAction.Continue;
  }
  host.replaceHeader(RESPONSE, names.CONTENT_TYPE, names.APPLICATION_JSON);
  return holdResponse(exchange, head, ResponseMode.TranslateBody);
}

function streamType(translator: Translator): View {
  return translator.streamsList ? names.APPLICATION_JSON : names.EVENT_STREAM_UTF8;
}

/** The response's headers wait for its body, which is held whole; without room for it the client gets an error. */
export function holdResponse(exchange: Exchange, head: ResponseHead, mode: ResponseMode): HeadersAction {
  if (head.length > MOST_RESPONSE || (head.length > 0 && !fits(exchange, head.length))) {
    exchange.translator = null;
    replaceResponse(exchange, head, Failure.MemoryLimit);
    return HeadersAction.Continue;
  }
  exchange.responseMode = mode;
  // Higress buffers 32 KiB of a response by default; to other hosts the property means nothing.
  if (head.length < 0 || head.length > 32768) host.setProperty(names.ENCODER_BUFFER_LIMIT, MAX_RESPONSE);
  return HeadersAction.StopIteration;
}

/** Runs the body phase of a translated response. */
export function onTranslatedBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
  const isStream = exchange.responseMode == ResponseMode.TranslateStream;
  if (!isStream && (<i64>size > MOST_RESPONSE || !holdBody(exchange, size))) {
    refuseResponse(exchange);
    return DataAction.Continue;
  }
  if (!isStream && !endOfStream) {
    exchange.keptResponseBytes = size;
    return DataAction.StopIterationAndBuffer;
  }
  listenTo(exchange.text);
  const errors = errorEvents();
  let action = DataAction.Continue;
  if (isStream) action = translateEvents(exchange, size, endOfStream);
  else {
    translateBody(exchange, size);
    hold(exchange, 0, 0);
  }
  listenTo(null);
  if (errorEvents() != errors) {
    exchange.streamFailed = isStream;
    if (exchange.fault == 0) exchange.fault = lastFault();
  }
  releaseDocuments();
  return action;
}

/** There is no room for more of a whole response: the client gets an error in its place. */
export function refuseResponse(exchange: Exchange): void {
  hold(exchange, 0, 0);
  exchange.translator = null;
  exchange.failure = Failure.MemoryLimit;
  exchange.status = failureStatus(Failure.MemoryLimit);
  writeStatus(exchange.status);
  replaceByError(exchange);
}

/**
 * Translates the events of this callback. From the one on that finishes the response, Envoy keeps what is written until the stream
 * has ended: if trailers end it no bytes can be added then, but those that Envoy keeps can be replaced. So do those before an
 * event that may be the last.
 */
function translateEvents(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
  const sink = exchange.sink;
  const translator = exchange.translator;
  if (sink === null || translator === null) return DataAction.Continue;
  sink.feed(responseBytes(size, max(exchange.keptResponseBytes, 0)));
  if (endOfStream) sink.finish();
  else if (!holdStream(exchange, heldBy(exchange, sink))) endStream(exchange, sink);
  if (sink.skipped > 0) exchange.skipped = "event_too_large";
  if (exchange.firstTokenAt == 0 && sink.out.length > 0) exchange.firstTokenAt = host.now();
  const isTaken = writeResponse(exchange, sink.out.window());
  if (!endOfStream && exchange.sink !== null && (translator.awaitsEnd || sink.awaitsBlankLine)) {
    exchange.keptResponseBytes = sink.out.length;
    return DataAction.StopIterationAndBuffer;
  }
  // Trailers have ended the stream before its response was finished: the client misses what ends it.
  if (!isTaken && sink.out.length > 0) exchange.streamFailed = true;
  exchange.keptResponseBytes = -1;
  sink.clear();
  return DataAction.Continue;
}

function heldBy(exchange: Exchange, sink: TranslatingSink): i64 {
  const translator = exchange.translator;
  return <i64>sink.heldBytes + <i64>sink.out.capacity + (translator === null ? 0 : <i64>translator.heldBytes);
}

/** The stream keeps back more than there is room for: the client is told that it broke off, and gets no more. */
function endStream(exchange: Exchange, sink: TranslatingSink): void {
  const translator = exchange.translator;
  if (translator !== null) translator.end(sink.out);
  exchange.failure = Failure.MemoryLimit;
  exchange.fault = NO_BLAME;
  exchange.responseMode = ResponseMode.Discard;
  exchange.sink = null;
  hold(exchange, 0, translator === null ? 0 : translator.heldBytes);
}

/** The status that an error object in `body` deserves, 0 without one. */
function faultIn(exchange: Exchange, body: View): i32 {
  const meter = UsageMeter.take();
  meter.feedJson(body);
  meter.finishJson();
  const fault = meter.reader.fault;
  noteFaults(exchange, meter.reader);
  meter.release();
  return max(fault, 0);
}

/** The provider's error under a status of success gets the status that it deserves; what is no response at all is a 502. */
function writeFailed(exchange: Exchange, translator: Translator, body: View, out: Buffer): void {
  exchange.status = translator.failedStatus > 0 ? translator.failedStatus : faultIn(exchange, body);
  exchange.fault = exchange.status > 0 ? exchange.status : NO_BLAME;
  if (exchange.status > 0) translator.error(exchange.status, body, out);
  else {
    exchange.failure = Failure.BadUpstreamResponse;
    exchange.status = failureStatus(Failure.BadUpstreamResponse);
    const reason = translator.problem.length > 0 ? translator.problem : describeUpstreamFailure(exchange.failure);
    writeClientError(exchange.api, exchange.failure, reason, "", out);
  }
  writeStatus(exchange.status);
}

/** A whole body: the client's response, or its error shape when the provider failed or cannot be understood. */
function translateBody(exchange: Exchange, size: i32): void {
  const translator = exchange.translator;
  if (translator === null) return;
  const body = responseBytes(size);
  const out = new Buffer(body.length + 512);
  const asStream = exchange.isTranslated && exchange.wantsStream;
  if (exchange.status >= 300) {
    if (exchange.refusal > 0) faultIn(exchange, body);
    translator.error(exchange.status, body, out);
  } else if (asStream && translator.wholeAsStream(body, out)) {
    exchange.isStreamResponse = true;
    exchange.firstTokenAt = host.now();
    host.replaceHeader(RESPONSE, names.CONTENT_TYPE, streamType(translator));
  } else if (asStream || !translator.response(body, out) || out.overflow) {
    out.clear();
    writeFailed(exchange, translator, body, out);
  }
  const headers = new HeaderList();
  translator.responseHeaders(headers);
  for (let k = 0; k < headers.count; k++) {
    // Values come out of the provider's body, and Envoy ends the connection over a line break in a header.
    if (isHeaderValue(headers.value(k))) host.replaceHeader(RESPONSE, headers.name(k), headers.value(k));
  }
  if (!writeResponse(exchange, out.toView())) exchange.failure = Failure.Internal;
}
