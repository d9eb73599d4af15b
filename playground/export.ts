// What is on the page as files to take along: a WasmPlugin for Higress, an envoy.yaml, or the call in the client's SDK. Keys are left out
// as in links (redact.ts): the reader puts in their own.
import { parseDocument, stringify } from "yaml";
import openai from "../deploy/envoy/openai.yaml";
import envoy from "../deploy/envoy/envoy.yaml";
import { encodeUtf8 } from "../emulator/bytes";
import { readConfigFile } from "../cli/config-file";
import { readJson } from "../cli/exchange";
import type { Json } from "../cli/located";
import { redacted } from "./redact";
import type { Setup } from "./setup";

export type ExportKind = "wasmplugin" | "envoy" | "sdk";

type Members = Record<string, Json>;

/** Paths of an installed gateway, in place of those of `npm run dev`. */
const VALUES: Record<string, string> = {
  ADMIN_ADDRESS: "127.0.0.1",
  ADMIN_PORT: "9901",
  LISTEN_ADDRESS: "0.0.0.0",
  LISTEN_PORT: "10000",
  ACCESS_LOG: "/dev/stdout",
  PLUGIN_WASM: "/etc/envoy/plugin.wasm",
};
const WIDTH = { lineWidth: 110 };
/** Conditions of rules that Higress writes itself, and the members of matchRules that they come from. */
const CONDITIONS: Record<string, string> = { _match_route_: "ingress", _match_domain_: "domain", _match_service_: "service" };

/** The plugin's own object out of whatever the configuration is written as; null when there is none, or it cannot be read. */
function pluginConfig(setup: Setup): Members | null {
  const text = redacted(setup).setup.config;
  const { sources } = readConfigFile("configuration", encodeUtf8(text));
  const source = sources.find((one) => one.name === setup.plugin) ?? sources[0];
  if (source === undefined) return null;
  const config = readJson(source.text);
  return typeof config === "object" && config !== null && !Array.isArray(config) ? (config as Members) : null;
}

/** @returns the file's text, or null when the page has no configuration that could be in it */
export function exportText(kind: ExportKind, setup: Setup, providerHost: string): string | null {
  if (kind === "sdk") return sdkCall(setup);
  const config = pluginConfig(setup);
  if (config === null) return null;
  return kind === "envoy" ? envoyYaml(config, providerHost) : wasmPlugin(config);
}

function wasmPlugin({ _rules_: rules = [], ...rest }: Members): string {
  const left: number[] = [];
  const matchRules = (rules as Members[]).flatMap((rule, index) => {
    const conditions = Object.keys(rule).filter((key) => key.startsWith("_match_"));
    if (conditions.some((key) => CONDITIONS[key] === undefined)) {
      left.push(index + 1);
      return [];
    }
    const config = Object.fromEntries(Object.entries(rule).filter(([key]) => !conditions.includes(key)));
    return [{ ...Object.fromEntries(conditions.map((key) => [CONDITIONS[key], rule[key]])), configDisable: false, config }];
  });
  const resource = {
    apiVersion: "extensions.higress.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { name: "ai-proxy", namespace: "higress-system", labels: { "higress.io/resource-definer": "higress" } },
    spec: {
      phase: "UNSPECIFIED_PHASE",
      priority: 100,
      failStrategy: "FAIL_CLOSE",
      url: `oci://registry.example.com/gateway/ai-proxy-wasm:${VERSION}`,
      imagePullPolicy: "IfNotPresent",
      defaultConfig: rest,
      ...(matchRules.length > 0 ? { matchRules } : {}),
    },
  };
  const notes = left.map((number) => `# Rule ${number} is left out: matchRules have none of its conditions.\n`);
  return `# Put in your registry and your keys; docs/higress.md has the service sources and routes.\n${notes.join("")}${stringify(resource, WIDTH)}`;
}

/** deploy/envoy/envoy.yaml with this configuration, and the provider that the request went to. */
function envoyYaml(config: Members, providerHost: string): string {
  const filled = envoy.replace(/^(?!\s*#).*$/gm, (line) => line.replace(/\$\{(\w+)\}/g, (whole, name: string) => VALUES[name] ?? whole));
  const file = parseDocument(filled);
  const manager = ["static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config"];
  const filters = (file.toJS() as any).static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters as any[];
  const at = filters.findIndex((filter) => filter.name === "ai-proxy");
  const value = `${JSON.stringify(config, null, 2)}\n`;
  file.setIn([...manager, "http_filters", at, "typed_config", "config", "configuration", "value"], value);
  const cluster = parseDocument(openai.replaceAll("api.openai.com", providerHost)).contents;
  file.setIn(["static_resources", "clusters", 0], cluster);
  file.commentBefore =
    " Put in your keys. For several providers, see docs/routing.md.\n Then: envoy -c envoy.yaml, with plugin.wasm in /etc/envoy.";
  return file.toString(WIDTH);
}

// ---------------------------------------------------------------- the call

interface Call {
  path: RegExp;
  setup: string[];
  name: (isStream: boolean) => string;
  /** What the base URL ends in. */
  base: string;
  /** Members of the body that the SDK sets by itself. */
  own: string[];
}

const CALLS: Call[] = [
  openaiCall(/\/chat\/completions$/, "chat.completions.create"),
  openaiCall(/\/embeddings$/, "embeddings.create"),
  openaiCall(/\/responses$/, "responses.create"),
  {
    path: /\/messages$/,
    setup: ["from anthropic import Anthropic", "", 'client = Anthropic(base_url="BASE", api_key="the key of your gateway")'],
    name: () => "client.messages.create",
    base: "",
    own: [],
  },
  {
    path: /:(?:generateContent|streamGenerateContent)$/,
    setup: ["from google import genai", "", 'client = genai.Client(api_key="the key of your gateway", http_options={"base_url": "BASE"})'],
    name: (isStream) => `client.models.generate_content${isStream ? "_stream" : ""}`,
    base: "",
    own: ["systemInstruction", "generationConfig"],
  },
];

function openaiCall(path: RegExp, method: string): Call {
  const setup = ["from openai import OpenAI", "", 'client = OpenAI(base_url="BASE", api_key="the key of your gateway")'];
  return { path, setup, name: () => `client.${method}`, base: "/v1", own: [] };
}

/** The request as a Python program of the official SDK; null for one that no SDK has a method for. */
function sdkCall(setup: Setup): string | null {
  const { path, authority, body } = redacted(setup).setup.request;
  const plain = path.split("?")[0];
  const call = CALLS.find((one) => one.path.test(plain));
  if (call === undefined) return null;
  let members: Members;
  try {
    members = JSON.parse(body) as Members;
  } catch {
    return null;
  }
  if (typeof members !== "object" || members === null || Array.isArray(members)) return null;
  const gemini = /\/models\/([^/:]+):(\w+)$/.exec(plain);
  const isStream = gemini === null ? members.stream === true : gemini[2].startsWith("stream");
  const given = Object.entries(members).filter(([key]) => !call.own.includes(key));
  const config = { ...(members.generationConfig as Members), ...systemOf(members) };
  const named: [string, Json][] = gemini === null ? given : [["model", gemini[1]], ...given];
  if (gemini !== null && Object.keys(config).length > 0) named.push(["config", config]);
  const lines = named.map(([key, value]) => `    ${key}=${python(value, 1)},`);
  const base = `http://${authority}${call.base}`;
  const head = call.setup.map((line) => line.replace("BASE", base));
  const tail = isStream ? ["for event in result:", "    print(event)"] : ["print(result)"];
  return [...head, "", `result = ${call.name(isStream)}(`, ...lines, ")", ...tail, ""].join("\n");
}

function systemOf(members: Members): Members {
  return members.systemInstruction === undefined ? {} : { systemInstruction: members.systemInstruction };
}

/** A JSON value as Python writes it. */
function python(value: Json, depth: number): string {
  const pad = "    ".repeat(depth + 1);
  const end = "    ".repeat(depth);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((one) => python(one, depth + 1))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${python(one, depth + 1)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const short = open + items.join(", ") + close;
  return short.length + depth * 4 < 90 && !short.includes("\n")
    ? short
    : `${open}\n${items.map((item) => `${pad}${item},\n`).join("")}${end}${close}`;
}
