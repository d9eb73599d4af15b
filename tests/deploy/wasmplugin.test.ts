// The reference WasmPlugin for Higress, against the fields that its CRD has.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const plugin = parse(read("wasmplugin.yaml"));
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(read("tests/deploy/wasmplugin.schema.json")));

/** What ajv says about the plugin after one change. */
function errorsAfter(change: (spec: any) => void): string[] {
  const copy = structuredClone(plugin);
  change(copy.spec);
  validate(copy);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`);
}

describe("wasmplugin.yaml", () => {
  it("has only fields of the CRD, with allowed values", () => {
    expect(errorsAfter(() => {})).toEqual([]);
  });

  it("stands where Higress' own plugin stands, and fails closed", () => {
    expect(plugin.spec).toMatchObject({ phase: "UNSPECIFIED_PHASE", priority: 100, failStrategy: "FAIL_CLOSE" });
  });

  it("activates only providers of its catalogue, and each of them", () => {
    const known = plugin.spec.defaultConfig.providers.map((provider: any) => provider.id);
    const used = plugin.spec.matchRules.map((rule: any) => rule.config.activeProviderId);
    expect(new Set(used)).toEqual(new Set(known));
    expect(new Set(known).size).toBe(known.length);
  });

  it("carries the version of package.json and no real key", () => {
    expect(plugin.spec.url).toMatch(new RegExp(`:${JSON.parse(read("package.json")).version.replaceAll(".", "\\.")}$`));
    for (const provider of plugin.spec.defaultConfig.providers) expect(provider.apiTokens.join()).toContain("replace-me");
  });
});

describe("the schema", () => {
  it.each([
    ["a misspelt key", (spec: any) => (spec.matchRule = []), "/spec additionalProperties"],
    ["a wrong enum value", (spec: any) => (spec.failStrategy = "FAIL_CLOSED"), "/spec/failStrategy enum"],
    ["a wrong type", (spec: any) => (spec.priority = "100"), "/spec/priority type"],
    ["a rule that matches nothing", (spec: any) => (spec.matchRules[0] = { config: {} }), "/spec/matchRules/0 anyOf"],
    ["a missing url", (spec: any) => delete spec.url, "/spec required"],
  ])("refuses %s", (_name, change, error) => {
    expect(errorsAfter(change)).toContain(error);
  });
});
