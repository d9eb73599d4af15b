// Responses of providers that speak another dialect: held whole, or event by event.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Translator } from "../dialect/translator";
import { DataAction, HeaderMapType, HeadersAction } from "../host/abi";
import * as host from "../host/host";
import { HeaderList, isHeaderValue } from "../http/header-list";
import * as names from "../http/names";
import { releaseDocuments } from "../json/document";
import { NO_BLAME } from "../usage/fault";
import { UsageMeter } from "../usage/meter";
import { Usage } from "../usage/usage";
import { Exchange, ResponseHandler } from "./exchange";
import { Failure, describeUpstreamFailure, failureStatus } from "./failure";
import { hold, holdStream } from "./held";
import { holdMore, holdResponse, waitForMore } from "./held-response";
import { writeClientError } from "./refuse";
import { DISCARDED, replaceHeld } from "./replaced-response";
import { keepFaults } from "./token";
import { responseBytes, writeResponse, writeStatus } from "./response-bytes";
import { ResponseHead } from "./response-head";
import { TranslatingSink, translatingSink } from "./translating-sink";

const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;

/** Chooses between whole body and stream; the headers of a body that must be held wait for it. */
export function translateResponse(exchange: Exchange, translator: Translator, head: ResponseHead): HeadersAction {
  if (head.hasLength) host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
  if (head.errorType.length != 0) translator.errorName = head.errorType.copy();
  // Some providers stream although the client wants a whole response; their translators read such a stream whole.
  if (exchange.isTranslated && !exchange.wantsStream) exchange.isStreamResponse = false;
  if (exchange.isStreamResponse && head.status < 300) {
    exchange.handler = new TranslatedStream(translator, exchange.config.maxResponseEventBytes);
    host.replaceHeader(RESPONSE, names.CONTENT_TYPE, streamType(translator));
    return HeadersAction.Continue;
  }
  const becomesStream = exchange.isAhead && exchange.isTranslated && exchange.wantsStream && head.status < 300;
  host.replaceHeader(RESPONSE, names.CONTENT_TYPE, becomesStream ? streamType(translator) : names.APPLICATION_JSON);
  return holdResponse(exchange, head, new TranslatedBody(translator));
}

function streamType(translator: Translator): View {
  return translator.streamsList ? names.APPLICATION_JSON : names.EVENT_STREAM_UTF8;
}

abstract class Translated extends ResponseHandler {
  constructor(protected translator: Translator) {
    super();
  }

  /** Runs translate(), and keeps what the translator tells beside what it writes. */
  protected listen(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    const effects = this.translator.context.effects;
    const errors = effects.errorEvents;
    const action = this.translate(exchange, size, endOfStream);
    if (effects.errorEvents != errors) {
      exchange.streamFailed = !this.holdsBody;
      if (exchange.fault == 0) exchange.fault = effects.fault;
    }
    releaseDocuments();
    return action;
  }

  protected abstract translate(exchange: Exchange, size: i32, endOfStream: bool): DataAction;

  get isCounted(): bool {
    return true;
  }

  get usage(): Usage {
    return this.translator.usage;
  }

  get textTokens(): i64 {
    return this.translator.context.effects.text.tokens;
  }

  get model(): View {
    return this.translator.responseModel;
  }

  get id(): View {
    return this.translator.responseId;
  }
}

/** Events are translated as they come. */
@final
class TranslatedStream extends Translated {
  private sink: TranslatingSink;
  /** The client was told that the stream broke off, and gets no more. */
  private isCut: bool = false;

  /** Events of more than `cap` bytes are not read. */
  constructor(translator: Translator, cap: i32) {
    super(translator);
    this.sink = translatingSink(translator, cap);
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    return this.isCut ? DISCARDED.onBytes(exchange, size, endOfStream) : this.listen(exchange, size, endOfStream);
  }

  /**
   * Translates the events of this callback. From the one on that finishes the response, Envoy keeps what is written until the stream
   * has ended: if trailers end it no bytes can be added then, but those that Envoy keeps can be replaced. So do those before an
   * event that may be the last.
   */
  protected translate(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    const sink = this.sink;
    sink.feed(responseBytes(size, max(exchange.keptResponseBytes, 0)));
    if (endOfStream) sink.finish();
    else if (!holdStream(exchange, this.heldBytes)) this.cut(exchange);
    if (sink.skipped > 0) exchange.skipped = "event_too_large";
    if (exchange.firstTokenAt == 0 && sink.out.length != 0) exchange.firstTokenAt = host.now();
    const isWritten = writeResponse(exchange, sink.out.window());
    if (!endOfStream && !this.isCut && (this.translator.awaitsEnd || sink.awaitsBlankLine)) {
      exchange.keptResponseBytes = sink.out.length;
      return DataAction.StopIterationAndBuffer;
    }
    // Trailers have ended the stream before its response was finished: the client misses what ends it.
    if (!isWritten && sink.out.length != 0) exchange.streamFailed = true;
    exchange.keptResponseBytes = -1;
    sink.clear();
    return DataAction.Continue;
  }

  private get heldBytes(): i64 {
    return <i64>this.sink.heldBytes + <i64>this.sink.out.capacity + <i64>this.translator.heldBytes;
  }

  /** The stream keeps back more than there is room for: the client is told that it broke off. */
  private cut(exchange: Exchange): void {
    this.translator.end(this.sink.out);
    exchange.failure = Failure.MemoryLimit;
    exchange.fault = NO_BLAME;
    this.isCut = true;
    hold(exchange, 0, this.translator.heldBytes);
  }
}

/** A whole body is held and translated. */
@final
class TranslatedBody extends Translated {
  get holdsBody(): bool {
    return true;
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    if (!holdMore(exchange, size)) return replaceHeld(exchange, size);
    return endOfStream ? this.listen(exchange, size, true) : waitForMore(exchange, size);
  }

  /** Writes the client's response, or its error shape when the provider failed or cannot be understood. */
  protected translate(exchange: Exchange, size: i32, _endOfStream: bool): DataAction {
    const translator = this.translator;
    const body = responseBytes(size);
    const out = new Buffer(body.length + 512);
    const asStream = exchange.isTranslated && exchange.wantsStream;
    if (exchange.status >= 300) {
      if (exchange.refusal > 0) faultIn(exchange, body);
      translator.error(exchange.status, body, out);
    } else if (asStream && translator.wholeAsStream(body, out)) {
      exchange.isStreamResponse = true;
      exchange.firstTokenAt = host.now();
      if (!exchange.isAhead) host.replaceHeader(RESPONSE, names.CONTENT_TYPE, streamType(translator));
    } else if (asStream || !translator.response(body, out) || out.overflow) {
      out.clear();
      writeFailed(exchange, translator, body, out);
    }
    if (!exchange.isAhead) writeHeaders(translator);
    if (!writeResponse(exchange, out.toView())) exchange.failure = Failure.Internal;
    hold(exchange, 0, 0);
    return DataAction.Continue;
  }
}

/** The headers that the translator has for the client. */
function writeHeaders(translator: Translator): void {
  const headers = new HeaderList();
  translator.responseHeaders(headers);
  for (let k = 0; k < headers.count; k++) {
    // Values come out of the provider's body, and Envoy ends the connection over a line break in a header.
    if (isHeaderValue(headers.value(k))) host.replaceHeader(RESPONSE, headers.name(k), headers.value(k));
  }
}

/** The provider's error under a status of success gets the status that it deserves; what is no response at all is a 502. */
function writeFailed(exchange: Exchange, translator: Translator, body: View, out: Buffer): void {
  let status = translator.failedStatus > 0 ? translator.failedStatus : faultIn(exchange, body);
  exchange.fault = status > 0 ? status : NO_BLAME;
  if (status > 0) translator.error(status, body, out);
  else {
    const failure = Failure.BadUpstreamResponse;
    exchange.failure = failure;
    status = failureStatus(failure);
    const reason = translator.problem.length != 0 ? translator.problem : describeUpstreamFailure(failure);
    writeClientError(exchange.api, failure, reason, "", out);
  }
  writeStatus(exchange, status);
}

/** The status that an error object in `body` deserves, 0 without one. */
function faultIn(exchange: Exchange, body: View): i32 {
  const meter = UsageMeter.clean();
  meter.feedJson(body);
  meter.finishJson();
  const fault = meter.reader.fault;
  keepFaults(exchange, meter.reader);
  meter.release();
  return max(fault, 0);
}
