// The resources of deploy/ and wasmplugin.yaml as objects: how they are read, judged and turned into plugin configurations.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const list = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${folder}/${name}`);
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const wasmPlugin = ajv.compile(JSON.parse(read("tests/deploy/wasmplugin.schema.json")));
ajv.addSchema(JSON.parse(read("tests/deploy/resources.schema.json")), "resources");

export interface Resource {
  /** File and position, for messages. */
  where: string;
  object: any;
}

/** All documents of a YAML text. Throws on a syntax error or a repeated key. */
export function documents(text: string, where: string): Resource[] {
  return parseAllDocuments(text).map((document, index) => {
    if (document.errors.length > 0) throw new Error(`${where}: ${document.errors.join("; ")}`);
    return { where: `${where}#${index}`, object: document.toJS() };
  });
}

/** Every Kubernetes resource that the project shows. */
export const RESOURCES: Resource[] = [
  "wasmplugin.yaml",
  "deploy/istio.yaml",
  ...list("deploy/higress"),
  ...list("deploy/istio"),
  ...list("deploy/gateway-api"),
  ...list("deploy/envoy-gateway"),
].flatMap((path) => documents(read(path), path));

/** What the closed schema of its kind says about a resource; [] when nothing. */
export function errorsOf(object: any): string[] {
  // Istio and the Gateway API have a kind of this name each.
  const isHttp = object?.kind === "Gateway" && String(object.apiVersion).startsWith("gateway.networking.k8s.io/");
  const kind = isHttp ? "HTTPGateway" : object?.kind;
  const validate = kind === "WasmPlugin" ? wasmPlugin : ajv.getSchema(`resources#/definitions/${kind}`);
  if (validate === undefined) return [`no schema for kind ${object?.kind}`];
  validate(object);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`);
}

/** Where any key may stand: labels, the plugin's configuration (its own schema), Envoy's messages (Envoy itself). */
const FREE = [
  /^\/metadata\/(labels|annotations)$/,
  /\/labels$/,
  /^\/spec\/selector$/,
  /\/(config|defaultConfig|value)$/,
  /\/match\/\d+\/headers$/,
];

/** Paths of all objects in which an unknown key must be an error. */
export function closedObjects(kind: string, value: any, path = ""): string[] {
  const isFree = FREE.some((pattern) => pattern.test(path)) && !(kind === "Ingress" && path === "/metadata/annotations");
  if (value === null || typeof value !== "object" || isFree) return [];
  const inside = Object.entries(value).flatMap(([key, child]) => closedObjects(kind, child, `${path}/${key.replaceAll("/", "~1")}`));
  return Array.isArray(value) ? inside : [path, ...inside];
}

/** The configuration that Higress' controller makes of a WasmPlugin: rules become `_rules_`, switched-off ones are left out. */
export function higressConfig(spec: any): any {
  const rules = (spec.matchRules ?? []).filter((rule: any) => !rule.configDisable);
  const conditions = (rule: any) => ({
    ...(rule.ingress && { _match_route_: rule.ingress }),
    ...(rule.service && { _match_service_: rule.service }),
    ...(rule.domain && { _match_domain_: rule.domain }),
  });
  return {
    ...(spec.defaultConfigDisable ? {} : spec.defaultConfig),
    ...(rules.length > 0 && { _rules_: rules.map((rule: any) => ({ ...rule.config, ...conditions(rule) })) }),
  };
}

/** The Wasm filter or extension configuration of an EnvoyFilter. */
export function wasmOf(envoyFilter: any): any {
  const values = envoyFilter.spec.configPatches.map((patch: any) => patch.patch.value);
  return values.find((value: any) => value.typed_config?.config);
}

/** Every plugin configuration that the project shows to operators, as the text or object that reaches the plugin. */
export function pluginConfigs(): [string, object | string][] {
  const plugins = RESOURCES.filter(({ object }) => object.kind === "WasmPlugin");
  const filters = RESOURCES.filter(({ object }) => object.kind === "EnvoyFilter");
  const policies = RESOURCES.filter(({ object }) => object.kind === "EnvoyExtensionPolicy");
  const { http_filters: chain } = parse(envoyConfig()).static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  const plain = chain.find((filter: any) => filter.name === "ai-proxy");
  return [
    ...plugins.map(({ where, object }): [string, object] => [where, higressConfig(object.spec)]),
    ...filters.map(({ where, object }): [string, string] => [where, wasmOf(object).typed_config.config.configuration.value]),
    ...policies.map(({ where, object }): [string, object] => [where, object.spec.wasm[0].config]),
    ["deploy/envoy/envoy.yaml", plain.typed_config.config.configuration.value],
  ];
}

/** YAML blocks of a Markdown text. */
export function yamlBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
}
