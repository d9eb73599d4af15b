// A request's credentials and the cluster that it leaves for belong together. Envoy picks the route again when a filter changes request
// headers, and the plugin writes the provider's path and host. Which cluster that gives, no property tells before the request has left:
// they show the last choice (measured, Envoy 1.40). So where there is more than one provider, the first request of each way is tried
// out (route-trial.ts), and what has been seen to go right is kept here. The end of every exchange is looked at, too.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { LastCopy } from "../bytes/last-copy";
import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { quoted } from "../config/place";
import { RuleConfig, hasService, isService, ruleOfService, withoutPort } from "../config/rules";
import { LogLevel, Status } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { NEW_KEY, setShared } from "../host/shared-data";
import { Upstream } from "../provider/upstream";

/** Ways that are remembered; the oldest is forgotten. */
const MAX_WAYS: i32 = 512;
/** Trials of a path that a route takes which is not known to be the provider's own: it may choose by chance (weighted clusters). */
const UNSURE_TRIALS: i32 = 8;
/** Lines of one configuration in one worker; each also leaves a key in shared data. */
const MAX_LINES: i32 = 100;
const SAID: View = View.utf8("1");

const clusters: LastCopy = new LastCopy();
const routes: LastCopy = new LastCopy();

/** What is known of requests that came for a cluster and get one provider's credentials. */
const enum Known {
  /** Those with this path go there. */
  Path,
  /** The provider's host name has a virtual host that is named for it, so that all those from this virtual host do. */
  Host,
  /** It has none: from this virtual host they stay in it, and go there as long as their path stays. */
  NoHost,
  /** Some have gone elsewhere. */
  Barred,
}

@final
class Way {
  constructor(
    public known: Known,
    public upstream: Upstream,
    public cluster: View,
    public name: View,
    /** Trials that must still go well before it is known. */
    public left: i32,
  ) {}

  is(known: Known, upstream: Upstream, cluster: View, name: View): bool {
    return this.known == known && this.upstream === upstream && this.name.sameAs(name) && this.cluster.sameAs(cluster);
  }
}

/** A request whose response a side call brings. */
export abstract class SideDelivery {
  /** `call`: the side call's id. */
  constructor(readonly call: i32) {}

  /** The response has come; no headers: none will. Both views are valid until it returns. */
  abstract deliver(block: View | null, text: View): void;
}

/** One configuration's. */
@final
export class RouteGuard {
  private ways: Array<Way> = [];
  private oldest: i32 = 0;
  private lines: i32 = 0;
  /** What waits for its side call. */
  private waiting: Array<SideDelivery> = [];

  private constructor(
    readonly root: u32,
    readonly rules: Array<RuleConfig>,
    /** The model chooses the provider, so that the client's own route says nothing of it. */
    readonly isByModel: bool,
    /** Tells configurations apart. */
    private fingerprint: u32,
  ) {}

  /** Null: whatever cluster a request leaves for, it carries the credentials of the one provider that there is. */
  static of(config: PluginConfig, fingerprint: u32, root: u32): RouteGuard | null {
    const rules = config.rules;
    let isNeeded = config.namesRoutes;
    for (let k = 0; k < rules.length && !isNeeded; k++) isNeeded = rules[k].split !== null || rules[k].provider !== config.provider;
    return isNeeded ? new RouteGuard(root, rules, config.models !== null, fingerprint) : null;
  }

  /** `name`: the path or that of the virtual host; empty for Barred. */
  private find(known: Known, upstream: Upstream, cluster: View, name: View): Way | null {
    for (let k = 0; k < this.ways.length; k++) if (this.ways[k].is(known, upstream, cluster, name)) return this.ways[k];
    return null;
  }

  knows(known: Known, upstream: Upstream, cluster: View, name: View): bool {
    const way = this.find(known, upstream, cluster, name);
    return way !== null && way.left == 0;
  }

  /** One of `trials` that it takes went well. */
  learn(known: Known, upstream: Upstream, cluster: View, name: View, trials: i32 = 1): void {
    let way = this.find(known, upstream, cluster, name);
    if (way !== null) {
      if (way.left > 0) way.left--;
      return;
    }
    way = new Way(known, upstream, cluster.copy(), name.copy(), trials - 1);
    if (this.ways.length < MAX_WAYS) this.ways.push(way);
    else {
      this.ways[this.oldest] = way;
      this.oldest = (this.oldest + 1) % MAX_WAYS;
    }
  }

  /** Requests for the cluster are not sent any more. */
  bar(upstream: Upstream, cluster: View): void {
    const kept: Array<Way> = [];
    for (let k = 0; k < this.ways.length; k++) {
      const way = this.ways[k];
      if (way.upstream !== upstream || !way.cluster.sameAs(cluster)) kept.push(way);
    }
    this.ways = kept;
    this.oldest = 0;
    this.learn(Known.Barred, upstream, cluster, View.empty());
  }

  await(delivery: SideDelivery): void {
    this.waiting.push(delivery);
  }

  /** A side call was answered; false: not one of this. */
  onCallResponse(call: i32, block: View | null, text: View): bool {
    for (let k = 0; k < this.waiting.length; k++) {
      const delivery = this.waiting[k];
      if (delivery.call != call) continue;
      this.waiting.splice(k, 1);
      delivery.deliver(block, text);
      return true;
    }
    return false;
  }

  /** Says what to change: once for each route, however many workers see it. */
  report(route: View, from: View, toRoute: View, to: View, name: View): void {
    if (this.lines >= MAX_LINES) return;
    const key = new Buffer(64);
    key.ascii("ai-proxy.route_changed.");
    key.integer(this.fingerprint);
    key.byte(Ascii.Dot);
    key.view(route);
    key.byte(Ascii.Dot);
    key.view(from);
    if (setShared(key.toView(), SAID, NEW_KEY) != Status.Ok) return;
    this.lines++;
    host.log(
      LogLevel.Error,
      "ai-proxy: route_changed: requests of route " +
        quoted(route) +
        " for " +
        described(from) +
        " are refused: with the provider's path and host " +
        quoted(name) +
        " Envoy chooses " +
        described(to) +
        " (route " +
        quoted(toRoute) +
        "). Give Envoy a virtual host with domains: [" +
        quoted(name) +
        "] whose routes lead to the same cluster, name the right one as the provider's cluster, or make the plugin an upstream filter of each cluster: docs/operations.md",
    );
  }
}

function described(cluster: View): string {
  return cluster.length != 0 ? "cluster " + quoted(cluster) : "no cluster";
}

/** Where the client's request leads, noted before the plugin changes anything of it, and where it is to go. */
@final
export class ChosenRoute {
  cluster: View = View.empty();
  route: View;
  /** The client's, once it was asked for. */
  private virtualHost: View = View.empty();
  /** The client's route leads to a cluster that the credentials may leave for. */
  isRight: bool = false;

  constructor(
    readonly guard: RouteGuard,
    private rule: i32,
    /** What the route's headers name: the provider, and the one cluster that it may be reached through; empty for nothing. */
    readonly provider: View,
    readonly own: View,
    cluster: View,
    /** Its name, empty when it was not asked for yet. */
    route: View,
  ) {
    this.route = routes.of(route);
    const isRight = own.length != 0 ? isService(own, cluster) : !guard.isByModel || this.isOfRule(cluster);
    this.isRight = isRight;
    // A client's header may choose it, so that there is no end of them.
    if (isRight) this.cluster = clusters.of(cluster);
  }

  private isOfRule(cluster: View): bool {
    return this.rule >= 0 && hasService(this.guard.rules[this.rule].services, cluster);
  }

  /** The rule's credentials may leave for this cluster, which Envoy has chosen now. */
  allows(upstream: Upstream, cluster: View): bool {
    if (this.own.length != 0) return isService(this.own, cluster);
    const rule = this.rule;
    if (this.guard.isByModel) {
      const isNamed = this.isOfRule(cluster);
      if (isNamed || upstream.host.length == 0) return isNamed;
      return withoutPort(attributes.virtualHost()).equalsIgnoreCase(lowered(withoutPort(upstream.host)).toString());
    }
    if (cluster.sameAs(this.cluster)) return true;
    // The rule itself says that its provider is reached through this cluster too.
    return rule >= 0 && ruleOfService(this.guard.rules, cluster) == rule;
  }

  /** At the end of an exchange that was sent: the cluster that it has gone to. */
  review(upstream: Upstream, cluster: View, route: View): void {
    if (cluster.length == 0 || this.allows(upstream, cluster)) return;
    this.guard.bar(upstream, this.cluster);
    this.guard.report(this.route, this.cluster, route, cluster, upstream.host);
  }

  /**
   * It is known where a request with this path will go, which the client sent so when `isSent`. Its headers may be written already:
   * properties show the client's own route until then.
   */
  isKnown(upstream: Upstream, path: View, isSent: bool): bool {
    const guard = this.guard;
    if (guard.knows(Known.Path, upstream, this.cluster, path)) return true;
    if (this.route.length == 0) this.route = routes.of(attributes.routeName());
    const from = attributes.virtualHost();
    if (from.length == 0) return false;
    this.virtualHost = from.copy();
    if (guard.knows(Known.Host, upstream, this.cluster, from)) return true;
    return isSent && guard.knows(Known.NoHost, upstream, this.cluster, from);
  }

  /** Envoy has chosen the right cluster for a request with this path. `isOneOfMany`: it holds an id of the client's. */
  learn(upstream: Upstream, path: View, isSent: bool, isOneOfMany: bool): void {
    const guard = this.guard;
    const from = this.virtualHost;
    const to = attributes.virtualHost().copy();
    // Named for the provider's host name: it is the provider's alone.
    const hasHost = to.length != 0 && withoutPort(to).equalsIgnoreCase(withoutPort(attributes.requestHost()).toString());
    if (hasHost) guard.learn(Known.Host, upstream, this.cluster, from);
    else if (from.length != 0 && from.sameAs(to)) guard.learn(Known.NoHost, upstream, this.cluster, from);
    if (isOneOfMany) return;
    const isSure = hasHost || isSent || (this.route.length != 0 && attributes.routeName().sameAs(this.route));
    guard.learn(Known.Path, upstream, this.cluster, path, isSure ? 1 : UNSURE_TRIALS);
  }

  isBarred(upstream: Upstream): bool {
    return this.guard.knows(Known.Barred, upstream, this.cluster, View.empty());
  }
}
