// What a document is: a resource of Kubernetes, a list of them, Envoy's, the plugin's own configuration, or something else.
import schema from "../schema/config.schema.json";
import { looksLikeEnvoy } from "./envoy";
import { memberOf, textAt, type Located, type LocatedObject } from "./located";
import { nearest } from "./nearest";

export const WANTED = "a WasmPlugin, an EnvoyExtensionPolicy, an Envoy configuration with a wasm filter, or the plugin's own configuration";
const ROOT_KEYS = Object.keys(schema.properties);
const PROVIDER_KEYS = Object.keys(schema.$defs.provider.properties);
const LIST = /^(\w*)List$/;

export function isKubernetes(document: Located): boolean {
  return document.kind === "object" && document.members.has("apiVersion") && document.members.has("kind");
}

/** The documents that are not empty, as templates leave them; lists of resources (`kubectl get -o yaml`) unwrapped. */
export function unwrapped(documents: readonly Located[]): Located[] {
  return documents.flatMap((document) => {
    if (document.kind === "scalar" && document.value === null) return [];
    const kind = LIST.exec(textAt(document, "kind") ?? "");
    const items = memberOf(document, "items")?.value;
    if (kind === null || !isKubernetes(document) || items?.kind !== "list") return [document];
    // Items of a WasmPluginList need not say again what they are.
    return unwrapped(items.items.map((item) => (kind[1] === "" ? item : withKind(item, document, kind[1]))));
  });
}

function withKind(item: Located, list: Located, kind: string): Located {
  const version = memberOf(list, "apiVersion");
  if (item.kind !== "object" || isKubernetes(item) || version === undefined) return item;
  const members = new Map(item.members).set("apiVersion", version);
  return { ...item, members: members.set("kind", { keyAt: item.at, value: { kind: "scalar", at: item.at, value: kind } }) };
}

/** Why an object cannot be meant as the plugin's own configuration; null when it can. */
export function strangeness(document: Located | null): string | null {
  if (document?.kind !== "object" || document.members.size === 0 || looksLikeEnvoy(document)) return null;
  const keys = [...document.members.keys()];
  if (keys.some((key) => ROOT_KEYS.includes(key) || nearest(key, ROOT_KEYS) !== undefined)) return null;
  if (isProvider(document)) return 'is a provider alone; put it below the key "provider"';
  return `is no configuration of the plugin: it has none of the keys ${ROOT_KEYS.slice(0, 4).join(", ")}, …; wanted is ${WANTED}`;
}

function isProvider(document: LocatedObject): boolean {
  const types: readonly string[] = schema.$defs.provider.properties.type.enum;
  return (
    types.includes(textAt(document, "type") ?? "") &&
    [...document.members.keys()].some((key) => key !== "type" && PROVIDER_KEYS.includes(key))
  );
}
