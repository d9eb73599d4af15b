// What Envoy makes of the plugin's metric names with the stats_tags of deploy/envoy/envoy.yaml.
import { parse } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";

const rules: { tag: string; regex: RegExp }[] = parse(envoyConfig()).stats_config.stats_tags.map((one: any) => ({
  tag: one.tag_name,
  regex: new RegExp(one.regex, "d"),
}));

/** Prometheus' form of a name. */
export const prometheusName = (name: string) => name.replace(/[^A-Za-z0-9_]/g, "_");

/** Prometheus' name and the labels. All rules look at the whole name, then cut. */
export function tagged(name: string): { series: string; labels: Record<string, string> } {
  const full = `wasmcustom.${name}`;
  const cut = new Set<number>();
  const labels: Record<string, string> = {};
  for (const { tag, regex } of rules) {
    const match = regex.exec(full);
    const span = match?.indices?.[1];
    if (!match || !span) continue;
    labels[tag] = match[2] ?? "";
    for (let at = span[0]; at < span[1]; at++) cut.add(at);
  }
  const rest = [...full].filter((_, at) => !cut.has(at)).join("");
  return { series: prometheusName(rest.slice("wasmcustom.".length)), labels };
}
