// The request's body phase: map the model, apply the provider's quirks, send head and body on, or refuse.

import { Buffer } from "../bytes/buffer";
import { LastCopy } from "../bytes/last-copy";
import { View } from "../bytes/view";
import { replaceEnvelopes } from "../dialect/conversation/foreign-seals";
import { BufferType, DataAction, HeaderMapType } from "../host/abi";
import { secondsNow } from "../host/clock";
import * as host from "../host/host";
import * as names from "../http/names";
import { JsonKind } from "../json/cursor";
import { releaseDocuments } from "../json/document";
import { Api, countedApi, countsOnly, hasPathModel } from "../model/api";
import { NativeModels } from "../provider/quirks/native-models";
import { applyCustomSettings } from "../provider/quirks/custom-settings";
import { applyQuirks, fitCalls } from "../provider/quirks/quirks";
import { askForUsage, asksForUsage } from "../provider/quirks/usage-option";
import { Dialect } from "../provider/provider";
import { RequestScan } from "../provider/request-scan";
import { FetchState, Waiter } from "../provider/side-fetch";
import { readBody, refuseWeight, refusesBytes, reserveMemory } from "./body-size";
import { addsPrompts, fitParameters, fitsParameters, fittedBody, promptedBody } from "./body-edits";
import { becomesChat, editGeneration, editedBody, editedChat, fitFor } from "./chat-edits";
import { estimatePromptTokens } from "./estimate";
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { mapModel, takeKlingModel } from "./body-model";
import { MODEL_MISTAKE, scan } from "./client-model";
import { sendMultipart } from "./multipart-body";
import { passesForeign } from "./readable";
import { refuse, refuseJson, refuseThread, refuseUnread } from "./refuse";
import { hold } from "./held";
import { countedBody, nativeCount } from "./count";
import { goesToResponses } from "./openai-api";
import { limitFirstByte } from "./first-byte";
import { MAX_MODEL } from "./target";
import { RouteTrial } from "./route-trial";
import { startTranslation } from "./translation";
import { dropLength, refuseGrown, replaceWhole, sendEdited } from "./send-body";
import { sendRequest } from "./upstream-head";

const clientModels: LastCopy = new LastCopy();

/** One part or all of the body has come; `size` bytes are buffered, as `body` if it was asked for. Headers are held meanwhile. */
export function onRequestBytes(exchange: Exchange, size: i32, endOfStream: bool, body: View | null = null): DataAction {
  if (exchange.isWaiting) return DataAction.StopIterationAndBuffer;
  if (exchange.requestDone) return exchange.rejected ? DataAction.StopIterationNoBuffer : DataAction.Continue;
  if (exchange.isAnswered || refusesBytes(exchange, size)) return DataAction.StopIterationNoBuffer;
  if (!reserveMemory(exchange, size)) return DataAction.StopIterationNoBuffer;
  if (!endOfStream) return DataAction.StopIterationAndBuffer;
  return finishRequest(exchange, size, body);
}

/** All of the body is there (the end came with data, or trailers follow); `body`: if it was asked for already. */
export function finishRequest(exchange: Exchange, size: i32, body: View | null = null): DataAction {
  if (exchange.isWaiting) return DataAction.StopIterationAndBuffer;
  if (exchange.isAnswered) return DataAction.StopIterationNoBuffer;
  exchange.requestDone = true;
  exchange.bodyBytes = size;
  if (sendBody(exchange, size, body)) {
    hold(exchange, 0, 0);
    return DataAction.Continue;
  }
  if (exchange.isWaiting) return DataAction.StopIterationAndBuffer;
  hold(exchange, 0, 0);
  return DataAction.StopIterationNoBuffer;
}

/** False: the request is held or was refused. */
function sendBody(exchange: Exchange, size: i32, known: View | null): bool {
  const chosen = exchange.chosenRoute;
  if (exchange.untriedPath.length != 0 && chosen !== null) {
    RouteTrial.start(exchange, chosen);
    return false;
  }
  const file = exchange.upstream.contextFile;
  if (file !== null && becomesChat(exchange)) {
    const state = file.demand(secondsNow(), new HeldBody(exchange, size));
    // The call was made in the plugin's name.
    host.actOn(exchange.context);
    if (state == FetchState.Waiting) exchange.isWaiting = true;
    else if (state == FetchState.Failed) refuseContext(exchange);
    if (state != FetchState.Ready) return false;
  }
  let body = known !== null ? known : requestBody(size);
  if (body === null) {
    refuseUnread(exchange);
    return false;
  }
  if (addsPrompts(exchange)) {
    const prompted = promptedBody(exchange, body);
    if (prompted === null) return refuseGrown(exchange);
    // Whatever was read of the client's body is read anew.
    scan.reset(View.empty());
    replaceWhole(exchange, body, prompted);
    body = prompted;
  }
  if (exchange.keepsPath || exchange.isOpaque) return sendKept(exchange, body);
  return exchange.isMultipart ? sendMultipart(exchange, body) : sendJson(exchange, body);
}

/** All `size` bytes that the host holds of it; null: they could not be read. Valid until the callback ends. */
export function requestBody(size: i32): View | null {
  return size > 0 ? host.body(BufferType.RequestBody, 0, size) : View.empty();
}

/** Path and body stay as they are, but for the operator's settings. What is no JSON object stays whole. */
function sendKept(exchange: Exchange, body: View): bool {
  const upstream = exchange.upstream;
  if (exchange.isOpaque && hasPathModel(exchange.api)) return sendNative(exchange, body);
  const settings = upstream.config.customSettings;
  const fits = fitsParameters(exchange);
  if ((settings.length == 0 && !fits) || !upstream.config.protocolOriginal) return sendRequest(exchange, exchange.upstreamModel, body);
  if (readBody(exchange, body, scan)) {
    applyCustomSettings(scan.editor, settings, upstream.row);
    if (fits) fitParameters(exchange, scan.editor, scan.model);
  } else if (scan.isTooHeavy) {
    scan.reset(View.empty());
    refuseWeight(exchange);
    return false;
  }
  const sent = sendEdited(exchange, View.empty(), body, scan);
  scan.reset(View.empty());
  return sent;
}

/** Google's own API: the model of the path is mapped in the body, too, and what other providers have sealed is taken out. */
function sendNative(exchange: Exchange, body: View): bool {
  const count = !isDefined(CORE_BUILD) && exchange.api == Api.GeminiCountTokens ? nativeCount(exchange, body, scan) : body;
  releaseDocuments();
  if (count !== body) {
    // The next body may stand at the same place.
    scan.reset(View.empty());
    replaceWhole(exchange, body, count);
    return sendRequest(exchange, exchange.upstreamModel, count);
  }
  scan.reset(body);
  new NativeModels(body, exchange.clientModel, exchange.upstreamModel, scan.patches).rename();
  if (!isDefined(CORE_BUILD)) replaceEnvelopes(body, scan.patches);
  if (fitsParameters(exchange) && scan.read()) fitParameters(exchange, scan.editor, exchange.askedModel);
  const sent = sendEdited(exchange, exchange.upstreamModel, body, scan);
  scan.reset(View.empty());
  return sent;
}

function refuseContext(exchange: Exchange): void {
  refuse(exchange, Failure.NoContextFile, "The gateway could not fetch the context file of this model. Try again.", "");
}

/** A request whose body waits for the context file. */
@final
class HeldBody extends Waiter {
  constructor(
    private exchange: Exchange,
    private size: i32,
  ) {
    super();
  }

  resume(fetched: bool): void {
    const exchange = this.exchange;
    if (exchange.finished) return;
    host.actOn(exchange.context);
    exchange.isWaiting = false;
    const sent = fetched && sendBody(exchange, this.size, null);
    if (!exchange.isWaiting) hold(exchange, 0, 0);
    if (!fetched) refuseContext(exchange);
    else if (sent) host.continueRequest();
  }
}

function sendJson(exchange: Exchange, body: View): bool {
  const isObject = readBody(exchange, body, scan);
  let sent = false;
  if (scan.isTooHeavy) refuseWeight(exchange);
  else if (passesForeign(exchange, scan, isObject)) sent = sendForeign(exchange, body);
  else sent = isObject ? sendScanned(exchange, body) : refuseJson(exchange, scan, exchange.bodyBytes);
  scan.reset(View.empty());
  return sent;
}

function sendScanned(exchange: Exchange, body: View): bool {
  if (hasPathModel(exchange.api)) return sendNamed(exchange, body);
  const upstream = exchange.upstream;
  if (scan.badModel || scan.model.length > MAX_MODEL) {
    refuse(exchange, Failure.InvalidRequest, MODEL_MISTAKE, "model");
    return false;
  }
  if (scan.editor.isFull) {
    refuse(exchange, Failure.InvalidRequest, "The request body has more than 4095 members.", "");
    return false;
  }
  if (!scan.hasModel && exchange.isTranslated && exchange.api == Api.Videos) takeKlingModel(scan);
  exchange.clientModel = scan.model.length != 0 ? clientModels.of(scan.model) : exchange.deployment;
  exchange.wantsStream = scan.stream && exchange.api != Api.Embeddings && !countsOnly(exchange.api);
  if (scan.hasMessages) exchange.chatRound = scan.userMessages;
  if (keepsThread(exchange, scan)) {
    refuseThread(exchange);
    return false;
  }
  if (!mapModel(exchange, scan)) return false;
  estimatePromptTokens(exchange, body, scan);
  if (!exchange.ledger.isEmpty) exchange.outputLimit = outputLimit(scan);
  const config = upstream.config;
  if (config.customSettings.length != 0 && !countsOnly(exchange.api)) applyCustomSettings(scan.editor, config.customSettings, null);
  editGeneration(exchange, scan);
  const toResponses = goesToResponses(exchange, body, scan.editor);
  if (exchange.isTranslated && exchange.api == Api.ChatCompletions) fitCalls(scan, upstream.row);
  if (toResponses && exchange.api == Api.ChatCompletions) fitFor(exchange, scan, false);
  if (exchange.isTranslated) return sendTranslated(exchange, body, scan);

  const asksUsage = asksForUsage(scan.editor);
  if (exchange.api == Api.ChatCompletions) {
    fitFor(exchange, scan, false);
  } else applyQuirks(scan, upstream.quirks, exchange.api);
  prepareStream(exchange, scan, asksUsage);
  if (fitsParameters(exchange)) fitParameters(exchange, scan.editor, exchange.askedModel);
  return sendEdited(exchange, exchange.upstreamModel, body, scan);
}

/** The path has named the model, and what the body says of it means nothing. */
function sendNamed(exchange: Exchange, body: View): bool {
  estimatePromptTokens(exchange, body, scan);
  goesToResponses(exchange, body, scan.editor);
  return sendTranslated(exchange, body, scan);
}

/** Nobody can take the body for a request of this API: whoever sent it is told so by the provider. */
function sendForeign(exchange: Exchange, body: View): bool {
  if (scan.model.length <= MAX_MODEL) exchange.clientModel = clientModels.of(scan.model);
  exchange.upstreamModel = exchange.clientModel;
  return sendRequest(exchange, exchange.upstreamModel, body);
}

/** The most tokens that the client wants as a response, -1 when it does not say. */
function outputLimit(scan: RequestScan): i64 {
  const editor = scan.editor;
  let member = editor.find("max_completion_tokens");
  if (member < 0) member = editor.find("max_tokens");
  if (member < 0) member = editor.find("max_output_tokens");
  return editor.raw(member).toInteger();
}

/** An Anthropic client leaves the conversation to the server: only Anthropic itself keeps any. */
function keepsThread(exchange: Exchange, scan: RequestScan): bool {
  if (countedApi(exchange.api) != Api.Messages || exchange.upstream.row.dialect == Dialect.Anthropic) return false;
  return scan.editor.kind(scan.editor.find("thread")) == JsonKind.Object;
}

/** A stream is asked for: usage is asked for with it, and the upstream is told what is wanted. */
function prepareStream(exchange: Exchange, scan: RequestScan, asksUsage: bool): void {
  const upstream = exchange.upstream;
  if (!scan.stream) return;
  setStreamHeaders(exchange);
  const isChat = exchange.api == Api.ChatCompletions || exchange.api == Api.Completions;
  if (!isChat) return;
  exchange.wantsUsage = asksUsage;
  if (asksUsage || !upstream.row.asksUsage || !upstream.config.asksUsage) return;
  askForUsage(scan.editor);
  exchange.addedUsage = true;
}

function setStreamHeaders(exchange: Exchange): void {
  if (exchange.isAhead) return;
  host.replaceHeader(HeaderMapType.RequestHeaders, names.ACCEPT, names.EVENT_STREAM);
  limitFirstByte(exchange.config.firstByteTimeoutMs);
}

/** The provider speaks another dialect: the body is written anew. */
function sendTranslated(exchange: Exchange, body: View, scan: RequestScan): bool {
  exchange.wantsUsage = asksForUsage(scan.editor);
  startTranslation(exchange);
  const translator = exchange.translator;
  if (translator === null) {
    refuse(exchange, Failure.UnsupportedApi, "The provider does not serve this API.", "");
    return false;
  }
  const out = new Buffer(body.length + 512);
  if (!translator.request(editedBody(body, scan), out) || out.overflow) {
    refuse(exchange, Failure.InvalidRequest, translator.problem, translator.problemParam);
    return false;
  }
  if (translator.targetApi != Api.Unknown) exchange.targetApi = translator.targetApi;
  if (exchange.wantsStream) setStreamHeaders(exchange);
  let edited = exchange.targetApi == Api.ChatCompletions ? editedChat(exchange, out.toView(), scan) : out.toView();
  if (fitsParameters(exchange)) edited = fittedBody(exchange, edited);
  const sent = countedBody(exchange, edited);
  if (exchange.rejected) {
    releaseDocuments();
    return false;
  }
  host.replaceBody(BufferType.RequestBody, sent);
  dropLength(exchange);
  const isSent = sendRequest(exchange, exchange.upstreamModel, sent);
  releaseDocuments();
  return isSent;
}
