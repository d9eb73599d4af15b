// The settings around the plugin that bite: `check` says what happens without each and what to write, in each kind of resource; with it
// nothing is said.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ROOT, json, run } from "./run";
import { envoyConfig } from "../../tools/envoy-config.mjs";

const GOOD = { provider: { type: "openai", apiTokens: ["k"] } };
const said = (object: object): string[] =>
  json<any>(run(["check", "--format", "json", "-"], stringify(object)))
    .files[0].findings.filter((one: any) => one.severity !== "note")
    .map((one: any) => one.message);

const managerOf = (config: any) => config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
const pluginOf = (config: any) => managerOf(config).http_filters.find((one: any) => one.name === "ai-proxy").typed_config.config;
const changed = (change: (config: any) => void): string[] => {
  const config = parse(envoyConfig());
  change(config);
  return said(config);
};

describe("a bootstrap", () => {
  it.each<[string, (config: any) => void, RegExp]>([
    ["header stop", (one) => delete pluginOf(one).allow_on_headers_stop_iteration, /hang.*write it beside/],
    [
      "buffer limit",
      (one) => delete one.static_resources.listeners[0].per_connection_buffer_limit_bytes,
      /413; write per_connection_buffer_limit_bytes: 67108864/,
    ],
    ["a small buffer limit", (one) => (one.static_resources.listeners[0].per_connection_buffer_limit_bytes = 32768), /get 413/],
    ["failure policy", (one) => delete pluginOf(one).failure_policy, /after a trap .* 503 .*; write it/],
    ["an open failure policy", (one) => (pluginOf(one).failure_policy = "FAIL_OPEN"), /without the provider's key.*; write FAIL_RELOAD/],
    ["fail_open", (one) => (pluginOf(one).fail_open = true), /without the provider's key.*; write failure_policy: FAIL_RELOAD/],
    [
      "route timeout",
      (one) => delete managerOf(one).route_config.virtual_hosts[0].routes[0].route.timeout,
      /cuts a response .* write timeout: 0s/,
    ],
    ["a short route timeout", (one) => (managerOf(one).route_config.virtual_hosts[0].routes[0].route.timeout = "60s"), /write timeout: 0s/],
    ["stats_tags", (one) => delete one.stats_config, /stay in the metrics' names; write those of/],
    ["access log", (one) => delete managerOf(one).access_log, /written nowhere; write ai_log/],
    [
      "PLAIN",
      (one) => (managerOf(one).access_log[0].typed_config.log_format.json_format.ai_log = "%FILTER_STATE(wasm.ai_log)%"),
      /base64; write/,
    ],
  ])("without %s gets one warning", (_what, change, message) => {
    expect(changed(change)).toEqual([expect.stringMatching(message)]);
  });

  it("needs no header stop when headers go ahead", () => {
    const message = changed((one) => {
      delete pluginOf(one).allow_on_headers_stop_iteration;
      pluginOf(one).configuration.value = JSON.stringify({ ...GOOD, requestHeaders: "continue" });
    });
    expect(message).toEqual([]);
  });
});

it("an EnvoyFilter wants the listener's limit in a patch", () => {
  const filter = parse(readFileSync(join(ROOT, "deploy/istio.yaml"), "utf8"));
  expect(said(filter)).toEqual([]);
  filter.spec.configPatches.pop();
  expect(said(filter)).toEqual([expect.stringMatching(/413; write .*, in a patch of the LISTENER/)]);
});

const policy = (config: object, more: object = {}) => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "EnvoyExtensionPolicy",
  metadata: { name: "x" },
  spec: { wasm: [{ name: "a", config, ...more }] },
});
const plugin = (group: string, spec: object) => ({
  apiVersion: `extensions.${group}/v1alpha1`,
  kind: "WasmPlugin",
  metadata: { name: "x" },
  spec,
});
const AHEAD = { ...GOOD, requestHeaders: "continue" };

it.each<[string, object, RegExp[]]>([
  ["an EnvoyExtensionPolicy hangs", policy(GOOD), [/hang.*EnvoyPatchPolicy/]],
  ["an EnvoyExtensionPolicy with headers ahead", policy(AHEAD), []],
  ["an EnvoyExtensionPolicy that fails open", policy(AHEAD, { failOpen: true }), [/failOpen: true.*write false/]],
  ["Istio's WasmPlugin hangs", plugin("istio.io", { pluginConfig: GOOD }), [/hang.*EnvoyFilter/]],
  ["Istio's WasmPlugin with headers ahead", plugin("istio.io", { pluginConfig: AHEAD }), []],
  ["Higress's WasmPlugin", plugin("higress.io", { defaultConfig: GOOD }), []],
  ["Higress's WasmPlugin that fails open", plugin("higress.io", { failStrategy: "FAIL_OPEN", defaultConfig: GOOD }), [/write FAIL_CLOSE/]],
])("%s", (_what, resource, messages) => {
  expect(said(resource)).toEqual(messages.map((message) => expect.stringMatching(message)));
});

it("the examples of deploy/envoy have the tags and buckets of envoy.yaml", () => {
  const ours = parse(envoyConfig()).stats_config;
  const files = readdirSync(join(ROOT, "deploy/envoy")).filter(
    (name) => name.endsWith(".yaml") && !["envoy.yaml", "openai.yaml"].includes(name),
  );
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) expect(parse(readFileSync(join(ROOT, "deploy/envoy", file), "utf8")).stats_config, file).toEqual(ours);
});
