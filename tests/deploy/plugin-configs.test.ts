// Every plugin configuration that deploy/ and wasmplugin.yaml show, against the schema of the configuration.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(read("schema/config.schema.json")));
const higress = parse(read("wasmplugin.yaml")).spec;
const textOf = (filter: any): object => JSON.parse(filter.typed_config.config.configuration.value);
const managerOf = (config: any) => config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
const envoyFilter = managerOf(parse(envoyConfig())).http_filters.find((filter: any) => filter.name === "ai-proxy");
const gatewaysFilter = managerOf(parse(read("deploy/envoy/ratelimit.yaml"))).http_filters[0];
const tracesFilter = managerOf(parse(read("deploy/envoy/tracing.yaml"))).http_filters[0];
const istioFilter = parse(read("deploy/istio.yaml")).spec.configPatches[0].patch.value;

const configs: [string, object][] = [
  ["deploy/envoy/envoy.yaml", textOf(envoyFilter)],
  ["deploy/envoy/ratelimit.yaml", textOf(gatewaysFilter)],
  ["deploy/envoy/tracing.yaml", textOf(tracesFilter)],
  ["deploy/istio.yaml", textOf(istioFilter)],
  ["wasmplugin.yaml defaultConfig", higress.defaultConfig],
  ...higress.matchRules.map((rule: any, index: number): [string, object] => [`wasmplugin.yaml matchRules[${index}]`, rule.config]),
];

it.each(configs)("%s is a valid configuration", (_name, config) => {
  validate(config);
  expect(validate.errors ?? []).toEqual([]);
});

it("a wrong one is refused, so the tests above judge", () => {
  expect(validate({ provider: { type: 1 } })).toBe(false);
});
