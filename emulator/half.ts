// One direction of an exchange, as Envoy's filter manager and its wasm filter treat it together: what the module may see
// and change, what waits, what has left. `single` is a stop at which bodies still reach the module, `all` one at which
// everything waits. (Envoy 1.40: filter_manager.cc commonContinue and commonHandleAfterDataCallback, wasm/context.cc.)
import { DataAction, HeadersAction } from "./abi";
import { ByteBox, EMPTY, concat } from "./bytes";
import { HeaderMap } from "./header-map";

/** The module's side; each method returns the filter status. */
export interface HalfFilter {
  onHeaders(count: number, end: boolean): number;
  onData(size: number, end: boolean): number;
  onTrailers(count: number): number;
  /** True when the exchange was answered or reset meanwhile: nothing more may be done with this direction. */
  isOver(): boolean;
  /** The headers leave; what the module does to them from now on has no effect. */
  onLeave(headers: HeaderMap): void;
  onComplete(): void;
  onBufferLimit(): void;
  complain(rule: "action", message: string): void;
}

export class Half {
  /** What the module sees: null before, and once Continue has let go of them. */
  visibleHeaders: HeaderMap | null = null;
  visibleTrailers: HeaderMap | null = null;
  endOfStream = false;
  headersSent = false;
  trailersSent = false;
  isComplete = false;
  stopped: "no" | "single" | "all" = "no";
  /** What has left. */
  outHeaders: HeaderMap | null = null;
  outChunks: Uint8Array[] = [];
  outTrailers: HeaderMap | null = null;
  /** What came in, for the check of content-length. */
  bytesIn = 0;
  declaredIn: string | undefined;

  private headers: HeaderMap = new HeaderMap();
  private trailers: HeaderMap | null = null;
  private held: ByteBox | null = null;
  private buffering = false;
  private chunk: ByteBox | null = null;
  private dataEnded = false;
  private inBodyCallback = false;

  constructor(
    private readonly filter: HalfFilter,
    private readonly bufferLimit: number,
  ) {}

  /** The body that the module can read and change now, or null. */
  get body(): ByteBox | null {
    return this.buffering ? this.held : this.chunk;
  }

  get outBody(): Uint8Array {
    return concat(this.outChunks);
  }

  /** The map of trailers; in the last body callback Envoy makes one when there is none. */
  trailersForChange(): HeaderMap | null {
    if (this.visibleTrailers === null && this.inBodyCallback && this.endOfStream) {
      this.trailers = new HeaderMap();
      this.visibleTrailers = this.trailers;
    }
    return this.visibleTrailers;
  }

  /** The headers as they stand now, sent on or not. */
  get lastHeaders(): HeaderMap {
    return this.outHeaders ?? this.headers;
  }

  feedHeaders(headers: HeaderMap, end: boolean): void {
    this.headers = headers;
    this.declaredIn = headers.get("content-length");
    this.visibleHeaders = headers;
    this.endOfStream = end;
    this.dataEnded = end;
    const action = this.filter.onHeaders(headers.size, end);
    if (this.filter.isOver()) return;
    switch (action) {
      case HeadersAction.StopIteration:
        this.stopped = "single";
        return;
      case HeadersAction.StopAllIterationAndBuffer:
      case HeadersAction.StopAllIterationAndWatermark:
        this.stopped = "all";
        return;
      case HeadersAction.ContinueAndEndStream:
        this.filter.complain("action", "Envoy takes ContinueAndEndStream for Continue");
    }
    if (action > HeadersAction.StopAllIterationAndWatermark) {
      this.filter.complain("action", `header callback returned ${action}`);
      this.stopped = "all";
      return;
    }
    this.visibleHeaders = null;
    this.sendHeaders(end);
  }

  feedData(bytes: Uint8Array, end: boolean): void {
    if (this.filter.isOver()) return;
    this.bytesIn += bytes.length;
    this.dataEnded = end;
    if (this.stopped === "all") this.hold(bytes);
    else this.deliver(bytes, end);
  }

  feedTrailers(trailers: HeaderMap): void {
    if (this.filter.isOver()) return;
    this.trailers = trailers;
    this.dataEnded = true;
    if (this.stopped !== "all") this.deliverTrailers(trailers);
  }

  /** proxy_continue_stream: what waits goes on. */
  resume(): void {
    if (this.stopped === "no" || this.filter.isOver()) return;
    const wasAll = this.stopped === "all";
    const trailers = this.trailers;
    this.stopped = "no";
    this.buffering = false;
    if (!this.headersSent) this.sendHeaders(this.dataEnded && this.held === null && trailers === null);
    if (this.held !== null) {
      const bytes = this.held.copy();
      const end = this.dataEnded && trailers === null;
      this.held = null;
      if (wasAll) this.deliver(bytes, end);
      else this.sendData(bytes, end);
    }
    if (trailers === null || this.trailersSent || this.filter.isOver()) return;
    if (wasAll) this.deliverTrailers(trailers);
    else this.sendTrailers(trailers);
  }

  /** Another message leaves in place of this one, past the module. */
  replaceBy(headers: HeaderMap, body: Uint8Array): void {
    this.stopped = "no";
    this.held = null;
    this.bytesIn = body.length;
    this.headers = headers;
    this.forget();
    this.sendHeaders(false);
    this.sendData(body, true);
  }

  /** Lets go of everything that the module could still see, as Envoy does on proxy_continue_stream. */
  forget(): void {
    this.visibleHeaders = null;
    this.visibleTrailers = null;
    this.chunk = null;
  }

  private deliver(bytes: Uint8Array, end: boolean): void {
    this.endOfStream = end;
    if (this.buffering) this.hold(bytes);
    if (this.filter.isOver()) return;
    const chunk = new ByteBox(this.buffering ? EMPTY : bytes);
    this.chunk = chunk;
    this.inBodyCallback = true;
    const action = this.filter.onData(this.body?.length ?? 0, end);
    this.inBodyCallback = false;
    this.chunk = null;
    if (this.filter.isOver()) return;
    this.buffering = action === DataAction.StopIterationAndBuffer;
    const rest = chunk.copy();
    if (action === DataAction.Continue) {
      if (this.stopped === "single") {
        this.hold(rest);
        this.resume();
      } else {
        const isLast = end && this.trailers === null;
        this.sendData(rest, isLast);
        if (end && this.trailers !== null) this.sendTrailers(this.trailers);
      }
      return;
    }
    if (action > DataAction.StopIterationNoBuffer) this.filter.complain("action", `body callback returned ${action}`);
    this.stopped = "single";
    if (action === DataAction.StopIterationAndBuffer || action === DataAction.StopIterationAndWatermark) this.hold(rest);
    else if (end && this.held === null) this.held = new ByteBox();
  }

  private deliverTrailers(trailers: HeaderMap): void {
    this.visibleTrailers = trailers;
    const action = this.filter.onTrailers(trailers.size);
    if (this.filter.isOver()) return;
    if (action !== HeadersAction.Continue) {
      if (action !== HeadersAction.StopIteration) this.filter.complain("action", `trailer callback returned ${action}`);
      this.stopped = "single";
      return;
    }
    this.visibleTrailers = null;
    if (this.stopped === "single") this.resume();
    else this.sendTrailers(trailers);
  }

  private hold(bytes: Uint8Array): void {
    this.held ??= new ByteBox();
    this.held.append(bytes);
    if (this.held.length > this.bufferLimit) this.filter.onBufferLimit();
  }

  private sendHeaders(end: boolean): void {
    this.headersSent = true;
    this.outHeaders = this.headers.clone();
    this.filter.onLeave(this.outHeaders);
    if (end) this.complete();
  }

  private sendData(bytes: Uint8Array, end: boolean): void {
    if (bytes.length > 0) this.outChunks.push(bytes);
    if (end) this.complete();
  }

  private sendTrailers(trailers: HeaderMap): void {
    this.trailersSent = true;
    this.outTrailers = trailers.clone();
    this.complete();
  }

  private complete(): void {
    this.isComplete = true;
    this.filter.onComplete();
  }
}
