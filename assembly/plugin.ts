// One root context: a plugin configuration and the upstreams that it names.

import { View } from "./bytes/view";
import { NO_EDITS } from "./config/body-edits";
import { PluginConfig } from "./config/config";
import { parseConfig } from "./config/parse";
import { Problem } from "./config/problems";
import { ProviderSource } from "./config/provider-source";
import { NEEDS_MODEL, NO_CONDITIONS, NO_RULE, OTHER_MODELS } from "./config/rules";
import { BufferType, HeaderMapType, LogLevel } from "./host/abi";
import * as attributes from "./host/attributes";
import { secondsNow } from "./host/clock";
import * as host from "./host/host";
import { HeaderWalker } from "./http/header-block";
import { Side, Split, SplitBy } from "./config/split";
import { needsHeld } from "./pipeline/ahead";
import { Gate } from "./pipeline/gate";
import { RequestHead } from "./pipeline/request-head";
import { sideOf } from "./pipeline/split";
import { ChosenRoute, RouteGuard } from "./pipeline/route-guard";
import { Upstream, makeUpstream } from "./provider/upstream";
import { onPluginEnd } from "./telemetry/counters";
import { followIsolated } from "./telemetry/metrics";

/** Before a configuration was accepted: there is nothing to do. Never changed. */
const IDLE: PluginConfig = new PluginConfig();

/** What the configuration says of one request. Each plugin has one, filled anew for each request. */
@final
export class Choice {
  /** What is wrong with the request's rule, "" when it is fine. */
  problem: string = "";
  /** Null: there is no provider for the request, or it must not go to one. */
  upstream: Upstream | null = null;
  /** Null: with one provider no cluster is a wrong one. */
  route: ChosenRoute | null = null;
  /** Which rule it is depends on the model, which is not known yet: to be asked again with it. */
  needsModel: bool = false;
  /** Which side of a split it takes depends on its consumer. */
  needsConsumer: bool = false;
  /** The one that it takes. */
  side: Side | null = null;
  /** No rule takes the model, or (isUndecided) the rules' expressions took too long to tell. */
  isUnknownModel: bool = false;
  isUndecided: bool = false;

  /** `gate`: who may pass. */
  constructor(public gate: Gate) {}

  /** The request has a provider, a cluster, or will have one once more is known of it. */
  get leadsSomewhere(): bool {
    return this.needsModel || this.needsConsumer || this.upstream !== null || this.side !== null;
  }

  /** The plugin has nothing to do with the request. */
  get isIdle(): bool {
    const isRefused = this.problem.length != 0 || this.isUnknownModel || this.isUndecided;
    return this.upstream === null && this.side === null && !isRefused && !this.gate.requiresConsumer;
  }
}

@final
export class Plugin {
  config: PluginConfig = IDLE;
  /** Each is made when the first request comes for it, and once, although many rules may name one provider. */
  private upstreams: Array<Upstream> = [];
  /** By rule, and at the end that of the top level, which is also that of all rules without one of their own. */
  private gates: Array<Gate> = [new Gate(IDLE, NO_CONDITIONS)];
  /** Of requests whose rule is not known yet: everybody passes who may pass somewhere. */
  private entrance: Gate = this.gates[0];
  /** Null: one provider serves whatever comes. */
  private guard: RouteGuard | null = null;
  private choice: Choice = new Choice(this.gates[0]);

  /** `root`: the context's id at the host. */
  constructor(readonly root: u32) {}

  /** Reads the plugin configuration of `size` bytes; false refuses it, after every problem has been logged. */
  configure(size: i32): bool {
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
    const guard = RouteGuard.of(config, bytes.hash(), this.root);
    if (config.sendsAhead && !this.maySendAhead(config, guard)) return false;
    followIsolated(config.isolated - this.config.isolated);
    this.config = config;
    this.guard = guard;
    const common = new Gate(config, NO_CONDITIONS);
    this.gates = new Array<Gate>(config.rules.length + 1).fill(common);
    for (let k = 0; k < config.rules.length; k++) {
      const rule = config.rules[k];
      if (rule.allow.texts.length + rule.limits.length == 0 && rule.prices.isEmpty && rule.edits === NO_EDITS) continue;
      this.gates[k] = new Gate(config, rule);
    }
    this.entrance = new Gate(config, NO_CONDITIONS);
    for (let k = 0; k < this.gates.length; k++) if (!this.gates[k].requiresConsumer) this.entrance.requiresConsumer = false;
    return true;
  }

  /** Headers may leave before bodies; false: the configuration is refused, as requests would go wrong. */
  private maySendAhead(config: PluginConfig, guard: RouteGuard | null): bool {
    const source = config.provider;
    const held = needsHeld(config, guard !== null, source === null ? null : this.upstreamOf(source));
    if (held.length == 0) return true;
    report([new Problem("/requestHeaders", "cannot be continue with " + held, true)]);
    return false;
  }

  /** The configuration is in use no longer. */
  end(): void {
    if (this.config !== IDLE) followIsolated(-this.config.isolated);
    onPluginEnd(this.root);
  }

  /** The configuration has nothing to do for any request. */
  get isIdle(): bool {
    const config = this.config;
    return config.provider === null && config.rules.length == 0 && !config.authByDefault;
  }

  /**
   * Finds the rule and the provider of a request for `model` (empty: it names none; null: not known yet). `isAdmitted`: `head.consumer` is
   * the one that its key is for. The same object every time, so nothing may keep it.
   */
  choose(head: RequestHead, block: View, model: View | null, isAdmitted: bool): Choice {
    const config = this.config;
    const guard = this.guard;
    let rule = NO_RULE;
    let cluster = View.empty();
    let route = View.empty();
    if (config.needsRoute) route = attributes.routeName();
    if (config.needsCluster || guard !== null) cluster = attributes.clusterName();
    if (config.rules.length != 0) rule = config.match(route, head.authority, cluster, model);
    const models = config.models;
    const choice = this.choice;
    choice.needsModel = rule == NEEDS_MODEL;
    choice.isUnknownModel = rule == OTHER_MODELS && config.provider === null;
    choice.isUndecided = models !== null && model !== null && models.isUndecided;
    choice.problem = rule < 0 ? "" : config.rules[rule].problem;
    choice.gate = choice.needsModel ? this.entrance : this.gates[rule < 0 ? config.rules.length : rule];
    choice.route = null;
    choice.upstream = null;
    choice.side = null;
    choice.needsConsumer = false;
    // The provider of a rule with a problem may be half filled: its requests are refused instead.
    if (choice.problem.length != 0 || choice.needsModel || choice.isUndecided) return choice;
    let source = rule < 0 ? config.provider : config.rules[rule].provider;
    let own = source === null ? View.empty() : source.cluster;
    let split: Split | null = null;
    if (rule >= 0) split = config.rules[rule].split;
    if (split !== null) {
      choice.needsConsumer = split.by == SplitBy.Consumer && !isAdmitted;
      if (choice.needsConsumer) return choice;
      const side = sideOf(split, head, block);
      choice.side = side;
      source = side.provider;
      own = side.cluster;
    }
    // null means that the plugin does nothing.
    if (source === null) return choice;
    // A request that is to go nowhere (no route, or one that Envoy answers itself) must not be sent somewhere by what is written into it,
    // unless the provider is what shows Envoy the way. Where the route is fixed nothing written can do that.
    const isNamed = models !== null || own.length != 0;
    if (guard !== null && cluster.length == 0 && !isNamed && !attributes.isFixed()) return choice;
    choice.upstream = this.upstreamOf(source);
    if (guard !== null) choice.route = new ChosenRoute(guard, rule, source.id, own, cluster, route);
    return choice;
  }

  private upstreamOf(provider: ProviderSource): Upstream | null {
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
    if (guard !== null && guard.onCallResponse(call, block, text)) return;
    const now = secondsNow();
    for (let k = 0; k < this.upstreams.length; k++) {
      const upstream = this.upstreams[k];
      const access = upstream.access;
      if (access !== null && access.responded(call, status, text, now)) return;
      const file = upstream.contextFile;
      if (file !== null && file.responded(call, status, text, now)) return;
    }
  }
}

function report(problems: Array<Problem>): void {
  for (let k = 0; k < problems.length; k++) {
    const problem = problems[k];
    host.log(problem.isError ? LogLevel.Error : LogLevel.Warn, "ai-proxy configuration: " + problem.toString());
  }
}
