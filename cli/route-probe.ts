// Asks the plugin what it makes of a request, whoever may use it: the path, the host and the headers that leave.
import { encodeUtf8 } from "../emulator/bytes";
import type { Host } from "../emulator/host";
import type { ConfigFile } from "./config-file";
import type { Environment } from "./environment";
import type { Json } from "./located";
import { configure, type Plugin } from "./plugin";
import { askRule, conditionsOf, probeOf, rulesOf } from "./matched-rule";
import type { RoutedRequest } from "./route-choice";
import { Secrets } from "./secrets";
import { respondToSideCalls } from "./side-calls";

export type Written = RoutedRequest;

/** Settings about who may use what. */
const ACCESS = ["consumers", "keys", "in_header", "in_query", "global_auth", "limits", "allow", "abnormal", "filterState"];
const BODY = encodeUtf8('{"model":"gpt-4o","max_tokens":16,"messages":[{"role":"user","content":"Hi"}],"input":"Hi"}');
/** Hosts that take the place of variables without a value. */
const STAND_IN = /\bunset-\d+\b/;

export class RouteProbe {
  private constructor(
    private readonly host: Host,
    private readonly plugin: Plugin,
    /** The same conditions, each rule with a provider that tells it by its host. */
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
    const exchange = this.plugin.exchange(this.init(request, route, cluster));
    respondToSideCalls(this.host, this.secrets, "");
    const { upstream } = exchange;
    exchange.abort();
    if (upstream === null || STAND_IN.test(upstream.authority)) return null;
    if (upstream.authority === request.authority && upstream.path === request.path) return null;
    const headers = Object.fromEntries(upstream.headerList.map(([name, value]) => [name.toLowerCase(), value]));
    return { authority: upstream.authority, path: upstream.path, headers: { ...headers, ":method": upstream.method } };
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
