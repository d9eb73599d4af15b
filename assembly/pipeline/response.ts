// The response: decides from its headers how its bytes are treated, then meters, filters or translates them.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ThinkingPromoter } from "../dialect/conversation/promote-thinking";
import { TranslateContext } from "../dialect/translator";
import { BufferType, DataAction, HeaderMapType, HeadersAction, Status } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { HeaderWalker } from "../http/header-block";
import * as names from "../http/names";
import { releaseDocuments } from "../json/document";
import { Api, generatesText } from "../model/api";
import { UsageChunkFilter } from "../usage/filter";
import { faultStatus } from "../usage/fault";
import { FrameMeter } from "../usage/frames";
import { UsageMeter } from "../usage/meter";
import { writeRateHeaders } from "./admit";
import { Arrival } from "./arrival";
import { responseEditor, onEditedBody } from "./edited-response";
import { ResponseMode, Exchange } from "./exchange";
import { Failure, describeUpstreamFailure, failureOfDetails, failureStatus } from "./failure";
import { hold, holdStream } from "./held";
import { writeClientError } from "./refuse";
import { isJsonType } from "./request-head";
import { settleStatus } from "./token";
import { meterFrames } from "./web-socket";
import { beginTranslatedResponse, holdResponse, onTranslatedBytes } from "./translated-response";
import { isWithheld } from "./withheld";

const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;

const walker: HeaderWalker = new HeaderWalker(View.empty());
const only: ResponseHead = new ResponseHead();
const contentType: View = new View(0, 0);

/** What the header phase needs of a response's headers: read() gives the same object every time, so nothing may keep it. */
@final
export class ResponseHead {
  status: i32 = 0;
  contentType: View = View.empty();
  isEncoded: bool = false;
  hasLength: bool = false;
  /** Bytes that content-length declares, -1 without it. */
  length: i64 = -1;
  /** AWS's name of the error. */
  errorType: View = View.empty();
  retryAfter: View = View.empty();

  static read(block: View): ResponseHead {
    const head = only;
    head.clear();
    walker.reset(block);
    while (walker.next()) {
      if (walker.nameIs(":status")) head.status = <i32>walker.integer();
      else if (walker.nameIs("content-type")) {
        walker.show(contentType);
        head.contentType = contentType;
      } else if (walker.nameIs("content-length")) {
        head.hasLength = true;
        head.length = walker.integer();
      } else if (walker.nameIs("x-amzn-errortype")) head.errorType = walker.value();
      else if (walker.nameIs("retry-after")) head.retryAfter = walker.value();
      else if (walker.nameIs("content-encoding")) head.isEncoded = !walker.value().equalsIgnoreCase("identity");
    }
    return head;
  }

  private clear(): void {
    this.status = 0;
    this.contentType = View.empty();
    this.isEncoded = false;
    this.hasLength = false;
    this.length = -1;
    this.errorType = View.empty();
    this.retryAfter = View.empty();
  }
}

/** The response to a request that had no provider: it passes as it is. */
export function noteResponse(arrival: Arrival, block: View, endOfStream: bool): void {
  arrival.status = ResponseHead.read(block).status;
  if (endOfStream) arrival.responseDone = true;
}

/** Runs the header phase of a response. */
export function onResponseHead(exchange: Exchange, block: View, endOfStream: bool): HeadersAction {
  const head = ResponseHead.read(block);
  exchange.status = head.status;
  if (endOfStream) exchange.responseDone = true;
  if (head.status == 101 && exchange.isWebSocket) {
    exchange.responseMode = ResponseMode.MeterFrames;
    exchange.frames = new FrameMeter();
  }
  if (exchange.rejected || head.status < 200) return HeadersAction.Continue;
  writeRateHeaders(exchange);
  if ((head.status >= 400 || exchange.translator !== null) && takeLocalResponse(exchange, head, block, endOfStream)) {
    return HeadersAction.Continue;
  }
  const isRead = !endOfStream && !head.isEncoded && head.status < 300 && countsTokens(exchange.api);
  if (isRead) exchange.awaitsVerdict = true;
  else settleStatus(exchange, head.status, head.retryAfter);
  if (head.errorType.length > 0) exchange.codeFault = faultStatus(head.errorType);
  if (endOfStream) return HeadersAction.Continue;
  if (head.isEncoded) {
    exchange.skipped = "encoding";
    if (exchange.isTranslated) refuseEncoded(exchange, head);
    return HeadersAction.Continue;
  }
  const isJson = head.contentType.length > 0 && isJsonType(head.contentType);
  const isEvents = head.contentType.startsWithIgnoreCase("text/event-stream");
  // A stream that was asked for may come under another type; only JSON says that it is no stream.
  exchange.isStreamResponse = isEvents || (exchange.wantsStream && head.status < 300 && !isJson);
  if (head.status < 300) promoteThinking(exchange);
  if (exchange.translator !== null) return beginTranslatedResponse(exchange, head);
  if (!exchange.isStreamResponse && !isJson) {
    if (isRead) exchange.skipped = "content_type";
    return HeadersAction.Continue;
  }
  const editor = head.status < 300 ? responseEditor(exchange, exchange.isStreamResponse) : null;
  const meter = UsageMeter.take();
  exchange.meter = meter;
  if (head.hasLength && (editor !== null || (exchange.isStreamResponse && exchange.addedUsage)))
    host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
  if (!exchange.isStreamResponse) {
    if (editor !== null) return holdResponse(exchange, head, ResponseMode.EditBody);
    exchange.responseMode = ResponseMode.MeterJson;
  } else if (exchange.addedUsage || editor !== null) {
    exchange.responseMode = ResponseMode.FilterStream;
    exchange.chunkFilter = new UsageChunkFilter(meter, exchange.addedUsage, editor, exchange.config.maxResponseEventBytes);
  } else exchange.responseMode = ResponseMode.MeterStream;
  return HeadersAction.Continue;
}

/** True for APIs whose whole responses hold tokens or an error. */
function countsTokens(api: Api): bool {
  return generatesText(api) || api == Api.Embeddings;
}

/** A coded body cannot be translated, and the provider's dialect must not reach the client. */
function refuseEncoded(exchange: Exchange, head: ResponseHead): void {
  host.removeHeader(RESPONSE, names.CONTENT_ENCODING);
  exchange.translator = null;
  replaceResponse(exchange, head, Failure.BadUpstreamResponse);
}

/** The body that comes will be an error of our own. */
export function replaceResponse(exchange: Exchange, head: ResponseHead, failure: Failure): void {
  exchange.failure = failure;
  setStatus(exchange, head, failureStatus(failure));
  exchange.responseMode = ResponseMode.ReplaceByError;
  host.replaceHeader(RESPONSE, names.CONTENT_TYPE, names.APPLICATION_JSON);
  if (head.hasLength) host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
}

function setStatus(exchange: Exchange, head: ResponseHead, status: i32): void {
  if (status == head.status) return;
  exchange.status = status;
  writeStatus(status);
}

/** Sends this status in place of the provider's. */
export function writeStatus(status: i32): void {
  const out = new Buffer(4);
  out.integer(status);
  host.replaceHeader(RESPONSE, names.STATUS, out.toView());
}

/** With promoteThinkingOnEmpty a chat response is rewritten although client and provider speak one dialect. */
function promoteThinking(exchange: Exchange): void {
  const config = exchange.config;
  if (!config.promoteThinkingOnEmpty || exchange.translator !== null) return;
  if (exchange.api != Api.ChatCompletions || config.protocolOriginal) return;
  const promoter = new ThinkingPromoter(new TranslateContext());
  promoter.hidesUsage = exchange.addedUsage;
  promoter.editor = responseEditor(exchange, true);
  exchange.translator = promoter;
}

/**
 * True when the response is not the provider's. Envoy's report of an upstream failure becomes an error in the client's
 * own shape; a response of another filter stays as it is.
 */
function takeLocalResponse(exchange: Exchange, head: ResponseHead, block: View, endOfStream: bool): bool {
  const details = exchange.isDelivered ? View.empty() : attributes.codeDetails();
  if (details.length == 0 || details.startsWith("via_upstream")) return false;
  exchange.translator = null;
  let failure = failureOfDetails(details);
  if (failure == Failure.UpstreamTimeout && isWithheld(exchange)) failure = Failure.BodyWithheld;
  if (failure == Failure.RequestLimit) failure = readGatewayLimit(block);
  if (failure == Failure.None) return true;
  if (!endOfStream) {
    replaceResponse(exchange, head, failure);
    return true;
  }
  exchange.failure = failure;
  setStatus(exchange, head, failureStatus(failure));
  return true;
}

/**
 * Envoy's rate limit filter has refused. Of its headers (draft-polli-ratelimit-headers-03) Retry-After follows, and whether
 * tokens or requests are counted: `100, 100;w=60;name="requests", 5000;w=60;name="tokens"` begins with the limit that is used up.
 */
function readGatewayLimit(block: View): Failure {
  let failure = Failure.RequestLimit;
  const walker = new HeaderWalker(block);
  while (walker.next()) {
    if (walker.nameIs("x-ratelimit-reset")) host.replaceHeader(RESPONSE, names.RETRY_AFTER, walker.value());
    else if (walker.nameIs("x-ratelimit-limit")) {
      const parts = walker.value().toString().split(", ");
      for (let k = 1; k < parts.length; k++) {
        if (!parts[k].startsWith(parts[0] + ";")) continue;
        if (parts[k].includes("token")) failure = Failure.TokenLimit;
        break;
      }
    }
  }
  return failure;
}

/** Runs the body phase: `size` bytes are there. */
export function onResponseBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
  if (endOfStream) exchange.responseDone = true;
  switch (exchange.responseMode) {
    case ResponseMode.MeterJson:
    case ResponseMode.MeterStream:
      meterBytes(exchange, size, endOfStream);
      return DataAction.Continue;
    case ResponseMode.FilterStream:
      filterBytes(exchange, size, endOfStream);
      return DataAction.Continue;
    case ResponseMode.MeterFrames:
      meterFrames(exchange, size);
      return DataAction.Continue;
    case ResponseMode.EditBody:
      return onEditedBody(exchange, size, endOfStream);
    case ResponseMode.ReplaceByError:
      replaceByError(exchange);
      return DataAction.Continue;
    case ResponseMode.Discard:
      if (size > 0) writeResponse(exchange, View.empty());
      return DataAction.Continue;
    case ResponseMode.TranslateBody:
    case ResponseMode.TranslateStream:
      return onTranslatedBytes(exchange, size, endOfStream);
    default:
      return DataAction.Continue;
  }
}

/** The bytes of this callback from `start` on; an empty view when there are none or the host does not give them. */
export function responseBytes(size: i32, start: i32 = 0): View {
  if (size <= start) return View.empty();
  const bytes = host.body(BufferType.ResponseBody, start, size - start);
  return bytes === null ? View.empty() : bytes;
}

/** Gives the client `bytes` in place of those of this callback. False: there are none, for trailers have come. */
export function writeResponse(exchange: Exchange, bytes: View): bool {
  if (exchange.endsByTrailers && exchange.keptResponseBytes < 0) return false;
  return host.replaceBody(BufferType.ResponseBody, bytes) == Status.Ok;
}

/** Reads what passes; nothing is changed and nothing is kept. */
function meterBytes(exchange: Exchange, size: i32, endOfStream: bool): void {
  const meter = exchange.meter;
  if (meter === null) return;
  const bytes = responseBytes(size);
  if (exchange.responseMode == ResponseMode.MeterJson) {
    meter.feedJson(bytes);
    if (endOfStream) meter.finishJson();
  } else {
    meter.feedSse(bytes);
    if (endOfStream) meter.finishSse();
  }
  if (exchange.isStreamResponse) noteFirstToken(exchange, meter);
}

/** As meterBytes, with the usage chunk that the client did not ask for taken out. */
function filterBytes(exchange: Exchange, size: i32, endOfStream: bool): void {
  const meter = exchange.meter;
  const filter = exchange.chunkFilter;
  if (meter === null || filter === null) return;
  const out = filter.out;
  const bytes = responseBytes(size);
  let changed = filter.feed(bytes);
  if (endOfStream) {
    // What feed() let pass unchanged has to be in `out` too once finish() adds to it.
    const before = out.length;
    if (filter.finish() && !changed) {
      if (before == 0 && out.length > 0) {
        const tail = out.toView().copy();
        out.clear();
        out.view(bytes);
        out.view(tail);
      } else out.view(bytes);
      changed = true;
    }
  }
  // Without room to wait for the rest of a long event it passes as it is.
  if (!endOfStream && !holdStream(exchange, filter.heldBytes)) filter.letGo();
  if (changed) writeResponse(exchange, out.toView());
  hold(exchange, 0, filter.heldBytes);
  if (filter.skipped > 0) exchange.skipped = "event_too_large";
  releaseDocuments();
  noteFirstToken(exchange, meter);
}

function noteFirstToken(exchange: Exchange, meter: UsageMeter): void {
  if (exchange.isStreamResponse && exchange.firstTokenAt == 0 && meter.firstTokenSeen) exchange.firstTokenAt = host.now();
}

export function replaceByError(exchange: Exchange): void {
  const out = new Buffer(256);
  writeClientError(exchange.api, exchange.failure, describeUpstreamFailure(exchange.failure), "", out);
  writeResponse(exchange, out.toView());
  exchange.keptResponseBytes = -1;
  exchange.responseMode = ResponseMode.Discard;
}
