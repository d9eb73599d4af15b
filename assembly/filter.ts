// One HTTP stream: the callbacks, passed on to the pipeline. No logic of its own beyond choosing the rule.

import { View } from "./bytes/view";
import { DataAction, HeaderMapType, HeadersAction } from "./host/abi";
import * as attributes from "./host/attributes";
import * as host from "./host/host";
import { admitConsumer, noteCaller, openLedger } from "./pipeline/admit";
import { Exchange } from "./pipeline/exchange";
import { Failure } from "./pipeline/failure";
import { finishExchange } from "./pipeline/finish";
import { publishCaller } from "./pipeline/publish";
import { refuse } from "./pipeline/refuse";
import { onRequestHead } from "./pipeline/request";
import { finishRequest, onRequestBytes } from "./pipeline/request-body";
import { RequestHead } from "./pipeline/request-head";
import { ChosenRoute } from "./pipeline/route-guard";
import { onResponseBytes, onResponseHead } from "./pipeline/response";
import { Plugin } from "./plugin";
import { Upstream } from "./provider/upstream";
import { settleCounters } from "./telemetry/counters";
import { requestStarted, streamStarted, takesOverhead } from "./telemetry/metrics";

@final
export class Filter {
  /** The next stream of the same place in filters.ts. */
  next: Filter | null = null;
  private exchange: Exchange | null = null;
  private bodySize: i32 = 0;

  constructor(
    private plugin: Plugin,
    readonly id: u32,
  ) {}

  onRequestHeaders(endOfStream: bool): HeadersAction {
    if (this.plugin.isIdle) return HeadersAction.Continue;
    const begun = host.now();
    const action = this.take(endOfStream, begun);
    this.spend(begun);
    return action;
  }

  /** The time, when that of this exchange is taken; else 0. */
  private look(exchange: Exchange): u64 {
    return exchange.isTimed ? host.now() : 0;
  }

  /** Counts the time since `begun` (look()) as one that the client waits for the plugin. */
  private spend(begun: u64): void {
    const exchange = this.exchange;
    if (exchange === null || !exchange.isTimed || begun == 0) return;
    const now = host.now();
    if (now > begun) exchange.overhead += now - begun;
  }

  private take(endOfStream: bool, begun: u64): HeadersAction {
    const block = host.headerBlock(HeaderMapType.RequestHeaders);
    if (block === null) return HeadersAction.Continue;
    const plugin = this.plugin;
    const head = RequestHead.read(block);
    let rule = -1;
    const guard = plugin.guard;
    let cluster = View.empty();
    let route = View.empty();
    if (plugin.hasRules) {
      if (plugin.needsRoute) route = attributes.routeName();
      if (plugin.needsCluster || guard !== null) cluster = attributes.clusterName();
      rule = plugin.ruleFor(route, head.authority, cluster);
    }
    const problem = plugin.ruleProblem(rule);
    // A request that is to go nowhere (no route, or one that Envoy answers itself) must not be sent somewhere by what is written into it.
    // Where the route is fixed nothing written can do that.
    let upstream: Upstream | null = null;
    if (guard === null || cluster.length > 0 || attributes.isFixed()) upstream = plugin.upstreamFor(rule);
    const gate = plugin.gateFor(rule);
    const isIdle = upstream === null && problem.length == 0;
    if (isIdle && !gate.requiresConsumer) return HeadersAction.Continue;
    const exchange = new Exchange(this.id);
    exchange.startedAt = begun;
    exchange.isTimed = takesOverhead();
    exchange.gate = gate;
    exchange.maxHeld = plugin.maxHeldBytes;
    exchange.refusesUnknown = plugin.refusesUnknown;
    if (guard !== null && upstream !== null) {
      exchange.chosenRoute = new ChosenRoute(guard, rule, cluster, route);
    }
    if (!plugin.trustsConsumerHeader) head.consumer = View.empty();
    const isAdmitted = problem.length > 0 || admitConsumer(exchange, gate, upstream, head, block);
    if (gate.published != 0) publishCaller(exchange, gate, head);
    this.exchange = exchange;
    exchange.isAdmittedOnly = isIdle && isAdmitted;
    if (exchange.isAdmittedOnly || problem.length > 0) noteCaller(exchange, head);
    requestStarted();
    settleCounters(exchange.startedAt, this.plugin.root, this.id);
    if (!isAdmitted) return HeadersAction.StopIteration;
    if (exchange.isAdmittedOnly) return HeadersAction.Continue;
    if (upstream === null) {
      refuse(
        exchange,
        Failure.Misconfigured,
        "The AI gateway rule for this request is not valid; the gateway's log says what to change.",
        "",
      );
      return HeadersAction.StopIteration;
    }
    openLedger(exchange, gate, head, block);
    return onRequestHead(exchange, upstream, head, endOfStream);
  }

  onRequestBody(size: i32, endOfStream: bool): DataAction {
    const exchange = this.exchange;
    this.bodySize = size;
    if (exchange === null) return DataAction.Continue;
    exchange.sawBody = true;
    if (!endOfStream || exchange.requestDone) return onRequestBytes(exchange, size, endOfStream);
    const begun = this.look(exchange);
    const action = onRequestBytes(exchange, size, endOfStream);
    this.spend(begun);
    return action;
  }

  /** Trailers end a body whose last part did not say so. */
  onRequestTrailers(): HeadersAction {
    const exchange = this.exchange;
    if (exchange === null) return HeadersAction.Continue;
    exchange.sawBody = true;
    if (exchange.isWaiting) return HeadersAction.StopIteration;
    if (exchange.requestDone) return HeadersAction.Continue;
    const upstream = exchange.upstream;
    if (upstream === null) return HeadersAction.Continue;
    const begun = this.look(exchange);
    const action = finishRequest(exchange, upstream, this.bodySize);
    this.spend(begun);
    return action == DataAction.Continue ? HeadersAction.Continue : HeadersAction.StopIteration;
  }

  onResponseHeaders(endOfStream: bool): HeadersAction {
    const exchange = this.exchange;
    if (exchange === null) return HeadersAction.Continue;
    // A refusal of the plugin's own comes back while it is being sent.
    const begun = exchange.rejected ? 0 : this.look(exchange);
    const block = host.headerBlock(HeaderMapType.ResponseHeaders);
    if (block === null) return HeadersAction.Continue;
    const trial = exchange.trial;
    const action = trial !== null ? trial.judge() : onResponseHead(exchange, block, endOfStream);
    this.spend(begun);
    if (exchange.isStreamResponse && !exchange.isCountedStream) {
      exchange.isCountedStream = true;
      streamStarted();
    }
    return action;
  }

  onResponseBody(size: i32, endOfStream: bool): DataAction {
    const exchange = this.exchange;
    if (exchange === null) return DataAction.Continue;
    const begun = exchange.delaysResponse(endOfStream) ? this.look(exchange) : 0;
    if (exchange.trial !== null) return DataAction.StopIterationAndBuffer;
    const action = onResponseBytes(exchange, size, endOfStream);
    this.spend(begun);
    // Envoy logs the attempts of an upstream filter before it tells of their end.
    if (endOfStream && exchange.attempt !== null) this.onLog();
    return action;
  }

  onResponseTrailers(): HeadersAction {
    const exchange = this.exchange;
    if (exchange === null) return HeadersAction.Continue;
    // What Envoy keeps of the body can still be changed; to one that has passed nothing can be added.
    exchange.endsByTrailers = true;
    onResponseBytes(exchange, max(exchange.keptResponseBytes, 0), true);
    if (exchange.attempt !== null) this.onLog();
    return HeadersAction.Continue;
  }

  /** The stream has ended, in whatever way. */
  onLog(): void {
    const exchange = this.exchange;
    if (exchange === null || exchange.finished) return;
    const now = host.now();
    finishExchange(exchange, now, this.plugin.logEscaped, this.plugin.metrics);
    settleCounters(now, this.plugin.root, this.id);
  }
}
