// Facts about the stream that the host knows: route, cluster, how a response came about.

import { View } from "../bytes/view";
import { property, setProperty } from "./host";

const XDS_ROUTE: View = View.utf8("xds\0route_name");
const XDS_CLUSTER: View = View.utf8("xds\0cluster_name");
// Nov 2026: Envoy 1.40 no longer knows the old names; Higress's Envoy has only them.
const OLD_ROUTE: View = View.utf8("route_name");
const OLD_CLUSTER: View = View.utf8("cluster_name");
const XDS_VIRTUAL_HOST: View = View.utf8("xds\0virtual_host_name");
const REQUEST_HOST: View = View.utf8("request\0host");
const CLEAR_ROUTE_CACHE: View = View.utf8("clear_route_cache");
const OFF: View = View.utf8("off");
const REQUEST_BYTES: View = View.utf8("request\0total_size");
const UPSTREAM_ADDRESS: View = View.utf8("upstream\0address");
const VM_MEMORY: View = View.utf8("plugin_vm_memory");
const CODE_DETAILS: View = View.utf8("response\0code_details");

const enum Names {
  Unknown,
  New,
  Old,
}
/** Which names the host has answered to. */
let spoken: Names = Names.Unknown;

/** The host was asked for VM_MEMORY, and has it. */
let isHostAsked: bool = false;
let tellsMemory: bool = false;

/** Windows on both names, which are read one after the other. */
const route: View = new View(0, 0);
const cluster: View = new View(0, 0);

function first(path: View, older: View, shown: View): View {
  const isOld = spoken == Names.Old;
  let value = property(isOld ? older : path);
  if (value === null && spoken != Names.New) {
    value = property(isOld ? path : older);
    if (value !== null) spoken = isOld ? Names.New : Names.Old;
  } else if (value !== null && !isOld) spoken = Names.New;
  return value === null ? View.empty() : shown.point(value.ptr, value.length);
}

/** Name of the route, empty when there is none. Valid until the callback ends. */
export function routeName(): View {
  return first(XDS_ROUTE, OLD_ROUTE, route);
}

/** Name of the upstream cluster, empty when there is none. Valid until the callback ends. */
export function clusterName(): View {
  return first(XDS_CLUSTER, OLD_CLUSTER, cluster);
}

/** Bytes of the request that Envoy has received: those of its headers' names and values, and of its body. */
export function requestBytes(): i64 {
  const value = property(REQUEST_BYTES);
  return value === null ? 0 : ((<i64>value.word(4)) << 32) | (<i64>(<u32>value.word(0)));
}

/** The `:authority` as it stands now. Valid until the next property is read. */
export function requestHost(): View {
  const value = property(REQUEST_HOST);
  return value === null ? View.empty() : value;
}

/** Name of the route's virtual host, empty when the host does not tell (Envoy before 1.38). Valid until the next property is read. */
export function virtualHost(): View {
  const value = property(XDS_VIRTUAL_HOST);
  return value === null ? View.empty() : value;
}

/**
 * Higress's Envoy, which alone tells how much memory the module has (`plugin_vm_memory`, asked by Higress's own plugins, Nov 2026), or
 * knows the old names only.
 */
export function isHigress(): bool {
  if (!isHostAsked) {
    isHostAsked = true;
    tellsMemory = property(VM_MEMORY) !== null;
  }
  return tellsMemory || spoken == Names.Old;
}

/** The request cannot come to another cluster: the host keeps the route (keepRoute), or the plugin is an upstream filter. */
export function isFixed(): bool {
  return spoken == Names.Old || isUpstreamFilter();
}

/** The plugin runs for one cluster, which its configuration is for. */
export function isUpstreamFilter(): bool {
  return property(UPSTREAM_ADDRESS) !== null;
}

/** `via_upstream` for the provider's own response, else who made it and why; empty before there is one. */
export function codeDetails(): View {
  const value = property(CODE_DETAILS);
  return value === null ? View.empty() : value;
}

/**
 * Tells Higress's Envoy to keep the route that the client's path and host chose while both are rewritten, as Higress's own
 * plugin does. Envoy itself has no such switch: there a route must match the rewritten ones, too (docs/operations.md).
 */
export function keepRoute(): void {
  if (spoken != Names.New) setProperty(CLEAR_ROUTE_CACHE, OFF);
}
