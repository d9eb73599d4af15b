// One HTTP stream: the callbacks, passed on to the pipeline, and the time that they take. No logic of its own.

import { DataAction, HeaderMapType, HeadersAction } from "./host/abi";
import * as host from "./host/host";
import { admit, keepCaller, openLedger } from "./pipeline/admit";
import { Arrival, PASSING } from "./pipeline/arrival";
import { Exchange } from "./pipeline/exchange";
import { finishArrival, finishExchange } from "./pipeline/finish";
import { refuseMisconfigured } from "./pipeline/refuse";
import { onRequestHead } from "./pipeline/request";
import { finishRequest, onRequestBytes } from "./pipeline/request-body";
import { RequestHead } from "./pipeline/request-head";
import { readStatus, onResponseBytes, onResponseHead } from "./pipeline/response";
import { Plugin } from "./plugin";
import { sendDueCounters } from "./telemetry/counters";
import { requestStarted, streamStarted, takesOverhead } from "./telemetry/metrics";

@final
export class Filter {
  /** The next stream of the same place in filters.ts. */
  next: Filter | null = null;
  /** What is recorded when the stream ends; PASSING while the plugin has nothing to do with it. */
  private arrival: Arrival = PASSING;
  /** The same, once the request has a provider. */
  private exchange: Exchange | null = null;
  private bodySize: i32 = 0;

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
    return this.arrival.isTimed ? host.now() : 0;
  }

  /** Counts the time since `startedAt` (timeNow()) as one that the client waits for the plugin. */
  private addOverhead(startedAt: u64): void {
    const arrival = this.arrival;
    if (!arrival.isTimed || startedAt == 0) return;
    const now = host.now();
    if (now > startedAt) arrival.overhead += now - startedAt;
  }

  /** Reads the request's headers, and begins an exchange when the configuration has a provider for it. */
  private open(startedAt: u64, endOfStream: bool): HeadersAction {
    const block = host.headerBlock(HeaderMapType.RequestHeaders);
    if (block === null) return HeadersAction.Continue;
    const plugin = this.plugin;
    const head = RequestHead.read(block);
    const choice = plugin.choose(head.authority);
    if (choice.isIdle) return HeadersAction.Continue;
    const upstream = choice.upstream;
    if (upstream === null) {
      const arrival = new Arrival(this.id, plugin.config, choice.gate, startedAt, takesOverhead());
      const isMisconfigured = choice.problem.length > 0;
      const isAdmitted = admit(arrival, head, block, !isMisconfigured);
      if (isAdmitted) keepCaller(arrival, head);
      this.begin(arrival);
      if (!isAdmitted) return HeadersAction.StopIteration;
      if (!isMisconfigured) return HeadersAction.Continue;
      refuseMisconfigured(arrival);
      return HeadersAction.StopIteration;
    }
    const exchange = new Exchange(this.id, plugin.config, choice.gate, startedAt, takesOverhead(), upstream, choice.route);
    const isAdmitted = admit(exchange, head, block, true);
    this.exchange = exchange;
    this.begin(exchange);
    if (!isAdmitted) return HeadersAction.StopIteration;
    openLedger(exchange, head, block);
    return onRequestHead(exchange, head, endOfStream);
  }

  private begin(arrival: Arrival): void {
    this.arrival = arrival;
    requestStarted();
    sendDueCounters(arrival.startedAt, this.plugin.root, this.id);
  }

  onRequestBody(size: i32, endOfStream: bool): DataAction {
    const exchange = this.exchange;
    this.bodySize = size;
    if (exchange === null) return this.arrival.rejected ? DataAction.StopIterationNoBuffer : DataAction.Continue;
    exchange.sawBody = true;
    if (!endOfStream || exchange.requestDone) return onRequestBytes(exchange, size, endOfStream);
    const startedAt = this.timeNow();
    const action = onRequestBytes(exchange, size, endOfStream);
    this.addOverhead(startedAt);
    return action;
  }

  /** Trailers end a body whose last part did not say so. */
  onRequestTrailers(): HeadersAction {
    const exchange = this.exchange;
    if (exchange === null) return HeadersAction.Continue;
    exchange.sawBody = true;
    if (exchange.isWaiting) return HeadersAction.StopIteration;
    if (exchange.requestDone) return HeadersAction.Continue;
    const startedAt = this.timeNow();
    const action = finishRequest(exchange, this.bodySize);
    this.addOverhead(startedAt);
    return action == DataAction.Continue ? HeadersAction.Continue : HeadersAction.StopIteration;
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
