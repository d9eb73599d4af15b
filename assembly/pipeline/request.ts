// The request's header phase: which provider, which API, which token; pass, hold for the body, or refuse.

import { Buffer } from "../bytes/buffer";
import { Recall } from "../bytes/recall";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { HeadersAction, HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { isBelow, queryStart, trimSlashes, withoutParameter } from "../http/url";
import { Api, apiLabel, hasJsonModel, hasMultipartModel, matchApi, needsBody } from "../model/api";
import { AuthScheme } from "../provider/provider";
import { Upstream } from "../provider/upstream";
import { countSkipped } from "../telemetry/metrics";
import { lookAtLimits } from "./admit";
import { Attempt } from "./attempt";
import { Exchange } from "./exchange";
import { Failure, describeUpstreamFailure } from "./failure";
import { fits, fitsAlone, hold, holdBody } from "./held";
import { refuse, refuseEmpty, refuseModelless } from "./refuse";
import { RequestHead, boundaryOf, isJsonType, isMultipartType } from "./request-head";
import { chooseToken } from "./token";
import { canTranslate } from "./translation";
import { depart } from "./upstream-head";

/** What Higress buffers of a request by default (downstream.connectionBufferLimits, 2026-11). */
const HIGRESS_LIMIT: i64 = 32768;
const RETRY_AFTER: View = View.utf8("retry-after");
const ONE: View = View.utf8("1");
/** Bytes of a model's name: longer ones name no model and must not reach maps, paths and logs. */
export const MAX_MODEL: i32 = 1024;

const targets: Recall = new Recall();
const POST: View = View.utf8("POST");

/** Runs the header phase for a request whose provider is known. */
export function onRequestHead(exchange: Exchange, upstream: Upstream, head: RequestHead, endOfStream: bool): HeadersAction {
  const config = upstream.config;
  exchange.upstream = upstream;
  Attempt.start(exchange, upstream, head);
  exchange.sentHeaders = head.sentHeaders;
  exchange.otherHeaders = head.otherHeaders;
  if (head.protocols.length > 0) exchange.protocols = head.protocols.copy();
  exchange.hasContentLength = head.hasContentLength;
  exchange.sentAnthropicVersion = head.hasAnthropicVersion;
  if (head.anthropicBeta.length > 0) exchange.anthropicBeta = head.anthropicBeta.copy();
  if (head.session.length > 0) exchange.session = head.session.copy();
  if (head.conversationId.length > 0) exchange.conversationId = head.conversationId.copy();
  if (head.consumer.length > 0) exchange.consumer = head.consumer.copy();
  exchange.method = head.method.equals("POST") ? POST : head.method.copy();
  if (upstream.row.takesCallerKey && config.apiTokens.length == 0) exchange.callerKey = head.callerKey.copy();
  readTarget(exchange, upstream, head.path);
  if (!takeMemory(exchange, 0)) return HeadersAction.StopIteration;
  const hasBody = !endOfStream && head.canHaveBody;
  if (!lookAtLimits(exchange, hasBody, head.contentLength)) return HeadersAction.StopIteration;
  if (!chooseToken(exchange, upstream)) return HeadersAction.StopIteration;

  exchange.keepsPath = config.protocolOriginal || upstream.row.isUntouched || exchange.api == Api.Unknown;
  if (exchange.api == Api.Unknown && hasBody && !upstream.row.isUntouched) countSkipped("unknown_api");
  // A signature covers the body, so that has to be there even if nothing of it changes.
  if (exchange.keepsPath) {
    if (upstream.row.isUntouched) limitFirstByte(config.firstByteTimeoutMs);
    const isSet = config.customSettings.length > 0 && config.protocolOriginal && !head.isEncoded && isJsonType(head.contentType);
    return hasBody && (upstream.signs || isSet) ? holdHead(exchange, head) : sendHead(exchange, View.empty());
  }
  if (!upstream.serves(exchange.api)) {
    if (!canTranslate(exchange.api, upstream)) return refuseApi(exchange, upstream);
    exchange.isTranslated = true;
    if (!hasBody || !takesBody(exchange, head)) return refuseBodiless(exchange);
    return holdHead(exchange, head);
  }
  if (endOfStream && exchange.method === POST && !head.isUpgrade && needsBody(exchange.api)) return refuseBodiless(exchange);
  if (hasBody && takesBody(exchange, head)) return holdHead(exchange, head);
  if (hasBody && (hasJsonModel(exchange.api) || hasMultipartModel(exchange.api))) countSkipped(head.isEncoded ? "request_encoding" : "request_content_type");
  if (hasBody && upstream.signs) {
    exchange.isOpaque = true;
    return holdHead(exchange, head);
  }
  const azure = upstream.azure;
  if (azure !== null && exchange.upstreamModel.length == 0 && azure.wantsModel(exchange.api)) {
    exchange.upstreamModel = config.modelMapping.defaultModel;
    if (exchange.upstreamModel.length == 0) {
      refuseModelless(exchange);
      return HeadersAction.StopIteration;
    }
  }
  return sendHead(exchange, exchange.upstreamModel);
}

/** Tells Envoy's router how long the first byte of the answer may take; 0 is no limit. */
export function limitFirstByte(milliseconds: i32): void {
  if (milliseconds <= 0) return;
  const out = new Buffer(16);
  out.integer(milliseconds);
  host.replaceHeader(HeaderMapType.RequestHeaders, names.FIRST_BYTE_TIMEOUT, out.toView());
}

/** Nothing of the body matters: the request goes on at once. */
function sendHead(exchange: Exchange, model: View): HeadersAction {
  const upstream = exchange.upstream;
  exchange.requestDone = true;
  if (upstream === null || depart(exchange, upstream, model, View.empty())) return HeadersAction.Continue;
  return HeadersAction.StopIteration;
}

function holdHead(exchange: Exchange, head: RequestHead): HeadersAction {
  const config = exchange.config;
  if (config === null) return HeadersAction.StopIteration;
  exchange.holdsHeaders = true;
  exchange.headBytes = head.bytes;
  if (head.contentLength > config.maxRequestBytes) refuseSize(exchange, config.maxRequestBytes);
  // Room is taken as bytes come; but what cannot find any is told so before it sends them.
  else if (head.contentLength > 0 && !fits(exchange, head.contentLength)) refuseMemory(exchange, head.contentLength);
  else if (head.contentLength < 0 || head.contentLength > HIGRESS_LIMIT) raiseBufferLimit(config.maxRequestBytes);
  return HeadersAction.StopIteration;
}

/** Higress buffers 32 KiB unless a plugin asks for more; to other hosts the property means nothing. */
function raiseBufferLimit(bytes: i64): void {
  const out = new Buffer(16);
  out.integer(bytes);
  host.setProperty(names.DECODER_BUFFER_LIMIT, out.toView());
}

function refuseBodiless(exchange: Exchange): HeadersAction {
  refuseEmpty(exchange);
  return HeadersAction.StopIteration;
}

/** Splits the target, removes basePath and finds the API. */
function readTarget(exchange: Exchange, upstream: Upstream, sent: View): void {
  const config = upstream.config;
  const target = targets.of(sent);
  exchange.target = target;
  const question = queryStart(target);
  exchange.query = target.slice(question + 1, target.length);
  // Google's clients may send their key in the query; it is a credential like those in headers.
  if (upstream.authScheme == AuthScheme.GoogApiKey) exchange.query = withoutParameter(exchange.query, "key");
  const path = target.slice(0, question);
  exchange.path = config.basePathPrepend ? path : withoutBase(path, config.basePath);
  exchange.match = matchApi(exchange.path);
  exchange.api = exchange.match.api;
  if (exchange.api == Api.GeminiGenerate || exchange.api == Api.GeminiStreamGenerate) readPathModel(exchange, config);
}

/** The path below `base`; itself when it is not below it. */
function withoutBase(path: View, base: View): View {
  const prefix = trimSlashes(base);
  if (prefix.length == 0 || !isBelow(path, prefix)) return path;
  return path.length == prefix.length ? View.utf8("/") : path.slice(prefix.length, path.length);
}

/** Gemini's own API names the model in the path. */
function readPathModel(exchange: Exchange, config: ProviderConfig): void {
  const match = exchange.match;
  if (match.idEnd - match.idStart > MAX_MODEL) return;
  exchange.clientModel = exchange.path.slice(match.idStart, match.idEnd);
  exchange.upstreamModel = config.modelMapping.map(exchange.clientModel);
  exchange.wantsStream = exchange.api == Api.GeminiStreamGenerate;
  if (exchange.wantsStream) limitFirstByte(config.firstByteTimeoutMs);
}

/** True when the body is of a kind that is read: JSON, or multipart for the APIs that have it. */
function takesBody(exchange: Exchange, head: RequestHead): bool {
  if (head.isEncoded) return false;
  if (isMultipartType(head.contentType)) {
    exchange.isMultipart = true;
    exchange.boundary = boundaryOf(head.contentType).copy();
    return hasMultipartModel(exchange.api) && exchange.boundary.length > 0;
  }
  return hasJsonModel(exchange.api) && isJsonType(head.contentType);
}

function refuseApi(exchange: Exchange, upstream: Upstream): HeadersAction {
  refuse(
    exchange,
    Failure.UnsupportedApi,
    "The provider type " +
      upstream.row.type +
      " does not serve the API " +
      apiLabel(exchange.api) +
      ". Use another route, or give its path in provider.capabilities.",
    "",
  );
  return HeadersAction.StopIteration;
}

/** Counts `bytes` of the request's body that Envoy holds; false: they are too many, and the request was refused. */
export function takeMemory(exchange: Exchange, bytes: i64): bool {
  if (holdBody(exchange, bytes)) return true;
  refuseMemory(exchange, bytes);
  return false;
}

function refuseMemory(exchange: Exchange, bytes: i64): void {
  hold(exchange, 0, 0);
  if (!fitsAlone(exchange, bytes)) refuseSize(exchange, exchange.maxHeld, "maxHeldBytes");
  else {
    const headers = new HeaderList().add(RETRY_AFTER, ONE);
    refuse(exchange, Failure.MemoryLimit, describeUpstreamFailure(Failure.MemoryLimit), "", headers);
  }
}

/** Answers 413 and names the limit. */
export function refuseSize(exchange: Exchange, limit: i64, field: string = "provider.maxRequestBytes"): void {
  refuse(
    exchange,
    Failure.RequestTooLarge,
    "The request body is larger than the limit of " + limit.toString() + " bytes (" + field + ").",
    "",
  );
}
