// Wasm filters in whatever holds Envoy filters: a bootstrap, an EnvoyFilter of Istio, a dump of listeners. In YAML or JSON.
import { failureFaults, sendsAhead } from "./host-settings";
import { isTrue, memberOf, textAt, type Located, type LocatedObject, type LocatedScalar, type Member } from "./located";
import type { Fault } from "./yaml-reader";

const WASM_TYPE = ".http.wasm.v3.Wasm";
const HANG =
  "allow_on_headers_stop_iteration: true is missing here: in stock Envoy requests with a body will hang (Higress's Envoy does without); write it beside the plugin's name";

export interface WasmFilter {
  name: string;
  /** A text that the plugin gets as it is, an object that it gets as JSON, or null when there is none. */
  config: LocatedScalar | LocatedObject | null;
  faults: Fault[];
  /** Where it stands in a listener's chain; null elsewhere, for instance in a cluster's upstream filters. */
  chain: Chain | null;
}

export interface Chain {
  /** Its name there, by which routes can switch it off. */
  filter: string;
  /** The route configuration (RouteConfiguration) of the connection manager; undefined when it is not in the document. */
  routes: Located | undefined;
  /** The clusters of the document. */
  clusters: Located[];
}

/** All wasm filters of a document, in order. */
export function findWasmFilters(document: Located): WasmFilter[] {
  const found: WasmFilter[] = [];
  visit(document, { document, chain: null, found });
  return found;
}

/** What only Envoy has at the top, to tell a bootstrap without a wasm filter from the plugin's own configuration. */
export function looksLikeEnvoy(document: Located): boolean {
  const keys = ["static_resources", "staticResources", "dynamic_resources", "dynamicResources", "node", "admin", "resources", "configs"];
  return keys.some((key) => memberOf(document, key) !== undefined);
}

interface Search {
  document: Located;
  chain: Chain | null;
  found: WasmFilter[];
}

function visit(value: Located, search: Search): void {
  if (value.kind === "list") for (const item of value.items) visit(item, search);
  if (value.kind !== "object") return;
  const type = textAt(value, "@type") ?? "";
  const add = (filter: LocatedObject) => void search.found.push({ ...readFilter(filter), chain: search.chain });
  if (type.endsWith(WASM_TYPE)) return add(value);
  const inner = memberOf(value, "value")?.value;
  if (inner?.kind === "object" && (textAt(value, "type_url") ?? textAt(value, "typeUrl"))?.endsWith(WASM_TYPE) === true) return add(inner);
  const filters = field(value, "http_filters")?.value;
  const isManager = filters?.kind === "list" && (field(value, "route_config") ?? field(value, "rds")) !== undefined;
  const routes = isManager ? routesOf(value, search.document) : undefined;
  const known = isManager ? field(field(search.document, "static_resources")?.value, "clusters")?.value : undefined;
  const clusters = known?.kind === "list" ? known.items : [];
  for (const { value: member } of value.members.values()) {
    if (!isManager) visit(member, search);
    else if (member !== filters || member.kind !== "list") visit(member, { ...search, chain: null });
    else for (const item of member.items) visit(item, { ...search, chain: chainOf(item, { routes, clusters }) });
  }
}

function chainOf(item: Located, around: Omit<Chain, "filter">): Chain | null {
  return isTrue(field(item, "disabled")?.value) ? null : { filter: textAt(item, "name") ?? "", ...around };
}

/** What a connection manager names instead of having it may stand elsewhere, as in a dump. */
function routesOf(manager: LocatedObject, document: Located): Located | undefined {
  const own = field(manager, "route_config")?.value;
  const name = field(field(manager, "rds")?.value, "route_config_name")?.value;
  if (own !== undefined || name?.kind !== "scalar") return own;
  return findObject(document, (one) => field(one, "virtual_hosts") !== undefined && textAt(one, "name") === name.value);
}

function findObject(value: Located, isWanted: (object: LocatedObject) => boolean): LocatedObject | undefined {
  if (value.kind === "object" && isWanted(value)) return value;
  const inner = value.kind === "list" ? value.items : value.kind === "object" ? [...value.members.values()].map((one) => one.value) : [];
  for (const one of inner) {
    const found = findObject(one, isWanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A field by its name in proto files or in JSON. */
export function field(value: Located | undefined, name: string): Member | undefined {
  const camel = name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return memberOf(value, name) ?? memberOf(value, camel);
}

function readFilter(filter: LocatedObject): Omit<WasmFilter, "chain"> {
  const config = field(filter, "config");
  const faults: Fault[] = [];
  const name = `wasm filter ${textAt(config?.value, "name") ?? "without a name"}`;
  if (config?.value.kind !== "object") {
    faults.push({ at: config?.keyAt ?? filter.at, message: "config must be an object", severity: "error" });
    return { name, config: null, faults };
  }
  const stops = field(config.value, "allow_on_headers_stop_iteration")?.value;
  // A BoolValue is written as the bare value in JSON and YAML; {value: true} is accepted by nobody.
  const given = readConfiguration(config.value, faults);
  if ((stops?.kind !== "scalar" || stops.value !== true) && !sendsAhead(given))
    faults.push({ at: config.keyAt, message: HANG, severity: "warning" });
  faults.push(...failureFaults(config.value, config.keyAt));
  return { name, config: given, faults };
}

function readConfiguration(config: LocatedObject, faults: Fault[]): WasmFilter["config"] {
  const given = field(config, "configuration");
  if (given === undefined) return null;
  const type = textAt(given.value, "@type") ?? "";
  const value = memberOf(given.value, "value")?.value;
  const refuse = (message: string): null => {
    faults.push({ at: given.keyAt, message, severity: "error" });
    return null;
  };
  if (type.endsWith("google.protobuf.StringValue"))
    return value?.kind === "scalar" && typeof value.value === "string" ? value : refuse("the value of a StringValue must be a text");
  if (type.endsWith("google.protobuf.Struct")) return value?.kind === "object" ? value : refuse("the value of a Struct must be an object");
  return refuse('configuration must have "@type": type.googleapis.com/google.protobuf.StringValue (or Struct) and a value');
}
