// The resources that operators copy: closed schemas, references between them, and each plugin configuration loaded by a real
// Envoy with our wasm, whose rules must then choose what the files' comments say.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import { ROOT, envoyPath } from "../../tools/envoy-path.mjs";
import { Lab, startLab, validateConfig } from "../envoy/lab";
import { RESOURCES, closedObjects, errorsOf, higressConfig, pluginConfigs } from "./resources";
import { PLUGIN_PATH } from "../../emulator/module";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const byFile = (path: string) => RESOURCES.filter(({ where }) => where.startsWith(`${path}#`)).map(({ object }) => object);
const ofKind = (kind: string) => RESOURCES.map(({ object }) => object).filter((object) => object.kind === kind);
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-resources-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("every resource", () => {
  it.each(RESOURCES.map(({ where, object }): [string, any] => [where, object]))(
    "%s has only known fields, with allowed values",
    (_where, object) => {
      expect(errorsOf(object)).toEqual([]);
    },
  );

  it.each(RESOURCES.map(({ where, object }): [string, any] => [where, object]))(
    "%s is refused with an unknown key, at every level",
    (_where, object) => {
      const paths = closedObjects(object.kind, object);
      expect(paths.length).toBeGreaterThan(2);
      for (const path of paths) {
        const copy = structuredClone(object);
        const keys = path.split("/").slice(1);
        const target = keys.reduce((value: any, key) => value[key.replaceAll("~1", "/")], copy);
        target.noSuchKey = "x";
        expect(errorsOf(copy), path || "the root").toContain(`${path} additionalProperties`);
      }
    },
  );
});

describe("every plugin configuration", () => {
  it.each(pluginConfigs())("%s is taken by Envoy with our wasm, without a complaint", (_where, config) => {
    const { isAccepted, log } = validateConfig(config, PLUGIN_PATH);
    expect(log).not.toContain("ai-proxy configuration:");
    expect(isAccepted).toBe(true);
  });

  it("is judged: a misspelt key is complained about and an unknown provider refused", () => {
    const [config] = byFile("wasmplugin.yaml").map((object) => higressConfig(object.spec));
    const misspelt = { ...config, providers: config.providers.map((provider: any) => ({ ...provider, apiToken: ["x"] })) };
    expect(validateConfig(misspelt, PLUGIN_PATH).log).toMatch(/ai-proxy configuration:.*apiToken/);
    expect(validateConfig({ ...config, activeProviderId: "nobody" }, PLUGIN_PATH).isAccepted).toBe(false);
  });
});

describe("the Higress files", () => {
  const registries = byFile("deploy/higress/mcpbridge.yaml")[0].spec.registries;
  const services = registries.map((registry: any) => `${registry.name}.${registry.type}`);
  const ingresses = ofKind("Ingress");
  const rules = byFile("wasmplugin.yaml")[0].spec.matchRules;

  it("route only to services of the McpBridge", () => {
    for (const ingress of ingresses) {
      const [name, port] = ingress.metadata.annotations["higress.io/destination"].split(":");
      expect(services).toContain(name);
      expect(registries[services.indexOf(name)].port).toBe(Number(port));
    }
  });

  it("have rules for services, routes and hosts that exist, and use all three kinds of condition", () => {
    const names = ingresses.map((ingress: any) => `${ingress.metadata.namespace}/${ingress.metadata.name}`);
    const hosts = ingresses.flatMap((ingress: any) => ingress.spec.rules.map((rule: any) => rule.host));
    expect(services).toEqual(expect.arrayContaining(rules.flatMap((rule: any) => rule.service ?? [])));
    expect(names).toEqual(expect.arrayContaining(rules.flatMap((rule: any) => rule.ingress ?? [])));
    expect(hosts).toEqual(
      expect.arrayContaining(rules.flatMap((rule: any) => rule.domain ?? []).filter((one: string) => !one.includes("*"))),
    );
    for (const kind of ["service", "ingress", "domain"]) expect(rules.some((rule: any) => rule[kind])).toBe(true);
  });

  it("have canaries that share host and path with the route they belong to", () => {
    const base = byFile("deploy/higress/ingress-openai.yaml")[0].spec.rules;
    const canaries = ingresses.filter((ingress: any) => ingress.metadata.annotations["higress.io/canary"] === "true");
    expect(canaries).toHaveLength(3);
    for (const canary of canaries) expect(canary.spec.rules).toEqual(base);
  });

  it("name TLS hosts that the plugin puts into :authority", () => {
    for (const registry of registries) expect([registry.domain, registry.protocol]).toEqual([registry.sni, "https"]);
  });
});

describe("wasmplugin.yaml in Envoy", () => {
  let lab: Lab;
  const plugin = () => higressConfig(byFile("wasmplugin.yaml")[0].spec);
  const next = () => higressConfig(byFile("deploy/higress/wasmplugin-rollout.yaml")[0].spec);
  // What the rollout file tells operators to put first into the old resource, read from its own words.
  const offRules = () => {
    const lines = read("deploy/higress/wasmplugin-rollout.yaml").split("\n");
    return parse(
      lines
        .filter((line) => line.startsWith("#   - "))
        .map((line) => line.slice(4))
        .join("\n"),
    );
  };
  const withRoutesOff = () => {
    const { spec } = structuredClone(byFile("wasmplugin.yaml")[0]);
    return higressConfig({ ...spec, matchRules: [...offRules(), ...spec.matchRules] });
  };
  const cluster = (name: string) => `outbound|443||llm-${name}.dns`;

  beforeAll(async () => {
    lab = await startLab({
      plugins: [
        { config: plugin(), route: "team-a/openai", cluster: cluster("openai") },
        { config: plugin(), route: "team-a/openai", cluster: cluster("deepseek") },
        { config: plugin(), route: "team-a/claude", cluster: cluster("claude") },
        { config: withRoutesOff(), route: "team-a/claude", cluster: cluster("claude") },
        { config: next(), route: "team-a/claude", cluster: cluster("claude") },
        { config: withRoutesOff(), route: "team-a/openai", cluster: cluster("openai-next") },
        { config: next(), route: "team-a/openai", cluster: cluster("openai-next") },
        { config: next(), route: "team-a/openai", cluster: cluster("openai") },
        { config: withRoutesOff(), route: "team-a/openai", cluster: cluster("openai") },
      ],
      wasm: PLUGIN_PATH,
    });
  }, 60_000);

  afterAll(() => lab?.close());

  /** Host, path and model that a request to one listener had at the provider. */
  async function upstreamOf(listener: number, host: string) {
    lab.upstream.reset({
      body: {
        id: "x",
        object: "chat.completion",
        model: "m",
        choices: [],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      },
    });
    const body = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }], max_tokens: 5 };
    const response = await lab.call(listener, { path: "/v1/chat/completions", method: "POST", host, body });
    const seen = lab.upstream.seen[0];
    return { status: response.status, host: seen?.headers.host, path: seen?.path, model: seen?.json?.model };
  }

  it.each([
    ["the rule by domain", 0, "ai.example.com", "api.openai.com", "gpt-4o-mini"],
    ["the rule by domain with a suffix", 0, "eu.ai.example.com:443", "api.openai.com", "gpt-4o-mini"],
    ["the rule by service, on the same route", 1, "ai.example.com", "api.deepseek.com", "deepseek-chat"],
    ["the rule by ingress", 2, "claude.example.com", "api.anthropic.com", "claude-sonnet-4-5"],
    ["the new version's own rule by ingress", 4, "claude.example.com", "api.anthropic.com", "claude-sonnet-4-5"],
    ["the new version's own rule by service", 6, "ai.example.com", "api.openai.com", "gpt-4o-mini"],
    ["the old version's rule for the rest of that route", 8, "ai.example.com", "api.openai.com", "gpt-4o-mini"],
  ])("%s chooses its provider", async (_name, listener, host, upstream, model) => {
    expect(await upstreamOf(listener, host)).toMatchObject({ host: upstream, model });
  });

  it("does nothing where no rule matches, and each version nothing on what belongs to the other", async () => {
    for (const [listener, host] of [
      [0, "other.example.com"],
      [3, "claude.example.com"],
      [5, "ai.example.com"],
      [7, "ai.example.com"],
    ] as const) {
      expect(await upstreamOf(listener, host)).toEqual({ status: 200, host, path: "/v1/chat/completions", model: "gpt-4o" });
    }
  });

  it("names TLS hosts in the McpBridge that are the plugin's hosts", async () => {
    const registries = byFile("deploy/higress/mcpbridge.yaml")[0].spec.registries;
    const used = [];
    for (const [listener, host] of [
      [0, "ai.example.com"],
      [2, "claude.example.com"],
      [1, "ai.example.com"],
      [6, "ai.example.com"],
    ] as const) {
      used.push((await upstreamOf(listener, host)).host);
    }
    expect(registries.map((registry: any) => registry.sni)).toEqual(used);
  });

  it("logs ai_log as this host's log needs it: not Higress's, so that it is JSON as it is", async () => {
    const response = await lab.call(0, {
      path: "/v1/chat/completions",
      method: "POST",
      host: "ai.example.com",
      body: { model: "gpt-4o", messages: [] },
    });
    const { aiLogText, aiLog } = await lab.log(response);
    expect(JSON.parse(aiLogText ?? "")).toEqual(aiLog);
    expect(aiLog).toMatchObject({ provider: "openai", model: expect.any(String) });
  });
});

describe("deploy/envoy/envoy.yaml with our wasm", () => {
  it("is accepted by Envoy, and refused with an unknown key", () => {
    const path = join(directory, "plain.yaml");
    const run = (text: string) => {
      writeFileSync(path, text);
      return spawnSync(envoyPath(), ["--mode", "validate", "-c", path, "-l", "warning"], { encoding: "utf8" });
    };
    const text = envoyConfig({ PLUGIN_WASM: PLUGIN_PATH, ACCESS_LOG: join(directory, "plain.log") });
    expect(run(text).stderr).not.toContain("ai-proxy configuration:");
    expect(run(text).status).toBe(0);
    expect(run(text.replace("vm_id:", "vm_idd:")).status).not.toBe(0);
  });
});
