// The guides: what they show is what deploy/ has or what Envoy takes, and what they promise happens in a real Envoy.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { documents, errorsOf, yamlBlocks } from "./resources";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const resourcesIn = (page: string) =>
  yamlBlocks(read(page))
    .flatMap((block) => documents(block, page))
    .map(({ object }) => object)
    .filter((object) => object?.kind);
const nameOf = ({ kind, metadata }: any) => `${kind} ${metadata.name}`;

describe("docs/envoy-gateway.md", () => {
  const shown = resourcesIn("docs/envoy-gateway.md");
  const whole = ["openai", "header-stop"].flatMap((name) => {
    const path = `deploy/envoy-gateway/${name}.yaml`;
    return documents(read(path), path).map(({ object }) => object);
  });

  it("shows resources that fit their schemas", () => {
    expect(shown.length).toBeGreaterThan(5);
    for (const object of shown) expect(errorsOf(object), nameOf(object)).toEqual([]);
  });

  it("shows those of deploy/envoy-gateway step by step, and leaves none out but the Gateway", () => {
    const own = (object: any) => object.kind !== "EnvoyProxy";
    const names = (objects: any[]) => objects.map(nameOf).sort();
    expect(names(shown.filter(own))).toEqual(names(whole.filter(({ kind }) => kind !== "Gateway")));
    for (const object of shown.filter(own)) expect(whole).toContainEqual(object);
  });

  it("patches the filter and the listener that Envoy Gateway makes of the policy and the Gateway", () => {
    const find = (kind: string) => whole.find((object) => object.kind === kind);
    const { namespace, name } = find("EnvoyExtensionPolicy").metadata;
    const gateway = find("Gateway");
    for (const { name: listener, operation } of find("EnvoyPatchPolicy").spec.jsonPatches) {
      expect(listener).toBe(`${gateway.metadata.namespace}/${gateway.metadata.name}/${gateway.spec.listeners[0].name}`);
      expect(operation.jsonPath).toContain(`'envoy.filters.http.wasm/envoyextensionpolicy/${namespace}/${name}/wasm/0'`);
    }
  });

  it("gives the route the host that the plugin writes", () => {
    const [route] = shown.filter(({ kind }) => kind === "HTTPRoute");
    const [backend] = shown.filter(({ kind }) => kind === "Backend");
    expect(route.spec.hostnames).toContain(backend.spec.endpoints[0].fqdn.hostname);
  });
});
