// Routing by model on the command line: `explain` says which rule, side and cluster, `check` whether Envoy's routes lead there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { inFolder, json, run } from "./run";

const CONFIG = {
  providers: [
    { id: "openai", cluster: "openai", type: "openai", apiTokens: ["sk-1"] },
    { id: "claude", cluster: "claude", type: "claude", apiTokens: ["sk-2"] },
  ],
  _rules_: [
    {
      _match_model_: ["gpt-4o*"],
      split: [
        { name: "stable", activeProviderId: "openai", weight: 0 },
        { name: "canary", activeProviderId: "claude", model: "claude-x" },
      ],
    },
    { _match_model_: ["claude-*"], activeProviderId: "claude" },
    { _match_model_: ["tier"], cluster: "tier-a" },
  ],
};

function explained(model: string, config: object = CONFIG): any {
  return inFolder((_folder, write) => {
    const request = JSON.stringify({ messages: [{ role: "user", content: "Hi" }], model, max_tokens: 5 });
    const files = [write("config.json", JSON.stringify(config)), write("request.json", request)];
    return { ...json<any>(run(["explain", "--format", "json", ...files])), text: run(["explain", ...files]).stdout };
  });
}

describe("explain", () => {
  it("says the rule, the side of its split, and the cluster", () => {
    const one = explained("gpt-4o-mini");
    expect(one).toMatchObject({
      ...{ rule: { number: 1 }, provider: { type: "claude", id: "claude" }, split: "canary", cluster: "claude" },
      ...{ model: { requested: "gpt-4o-mini", sent: "claude-x" }, upstream: { host: "api.anthropic.com" } },
    });
    expect(one.text).toContain("split     canary\ncluster   claude\n");
  });

  it("says where a rule without a provider leads", () => {
    const one = explained("tier");
    expect(one).toMatchObject({ rule: { number: 3 }, provider: { type: "none", id: "" }, cluster: "tier-a" });
    expect(one.split).toBeUndefined();
  });

  it("says that no rule takes a model", () => {
    const one = explained("gpt4");
    expect([one.rule, one.localResponse.status]).toEqual([null, 404]);
    expect(one.localResponse.body).toContain("model_not_found");
  });

  it("of providers without a cluster shows the request that an upstream filter would send", () => {
    const providers = CONFIG.providers.map(({ cluster: _cluster, ...one }) => one);
    expect(explained("claude-x", { ...CONFIG, providers })).toMatchObject({ rule: { number: 2 }, upstream: { host: "api.anthropic.com" } });
  });
});

/** Warnings about routes of a file of deploy/envoy, changed. */
function warnings(file: string, change: (text: string) => string = (text) => text): string[] {
  const text = change(readFileSync(join(ROOT, "deploy/envoy", file), "utf8"));
  return inFolder((_folder, write) => {
    const report = json<any>(run(["check", "--format", "json", write("envoy.yaml", text)]));
    return report.files[0].findings.filter((one: any) => one.severity !== "note").map((one: any) => one.message);
  });
}

describe("check on a bootstrap", () => {
  it.each(["routing.yaml", "routing-fallback.yaml"])("%s is good", (file) => {
    expect(warnings(file)).toEqual([]);
  });

  it("a route that leads to one provider's cluster: the others' models are named", () => {
    const found = warnings("routing.yaml", (text) => text.replace("cluster_header: x-ai-proxy-cluster", "cluster: openai"));
    expect(
      found.map((one) => /the model (\S+) .* cluster (\w+), for which Envoy picks the route "by-model" to openai/.exec(one)?.slice(1)),
    ).toEqual([
      ["claude-x", "claude"],
      ["gemini-x", "gemini"],
      ["amazon.x", "bedrock"],
    ]);
  });

  it("providers that name no cluster: what to do is said", () => {
    const found = warnings("routing.yaml", (text) => text.replace(/"cluster": "[a-z]*", /g, ""));
    expect(found.length).toBe(4);
    for (const one of found) expect(one).toContain('name the provider\'s cluster ("cluster")');
  });

  it("virtual hosts that are named for the providers' hosts are good, too", () => {
    const vhost = (host: string, cluster: string) =>
      `                    - { name: ${host}, domains: [${host}], routes: [{ name: ${cluster}, match: { prefix: / }, route: { cluster: ${cluster}, timeout: 0s } }] }\n`;
    const hosts =
      vhost("api.openai.com", "openai") +
      vhost("api.anthropic.com", "claude") +
      vhost("generativelanguage.googleapis.com", "gemini") +
      vhost("bedrock-runtime.us-east-1.amazonaws.com", "bedrock");
    const change = (text: string) =>
      text
        .replace(/"cluster": "[a-z]*", /g, "")
        .replace("cluster_header: x-ai-proxy-cluster", "cluster: openai")
        .replace("                http_filters:\n", `${hosts}                http_filters:\n`);
    expect(warnings("routing.yaml", change)).toEqual([]);
  });

  it("a name that no route takes", () => {
    const found = warnings("routing-fallback.yaml", (text) => text.replace("exact: claude-first", "exact: nobody"));
    expect(found).toEqual([
      expect.stringMatching(/claude-x .* for the cluster claude-first, for which Envoy finds no route, so the client gets 404/),
    ]);
  });
});
