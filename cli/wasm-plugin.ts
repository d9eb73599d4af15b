// Higress's and Istio's WasmPlugin resources to the configuration that their controllers hand to the plugin (Higress main of
// April 2026: pluginConfig as it is; otherwise defaultConfig with each enabled matchRule as one element of `_rules_`).
import { FAILS_OPEN, PLUGIN_HANGS, sendsAhead } from "./host-settings";
import { isTrue, memberOf, textAt, type Located, type LocatedObject, type Member } from "./located";
import { unknownKeys } from "./nearest";
import type { Fault } from "./yaml-reader";

const HIGRESS_GROUP = "extensions.higress.io/";
const ISTIO_GROUP = "extensions.istio.io/";
const RESOURCE_KEYS = ["apiVersion", "kind", "metadata", "spec", "status"];
const SHARED_KEYS = ["url", "sha256", "imagePullPolicy", "imagePullSecret", "verificationKey", "pluginConfig", "pluginName"];
const PLACING_KEYS = ["phase", "priority", "failStrategy", "vmConfig", "selector", "match", "type", "targetRef", "targetRefs"];
const HIGRESS_KEYS = ["defaultConfig", "defaultConfigDisable", "matchRules"];
const RULE_KEYS = ["ingress", "service", "domain", "config", "configDisable", "routeType"];
/** Key of a rule to the plugin's. */
const CONDITIONS = [
  ["ingress", "_match_route_"],
  ["service", "_match_service_"],
  ["domain", "_match_domain_"],
] as const;

export interface Resource {
  name: string;
  /** Null when there is nothing that the controller would hand over. */
  config: Located | null;
  faults: Fault[];
}

export function isWasmPlugin(document: Located): boolean {
  const version = textAt(document, "apiVersion") ?? "";
  return textAt(document, "kind") === "WasmPlugin" && (version.startsWith(HIGRESS_GROUP) || version.startsWith(ISTIO_GROUP));
}

export function readWasmPlugin(document: LocatedObject): Resource {
  const faults = unknownKeys(document, RESOURCE_KEYS);
  const name = `WasmPlugin ${textAt(document, "metadata", "name") ?? "without a name"}`;
  const spec = memberOf(document, "spec")?.value;
  if (spec?.kind !== "object") {
    faults.push({ at: memberOf(document, "spec")?.keyAt ?? document.at, message: "spec must be an object", severity: "error" });
    return { name, config: null, faults };
  }
  const isHigress = textAt(document, "apiVersion")!.startsWith(HIGRESS_GROUP);
  faults.push(...unknownKeys(spec, [...SHARED_KEYS, ...PLACING_KEYS, ...(isHigress ? HIGRESS_KEYS : [])]));
  const strategy = memberOf(spec, "failStrategy");
  if (strategy?.value.kind === "scalar" && strategy.value.value === "FAIL_OPEN")
    faults.push(warning(strategy.keyAt, `failStrategy: FAIL_OPEN: ${FAILS_OPEN}; write FAIL_CLOSE`));
  const whole = memberOf(spec, "pluginConfig");
  if (!isHigress && whole !== undefined && !sendsAhead(whole.value)) faults.push(warning(whole.keyAt, PLUGIN_HANGS));
  if (whole !== undefined) {
    const ignored = isHigress ? HIGRESS_KEYS.map((key) => memberOf(spec, key)) : [];
    for (const member of ignored)
      if (member !== undefined) faults.push(warning(member.keyAt, "has no effect, because pluginConfig is given"));
    return { name, config: whole.value, faults };
  }
  if (isHigress) {
    const config = composed(spec, faults);
    return { name, config, faults };
  }
  faults.push(warning(memberOf(document, "spec")!.keyAt, "has no pluginConfig, so the plugin does nothing"));
  return { name, config: null, faults };
}

function warning(at: number, message: string): Fault {
  return { at, message, severity: "warning" };
}

function composed(spec: LocatedObject, faults: Fault[]): LocatedObject | null {
  const disabled = isTrue(memberOf(spec, "defaultConfigDisable")?.value);
  const given = memberOf(spec, "defaultConfig");
  const base = disabled || given === undefined || isNull(given.value) ? undefined : given.value;
  if (base !== undefined && base.kind !== "object") {
    faults.push({ at: given!.keyAt, message: "defaultConfig must be an object", severity: "error" });
    return null;
  }
  const list = memberOf(spec, "matchRules");
  const rules = list === undefined ? [] : readRules(list, faults);
  if (rules === null) return null;
  if (base === undefined && rules.length === 0) {
    faults.push(warning(spec.at, "nothing is switched on, so the plugin does nothing"));
    return null;
  }
  const members = new Map<string, Member>(base?.members);
  if (rules.length > 0 && list !== undefined)
    members.set("_rules_", { keyAt: list.keyAt, value: { kind: "list", at: list.value.at, items: rules } });
  return { kind: "object", at: given?.keyAt ?? spec.at, members };
}

function isNull(value: Located): boolean {
  return value.kind === "scalar" && value.value === null;
}

/** The enabled rules as the plugin gets them; null when the controller refuses them. */
function readRules(list: Member, faults: Fault[]): LocatedObject[] | null {
  if (isNull(list.value)) return [];
  if (list.value.kind !== "list") {
    faults.push({ at: list.keyAt, message: "matchRules must be a list", severity: "error" });
    return null;
  }
  const rules: LocatedObject[] = [];
  let refused = false;
  for (const item of list.value.items) {
    const rule = readRule(item, faults);
    if (rule === "refused") refused = true;
    else if (rule !== "disabled") rules.push(rule);
  }
  return refused ? null : rules;
}

function readRule(item: Located, faults: Fault[]): LocatedObject | "disabled" | "refused" {
  const refuse = (at: number, message: string): "refused" => {
    faults.push({ at, message, severity: "error" });
    return "refused";
  };
  if (item.kind !== "object") return refuse(item.at, "a rule must be an object");
  faults.push(...unknownKeys(item, RULE_KEYS));
  if (isTrue(memberOf(item, "configDisable")?.value)) return "disabled";
  const config = memberOf(item, "config");
  if (config !== undefined && config.value.kind !== "object" && !isNull(config.value))
    return refuse(config.keyAt, "config must be an object");
  const members = new Map<string, Member>(config?.value.kind === "object" ? config.value.members : []);
  let hasCondition = false;
  for (const [key, target] of CONDITIONS) {
    const condition = memberOf(item, key);
    if (condition === undefined || isNull(condition.value)) continue;
    if (condition.value.kind !== "list") return refuse(condition.keyAt, `${key} must be a list of texts`);
    if (condition.value.items.length === 0) continue;
    hasCondition = true;
    members.set(target, condition);
  }
  if (!hasCondition) return refuse(item.at, "the rule has no condition; give ingress, domain or service");
  return { kind: "object", at: item.at, members };
}
