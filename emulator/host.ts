// A strict Proxy-Wasm ABI 0.2.1 host for tests and for the browser: it drives a module as Envoy 1.40 does with
// `allow_on_headers_stop_iteration: true`, and notes everything that a filter must not do. No Node-only imports.
//
//   const host = await Host.load(wasmBytes);
//   const plugin = host.configure('{"provider":…}');                       // plugin.ok, plugin.logs
//   const exchange = plugin.exchange({ path: "/v1/chat/completions", headers, body });
//   exchange.upstream?.json();                                             // or exchange.localReply
//   const client = exchange.respond({ status: 200, headers, chunks });
//   exchange.finish().stateText("ai_log");
//   expect(host.violations).toEqual([]);
//
// README.md says what it checks, and what it leaves to Envoy.
import { type LogLevel, type LogLine, type Trap, type Violation } from "./abi";
import { EMPTY, toBytes } from "./bytes";
import { FixedClock, type Clock } from "./clock";
import { respondToCall, type CallResponse, type PendingCall } from "./http-calls";
import { importsFor, type ImportTable } from "./imports";
import type { Metrics } from "./metrics";
import { RootContext } from "./root";
import { SharedData } from "./shared-data";
import { Exchange } from "./stream";
import type { RequestInit } from "./views";
import { Vm, type Exports, type HostCallSink, type Reroute } from "./vm";

export { FixedClock } from "./clock";
export type { Exchange } from "./stream";
export type { ClientView, MessageView, RequestInit, ResponseInit, UpstreamView } from "./views";
export type { LogLine, Trap, Violation } from "./abi";

export interface HostOptions {
  /** Default: a clock that stands still until `host.clock.advance` moves it. */
  clock?: Clock;
  /** Gets each log line as it is written. */
  logSink?: (line: LogLine) => void;
  /** Default "info", as Envoy's. */
  logLevel?: LogLevel;
  vmConfig?: Uint8Array | string;
  /** Default "envoy": `xds.route_name`; "higress": `route_name`. */
  attributes?: "envoy" | "higress";
  /**
   * What Envoy chooses by a request's headers when it is asked anew: at the start, when the request leaves and for a local reply.
   * Default: the properties that an exchange was given stay, and the plugin is told that it is an upstream filter.
   */
  reroute?: Reroute;
  /** Clusters that proxy_http_call may name; default any. */
  clusters?: readonly string[];
  /** Default unlimited; Envoy's own default is 1 MiB (per_connection_buffer_limit_bytes). */
  bufferLimit?: number;
  /** That of another host, for two VMs that share it as Envoy's workers do. Default: its own. */
  sharedData?: SharedData;
  /** `environment_variables` of Envoy's VM configuration. Default none. */
  environment?: Readonly<Record<string, string>>;
  /** Hears of each host call before it runs, with its arguments and the module's memory. */
  onHostCall?: HostCallSink;
  /** Further functions that the module may import: those of an instrumented build. */
  imports?: Record<string, ImportTable>;
  /** Gets the module's memory before the module is first called. */
  onMemory?: (memory: WebAssembly.Memory) => void;
}

export interface PluginOptions {
  name?: string;
  rootId?: string;
}

const ABI_VERSIONS = ["proxy_abi_version_0_2_1", "proxy_abi_version_0_2_0"];

export class Host {
  readonly clock: Clock;

  private constructor(private readonly vm: Vm) {
    this.clock = vm.options.clock;
  }

  /** Compiles and starts a module. Throws when it is no Proxy-Wasm module of ABI 0.2.x or imports unknown functions. */
  static async load(wasm: BufferSource | WebAssembly.Module, options: HostOptions = {}): Promise<Host> {
    const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm);
    const vm = new Vm({
      clock: options.clock ?? new FixedClock(),
      logSink: options.logSink ?? (() => {}),
      logLevel: options.logLevel ?? "info",
      vmConfig: toBytes(options.vmConfig ?? EMPTY),
      attributes: options.attributes ?? "envoy",
      reroute: options.reroute ?? null,
      clusters: options.clusters ?? null,
      bufferLimit: options.bufferLimit ?? Infinity,
      sharedData: options.sharedData ?? new SharedData(),
      environment: options.environment ?? {},
      onHostCall: options.onHostCall ?? null,
    });
    const imports = importsFor(vm, module, options.imports);
    const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
    if (!ABI_VERSIONS.some((name) => names.includes(name))) throw new Error(`the module exports none of ${ABI_VERSIONS.join(", ")}`);
    const instance = await WebAssembly.instantiate(module, imports);
    vm.attach(instance.exports as Exports);
    options.onMemory?.(instance.exports.memory as WebAssembly.Memory);
    vm.call(null, vm.has("_initialize") ? "_initialize" : "_start", [], 0);
    vm.runDeferred();
    return new Host(vm);
  }

  /** Makes a plugin of a configuration; several may live in one VM, as in Envoy. */
  configure(configText: string | Uint8Array, options: PluginOptions = {}): Plugin {
    return new Plugin(this.vm, toBytes(configText), options);
  }

  /** What the module did and must not do. Tests assert that this is empty. */
  get violations(): Violation[] {
    return this.vm.violations;
  }

  get traps(): Trap[] {
    return this.vm.traps;
  }

  get logs(): LogLine[] {
    return this.vm.logs;
  }

  /** What a scrape shows: the ticks that the module asked for have run. */
  get metrics(): Metrics {
    for (const context of [...this.vm.contexts.values()]) if (context.kind === "root" && context.tickPeriodMs > 0) context.tick();
    return this.vm.metrics;
  }

  get sharedData(): SharedData {
    return this.vm.shared;
  }

  /** Host function name to the number of calls since the start or `resetCounts`. */
  get hostCalls(): Record<string, number> {
    return Object.fromEntries([...this.vm.hostCalls].sort());
  }

  get hostCallCount(): number {
    return [...this.vm.hostCalls.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Callback name to the number of calls. */
  get callbacks(): Record<string, number> {
    return Object.fromEntries([...this.vm.callbacks].sort());
  }

  /** Bytes that the host asked of proxy_on_memory_allocate, and how often it asked. */
  get allocatedBytes(): number {
    return this.vm.memory.allocatedBytes;
  }

  get allocations(): number {
    return this.vm.memory.allocations;
  }

  /** Size of the module's linear memory. */
  get memoryBytes(): number {
    return this.vm.memory.size;
  }

  /** Starts all counts anew, for budgets of a single exchange. */
  resetCounts(): void {
    this.vm.hostCalls.clear();
    this.vm.callbacks.clear();
    this.vm.memory.allocatedBytes = 0;
    this.vm.memory.allocations = 0;
  }

  /** HTTP calls that wait for `respondToCall` or `failCall`. */
  get pendingCalls(): readonly PendingCall[] {
    return this.vm.pendingCalls;
  }

  respondToCall(id: number, response: CallResponse = {}): void {
    respondToCall(this.vm, id, response);
  }

  /** The called cluster could not be reached, or did not respond in time. */
  failCall(id: number): void {
    respondToCall(this.vm, id, null);
  }

  /** Contexts that were created and not yet deleted: none but plugins once all exchanges have finished. */
  get liveContexts(): number[] {
    return [...this.vm.contexts.keys()];
  }
}

/** One configuration in the VM. */
export class Plugin {
  /** The module took the configuration. */
  readonly ok: boolean;
  /** What it logged meanwhile. */
  readonly logs: LogLine[];
  private readonly root: RootContext;

  constructor(
    private readonly vm: Vm,
    configuration: Uint8Array,
    options: PluginOptions,
  ) {
    const before = vm.logs.length;
    this.root = new RootContext(vm, options.name ?? "ai-proxy", options.rootId ?? "");
    this.ok = this.root.configure(configuration);
    this.logs = vm.logs.slice(before);
  }

  get trap(): Trap | null {
    return this.root.trap;
  }

  /** 0 when the module asked for no ticks. */
  get tickPeriodMs(): number {
    return this.root.tickPeriodMs;
  }

  /** Sends a request through the filter. The clock and time outs do not run by themselves. */
  exchange(init: RequestInit = {}): Exchange {
    return new Exchange(this.vm, this.root, init);
  }

  tick(): void {
    this.root.tick();
  }

  /** Ends the plugin, as Envoy does when its configuration is replaced. */
  stop(): void {
    this.root.stop();
  }
}
