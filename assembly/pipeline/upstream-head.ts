// The request's headers as the provider is to see them: target, host, what the dialect wants, credentials.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { HeaderMapType } from "../host/abi";
import * as attributes from "../host/attributes";
import { secondsNow } from "../host/clock";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { queryStart } from "../http/url";
import { Api } from "../model/api";
import { AuthScheme, Dialect } from "../provider/provider";
import { signHeaders } from "../provider/sign";
import { FetchState, Waiter } from "../provider/side-fetch";
import { reserveLimits } from "./admit";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { hold } from "./held";
import { removeIdentity } from "./identity-headers";
import { publishRequest } from "./publish";
import { refuse } from "./refuse";
import { mayUse } from "./rights";
import { nameRoute } from "./route-headers";
import { RouteTrial, refuseRoute } from "./route-trial";
import { targetPath, targetPathMatch } from "./translation";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;
const NO_TOKEN: string = "The gateway could not get an access token for the model provider. Try again.";
/** The version of the Messages API that the translator writes for (Anthropic's API reference, 2026-11). */
const ANTHROPIC_VERSION: View = View.utf8("2023-06-01");

/** Written for one host call and then again for the next request. */
const targetBuffer: Buffer = new Buffer(256);
const credentialBuffer: Buffer = new Buffer(256);
const KEPT_BYTES: i32 = 4096;
/** What the translator and the signature add to one request. */
const ownHeaders: HeaderList = new HeaderList();

/**
 * Rewrites the request's headers for the provider. `model` is the provider's name of it; `body` the bytes that leave, empty
 * when there are none or they are not known (only signatures need them). False: with these headers it would leave for a cluster of
 * another provider, and was refused.
 */
function applyHead(exchange: Exchange, model: View, body: View): bool {
  writeHead(exchange, model, body);
  const chosen = exchange.chosenRoute;
  if (chosen === null) return true;
  const target = targetBuffer.window();
  const path = target.slice(0, queryStart(target));
  if (chosen.isKnown(exchange.upstream, path, path.sameAs(exchange.sentPath))) return true;
  if (attributes.isFixed()) {
    exchange.chosenRoute = null;
    if (chosen.isRight || (chosen.own.length == 0 && attributes.isUpstreamFilter())) return true;
    refuseRoute(exchange, chosen);
    return false;
  }
  exchange.untriedPath = path.copy();
  // A body that would have streamed is waited for: it is sent with the trial.
  if (exchange.streamsBody) exchange.requestDone = false;
  else RouteTrial.start(exchange, chosen);
  return false;
}

function writeHead(exchange: Exchange, model: View, body: View): void {
  const upstream = exchange.upstream;
  targetBuffer.clearTo(KEPT_BYTES);
  writeTarget(exchange, model, targetBuffer);
  attributes.keepRoute();
  const chosen = exchange.chosenRoute;
  if (chosen !== null) nameRoute(exchange.plugin, chosen.provider, chosen.own);
  const target = targetBuffer.window();
  if (!target.sameAs(exchange.target)) host.replaceHeader(REQUEST, names.PATH, target);
  writeHost(exchange);
  writeCredentials(exchange);
  writeAnthropicHeaders(exchange);
  const translator = exchange.translator;
  if (translator === null && !upstream.signs) return;
  const list = ownHeaders;
  list.clear();
  if (translator !== null) translator.headers(list);
  if (upstream.signs) signHeaders(upstream, exchange.method, target, body, secondsNow(), list);
  for (let k = 0; k < list.count; k++) host.replaceHeader(REQUEST, list.name(k), list.value(k));
}

function writeHost(exchange: Exchange): void {
  const translator = exchange.translator;
  let name = exchange.upstream.host;
  if (name.length == 0 && translator !== null) {
    const out = new Buffer(32);
    translator.host(out);
    name = out.toView();
  }
  if (name.length != 0) host.replaceHeader(REQUEST, names.AUTHORITY, name);
}

function writeTarget(exchange: Exchange, model: View, out: Buffer): void {
  const upstream = exchange.upstream;
  const translator = exchange.translator;
  if (translator !== null && exchange.targetApi != Api.Unknown) {
    const target = exchange.targetApi;
    upstream.writeTarget(out, target, targetPath(target), targetPathMatch(target), View.empty(), model);
  } else if (translator !== null) {
    translator.path(out);
    upstream.addBasePath(out);
  } else if (exchange.keepsPath) {
    out.view(exchange.path);
    if (exchange.query.length != 0) {
      out.byte(Ascii.QuestionMark);
      out.view(exchange.query);
    }
    upstream.addBasePath(out);
  } else upstream.writeTarget(out, exchange.api, exchange.path, exchange.match, exchange.query, model);
}

/**
 * Takes from the limits, then sendHeaders(), unless those left before the body came. False: the request is held (`isWaiting`) or was
 * refused.
 */
export function sendRequest(exchange: Exchange, model: View, body: View): bool {
  if (exchange.owesRight && !mayUse(exchange, exchange.upstreamModel)) return false;
  if (!reserveLimits(exchange)) return false;
  publishRequest(exchange);
  return exchange.isAhead || sendHeaders(exchange, model, body);
}

/** applyHead() at once or, when Google's access token has to be fetched first, once it is there. */
export function sendHeaders(exchange: Exchange, model: View, body: View): bool {
  const access = exchange.upstream.access;
  if (access !== null) {
    const state = access.demand(secondsNow(), new HeldHead(exchange, model));
    // The call was made in the plugin's name.
    host.actOn(exchange.context);
    if (state == FetchState.Waiting) exchange.isWaiting = true;
    else if (state == FetchState.Failed) refuse(exchange, Failure.NoAccessToken, NO_TOKEN, "");
    if (state != FetchState.Ready) return false;
  }
  return applyHead(exchange, model, body);
}

@final
class HeldHead extends Waiter {
  constructor(
    private exchange: Exchange,
    private model: View,
  ) {
    super();
  }

  resume(fetched: bool): void {
    const exchange = this.exchange;
    if (exchange.finished) return;
    host.actOn(exchange.context);
    exchange.isWaiting = false;
    hold(exchange, 0, 0);
    if (!fetched) {
      refuse(exchange, Failure.NoAccessToken, NO_TOKEN, "");
      return;
    }
    // Nothing that is signed waits for a token, so the body is not needed.
    if (applyHead(exchange, this.model, View.empty())) host.continueRequest();
  }
}

/** `anthropic-version` is required by Anthropic and unknown to everybody else. */
function writeAnthropicHeaders(exchange: Exchange): void {
  const upstream = exchange.upstream;
  if (upstream.dialect == Dialect.Anthropic) {
    if (upstream.authScheme == AuthScheme.AnthropicOauth) writeOauthBeta(exchange);
    if (exchange.sentAnthropicVersion) return;
    const version = upstream.config.settings.text(ProviderField.CLAUDE_VERSION);
    host.replaceHeader(REQUEST, names.ANTHROPIC_VERSION, version.length != 0 ? version : ANTHROPIC_VERSION);
    return;
  }
  if (!exchange.isTranslated) return;
  if (exchange.sentAnthropicVersion) host.removeHeader(REQUEST, names.ANTHROPIC_VERSION);
  if (exchange.anthropicBeta.length != 0) host.removeHeader(REQUEST, names.ANTHROPIC_BETA);
}

/** Anthropic takes OAuth tokens only with this beta named; the client's own betas stay. */
function writeOauthBeta(exchange: Exchange): void {
  const out = new Buffer(64);
  out.view(exchange.anthropicBeta);
  if (out.length != 0) out.byte(Ascii.Comma);
  out.ascii("oauth-2025-04-20");
  host.replaceHeader(REQUEST, names.ANTHROPIC_BETA, out.toView());
}

/** Removes what the client sent and sets the provider's own. */
function writeCredentials(exchange: Exchange): void {
  const upstream = exchange.upstream;
  const out = credentialBuffer;
  out.clearTo(KEPT_BYTES);
  const access = upstream.access;
  let header = authHeader(upstream.authScheme);
  if (access !== null) {
    header = names.AUTHORIZATION;
    access.writeInto(out);
  } else writeToken(exchange, out);
  const isSet = out.length != 0 && header !== null;
  removeIdentity(exchange, isSet ? header : null);
  if (isSet && header !== null) host.replaceHeader(REQUEST, header, out.window());
}

/** The token with its scheme's word; nothing when there is none. */
function writeToken(exchange: Exchange, out: Buffer): void {
  const upstream = exchange.upstream;
  if (upstream.authScheme == AuthScheme.Bearer || upstream.authScheme == AuthScheme.AnthropicOauth) out.ascii("Bearer ");
  else if (upstream.authScheme == AuthScheme.DeepL) out.ascii("DeepL-Auth-Key ");
  const schemeLength = out.length;
  const tokens = upstream.config.apiTokens;
  if (exchange.token >= 0 && exchange.token < tokens.length) tokens[exchange.token].writeInto(out);
  else out.view(exchange.callerKey);
  if (out.length == schemeLength) out.clear();
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
