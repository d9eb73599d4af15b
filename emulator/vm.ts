// One WebAssembly VM: instantiation, calls into the module, and everything that lives as long as it.
import { LOG_LEVELS, type LogLine, type LogLevel, type Trap, type Violation } from "./abi";
import type { Clock } from "./clock";
import type { PendingCall } from "./http-calls";
import { GuestMemory } from "./memory";
import { Metrics } from "./metrics";
import type { RootContext } from "./root";
import { SharedData } from "./shared-data";
import type { Exchange } from "./stream";

export type Context = RootContext | Exchange;
export type Exports = Record<string, unknown>;

export type HostCallSink = (name: string, args: readonly (number | bigint)[], memory: GuestMemory) => void;

/** The names of a choice, as properties: `cluster_name`, `route_name`, `virtual_host_name`. */
export type Reroute = (headers: Record<string, string>) => Record<string, string>;

export interface VmOptions {
  clock: Clock;
  logSink: (line: LogLine) => void;
  /** Lines below this level are dropped, as Envoy does. */
  logLevel: LogLevel;
  /** What the module reads as its VM configuration. */
  vmConfig: Uint8Array;
  /** Names of stream facts: those of Envoy 1.40 (`xds.route_name`) or those of Higress's Envoy (`route_name`). */
  attributes: "envoy" | "higress";
  /** What Envoy chooses by a request's headers, in a listener's chain; null: nothing is chosen again, as for an upstream filter. */
  reroute: Reroute | null;
  /** Clusters that proxy_http_call may name; null allows any. */
  clusters: readonly string[] | null;
  /** Bytes of a body that may be buffered before Envoy answers 413 or 500. */
  bufferLimit: number;
  /** Data that several VMs share, as Envoy's workers do. */
  sharedData: SharedData;
  /** What WASI shows as environment variables. */
  environment: Readonly<Record<string, string>>;
  onHostCall: HostCallSink | null;
}

export class Vm {
  readonly logs: LogLine[] = [];
  readonly traps: Trap[] = [];
  readonly violations: Violation[] = [];
  /** Host function name to the number of calls. */
  readonly hostCalls = new Map<string, number>();
  /** Callback name to the number of calls. */
  readonly callbacks = new Map<string, number>();
  readonly memory = new GuestMemory((message) => this.complain("memory", message));
  readonly metrics = new Metrics((message) => this.complain("metric", message));
  readonly contexts = new Map<number, Context>();
  readonly deadContexts = new Set<number>();
  readonly pendingCalls: PendingCall[] = [];
  /** The response that on_http_call_response may read. */
  callResponse: { headers: [string, string][]; trailers: [string, string][] | null; body: Uint8Array } | null = null;
  /** After a trap Envoy never calls the VM again. */
  failed = false;
  hostCall = "";

  private exports: Exports = {};
  private current: Context | null = null;
  private effectiveId = 0;
  private callback = "";
  private lastId = 0;
  private lastCallId = 0;
  private lastCritical = "";
  private deferred: (() => void)[] = [];

  constructor(readonly options: VmOptions) {}

  get shared(): SharedData {
    return this.options.sharedData;
  }

  attach(exports: Exports): void {
    this.exports = exports;
    const allocate = exports.proxy_on_memory_allocate ?? exports.malloc;
    if (!(exports.memory instanceof WebAssembly.Memory)) throw new Error("the module exports no memory");
    if (typeof allocate !== "function") throw new Error("the module exports neither proxy_on_memory_allocate nor malloc");
    this.memory.attach(exports.memory, allocate as (size: number) => number);
  }

  nextContextId(): number {
    return ++this.lastId;
  }

  nextCallId(): number {
    return ++this.lastCallId;
  }

  has(name: string): boolean {
    return typeof this.exports[name] === "function";
  }

  /**
   * Calls an export on behalf of a context; `otherwise` when the module does not have it or the VM has failed. A trap
   * is noted, fails the VM and also gives `otherwise`.
   */
  call(context: Context | null, name: string, args: number[], otherwise: number): number {
    if (this.failed || !this.has(name)) return otherwise;
    const saved = { current: this.current, effectiveId: this.effectiveId, callback: this.callback };
    this.current = context;
    this.effectiveId = 0;
    this.callback = name;
    this.lastCritical = "";
    this.callbacks.set(name, (this.callbacks.get(name) ?? 0) + 1);
    try {
      return Number((this.exports[name] as (...args: number[]) => number | undefined)(...args) ?? otherwise) >>> 0;
    } catch (error) {
      this.takeTrap(context, name, error);
      return otherwise;
    } finally {
      this.current = saved.current;
      this.effectiveId = saved.effectiveId;
      this.callback = saved.callback;
      this.hostCall = "";
    }
  }

  private takeTrap(context: Context | null, callback: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const message = this.lastCritical === "" ? reason : `${this.lastCritical} (${reason})`;
    this.failed = true;
    this.deferred = [];
    const trap = { callback, contextId: context?.id ?? 0, message };
    this.traps.push(trap);
    if (context !== null) context.trap = trap;
  }

  /** Actions that Envoy puts off until the callback has returned: local replies and continuing. */
  defer(action: () => void): void {
    this.deferred.push(action);
  }

  runDeferred(): void {
    for (let action = this.deferred.shift(); action !== undefined; action = this.deferred.shift()) action();
  }

  /** The context that host calls act on: the one that was called, or the one that set_effective_context named. */
  get context(): Context | null {
    if (this.effectiveId === 0) return this.current;
    return this.contexts.get(this.effectiveId) ?? this.current;
  }

  /** The exchange that host calls act on, or null in a root context. */
  get exchange(): Exchange | null {
    const context = this.context;
    return context !== null && context.kind === "stream" ? context : null;
  }

  get root(): RootContext | null {
    const context = this.context;
    if (context === null) return null;
    return context.kind === "root" ? context : context.root;
  }

  /** Makes host calls act on another context until the callback ends; false when there is no such context. */
  setEffective(id: number): boolean {
    if (!this.contexts.has(id)) {
      this.complain("dead-context", `context ${id} ${this.deadContexts.has(id) ? "was deleted" : "never existed"}`);
      return false;
    }
    this.effectiveId = id;
    return true;
  }

  drop(context: Context): void {
    this.contexts.delete(context.id);
    this.deadContexts.add(context.id);
  }

  complain(rule: Violation["rule"], message: string): void {
    this.violations.push({ rule, message, callback: this.callback, hostCall: this.hostCall, contextId: this.context?.id ?? 0 });
  }

  log(level: number, text: string): void {
    const name = LOG_LEVELS[level];
    if (name === undefined) {
      this.complain("unknown-level", `log level ${level} makes Envoy abort`);
      return;
    }
    if (level === 5) this.lastCritical = text;
    if (level < LOG_LEVELS.indexOf(this.options.logLevel)) return;
    const line = { level: name, text, contextId: this.context?.id ?? 0 };
    this.logs.push(line);
    this.options.logSink(line);
  }
}
