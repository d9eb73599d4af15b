// The request's header phase: which provider, which API, which token; pass, hold for the body, or refuse.

import { View } from "../bytes/view";
import { HeadersAction } from "../host/abi";
import { isJsonType } from "../http/media-type";
import { Api, apiLabel, hasJsonModel, hasPathModel, namesModelTwice, needsBody } from "../model/api";
import { tookTooLong } from "../model/mapping";
import { openSession } from "./web-socket";
import { countSkipped } from "../telemetry/metrics";
import { checkLimits } from "./admit";
import { goAhead, isAddressedByBody } from "./ahead";
import { Attempt } from "./attempt";
import { addsPrompts, fitsParameters } from "./body-edits";
import { raiseRequestLimit } from "./buffer-limit";
import { refuseMemory, refusesBytes, reserveMemory } from "./body-size";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { limitFirstByte } from "./first-byte";
import { fits } from "./held";
import { passesEncoded, readsBody, refuseEncoding } from "./readable";
import { refuse, refuseEmpty, refuseModelless, refuseUndecided } from "./refuse";
import { RequestHead } from "./request-head";
import { readTarget } from "./target";
import { chooseToken } from "./token";
import { Dialect } from "../provider/provider";
import { canTranslate } from "./translation";
import { lacksModel } from "./translators";
import { sendRequest } from "./upstream-head";

const OTHER_ROUTE = "Use another route, or give its path in provider.capabilities.";
const POST: View = View.utf8("POST");

/** Runs the header phase for a request whose provider is known. */
export function onRequestHead(exchange: Exchange, head: RequestHead, endOfStream: bool): HeadersAction {
  const upstream = exchange.upstream;
  exchange.attempt = Attempt.of(head, upstream);
  keepHead(exchange, head);
  const isTarget = readTarget(exchange, head.path);
  const isUndecided = tookTooLong();
  if (!isTarget) return HeadersAction.StopIteration;
  if (isUndecided) {
    refuseUndecided(exchange);
    return HeadersAction.StopIteration;
  }
  const isUnknown = exchange.api == Api.Unknown;
  if (isUnknown && exchange.plugin.refusesUnknown) return refuseUnknown(exchange);
  if (exchange.wantsStream) limitFirstByte(exchange.config.firstByteTimeoutMs);
  if (!reserveMemory(exchange, 0)) return HeadersAction.StopIteration;
  const hasBody = !endOfStream && head.canHaveBody;
  if (!checkLimits(exchange, hasBody || head.isWebSocket, head.contentLength)) return HeadersAction.StopIteration;
  if (!chooseToken(exchange)) return HeadersAction.StopIteration;

  exchange.keepsPath = exchange.config.protocolOriginal || upstream.row.isUntouched || isUnknown;
  if (isUnknown && hasBody && !upstream.row.isUntouched) countSkipped("unknown_api");
  if (head.isWebSocket && !openSession(exchange)) return HeadersAction.StopIteration;
  if (exchange.keepsPath) return sendOriginal(exchange, head, hasBody);
  if (!upstream.serves(exchange.api) || lacksModel(upstream.dialect, exchange.api, exchange.upstreamModel)) {
    if (!canTranslate(exchange.api, upstream)) return refuseApi(exchange);
    exchange.isTranslated = true;
    if (!hasBody) return refuseBodiless(exchange);
  }
  if (!isDefined(CORE_BUILD) && hasBody && upstream.hasOwnForm(exchange.api)) exchange.isTranslated = true;
  if (hasBody && readsBody(exchange, head)) {
    if (!head.isEncoded) return holdHead(exchange, head);
    if (!passesEncoded(exchange, head)) return HeadersAction.StopIteration;
  }
  if (endOfStream && exchange.method === POST && !head.isUpgrade && needsBody(exchange.api)) return refuseBodiless(exchange);
  return sendUnread(exchange, head, hasBody);
}

/** Keeps of the client's headers what is needed after this callback. */
function keepHead(exchange: Exchange, head: RequestHead): void {
  head.copyInto(exchange);
  exchange.method = head.method.equals("POST") ? POST : head.method.copy();
  exchange.sentHeaders = head.sentHeaders;
  exchange.otherHeaders = head.otherHeaders;
  if (head.protocols.length != 0) exchange.protocols = head.protocols.copy();
  exchange.isUpgrade = head.isUpgrade;
  exchange.hasContentLength = head.hasContentLength;
  exchange.sentAnthropicVersion = head.hasAnthropicVersion;
  if (head.anthropicBeta.length != 0) exchange.anthropicBeta = head.anthropicBeta.copy();
  if (head.conversationId.length != 0) exchange.conversationId = head.conversationId.copy();
  const takesCallerKey = exchange.upstream.row.takesCallerKey && exchange.config.apiTokens.length == 0;
  if (takesCallerKey) exchange.callerKey = head.callerKey.copy();
}

/** Path and body go on as they came; the body is waited for when it is signed, or the operator's settings go into it. */
function sendOriginal(exchange: Exchange, head: RequestHead, hasBody: bool): HeadersAction {
  const upstream = exchange.upstream;
  const config = upstream.config;
  if (upstream.row.isUntouched) limitFirstByte(config.firstByteTimeoutMs);
  const isJson = isJsonType(head.contentType) || hasJsonModel(exchange.api);
  const isSet = hasBody && (config.customSettings.length != 0 || fitsParameters(exchange)) && config.protocolOriginal && isJson;
  if (isSet && head.isEncoded) {
    refuseEncoding(exchange, head);
    return HeadersAction.StopIteration;
  }
  return hasBody && (upstream.signs || isSet) ? holdHead(exchange, head) : sendHead(exchange, View.empty());
}

/** The body is not read. It is waited for when it is signed, names the model of the path once more, or is for a service that counts. */
function sendUnread(exchange: Exchange, head: RequestHead, hasBody: bool): HeadersAction {
  const upstream = exchange.upstream;
  const isCount = !isDefined(CORE_BUILD) && exchange.api == Api.GeminiCountTokens;
  const isRenamed = namesModelTwice(exchange.api) && !exchange.upstreamModel.sameAs(exchange.clientModel);
  const isEdited = hasBody && hasPathModel(exchange.api) && (addsPrompts(exchange) || fitsParameters(exchange));
  if (isEdited && head.isEncoded) {
    refuseEncoding(exchange, head);
    return HeadersAction.StopIteration;
  }
  if (hasBody && (upstream.signs || isEdited || (!head.isEncoded && (isCount || isRenamed || maySwitch(exchange))))) {
    exchange.isOpaque = true;
    return holdHead(exchange, head);
  }
  const azure = upstream.azure;
  if (azure !== null && exchange.upstreamModel.length == 0 && azure.wantsModel(exchange.api)) {
    exchange.upstreamModel = exchange.mapping.defaultModel;
    if (exchange.upstreamModel.length == 0) {
      refuseModelless(exchange);
      return HeadersAction.StopIteration;
    }
  }
  return sendHead(exchange, exchange.upstreamModel);
}

/** True for a conversation in Gemini's API of which another provider may have written a turn: what that has sealed is to be taken out. */
function maySwitch(exchange: Exchange): bool {
  if (isDefined(CORE_BUILD) || (exchange.api != Api.GeminiGenerate && exchange.api != Api.GeminiStreamGenerate)) return false;
  // Vertex serves Claude under the same address.
  return exchange.plugin.rules.length != 0 || exchange.upstream.dialect == Dialect.Vertex;
}

/** Nothing of the body matters: the request goes on at once. */
function sendHead(exchange: Exchange, model: View): HeadersAction {
  exchange.requestDone = true;
  exchange.streamsBody = exchange.bodyBytes >= 0;
  return sendRequest(exchange, model, View.empty()) ? HeadersAction.Continue : HeadersAction.StopIteration;
}

function holdHead(exchange: Exchange, head: RequestHead): HeadersAction {
  const goesAhead = exchange.plugin.sendsAhead;
  if (goesAhead && isAddressedByBody(exchange)) return refuseApi(exchange);
  exchange.holdsHeaders = !goesAhead;
  exchange.headBytes = head.bytes;
  if (refusesBytes(exchange, head.contentLength)) return HeadersAction.StopIteration;
  // Room is taken as bytes come; but what cannot find any is told so before it sends them.
  if (head.contentLength > 0 && !fits(exchange, head.contentLength)) refuseMemory(exchange, head.contentLength);
  else raiseRequestLimit(head.contentLength, exchange.config.maxRequestBytes);
  return goesAhead && !exchange.rejected ? goAhead(exchange) : HeadersAction.StopIteration;
}

function refuseBodiless(exchange: Exchange): HeadersAction {
  refuseEmpty(exchange);
  return HeadersAction.StopIteration;
}

/** With `unknownApis: refuse` nothing leaves that mapping and limits cannot read. */
function refuseUnknown(exchange: Exchange): HeadersAction {
  const message = "The gateway does not know the API of this path, and forwards none that it does not know (unknownApis: refuse).";
  refuse(exchange, Failure.UnsupportedApi, message, "");
  return HeadersAction.StopIteration;
}

function refuseApi(exchange: Exchange): HeadersAction {
  const what = "The provider type " + exchange.provider + " does not serve the API " + apiLabel(exchange.api) + ". ";
  refuse(exchange, Failure.UnsupportedApi, what + insteadOf(exchange.api), "");
  return HeadersAction.StopIteration;
}

/** What to do in place of a call that the provider does not serve. */
function insteadOf(api: Api): string {
  if (isDefined(CORE_BUILD)) return OTHER_ROUTE;
  if (api == Api.CompactResponse) return "Ask for a summary with POST /v1/responses, and send it as a message in place of the items.";
  const isStored =
    (api >= Api.RetrieveResponse && api <= Api.ResponseInputItems) || (api >= Api.Conversations && api <= Api.RetrieveConversationItem);
  return isStored
    ? "No responses and conversations are stored here: send the whole conversation as input, with store: false."
    : OTHER_ROUTE;
}
