// The request's header phase: which provider, which API, which token; pass, hold for the body, or refuse.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderMapType, HeadersAction } from "../host/abi";
import * as host from "../host/host";
import * as credentials from "../http/credentials";
import * as names from "../http/names";
import { queryStart } from "../http/url";
import { Api, apiLabel, hasJsonModel, hasMultipartModel, matchApi } from "../model/api";
import { AuthScheme } from "../provider/provider";
import { Upstream } from "../provider/upstream";
import { chooseToken } from "../provider/token-pool";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";
import { RequestHead, boundaryOf, isJsonType, isMultipartType } from "./request-head";
import { chatPath, chatPathMatch, startTranslation } from "./translation";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;
/** The version of the Messages API that the translator writes for (Anthropic's API reference, 2026-11). */
const ANTHROPIC_VERSION: View = View.utf8("2023-06-01");

/** Runs the header phase for a request whose provider is known. */
export function onRequestHead(exchange: Exchange, upstream: Upstream, head: RequestHead, endOfStream: bool): HeadersAction {
  const config = upstream.config;
  exchange.upstream = upstream;
  exchange.sentHeaders = head.sentHeaders;
  exchange.hasContentLength = head.hasContentLength;
  exchange.sentAnthropicVersion = head.hasAnthropicVersion;
  exchange.consumer = head.consumer.copy();
  exchange.isHead = head.method.equals("HEAD");
  if (upstream.row.takesCallerKey && config.apiTokens.length == 0) exchange.callerKey = head.callerKey.copy();
  readTarget(exchange, upstream, head.path);
  exchange.token = chooseToken(config, exchange.api, exchange.consumer);

  if (config.protocolOriginal || upstream.row.isUntouched || exchange.api == Api.Unknown) {
    exchange.requestDone = true;
    applyHead(exchange, upstream, View.empty(), true);
    return HeadersAction.Continue;
  }
  if (!upstream.serves(exchange.api) && !startTranslation(exchange, upstream)) {
    return refuseApi(exchange, upstream);
  }
  if (endOfStream || !head.canHaveBody || !takesBody(exchange, head)) {
    exchange.requestDone = true;
    applyHead(exchange, upstream, View.empty(), false);
    return HeadersAction.Continue;
  }
  if (head.contentLength > config.maxRequestBytes) {
    refuseSize(exchange, config.maxRequestBytes);
    return HeadersAction.StopIteration;
  }
  exchange.holdsHeaders = true;
  return HeadersAction.StopIteration;
}

/** Splits the target, removes or prepends basePath and finds the API. */
function readTarget(exchange: Exchange, upstream: Upstream, target: View): void {
  const config = upstream.config;
  const question = queryStart(target);
  exchange.query = target.slice(question + 1, target.length).copy();
  let path = target.slice(0, question);
  const base = config.basePath;
  if (base.length > 0) {
    if (config.basePathPrepend) {
      const out = new Buffer(base.length + path.length);
      out.view(base);
      out.view(path);
      path = out.toView();
    } else if (path.hasAt(0, base)) {
      path = path.slice(base.length, path.length);
      if (path.length == 0) path = View.utf8("/");
    }
  }
  exchange.path = path.copy();
  exchange.match = matchApi(exchange.path);
  exchange.api = exchange.match.api;
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

/** Answers 413 and names the limit. */
export function refuseSize(exchange: Exchange, limit: i64): void {
  refuse(
    exchange,
    Failure.RequestTooLarge,
    "The request body is larger than the limit of " + limit.toString() + " bytes (provider.maxRequestBytes).",
    "",
  );
}

/** Rewrites the request's headers for the provider: target, host, credentials. */
export function applyHead(exchange: Exchange, upstream: Upstream, model: View, keepPath: bool): void {
  const out = new Buffer(128);
  const translator = exchange.translator;
  if (translator !== null && exchange.targetApi != Api.Unknown) {
    upstream.writeTarget(out, exchange.targetApi, chatPath(), chatPathMatch(), View.empty(), model);
  } else if (translator !== null) {
    translator.path(out);
    upstream.addBasePath(out);
  } else if (keepPath) {
    out.view(exchange.path);
    if (exchange.query.length > 0) {
      out.byte(0x3f);
      out.view(exchange.query);
    }
    upstream.addBasePath(out);
  } else upstream.writeTarget(out, exchange.api, exchange.path, exchange.match, exchange.query, model);
  host.replaceHeader(REQUEST, names.PATH, out.toView());
  if (upstream.host.length > 0) host.replaceHeader(REQUEST, names.AUTHORITY, upstream.host);
  writeCredentials(exchange, upstream);
  writeAnthropicHeaders(exchange, upstream);
}

/** `anthropic-version` is required by Anthropic and unknown to everybody else. */
function writeAnthropicHeaders(exchange: Exchange, upstream: Upstream): void {
  if (upstream.row.type == "claude") {
    if (exchange.sentAnthropicVersion) return;
    const version = upstream.options.apiVersion;
    host.replaceHeader(REQUEST, names.ANTHROPIC_VERSION, version.length > 0 ? version : ANTHROPIC_VERSION);
    return;
  }
  if (exchange.targetApi == Api.Unknown || !exchange.sentAnthropicVersion) return;
  host.removeHeader(REQUEST, names.ANTHROPIC_VERSION);
  host.removeHeader(REQUEST, names.ANTHROPIC_BETA);
}

/** Removes what the client sent and sets the provider's own. */
function writeCredentials(exchange: Exchange, upstream: Upstream): void {
  const out = new Buffer(128);
  const header = authHeader(upstream.authScheme);
  const tokens = upstream.config.apiTokens;
  if (upstream.authScheme == AuthScheme.Bearer) out.ascii("Bearer ");
  else if (upstream.authScheme == AuthScheme.DeepL) out.ascii("DeepL-Auth-Key ");
  const schemeLength = out.length;
  if (exchange.token >= 0 && exchange.token < tokens.length) tokens[exchange.token].writeInto(out);
  else out.view(exchange.callerKey);
  const hasToken = out.length > schemeLength && header !== null;
  const removable = credentials.removableNames();
  for (let bit = 0; bit < removable.length; bit++) {
    if ((exchange.sentHeaders & (1 << bit)) == 0) continue;
    if (hasToken && header !== null && removable[bit].sameAs(header)) continue;
    host.removeHeader(REQUEST, removable[bit]);
  }
  if (hasToken && header !== null) host.replaceHeader(REQUEST, header, out.toView());
}

/** The header that a scheme uses; null when the provider takes no token. */
function authHeader(scheme: AuthScheme): View | null {
  switch (scheme) {
    case AuthScheme.None:
      return null;
    case AuthScheme.ApiKey:
      return names.API_KEY;
    case AuthScheme.XApiKey:
      return names.X_API_KEY;
    case AuthScheme.GoogApiKey:
      return names.X_GOOG_API_KEY;
    default:
      return names.AUTHORIZATION;
  }
}
