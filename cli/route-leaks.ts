// Where a provider's key goes along although the route is right, which the plugin cannot see any more: it stands before the choice.
import { field, type Chain } from "./envoy";
import { itemsOf, scalarText } from "./envoy-routes";
import { textAt, type Located } from "./located";
import type { Said, Way } from "./route-check";

/** What is said of the routes on which the plugin has sent something. */
export function leaksOf({ clusters }: Chain, ways: readonly Way[]): Said[] {
  return ways.flatMap((way) => {
    const { route, cluster } = way;
    const name = route.name === "" ? "the route" : `the route "${route.name}"`;
    const said: Said[] = [];
    const add = (about: string, message: string) => said.push({ way, about, message: `${name}: ${message}` });
    if (route.isMirrored)
      add("mirror", "request_mirror_policies send the provider's key, and every prompt, to the mirror's cluster, too; leave them out here");
    if (route.isFollowed)
      add("redirect", "with internal_redirect_policy Envoy follows a provider's redirect with the key in the request; leave it out here");
    const members = namesBehind(clusters, cluster);
    if (new Set(members).size > 1)
      add(
        `aggregate ${cluster}`,
        `the cluster ${cluster} falls back from ${members.join(" to ")} with the key and the body of one provider; make the plugin an upstream filter of each, as in deploy/envoy/fallback.yaml`,
      );
    return said;
  });
}

/** Names in the certificates (SNI) of an aggregate cluster's members: those of one provider are the same. */
function namesBehind(clusters: readonly Located[], name: string): string[] {
  const find = (wanted: string) => clusters.find((one) => textAt(one, "name") === wanted);
  const config = field(field(find(name), "cluster_type")?.value, "typed_config")?.value;
  if (textAt(config, "@type")?.endsWith("clusters.aggregate.v3.ClusterConfig") !== true) return [];
  return itemsOf(field(config, "clusters")?.value).flatMap((member) => {
    const socket = field(find(scalarText(member) ?? ""), "transport_socket")?.value;
    return scalarText(field(field(socket, "typed_config")?.value, "sni")?.value) ?? [];
  });
}
