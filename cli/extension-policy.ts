// Envoy Gateway's EnvoyExtensionPolicy to the configurations that its controller hands to wasm filters: each extension's `config` as the
// text of a StringValue, with the keys as the API server stores them, sorted (https://github.com/envoyproxy/gateway,
// internal/xds/translator/wasm.go, Nov 2026).
import { FAILS_OPEN, POLICY_HANGS, sendsAhead } from "./host-settings";
import { isTrue, memberOf, textAt, type Located, type LocatedObject } from "./located";
import { unknownKeys } from "./nearest";
import type { Resource } from "./wasm-plugin";
import type { Fault } from "./yaml-reader";

const GROUP = "gateway.envoyproxy.io/";
const WASM_KEYS = ["name", "rootID", "code", "config", "failOpen", "env"];

export function isExtensionPolicy(document: Located): boolean {
  return textAt(document, "kind") === "EnvoyExtensionPolicy" && (textAt(document, "apiVersion") ?? "").startsWith(GROUP);
}

/** One for each wasm extension; those without a configuration get none. */
export function readExtensionPolicy(document: LocatedObject): Resource[] {
  const policy = `EnvoyExtensionPolicy ${textAt(document, "metadata", "name") ?? "without a name"}`;
  const list = memberOf(memberOf(document, "spec")?.value, "wasm");
  if (list === undefined) return [];
  if (list.value.kind !== "list")
    return [{ name: policy, config: null, faults: [{ at: list.keyAt, message: "wasm must be a list", severity: "error" }] }];
  const several = list.value.items.length > 1;
  return list.value.items.map((item, index) => {
    const name = several ? `${policy} ${textAt(item, "name") ?? index}` : policy;
    if (item.kind !== "object")
      return { name, config: null, faults: [{ at: item.at, message: "an extension must be an object", severity: "error" }] };
    const config = memberOf(item, "config")?.value ?? null;
    return { name, config, faults: [...unknownKeys(item, WASM_KEYS), ...hostFaults(item, config)] };
  });
}

/** What the resource cannot set, or sets to the plugin's harm. */
function hostFaults(extension: LocatedObject, config: Located | null): Fault[] {
  const faults: Fault[] = [];
  if (!sendsAhead(config))
    faults.push({ at: memberOf(extension, "config")?.keyAt ?? extension.at, message: POLICY_HANGS, severity: "warning" });
  const open = memberOf(extension, "failOpen");
  if (isTrue(open?.value)) faults.push({ at: open!.keyAt, message: `failOpen: true: ${FAILS_OPEN}; write false`, severity: "warning" });
  return faults;
}
