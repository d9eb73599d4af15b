// The kustomize bases without kustomize, which `npm run release:lint` builds and asks: their resources are valid, and the keys that the
// configuration names are those that the gateway reads and the README writes into the Secret.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { documents, errorsOf } from "./resources";

const FOLDER = join(ROOT, "deploy/kustomize");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const readme = read("deploy/kustomize/README.md");
const bases = readdirSync(FOLDER).filter((name) => !name.includes("."));
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(read("schema/config.schema.json")));

/** The plugin's configuration in a resource, and the variables that the VM gets. */
function pluginOf(object: any): { config: any; variables: string[] } {
  if (object.kind === "WasmPlugin")
    return { config: object.spec.defaultConfig, variables: object.spec.vmConfig.env.map(({ name }: { name: string }) => name) };
  const { config } = object.spec.configPatches[0].patch.value.typed_config;
  return { config: JSON.parse(config.configuration.value), variables: config.vm_config.environment_variables.host_env_keys };
}

describe.each(bases)("deploy/kustomize/%s", (base) => {
  const kustomization = parse(readFileSync(join(FOLDER, base, "kustomization.yaml"), "utf8"));
  const resources = kustomization.resources.flatMap((name: string) => documents(readFileSync(join(FOLDER, base, name), "utf8"), name));

  it("has valid resources in its namespace", () => {
    expect(resources).toHaveLength(1);
    for (const { object } of resources) {
      expect(errorsOf(object)).toEqual([]);
      expect(object.metadata.namespace).toBe(kustomization.namespace);
    }
  });

  it("names the keys that the gateway gets, and holds none", () => {
    const { config, variables } = pluginOf(resources[0].object);
    validate(config);
    expect(validate.errors ?? []).toEqual([]);
    const tokens: string[] = config.providers.flatMap((provider: any) => provider.apiTokens);
    expect(tokens.map((token) => /^\$\{(\w+)\}$/.exec(token)?.[1]).sort()).toEqual([...variables].sort());
    for (const name of variables) expect(readme).toContain(name);
    expect(kustomization.secretGenerator).toEqual([{ name: "ai-proxy-keys", envs: ["keys.env"] }]);
    expect(existsSync(join(FOLDER, base, "keys.env"))).toBe(false);
    expect(read(".gitignore")).toContain("deploy/kustomize/*/keys.env");
  });
});

it("the bases are two, and Istio's is deploy/istio/oci.yaml but for its keys", () => {
  expect(bases.sort()).toEqual(["higress", "istio"]);
  const plain = parse(read("deploy/istio/oci.yaml"));
  const ours = parse(read("deploy/kustomize/istio/envoyfilter.yaml"));
  for (const object of [plain, ours]) {
    const { config } = object.spec.configPatches[0].patch.value.typed_config;
    delete config.vm_config.environment_variables;
    config.configuration.value = JSON.parse(config.configuration.value.replace(/"(?:sk-[\w-]*|\$\{\w+\})"/g, '"key"'));
  }
  expect(ours).toEqual(plain);
});
