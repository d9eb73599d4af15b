// One root context: a plugin configuration and the upstreams that it names.

import { View } from "./bytes/view";
import { PluginConfig } from "./config/config";
import { MetricsConfig } from "./config/metrics-config";
import { parseConfig } from "./config/parse";
import { Problem } from "./config/problems";
import { ProviderSource } from "./config/provider-source";
import { BufferType, HeaderMapType, LogLevel } from "./host/abi";
import * as host from "./host/host";
import { HeaderWalker } from "./http/header-block";
import { Limit } from "./limit/limit";
import { Gate } from "./pipeline/gate";
import { RouteGuard } from "./pipeline/route-guard";
import { Upstream, makeUpstream } from "./provider/upstream";
import { onPluginEnd } from "./telemetry/counters";
import { followIsolated } from "./telemetry/metrics";

@final
export class Plugin {
  private config: PluginConfig | null = null;
  /** Each is made when the first request comes for it, and once, although many rules may name one provider. */
  private upstreams: Array<Upstream> = [];
  /** By rule, and at the end that of the top level, which is also that of all rules without one of their own. */
  private gates: Array<Gate> = [];
  /** Null: one provider serves whatever comes. */
  guard: RouteGuard | null = null;

  /** `root`: the context's id at the host. */
  constructor(readonly root: u32) {}

  /** Reads the plugin configuration of `size` bytes; false refuses it, after every problem has been logged. */
  configure(size: i32): bool {
    host.forgetLogLevel();
    const bytes = size > 0 ? host.body(BufferType.PluginConfiguration, 0, size) : View.utf8("{}");
    if (bytes === null) {
      host.log(LogLevel.Error, "ai-proxy: the plugin configuration could not be read from the host");
      return false;
    }
    const result = parseConfig(bytes);
    report(result.warnings);
    report(result.problems);
    const config = result.config;
    if (config === null) return false;
    const before = this.config;
    followIsolated(config.isolated - (before === null ? 0 : before.isolated));
    this.config = config;
    this.guard = RouteGuard.of(config, bytes.hash(), this.root);
    const common = makeGate(config, [], []);
    this.gates = new Array<Gate>(config.rules.length + 1).fill(common);
    for (let k = 0; k < config.rules.length; k++) {
      const rule = config.rules[k];
      if (rule.allow.length + rule.limits.length > 0) this.gates[k] = makeGate(config, rule.allow, rule.limits);
    }
    return true;
  }

  /** The configuration is in use no longer. */
  end(): void {
    const config = this.config;
    if (config !== null) followIsolated(-config.isolated);
    onPluginEnd(this.root);
  }

  get metrics(): MetricsConfig {
    const config = this.config;
    return config === null ? new MetricsConfig() : config.metrics;
  }

  get logEscaped(): bool {
    const config = this.config;
    return config !== null && config.logEscaped;
  }

  /** The rule that a request belongs to, or -1 for the global configuration. */
  ruleFor(route: View, authority: View, cluster: View): i32 {
    const config = this.config;
    return config === null ? -1 : config.match(route, authority, cluster);
  }

  get trustsConsumerHeader(): bool {
    const config = this.config;
    return config !== null && config.trustConsumerHeader;
  }

  get refusesUnknown(): bool {
    const config = this.config;
    return config !== null && config.refusesUnknown;
  }

  get maxHeldBytes(): i64 {
    const config = this.config;
    return config === null ? 0 : config.maxHeldBytes;
  }

  get needsRoute(): bool {
    const config = this.config;
    return config !== null && config.needsRoute;
  }

  get needsCluster(): bool {
    const config = this.config;
    return config !== null && config.needsCluster;
  }

  /** The configuration has nothing to do for any request. */
  get isIdle(): bool {
    const config = this.config;
    return config === null || (config.provider === null && config.rules.length == 0 && !config.authByDefault);
  }

  get hasRules(): bool {
    const config = this.config;
    return config !== null && config.rules.length > 0;
  }

  /** What is wrong with a rule, "" when it is fine. */
  ruleProblem(rule: i32): string {
    const config = this.config;
    return config === null || rule < 0 || rule >= config.rules.length ? "" : config.rules[rule].problem;
  }

  /** The upstream of a rule or, for -1, of the global configuration; null means that the plugin does nothing. */
  upstreamFor(rule: i32): Upstream | null {
    const config = this.config;
    if (config === null || rule >= config.rules.length) return null;
    if (rule < 0) return this.upstreamOf(config.provider);
    // The provider of a rule with a problem may be half filled: its requests are refused instead.
    return config.rules[rule].problem.length > 0 ? null : this.upstreamOf(config.rules[rule].provider);
  }

  /** Who may use a rule or, for -1, the top level. */
  gateFor(rule: i32): Gate {
    const last = this.gates.length - 1;
    if (last < 0) return makeGate(new PluginConfig(), [], []);
    return this.gates[rule >= 0 && rule < last ? rule : last];
  }

  private upstreamOf(provider: ProviderSource | null): Upstream | null {
    if (provider === null) return null;
    if (provider.upstream >= 0) return this.upstreams[provider.upstream];
    const made = makeUpstream(provider.read(), this.root);
    if (made === null) return null;
    provider.upstream = this.upstreams.length;
    this.upstreams.push(made);
    return made;
  }

  /** A side call was answered; no headers mean that none came. */
  onCallResponse(call: i32, headers: i32, size: i32): void {
    let status = 0;
    const block = headers > 0 ? host.headerBlock(HeaderMapType.HttpCallResponseHeaders) : null;
    if (block !== null) {
      const walker = new HeaderWalker(block);
      while (walker.next()) if (walker.nameIs(":status")) status = <i32>walker.value().toInteger();
    }
    const body = size > 0 ? host.body(BufferType.HttpCallResponseBody, 0, size) : null;
    const text = body === null ? View.empty() : body;
    const guard = this.guard;
    if (guard !== null && guard.responded(call, block, text)) return;
    const now = <i64>(host.now() / 1000000000);
    for (let k = 0; k < this.upstreams.length; k++) {
      const upstream = this.upstreams[k];
      const access = upstream.access;
      if (access !== null && access.responded(call, status, text, now)) return;
      const file = upstream.contextFile;
      if (file !== null && file.responded(call, status, text, now)) return;
    }
  }
}

function makeGate(config: PluginConfig, allow: Array<View>, limits: Array<Limit>): Gate {
  return new Gate(
    config.keyRing,
    config.authByDefault || allow.length > 0,
    allow,
    config.limits,
    limits,
    config.abnormal,
    config.filterState,
  );
}

function report(problems: Array<Problem>): void {
  for (let k = 0; k < problems.length; k++) {
    const problem = problems[k];
    host.log(problem.isError ? LogLevel.Error : LogLevel.Warn, "ai-proxy configuration: " + problem.toString());
  }
}
