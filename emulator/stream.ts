// One HTTP exchange through the filter: request, response, local replies, resets, and the end with its log.
import { DataAction, HeadersAction, MapType, type Trap } from "./abi";
import { EMPTY, decodeUtf8, toBytes } from "./bytes";
import { checkResponseHeaders, checkLength, checkRequestHeaders } from "./checks";
import { Half, type HalfFilter } from "./half";
import { HeaderMap, type HeadersInit } from "./header-map";
import { localReplyHeaders, requestChunks, requestHeaders, type LocalReply } from "./messages";
import type { RootContext } from "./root";
import { ClientView, UpstreamView, type RequestInit, type ResponseInit } from "./views";
import type { Vm } from "./vm";

const STOP_ALL = HeadersAction.StopAllIterationAndWatermark;

export class Exchange {
  readonly kind = "stream";
  readonly id: number;
  readonly request: Half;
  readonly response: Half;
  /** Keys carry Envoy's prefix: `wasm.ai_log`. */
  readonly filterState = new Map<string, Uint8Array>();
  /** Every value that the module stored there, those that it replaced later too. */
  readonly stateWrites: [string, Uint8Array][] = [];
  readonly properties: Record<string, string>;
  readonly startedAt: bigint;
  trap: Trap | null = null;
  phase: "open" | "log" | "done" | "deleted" = "open";
  /** Response code details; "" until there is a response. */
  details = "";
  /** 0 until the response's headers have left. */
  responseCode = 0;
  requestSize = 0;
  isReset = false;
  /** proxy_send_local_response was called or Envoy itself answers: the request goes no further. */
  isAnswered = false;
  /** A local reply was asked for in the callback that is running. */
  isAnswering = false;

  private answeredDirectly = false;
  private wasAnsweredLocally = false;
  private failureReplySent = false;
  private responseStarted = false;
  private readonly isHead: boolean;

  constructor(
    private readonly vm: Vm,
    readonly root: RootContext,
    init: RequestInit,
  ) {
    this.id = vm.nextContextId();
    this.properties = { ...init.properties };
    this.startedAt = vm.options.clock.now();
    this.isHead = init.method === "HEAD";
    this.request = new Half(this.requestFilter(), vm.options.bufferLimit);
    this.response = new Half(this.responseFilter(), vm.options.bufferLimit);
    vm.contexts.set(this.id, this);
    vm.call(this, "proxy_on_context_create", [this.id, root.id], 0);
    vm.runDeferred();
    this.sendRequest(init);
  }

  /** What has left towards the upstream; null when nothing has (held, answered locally, or trapped). */
  get upstream(): UpstreamView | null {
    return this.request.headersSent ? new UpstreamView(this.request) : null;
  }

  /** The request waits: for its body, or for proxy_continue_stream. */
  get isPaused(): boolean {
    return this.request.stopped !== "no" && !this.isAnswered && !this.isReset;
  }

  /** The response that Envoy or the plugin gave in place of the upstream, as the client sees it. */
  get localReply(): ClientView | null {
    return this.wasAnsweredLocally ? this.client : null;
  }

  get client(): ClientView {
    return new ClientView(this.response, this.isReset, this.details);
  }

  /** The filter state that proxy_set_property stored under `name`, as text. */
  stateText(name: string): string | null {
    const value = this.filterState.get(`wasm.${name}`);
    return value === undefined ? null : decodeUtf8(value);
  }

  /** The upstream's response, whole; the client's view of it. */
  respond(init: ResponseInit = {}): ClientView {
    const chunks = init.chunks ?? [];
    const complete = init.complete ?? true;
    this.respondHeaders(init, complete && chunks.length === 0 && init.trailers === undefined);
    chunks.forEach((chunk, index) => {
      this.advance(init.delaysMs?.[index] ?? 0);
      const isLast = complete && index === chunks.length - 1 && init.trailers === undefined;
      this.respondData(chunk, isLast && init.endWithLastChunk === true);
    });
    if (init.trailers !== undefined) this.respondTrailers(init.trailers);
    else if (complete && chunks.length > 0 && init.endWithLastChunk !== true) this.respondData(EMPTY, true);
    return this.client;
  }

  /** Piece by piece: the headers of the response. */
  respondHeaders(init: Pick<ResponseInit, "status" | "headers" | "local">, end = false): void {
    if (init.local === undefined || init.local === false) {
      if (!this.request.headersSent) throw new Error("nothing was sent to the upstream that it could respond to");
      this.details = "via_upstream";
    } else {
      this.details = typeof init.local === "string" ? init.local : "direct_response";
      this.wasAnsweredLocally = true;
    }
    const headers = HeaderMap.from(init.headers);
    headers.pairs.unshift([":status", String(init.status ?? 200)]);
    this.responseStarted = true;
    this.response.feedHeaders(headers, end || this.isHead);
  }

  /** Piece by piece: a part of the response's body. */
  respondData(bytes: Uint8Array | string, end = false): void {
    if (!this.isHead) this.response.feedData(toBytes(bytes), end);
  }

  respondTrailers(trailers: HeadersInit): void {
    this.response.feedTrailers(HeaderMap.from(trailers));
  }

  /** More of a request that was left open. */
  requestData(bytes: Uint8Array | string, end = false): void {
    this.request.feedData(toBytes(bytes), end);
  }

  /** The end of a request that was left open. */
  requestTrailers(trailers: HeadersInit): void {
    this.request.feedTrailers(HeaderMap.from(trailers));
  }

  /** The upstream fails or breaks off: Envoy answers 503, or cuts a response that is under way. */
  failUpstream(details = "upstream_reset_before_response_started{connection_termination}", status = 503): ClientView {
    const body = toBytes("upstream connect error or disconnect/reset before headers. reset reason: connection termination");
    if (this.responseStarted) this.reset("upstream_reset_after_response_started{connection_termination}");
    else this.sendLocalReply({ status, details, body, headers: [] });
    return this.client;
  }

  /** The client goes away: no callback but those of the end. */
  abort(): void {
    this.reset("downstream_remote_disconnect");
    this.finish();
  }

  /** The end, as Envoy has it: log, then done and delete. An exchange that is not complete counts as reset. */
  finish(): this {
    if (this.phase !== "open") return this;
    if (!this.response.isComplete && !this.isReset) this.reset("downstream_remote_disconnect");
    const { vm, id } = this;
    this.phase = "log";
    vm.call(this, "proxy_on_log", [id], 0);
    this.phase = "done";
    vm.call(this, "proxy_on_done", [id], 1);
    vm.call(this, "proxy_on_delete", [id], 0);
    this.phase = "deleted";
    vm.drop(this);
    vm.runDeferred();
    return this;
  }

  /** The map that the module reads now; null when there is none. In the log phase those that left. */
  mapForReading(type: number): HeaderMap | null {
    const isLog = this.phase === "log";
    switch (type) {
      case MapType.RequestHeaders:
        return isLog ? this.request.lastHeaders : this.request.visibleHeaders;
      case MapType.RequestTrailers:
        return isLog ? null : this.request.visibleTrailers;
      case MapType.ResponseHeaders:
        return isLog ? this.response.outHeaders : this.response.visibleHeaders;
      case MapType.ResponseTrailers:
        return isLog ? this.response.outTrailers : this.response.visibleTrailers;
      default:
        return null;
    }
  }

  /** Breaks the exchange off; `details` stay those of a response that was under way. */
  reset(details: string): void {
    if (this.isReset || this.response.isComplete) return;
    this.isReset = true;
    if (this.details === "" || !this.response.headersSent) this.details = details;
  }

  /** Answers in place of the upstream, through the filter's own response callbacks while that is still possible. */
  sendLocalReply(reply: LocalReply): void {
    this.isAnswered = true;
    this.isAnswering = false;
    this.reroute(this.request.visibleHeaders ?? this.request.lastHeaders);
    if (this.isReset || this.response.isComplete) return;
    if (this.response.headersSent) {
      this.reset(reply.details);
      return;
    }
    this.details = reply.details.replace(/\s/g, "_");
    this.wasAnsweredLocally = true;
    const headers = localReplyHeaders(reply);
    const hasBody = reply.body.length > 0 && !this.isHead;
    if (this.responseStarted) {
      this.answeredDirectly = true;
      this.response.replaceBy(headers, hasBody ? reply.body : EMPTY);
      return;
    }
    this.responseStarted = true;
    this.response.feedHeaders(headers, !hasBody);
    if (hasBody) this.response.feedData(reply.body, true);
  }

  /** Envoy's choice of a route by the headers as they are. */
  private reroute(headers: HeaderMap | null): void {
    const { reroute } = this.vm.options;
    if (reroute !== null && headers !== null) Object.assign(this.properties, reroute(headers.toObject()));
  }

  private sendRequest(init: RequestInit): void {
    const chunks = requestChunks(init);
    this.reroute(requestHeaders(init, 0));
    const hasTrailers = init.requestTrailers !== undefined || init.requestOpen === true;
    this.requestSize = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.request.feedHeaders(requestHeaders(init, this.requestSize), chunks.length === 0 && !hasTrailers);
    chunks.forEach((chunk, index) => {
      const isLast = index === chunks.length - 1 && !hasTrailers;
      this.request.feedData(chunk, isLast && init.endWithLastChunk === true);
    });
    if (init.requestTrailers !== undefined) this.request.feedTrailers(HeaderMap.from(init.requestTrailers));
    else if (chunks.length > 0 && init.endWithLastChunk !== true && init.requestOpen !== true) this.request.feedData(EMPTY, true);
  }

  /** Calls the module; a VM that has failed answers 503 as Envoy's failure policy FAIL_CLOSED does. */
  private invoke(callback: string, args: number[], stopped: number): number {
    const action = this.vm.call(this, callback, [this.id, ...args], HeadersAction.Continue);
    this.vm.runDeferred();
    if (!this.vm.failed) return action;
    if (!this.failureReplySent) {
      this.failureReplySent = true;
      this.sendLocalReply({ status: 503, details: "wasm_fail_stream", body: EMPTY, headers: [] });
    }
    return stopped;
  }

  private requestFilter(): HalfFilter {
    return {
      onHeaders: (count, end) => this.invoke("proxy_on_request_headers", [count, Number(end)], STOP_ALL),
      onData: (size, end) => this.invoke("proxy_on_request_body", [size, Number(end)], DataAction.StopIterationNoBuffer),
      onTrailers: (count) => this.invoke("proxy_on_request_trailers", [count], HeadersAction.StopIteration),
      isOver: () => this.isAnswered || this.isReset,
      onLeave: (headers) => {
        this.reroute(headers);
        checkRequestHeaders(this.vm, headers);
      },
      onComplete: () => checkLength(this.vm, "request", this.request),
      onBufferLimit: () =>
        this.sendLocalReply({ status: 413, details: "request_payload_too_large", body: toBytes("Payload Too Large"), headers: [] }),
      complain: (rule, message) => this.vm.complain(rule, message),
    };
  }

  private responseFilter(): HalfFilter {
    const run = (callback: string, args: number[], stopped: number): number =>
      this.failureReplySent ? HeadersAction.Continue : this.invoke(callback, args, stopped);
    return {
      onHeaders: (count, end) => run("proxy_on_response_headers", [count, Number(end)], STOP_ALL),
      onData: (size, end) => run("proxy_on_response_body", [size, Number(end)], DataAction.StopIterationNoBuffer),
      onTrailers: (count) => run("proxy_on_response_trailers", [count], HeadersAction.StopIteration),
      isOver: () => this.isReset || this.answeredDirectly,
      onLeave: (headers) => {
        this.responseCode = Number(headers.get(":status") ?? 0);
        checkResponseHeaders(this.vm, headers);
      },
      onComplete: () => {
        const hasNoBody = this.isHead || this.responseCode === 204 || this.responseCode === 304;
        if (!hasNoBody) checkLength(this.vm, "response", this.response);
      },
      onBufferLimit: () =>
        this.sendLocalReply({ status: 500, details: "response_payload_too_large", body: toBytes("Internal Server Error"), headers: [] }),
      complain: (rule, message) => this.vm.complain(rule, message),
    };
  }

  private advance(milliseconds: number): void {
    if (milliseconds > 0) this.vm.options.clock.advance?.(milliseconds);
  }
}
