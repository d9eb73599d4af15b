// Headers by which Envoy chooses the route of a request: they name its provider and the cluster that leads there.

import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";

/** Writes both, where the configuration wants any. What is empty is taken out: a client must not choose for itself. */
export function nameRoute(plugin: PluginConfig, provider: View, cluster: View): void {
  if (!plugin.namesRoutes) return;
  put(plugin.providerHeader, provider);
  put(plugin.clusterHeader, cluster);
}

function put(name: View, value: View): void {
  if (value.length != 0) host.replaceHeader(HeaderMapType.RequestHeaders, name, value);
  else host.removeHeader(HeaderMapType.RequestHeaders, name);
}
