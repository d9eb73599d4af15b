// `check` and the plugin say the same of random configurations, whatever file they stand in, and at the right place.
// 2,000 of them; CHECK_RUNS=10000 for more.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { barelyValid, configuration, model, type Json } from "../unit/config-arbitrary";
import { inFolder, json, run } from "./run";

const RUNS = Number(process.env.CHECK_RUNS ?? 2000);
const SEED = 20261124;
const FORMS = 8;

type JsonObject = { [key: string]: Json };

interface Finding {
  line: number;
  column: number;
  severity: string;
  message: string;
  pointer: string;
  from: string;
}

interface Written {
  form: string;
  file: string;
  text: string;
  /** What the plugin gets out of it. */
  config: string;
  /** Undefined where that is not what was meant to be written. */
  value: Json | undefined;
}

/** What the plugin itself says, in the words of its log. All are in one VM, as in a gateway, while `check` makes one for each. */
function verdictOf(host: Host, config: string): { starts: boolean; lines: string[] } {
  const plugin = host.configure(config);
  const lines = plugin.logs.map(({ level, text }) => `${level}: ${text}`);
  plugin.stop();
  return { starts: plugin.ok, lines };
}

/** A finding as the log line that it came from. A note stands for the variable that the plugin misses. */
function lineOf(finding: Finding, wanted: string[], { form, text }: Written): string {
  const { severity, message, pointer, line, column } = finding;
  const name = /^\$\{(\w+)\} has no value here/.exec(message)?.[1];
  if (severity === "note" && name !== undefined)
    return `error: ai-proxy configuration: ${pointer}: the environment variable "${name}" is not set; see vm_config.environment_variables`;
  const start = `${severity === "error" ? "error" : "warn"}: ai-proxy configuration: ${pointer === "" ? "configuration" : pointer}: ${message}`;
  // The place of a syntax error is that in the file, which is the configuration's own only where the file is the configuration.
  // The plugin counts bytes, the command characters.
  const before = [...text.split("\n")[line - 1]].slice(0, column - 1).join("");
  const place = ` at line ${line}, column ${Buffer.byteLength(before) + 1}`;
  const near = wanted.find((one) => one.startsWith(`${start} at line `));
  return near === undefined || form !== "spoiled JSON" ? (near ?? start) : start + place;
}

/** Values for `${NAME}`, and a name without one. */
const VARIABLES: Record<string, string> = { ARB_TEXT: "some-text", ARB_URL: "https://h.test/v1", ARB_PATH: "/v1", ARB_BAD: "a b/c?" };
const NAMES = [...Object.keys(VARIABLES), "ARB_UNSET"];

/** Some texts of every tenth configuration as references. */
function withReferences(config: Json, index: number): Json {
  if (index % 10 !== 9) return config;
  let count = index;
  const replaced = (value: Json): Json => {
    if (typeof value === "string") return ++count % 3 === 0 ? `\${${NAMES[(count / 3) % NAMES.length]}}` : value;
    if (Array.isArray(value)) return value.map(replaced);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaced(member)])) : value;
  };
  return replaced(config);
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Keys in order of their bytes, as protobuf's writers have them. */
function sortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedKeys(member)]));
}

const CONDITIONS: Record<string, string> = { _match_route_: "ingress", _match_domain_: "domain", _match_service_: "service" };

/** The rule as a matchRule, or null when a WasmPlugin cannot say it. */
function matchRule(rule: Json): JsonObject | null {
  if (!isObject(rule)) return null;
  const out: JsonObject = { config: Object.fromEntries(Object.entries(rule).filter(([key]) => !(key in CONDITIONS))) };
  for (const [key, name] of Object.entries(CONDITIONS)) {
    const value = rule[key];
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length === 0) return null;
    out[name] = value;
  }
  return Object.keys(out).length > 1 ? out : null;
}

function wasmPlugin(config: Json): object {
  const head = { apiVersion: "extensions.higress.io/v1alpha1", kind: "WasmPlugin", metadata: { name: "x" } };
  const rules = isObject(config) ? config._rules_ : undefined;
  const matchRules = Array.isArray(rules) ? rules.map(matchRule) : [];
  if (!isObject(config) || (rules !== undefined && matchRules.length === 0) || matchRules.includes(null))
    return { ...head, spec: { pluginConfig: config } };
  const { _rules_: _gone, ...defaultConfig } = config;
  return { ...head, spec: { defaultConfig, matchRules } };
}

function envoyFilter(config: Json): object {
  const configuration = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: JSON.stringify(config, null, 2) };
  const filter = { "@type": "x.http.wasm.v3.Wasm", config: { name: "x", allow_on_headers_stop_iteration: true, configuration } };
  return { static_resources: { listeners: [{ http_filters: [{ name: "x", typed_config: filter }] }] } };
}

/** YAML whose texts mean the same to readers of YAML 1.1. */
function yaml(value: unknown, lineWidth = 0): string {
  return stringify(value, { schema: "yaml-1.1", lineWidth });
}

/** The same filter inside of an EnvoyFilter, with the configuration as a Struct and names in camel case. */
function istioFilter(config: JsonObject): object {
  const configuration = { "@type": "type.googleapis.com/google.protobuf.Struct", value: config };
  const filter = { "@type": "x.http.wasm.v3.Wasm", config: { name: "x", allowOnHeadersStopIteration: true, configuration } };
  const patch = { operation: "INSERT_BEFORE", value: { name: "x", typed_config: filter } };
  return { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", spec: { configPatches: [{ patch }] } };
}

/** A file for a configuration, of one kind after the other. */
function writtenAs(config: Json, index: number): Omit<Written, "file"> & { name: string } {
  const file = (form: string, extension: string, text: string, value: Json) => {
    return { form, name: `${index}.${extension}`, text, config: JSON.stringify(value), value };
  };
  const json = (form: string, text: string, value = config) => file(form, "json", text, value);
  const inYaml = (form: string, text: string, value = config) => file(form, "yaml", text, value);
  switch (index % FORMS) {
    case 0:
      return json("plain JSON", JSON.stringify(config));
    case 1:
      return json("plain JSON over lines", JSON.stringify(config, null, 2));
    case 2:
      return inYaml("plain YAML", yaml(config));
    case 3:
      return inYaml("WasmPlugin", yaml(wasmPlugin(config)), sortedKeys(config));
    case 4:
      return inYaml("Envoy in YAML", yaml(envoyFilter(config), 40));
    case 5:
      return json("Envoy in JSON", JSON.stringify(envoyFilter(config), null, 1));
    case 6:
      if (isObject(config)) return inYaml("EnvoyFilter with a Struct", yaml(istioFilter(config)), sortedKeys(config));
      return inYaml("plain YAML", yaml(config));
    default: {
      const text = spoiled(JSON.stringify(config, null, 2), index);
      return { ...json("spoiled JSON", text), config: text, value: undefined };
    }
  }
}

/** JSON with one piece cut out or one character put in: often none any more. */
function spoiled(text: string, index: number): string {
  const random = (bound: number) => ((index * 2654435761) >>> 7) % Math.max(bound, 1);
  const at = random(text.length);
  const piece = ["", '"', "{", ",", ":", "]", "\\", "0", "\t", "é", "}", "\u0001"][(index >> 3) % 12];
  const end = piece === "" ? at + 1 + (index % 3) : at;
  return index % 24 === 7 ? text.slice(0, at) : text.slice(0, at) + piece + text.slice(end);
}

/** True when the last key of the pointer stands where the finding is, quoted or not. */
function standsThere({ line, column, pointer }: Finding, text: string): boolean {
  const key = pointer.split("/").at(-1) ?? "";
  if (!/^[A-Za-z_]\w*$/.test(key)) return true;
  const lines = text.split("\n");
  // A long line in quotes of YAML is folded anywhere, also within a name.
  const rest = [lines[line - 1].slice(column - 1), ...lines.slice(line, line + 3)].join("\n").replace(/\\\n\s*/g, "");
  const there = rest.replace(/^\\?["']|^["']|^\? /, "");
  return there.startsWith(CONDITIONS[key] ?? key) || there.startsWith(key);
}

describe("check and the plugin agree", () => {
  const all: (Written & { starts: boolean; findings: Finding[] })[] = [];

  beforeAll(() => {
    // Too rare a meeting of fields for chance alone; often enough that every kind of file has it.
    const context = { fileUrl: "http://files.example/a.txt", serviceName: "files", servicePort: 80 };
    const both: Json = { type: "qwen", apiTokens: ["k"], qwenFileIds: ["file-1"], context };
    const pro: Json = { type: "minimax", apiTokens: ["k"], minimaxApiType: "pro" };
    const express: Json = { type: "vertex", apiTokens: ["k"], vertexOpenAICompatible: true };
    const unhealthy: Json = { type: "openai", apiTokens: ["k"], failover: { enabled: true } };
    const rare = [both, pro, express, unhealthy].flatMap((provider) => Array<Json>(16).fill(provider));
    const simple = [...barelyValid(), ...rare].map((provider): Json => ({ provider }));
    const random = fc.sample(configuration(), { seed: SEED, numRuns: RUNS - simple.length });
    const configs = [...simple, ...random].map(withReferences);
    inFolder((_folder, write) => {
      const values = write(
        ".env",
        Object.entries(VARIABLES)
          .map(([name, value]) => `${name}='${value}'\n`)
          .join(""),
      );
      const written = configs.map((config, index): Written => {
        const { name, ...rest } = writtenAs(config, index);
        return { ...rest, file: write(name, rest.text) };
      });
      for (let at = 0; at < written.length; at += 1000) {
        const some = written.slice(at, at + 1000);
        const { files } = json<{ files: { plugins: { starts: boolean }[]; findings: Finding[] }[] }>(
          run(["check", "--env-file", values, "--format", "json", ...some.map((one) => one.file)]),
        );
        some.forEach((one, index) => all.push({ ...one, starts: files[index].plugins[0]?.starts, findings: files[index].findings }));
      }
    });
  }, 1_200_000);

  it(`on ${RUNS} random configurations in eight kinds of files, and finds the place of each message`, async () => {
    const counts = { good: 0, refused: 0, notJson: 0, strange: 0 };
    const host = await loadPlugin({ environment: VARIABLES });
    for (const one of all) {
      const { form, text, config, starts, findings } = one;
      const wanted = verdictOf(host, config);
      if (starts === undefined) {
        // What cannot be meant as a configuration never gets to the plugin, which would do nothing with it.
        expect({ form, text, idle: wanted.lines.every(isOfNothing), said: findings.length }).toEqual({ form, text, idle: true, said: 1 });
        counts.strange++;
        continue;
      }
      if (wanted.lines.every(isOfNothing)) counts.good++;
      if (!wanted.starts) counts.refused++;
      if (wanted.lines.some((line) => line.includes("is not valid JSON"))) counts.notJson++;
      const lines = findings.filter(({ from }) => from === "plugin").map((finding) => lineOf(finding, wanted.lines, one));
      if (config.includes("${ARB_UNSET}")) {
        // With a stand-in the plugin gets further, and can have other things to say.
        const unset = (some: string[]) => some.filter((line) => line.includes('"ARB_UNSET" is not set')).sort();
        expect({ form, text, unset: unset(lines) }).toEqual({ form, text, unset: unset(wanted.lines) });
        if (wanted.starts) expect({ form, text, starts }).toMatchObject({ starts: true });
      } else expect({ form, text, starts, lines: lines.sort() }).toEqual({ form, text, starts: wanted.starts, lines: wanted.lines.sort() });
      expect(findings.filter((one) => one.from === "check" && one.severity === "error")).toEqual([]);
      const lost = findings.find((finding) => finding.from === "plugin" && !standsThere(finding, text));
      expect({ form, text, lost }).toEqual({ form, text, lost: undefined });
    }
    expect(all).toHaveLength(RUNS);
    // Configurations of only one kind would prove nothing.
    expect(counts.strange).toBeLessThan(RUNS * 0.01);
    expect(counts.good).toBeGreaterThan(RUNS * 0.1);
    expect(counts.refused).toBeGreaterThan(RUNS * 0.1);
    expect(counts.notJson).toBeGreaterThan(RUNS * 0.04);
    expect(host.violations).toEqual([]);
    expect(host.traps).toEqual([]);
  }, 1_200_000);

  it("on configurations that use every field of the schema, and make nearly every message", () => {
    const used = new Set<string>();
    for (const { value } of all) for (const field of fieldsIn(value, "root")) used.add(field);
    const known = model.tables.flatMap((table) => table.fields.map((field) => `${table.name}.${field.key}`));
    expect(known.filter((field) => !used.has(field))).toEqual([]);
    const kinds = new Set(all.flatMap(({ findings }) => findings.map(({ message }) => kindOf(message))));
    const unsaid = model.conditions.map((one) => kindOf(one.message)).filter((kind) => !kinds.has(kind));
    expect(unsaid).toEqual([]);
  });
});

/** True for what the plugin says of a configuration that has nothing that it knows. */
function isOfNothing(line: string): boolean {
  return /configuration: (?:configuration: no provider is chosen|configuration: is empty|\/[^/]*: unknown key)/.test(line);
}

/** `table.key` of each field that a configuration gives. */
function fieldsIn(value: Json | undefined, table: string): string[] {
  if (!isObject(value)) return [];
  return model.tables
    .find((one) => one.name === table)!
    .fields.filter((field) => value[field.key] !== undefined)
    .flatMap((field) => {
      const inner = value[field.key];
      const objects = field.table === undefined ? [] : Array.isArray(inner) ? inner : [inner];
      return [`${table}.${field.key}`, ...objects.flatMap((one) => fieldsIn(one, field.table!))];
    });
}

/** A message without the names and numbers in it. */
function kindOf(message: string): string {
  return message.replace(/"[^"]*"/g, '""').replace(/\d+/g, "0");
}
