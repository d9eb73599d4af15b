// Asks the plugin what it makes of a request, whoever may use it: the path, the host and the headers that leave.
import { encodeUtf8 } from "../emulator/bytes";
import type { Host, RequestInit } from "../emulator/host";
import type { ConfigFile } from "./config-file";
import type { Environment } from "./environment";
import { namedRoute } from "./exchange";
import type { Json } from "./located";
import { configure, type Plugin } from "./plugin";
import { askRule, conditionsOf, probeOf, rulesOf } from "./matched-rule";
import type { RoutedRequest } from "./route-choice";
import { Secrets } from "./secrets";
import { respondToSideCalls } from "./side-calls";

export type Written = RoutedRequest & {
  /** The one that the plugin has named, "" for none. */
  cluster: string;
  /** Nothing but that was written: an upstream filter does the rest. */
  isRouteOnly: boolean;
};

/** Settings about who may use what. */
const ACCESS = ["consumers", "keys", "in_header", "in_query", "global_auth", "limits", "allow", "abnormal", "filterState"];
const CHAT = { model: "gpt-4o", max_tokens: 16, messages: [{ role: "user", content: "Hi" }], input: "Hi" };
const BODY = encodeUtf8(JSON.stringify(CHAT));
/** Hosts that take the place of variables without a value. */
const STAND_IN = /\bunset-\d+\b/;

export class RouteProbe {
  private constructor(
    private readonly host: Host,
    private readonly plugin: Plugin,
    /** The same conditions, each rule with a cluster that tells it by its name. */
    private readonly rules: Plugin,
    private readonly config: Json,
    private readonly secrets: Secrets,
  ) {}

  static async of(module: WebAssembly.Module, file: ConfigFile, config: Json, environment: Environment): Promise<RouteProbe> {
    const open = withoutAccess(config);
    const text = JSON.stringify(open);
    const source = { name: "", text, bytes: encodeUtf8(text), root: null, place: null };
    // Under Higress's attributes the route is kept, so the plugin sends everything that it would try first.
    const { host, plugin, environment: values } = await configure(module, file, source, environment, { attributes: "higress" });
    const rules = host.configure(JSON.stringify(probeOf(config)));
    return new RouteProbe(host, plugin, rules, config, new Secrets(open, values));
  }

  /** What leaves; null when the plugin does nothing with the request, answers it itself, or the host is a variable's. */
  send(request: RoutedRequest, route: string, cluster: string): Written | null {
    const written = this.exchange(this.init(request, route, cluster));
    return written === null || written.isRouteOnly ? null : written;
  }

  /** The same for a request for `model`, whose provider may name a cluster of its own. */
  sendModel(request: RoutedRequest, model: string, route: string, cluster: string): Written | null {
    const init = { ...this.init(request, route, cluster), body: encodeUtf8(JSON.stringify({ ...CHAT, model })) };
    const exchange = this.plugin.exchange(init);
    const named = namedRoute(exchange, this.config, "cluster");
    exchange.abort();
    return this.exchange(named === "" ? init : { ...init, properties: { ...init.properties, cluster_name: named } });
  }

  private exchange(init: RequestInit & { authority: string; path: string }): Written | null {
    const exchange = this.plugin.exchange(init);
    respondToSideCalls(this.host, this.secrets, "");
    const { upstream } = exchange;
    exchange.abort();
    if (upstream === null || STAND_IN.test(upstream.authority)) return null;
    const cluster = namedRoute(exchange, this.config, "cluster");
    const isSame = upstream.authority === init.authority && upstream.path === init.path;
    if (isSame && cluster === "") return null;
    const headers = Object.fromEntries(upstream.headerList.map(([name, value]) => [name.toLowerCase(), value]));
    const { authority, path } = upstream;
    return { authority, path, headers: { ...headers, ":method": upstream.method }, cluster, isRouteOnly: isSame };
  }

  /** The number of the rule that a request falls under, or -1. */
  ruleOf(request: RoutedRequest, route: string, cluster: string): number {
    return askRule(this.rules, this.init(request, route, cluster));
  }

  hasServices(rule: number): boolean {
    return "_match_service_" in conditionsOf(rulesOf(this.config)[rule] ?? null);
  }

  private init({ authority, path, headers }: RoutedRequest, route: string, cluster: string) {
    const { ":method": method = "POST", ...others } = headers;
    const isBare = method === "GET" || method === "HEAD";
    const list = Object.entries({ ...(isBare ? {} : { "content-type": "application/json" }), ...others });
    const given = list.filter(([name]) => !name.startsWith(":"));
    return {
      method,
      path,
      authority,
      headers: given,
      body: isBare ? null : BODY,
      properties: { route_name: route, cluster_name: cluster },
    };
  }
}

function withoutAccess(config: Json): Json {
  if (config === null || typeof config !== "object" || Array.isArray(config)) return config;
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => !ACCESS.includes(key)));
  return Array.isArray(kept._rules_) ? { ...kept, _rules_: kept._rules_.map(withoutAccess) } : kept;
}
