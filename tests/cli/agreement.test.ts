// `check` and the plugin say the same of random configurations, whatever file they stand in, and at the right place.
// 2,000 of them; CHECK_RUNS=10000 for more.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadPlugin } from "../host/module";
import { configuration, type Json } from "../unit/config-arbitrary";
import { inFolder, json, run } from "./run";

const RUNS = Number(process.env.CHECK_RUNS ?? 2000);
const SEED = 20261124;

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
  config: Json;
}

/** What the plugin itself says, in the words of its log. */
async function verdictOf(config: string): Promise<{ starts: boolean; lines: string[] }> {
  const plugin = (await loadPlugin()).configure(config);
  return { starts: plugin.ok, lines: plugin.logs.map(({ level, text }) => `${level}: ${text}`) };
}

/** A finding as the log line that it came from. */
function lineOf({ severity, message, pointer }: Finding): string {
  return `${severity === "error" ? "error" : "warn"}: ai-proxy configuration: ${pointer === "" ? "configuration" : pointer}: ${message}`;
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

/** A file for a configuration, of one kind after the other. */
function writtenAs(config: Json, index: number): Omit<Written, "file"> & { name: string } {
  switch (index % 6) {
    case 0:
      return { form: "plain JSON", name: `${index}.json`, text: JSON.stringify(config), config };
    case 1:
      return { form: "plain JSON over lines", name: `${index}.json`, text: JSON.stringify(config, null, 2), config };
    case 2:
      return { form: "plain YAML", name: `${index}.yaml`, text: yaml(config), config };
    case 3:
      return { form: "WasmPlugin", name: `${index}.yaml`, text: yaml(wasmPlugin(config)), config: sortedKeys(config) };
    case 4:
      return { form: "Envoy in YAML", name: `${index}.yaml`, text: yaml(envoyFilter(config), 40), config };
    default:
      return { form: "Envoy in JSON", name: `${index}.json`, text: JSON.stringify(envoyFilter(config), null, 1), config };
  }
}

/** True when the last key of the pointer stands where the finding is, quoted or not. */
function standsThere({ line, column, pointer }: Finding, text: string): boolean {
  const key = pointer.split("/").at(-1) ?? "";
  if (!/^[A-Za-z_]\w*$/.test(key)) return true;
  const there = text
    .split("\n")
    [line - 1].slice(column - 1)
    .replace(/^\\?["']|^["']|^\? /, "");
  return there.startsWith(CONDITIONS[key] ?? key) || there.startsWith(key);
}

describe("check and the plugin agree", () => {
  const all: (Written & { starts: boolean; findings: Finding[] })[] = [];

  beforeAll(() => {
    const configs = fc.sample(configuration(), { seed: SEED, numRuns: RUNS });
    inFolder((_folder, write) => {
      const written = configs.map((config, index): Written => {
        const { name, ...rest } = writtenAs(config, index);
        return { ...rest, file: write(name, rest.text) };
      });
      for (let at = 0; at < written.length; at += 1000) {
        const some = written.slice(at, at + 1000);
        const { files } = json<{ files: { plugins: { starts: boolean }[]; findings: Finding[] }[] }>(
          run(["check", "--format", "json", ...some.map((one) => one.file)]),
        );
        some.forEach((one, index) => all.push({ ...one, starts: files[index].plugins[0]?.starts, findings: files[index].findings }));
      }
    });
  }, 600_000);

  it(`on ${RUNS} random configurations in six kinds of files, and finds the place of each message`, async () => {
    let good = 0;
    for (const { form, text, config, starts, findings } of all) {
      const wanted = await verdictOf(JSON.stringify(config));
      if (wanted.lines.length === 0) good++;
      const lines = findings.filter((one) => one.from === "plugin").map(lineOf);
      expect({ form, text, starts, lines: lines.sort() }).toEqual({ form, text, starts: wanted.starts, lines: wanted.lines.sort() });
      expect(findings.filter((one) => one.from === "check" && one.severity === "error")).toEqual([]);
      for (const finding of findings) expect({ form, text, finding, found: standsThere(finding, text) }).toMatchObject({ found: true });
    }
    expect(all).toHaveLength(RUNS);
    // Configurations of only one kind would prove nothing.
    expect(good).toBeGreaterThan(RUNS * 0.1);
    expect(good).toBeLessThan(RUNS * 0.9);
  }, 600_000);
});
