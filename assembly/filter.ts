// One HTTP stream: the callbacks, passed on to the pipeline, and the time that they take. No logic of its own.

import { View } from "./bytes/view";
import { DataAction, HeaderMapType, HeadersAction } from "./host/abi";
import * as host from "./host/host";
import { admit, keepCaller, openLedger, readmit } from "./pipeline/admit";
import { Arrival, PASSING } from "./pipeline/arrival";
import { reserveMemory } from "./pipeline/body-size";
import { awaitBody, clientModel } from "./pipeline/client-model";
import { Exchange } from "./pipeline/exchange";
import { finishArrival, finishExchange } from "./pipeline/finish";
import { Gate } from "./pipeline/gate";
import { release } from "./pipeline/held";
import { refuseMisconfigured, refuseUndecided, refuseUnread } from "./pipeline/refuse";
import { onRequestHead } from "./pipeline/request";
import { finishRequest, onRequestBytes, requestBody } from "./pipeline/request-body";
import { mayUseNamed } from "./pipeline/rights";
import { answerModels, asksForModels } from "./pipeline/model-list";
import { takesTime } from "./pipeline/publish";
import { nameRoute } from "./pipeline/route-headers";
import { takeSide } from "./pipeline/split";
import { RequestHead } from "./pipeline/request-head";
import { readStatus, onResponseBytes, onResponseHead } from "./pipeline/response";
import { Choice, Plugin } from "./plugin";
import { sendDueCounters } from "./telemetry/counters";
import { requestEnded, requestStarted, streamStarted } from "./telemetry/metrics";

@final
export class Filter {
  /** The next stream of the same place in filters.ts. */
  next: Filter | null = null;
  /** What is recorded when the stream ends; PASSING while the plugin has nothing to do with it. */
  private arrival: Arrival = PASSING;
  /** The same, once the request has a provider. */
  private exchange: Exchange | null = null;
  private bodySize: i32 = 0;
  /** For the body, to know the rule. */
  private waits: bool = false;

  constructor(
    private plugin: Plugin,
    readonly id: u32,
  ) {}

  onRequestHeaders(endOfStream: bool): HeadersAction {
    if (this.plugin.isIdle) return HeadersAction.Continue;
    const startedAt = host.now();
    const action = this.open(startedAt, endOfStream);
    this.addOverhead(startedAt);
    return action;
  }

  /** The time, when that of this stream is taken; else 0. */
  private timeNow(): u64 {
    return this.arrival.isTimed ? this.arrival.enter() : 0;
  }

  /** Counts the time since `startedAt` (timeNow()) as one that the client waits for the plugin. */
  private addOverhead(startedAt: u64): void {
    const arrival = this.arrival;
    if (!arrival.isTimed || startedAt == 0) return;
    arrival.enteredAt = 0;
    const now = host.now();
    if (now > startedAt) arrival.overhead += now - startedAt;
  }

  /** Reads the request's headers, and begins an exchange when the configuration has a provider for it. */
  private open(startedAt: u64, endOfStream: bool): HeadersAction {
    const block = host.headerBlock(HeaderMapType.RequestHeaders);
    if (block === null) return HeadersAction.Continue;
    const head = RequestHead.read(block);
    const isList = this.plugin.config.listsModels && asksForModels(head);
    let model: View | null = isList ? null : View.empty();
    if (this.plugin.config.models !== null && !isList) model = clientModel.read(head, endOfStream);
    const choice = this.plugin.choose(head, block, model, false);
    if (isList && choice.leadsSomewhere) return this.list(choice.gate, head, block, startedAt, endOfStream);
    if (choice.needsModel || choice.needsConsumer) return this.wait(choice, head, block, startedAt, endOfStream);
    return this.enter(choice, head, block, startedAt, endOfStream, null);
  }

  /** Answers who asks for the list of models, or sends the request on for a part of it. */
  private list(gate: Gate, head: RequestHead, block: View, startedAt: u64, endOfStream: bool): HeadersAction {
    const arrival = new Arrival(this.id, this.plugin.config, gate, startedAt, takesTime(this.plugin.config));
    if (!this.admit(arrival, head, block, true, null)) return HeadersAction.StopIteration;
    const own = this.plugin.choose(head, block, View.empty(), true);
    if (answerModels(arrival, head, own.gate, endOfStream ? own.upstream : null)) return HeadersAction.StopIteration;
    return this.decide(arrival, null, true);
  }

  /** Begins with the request as the configuration says. `waited`: what it has been while its rule was not known, or null. */
  private enter(choice: Choice, head: RequestHead, block: View, startedAt: u64, endOfStream: bool, waited: Arrival | null): HeadersAction {
    const config = this.plugin.config;
    const isTimed = waited !== null ? waited.isTimed : takesTime(this.plugin.config);
    const upstream = choice.upstream;
    const side = choice.side;
    if (upstream === null) {
      if (side === null) nameRoute(config, View.empty(), View.empty());
      else nameRoute(config, side.id, side.cluster);
      if (choice.isUnknownModel && !clientModel.isWanted) choice.isUnknownModel = false;
      if (choice.isIdle) {
        if (waited !== null) requestEnded();
        this.arrival = PASSING;
        return HeadersAction.Continue;
      }
      const arrival = new Arrival(this.id, config, choice.gate, startedAt, isTimed);
      const isMisconfigured = choice.problem.length != 0;
      const isAdmitted = this.admit(arrival, head, block, !isMisconfigured, waited);
      if (!isAdmitted || !this.mayGo(arrival, head, endOfStream, waited !== null)) return HeadersAction.StopIteration;
      keepCaller(arrival, head);
      clientModel.keepIn(arrival);
      if (side !== null) takeSide(arrival, side);
      if (isMisconfigured) refuseMisconfigured(arrival);
      else if (choice.isUndecided) refuseUndecided(arrival);
      else if (choice.isUnknownModel) clientModel.refuse(arrival);
      return arrival.rejected ? HeadersAction.StopIteration : HeadersAction.Continue;
    }
    const exchange = new Exchange(this.id, config, choice.gate, startedAt, isTimed, upstream, choice.route);
    const isAdmitted = this.admit(exchange, head, block, true, waited) && this.mayGo(exchange, head, endOfStream, waited !== null);
    if (!this.waits) this.exchange = exchange;
    if (!isAdmitted) return HeadersAction.StopIteration;
    if (side !== null) takeSide(exchange, side);
    openLedger(exchange, head, block);
    return onRequestHead(exchange, head, endOfStream);
  }

  private admit(arrival: Arrival, head: RequestHead, block: View, asksForKey: bool, waited: Arrival | null): bool {
    const isAdmitted = waited !== null ? readmit(arrival, waited, head) : admit(arrival, head, block, asksForKey);
    this.arrival = arrival;
    if (waited !== null) return isAdmitted;
    requestStarted();
    sendDueCounters(arrival.startedAt, this.plugin.root, this.id);
    return isAdmitted;
  }

  /** The caller may use the model that it asks for. False: it may not and was refused, or only the body will tell. */
  private mayGo(arrival: Arrival, head: RequestHead, endOfStream: bool, isRead: bool): bool {
    if (!arrival.caller.isLimited) return true;
    if (!isRead && this.plugin.config.models === null) clientModel.read(head, endOfStream);
    keepCaller(arrival, head);
    if (!clientModel.isAwaited) return mayUseNamed(arrival, head, endOfStream, arrival instanceof Exchange);
    if (awaitBody(arrival, head)) this.waits = true;
    return false;
  }

  onRequestBody(size: i32, endOfStream: bool): DataAction {
    this.bodySize = size;
    if (this.waits) return this.onAwaitedBody(size, endOfStream);
    const exchange = this.exchange;
    if (exchange === null) return this.arrival.rejected ? DataAction.StopIterationNoBuffer : DataAction.Continue;
    exchange.sawBody = true;
    if (!endOfStream || exchange.requestDone) return onRequestBytes(exchange, size, endOfStream);
    const startedAt = this.timeNow();
    const action = onRequestBytes(exchange, size, endOfStream);
    this.addOverhead(startedAt);
    return action;
  }

  /**
   * Which rule it is, or which side of its split, depends on the model, which is in the body, or on the consumer: nothing else is done
   * until that is known.
   */
  private wait(choice: Choice, head: RequestHead, block: View, startedAt: u64, endOfStream: bool): HeadersAction {
    const needsBody = choice.needsModel;
    const arrival = new Arrival(this.id, this.plugin.config, choice.gate, startedAt, takesTime(this.plugin.config));
    if (!this.admit(arrival, head, block, true, null)) return HeadersAction.StopIteration;
    keepCaller(arrival, head);
    if (!needsBody) return this.decide(arrival, null, endOfStream);
    if (awaitBody(arrival, head)) this.waits = true;
    return HeadersAction.StopIteration;
  }

  private onAwaitedBody(size: i32, endOfStream: bool): DataAction {
    const arrival = this.arrival;
    arrival.sawBody = true;
    if (arrival.rejected || !reserveMemory(arrival, size)) return DataAction.StopIterationNoBuffer;
    if (!endOfStream) return DataAction.StopIterationAndBuffer;
    const startedAt = this.timeNow();
    const action = this.openWith(arrival, size);
    this.addOverhead(startedAt);
    return action;
  }

  /** The body is there: the rule can be told. */
  private openWith(waited: Arrival, size: i32): DataAction {
    this.waits = false;
    const body = requestBody(size);
    let action = DataAction.StopIterationNoBuffer;
    if (body === null) refuseUnread(waited);
    else {
      const isGoing = this.decide(waited, body, false) == HeadersAction.Continue;
      const exchange = this.exchange;
      if (isGoing) action = DataAction.Continue;
      else if (exchange !== null && !exchange.rejected) {
        exchange.sawBody = true;
        action = onRequestBytes(exchange, size, true, body);
      }
    }
    clientModel.forget();
    return action;
  }

  /** Chooses again for a request that was let in, now that more is known. */
  private decide(waited: Arrival, body: View | null, endOfStream: bool): HeadersAction {
    // Its consumer's key has left the headers since they were read.
    const block = host.headerBlock(HeaderMapType.RequestHeaders);
    if (block === null) {
      refuseUnread(waited);
      return HeadersAction.StopIteration;
    }
    const head = RequestHead.read(block);
    head.consumer = waited.consumer;
    let model: View | null = View.empty();
    if (this.plugin.config.models !== null || waited.caller.isLimited) {
      model = clientModel.read(head, endOfStream);
      if (body !== null) model = clientModel.ofBody(waited, body, head.contentType);
    }
    if (waited.rejected) return HeadersAction.StopIteration;
    release(waited);
    return this.enter(this.plugin.choose(head, block, model, true), head, block, waited.startedAt, endOfStream, waited);
  }

  /** Trailers end a body whose last part did not say so. */
  onRequestTrailers(): HeadersAction {
    if (this.waits) return headersAction(this.onAwaitedBody(this.bodySize, true));
    const exchange = this.exchange;
    if (exchange === null) return HeadersAction.Continue;
    exchange.sawBody = true;
    if (exchange.isWaiting) return HeadersAction.StopIteration;
    if (exchange.requestDone) return HeadersAction.Continue;
    const startedAt = this.timeNow();
    const action = finishRequest(exchange, this.bodySize);
    this.addOverhead(startedAt);
    return headersAction(action);
  }

  onResponseHeaders(endOfStream: bool): HeadersAction {
    const arrival = this.arrival;
    if (arrival === PASSING) return HeadersAction.Continue;
    // A refusal of the plugin's own comes back while it is being sent.
    const startedAt = arrival.rejected ? 0 : this.timeNow();
    const block = host.headerBlock(HeaderMapType.ResponseHeaders);
    if (block === null) return HeadersAction.Continue;
    const exchange = this.exchange;
    if (exchange === null) {
      readStatus(arrival, block, endOfStream);
      this.addOverhead(startedAt);
      return HeadersAction.Continue;
    }
    const action = onResponseHead(exchange, block, endOfStream);
    this.addOverhead(startedAt);
    if (exchange.isStreamResponse && !exchange.isCountedStream) {
      exchange.isCountedStream = true;
      streamStarted();
    }
    return action;
  }

  onResponseBody(size: i32, endOfStream: bool): DataAction {
    const exchange = this.exchange;
    if (exchange === null) {
      if (endOfStream) this.arrival.endResponse();
      return DataAction.Continue;
    }
    const startedAt = exchange.delaysResponse(endOfStream) ? this.timeNow() : 0;
    const action = onResponseBytes(exchange, size, endOfStream);
    this.addOverhead(startedAt);
    // Envoy logs the attempts of an upstream filter before it tells of their end.
    if (endOfStream && exchange.attempt.isNumbered) this.onLog();
    return action;
  }

  onResponseTrailers(): HeadersAction {
    const exchange = this.exchange;
    if (exchange === null) {
      this.arrival.endResponse();
      return HeadersAction.Continue;
    }
    // What Envoy keeps of the body can still be changed; to one that has passed nothing can be added.
    exchange.endsByTrailers = true;
    onResponseBytes(exchange, max(exchange.keptResponseBytes, 0), true);
    if (exchange.attempt.isNumbered) this.onLog();
    return HeadersAction.Continue;
  }

  /** The stream has ended, in whatever way. */
  onLog(): void {
    const arrival = this.arrival;
    if (arrival.finished) return;
    const now = host.now();
    const exchange = this.exchange;
    if (exchange === null) finishArrival(arrival, now);
    else finishExchange(exchange, now);
    sendDueCounters(now, this.plugin.root, this.id);
  }
}

/** What trailers are told in place of a body. */
function headersAction(action: DataAction): HeadersAction {
  return action == DataAction.Continue ? HeadersAction.Continue : HeadersAction.StopIteration;
}
