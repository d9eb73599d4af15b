// The resources for routing by model: what routes match is what the plugin writes, and its `cluster` is the one that they lead to.
import { describe, expect, it } from "vitest";
import { RESOURCES, higressConfig, wasmOf } from "./resources";

const byFile = (path: string) => RESOURCES.filter(({ where }) => where.startsWith(`${path}#`)).map(({ object }) => object);
const ofKind = (path: string, kind: string) => byFile(path).filter((one) => one.kind === kind);
const HEADERS = ["x-ai-proxy-provider", "x-ai-proxy-cluster"];

/** Provider to cluster, by the configuration of the plugin in the EnvoyFilter. */
function chosen(path: string): Record<string, string> {
  const config = JSON.parse(wasmOf(ofKind(path, "EnvoyFilter")[0]).typed_config.config.configuration.value);
  expect(config._rules_.map((rule: any) => rule.activeProviderId)).toEqual(config.providers.map((one: any) => one.id));
  return Object.fromEntries(config.providers.map((one: any) => [one.id, one.cluster]));
}

describe("deploy/istio/routing.yaml", () => {
  it("has a route for each provider, to the service that the plugin expects", () => {
    const path = "deploy/istio/routing.yaml";
    const [{ spec }] = ofKind(path, "VirtualService");
    const routes = spec.http.map((one: any) => [one.match[0].headers["x-ai-proxy-provider"].exact, one.route[0].destination.host]);
    expect(Object.fromEntries(routes)).toEqual(chosen(path));
    for (const one of spec.http) expect(one.headers.request.remove).toEqual(HEADERS);
    // Envoy picks the route again by the provider's host.
    expect(spec.hosts).toEqual(expect.arrayContaining(Object.values(chosen(path))));
    expect(ofKind(path, "Gateway")[0].spec.servers[0].hosts).toEqual(spec.hosts);
    expect(ofKind(path, "ServiceEntry").flatMap((one) => one.spec.hosts)).toEqual(Object.values(chosen(path)));
  });
});

describe("deploy/gateway-api/routing.yaml", () => {
  it("has a rule for each provider, to the host that the plugin expects", () => {
    const path = "deploy/gateway-api/routing.yaml";
    const [{ spec }] = ofKind(path, "HTTPRoute");
    const rules = spec.rules.map((one: any) => [one.matches[0].headers[0].value, one.backendRefs[0].name]);
    expect(Object.fromEntries(rules)).toEqual(chosen(path));
    for (const one of spec.rules) {
      expect(one.matches[0].headers[0].name).toBe(HEADERS[0]);
      expect(one.filters[0].requestHeaderModifier.remove).toEqual(HEADERS);
    }
    expect(spec.hostnames).toBeUndefined();
    expect(spec.parentRefs[0].name).toBe(ofKind(path, "Gateway")[0].metadata.name);
  });
});

describe("deploy/higress/routing.yaml", () => {
  it("has an Ingress for each name that the first instance writes, and a rule of the second for each Ingress", () => {
    const path = "deploy/higress/routing.yaml";
    const [router, proxy] = ofKind(path, "WasmPlugin").map((one) => ({ ...one.spec, config: higressConfig(one.spec) }));
    const ingresses = ofKind(path, "Ingress");
    const header = `higress.io/exact-match-header-${router.config.providerHeader}`;
    const names = ingresses.map((one) => one.metadata.annotations[header]);
    expect(router.config._rules_.map((rule: any) => rule.cluster)).toEqual(names);
    expect(router.phase).toBe("AUTHN");
    expect(router.config.providers).toBeUndefined();
    expect(proxy.config._rules_.map((rule: any) => [rule._match_route_[0], rule.activeProviderId])).toEqual(
      ingresses.map((one, index) => [`${one.metadata.namespace}/${one.metadata.name}`, names[index]]),
    );
  });
});
