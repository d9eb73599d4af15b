// Facts about the stream that the host knows: route, cluster, how an answer came about.

import { View } from "../bytes/view";
import { property } from "./host";

const XDS_ROUTE: View = View.utf8("xds\0route_name");
const XDS_CLUSTER: View = View.utf8("xds\0cluster_name");
// 2026-11: Envoy 1.40 no longer knows the old names; Higress's Envoy has only them.
const OLD_ROUTE: View = View.utf8("route_name");
const OLD_CLUSTER: View = View.utf8("cluster_name");
const CODE_DETAILS: View = View.utf8("response\0code_details");

function first(path: View, older: View): View {
  const value = property(path);
  if (value !== null) return value;
  const old = property(older);
  return old === null ? View.empty() : old;
}

/** Name of the route, empty when there is none. Valid until the callback ends. */
export function routeName(): View {
  return first(XDS_ROUTE, OLD_ROUTE);
}

/** Name of the upstream cluster, empty when there is none. Valid until the callback ends. */
export function clusterName(): View {
  return first(XDS_CLUSTER, OLD_CLUSTER);
}

/** `via_upstream` for the provider's own answer, else who made it and why; empty before there is one. */
export function codeDetails(): View {
  const value = property(CODE_DETAILS);
  return value === null ? View.empty() : value;
}
