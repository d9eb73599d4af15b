// What the configuration means and what is said about a wrong one. The agreement with the schema is in
// config-schema.test.ts.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, SERVICE_ACCOUNT, configuration, validProvider } from "./config-arbitrary";
import { loadUnits } from "./units";

const units = loadUnits("config", { OPENAI_KEY: "sk-from-env", EMPTY: "", REGION: "eu-west-1", LONG_KEY: "k".repeat(32) });

interface Line {
  pointer: string;
  message: string;
  isError: boolean;
}

interface Provider {
  [key: string]: unknown;
}

interface Result {
  started: boolean;
  problems: Line[];
  warnings: Line[];
  needsRoute: boolean;
  needsCluster: boolean;
  provider: Provider | null;
  rules: Record<string, { problem: string; provider: Provider | null }>;
}

let calls = 0;

function parseText(text: string | Uint8Array): Result {
  const pointer = units.put(text);
  const result = JSON.parse(units.text(units.exports.parse(pointer))) as Result;
  // The module keeps the configuration for match() and gives the rest back.
  units.exports.__unpin(pointer);
  if (++calls % 100 === 0) units.exports.__collect();
  return result;
}

function parse(config: unknown): Result {
  return parseText(JSON.stringify(config));
}

function provider(fields: object): Result {
  return parse({ provider: fields });
}

function match(route: string, authority = "gw.test", cluster = "c0"): number {
  return units.exports.match(units.put(route), units.put(authority), units.put(cluster));
}

const OPENAI = { type: "openai", apiTokens: ["sk-1"] };

describe("a valid configuration", () => {
  it("may be empty: the plugin does nothing", () => {
    expect(parse({})).toMatchObject({ started: true, provider: null, warnings: [{ pointer: "", isError: false }] });
    expect(parseText("")).toMatchObject({ started: true, provider: null, warnings: [{ pointer: "", isError: false }] });
    expect(parseText(" \n\t\r")).toMatchObject({ started: true });
  });

  it("gets the documented defaults", () => {
    expect(provider({ type: "openai" }).provider).toMatchObject({
      type: "openai",
      id: "",
      tokens: {},
      protocolOriginal: false,
      basePathPrepend: false,
      timeoutMs: 120000,
      firstByteTimeoutMs: 0,
      maxRequestBytes: 104857600,
      maxResponseEventBytes: 1048576,
      reasoningMode: 0,
      mergeConsecutiveMessages: false,
      vllmServerHost: "vllm-service.cluster.local",
      qwenEnableCompatible: true,
      geminiThinkingBudget: Number(-(2n ** 63n)),
      botType: "Chat",
      vertexTokenRefreshAheadSeconds: 60,
      cacheSystemPrompt: true,
    });
    expect(parse({})).toMatchObject({ logEscaped: false, trustConsumerHeader: true });
  });

  it("keeps what is given", () => {
    const fields = {
      ...OPENAI,
      id: "main",
      protocol: "original",
      capabilities: { "openai/v1/completions": "/c", "anthropic/v1/messages": "/m" },
      customSettings: [
        { name: "a.b", value: { x: [1.0] }, mode: "raw", overwrite: false },
        { name: "seed", value: null },
      ],
      providerDomain: "egress.test",
      basePath: "/gw",
      basePathHandling: "prepend",
      timeout: 0,
      maxRequestBytes: 1000,
      context: { fileUrl: "http://f.test/a", serviceName: "f.dns", servicePort: 80 },
      tokenAffinity: "header:X-Session-Id",
      estimateUsage: false,
      failover: { enabled: true, cooldownDuration: 60000 },
      retryOnFailure: { maxRetries: 2, retryOnStatus: ["5.*"] },
      reasoningContentMode: "concat",
      contextCleanupCommands: ["/new"],
      hiclawMode: true,
      openaiCustomUrl: "https://h.test/v1",
      responseJsonSchema: { a: 1.5 },
    };
    const from500 = Array.from({ length: 100 }, (_, index) => String(500 + index));
    const result = provider(fields);
    expect(result).toMatchObject({ started: true, warnings: [] });
    expect(result.provider).toMatchObject({
      id: "main",
      protocolOriginal: true,
      capabilities: { "openai/v1/completions": "/c", "anthropic/v1/messages": "/m" },
      customSettings: {
        "a.b": '{"x":[1]}',
        "a.b.raw": true,
        "a.b.overwrite": false,
        seed: "null",
        "seed.raw": false,
        "seed.overwrite": true,
      },
      providerDomain: "egress.test",
      basePathPrepend: true,
      timeoutMs: 120000,
      maxRequestBytes: 1000,
      fileUrl: "http://f.test/a",
      servicePort: 80,
      "failover.enabled": true,
      "failover.failureThreshold": 3,
      "failover.cooldownMs": 60000,
      "failover.firstCooldownMs": 5000,
      "failover.onStatus": ["401", "402", "403", "408", "429", ...from500],
      "retry.maxRetries": 2,
      "retry.timeoutMs": 60000,
      "retry.onStatus": from500,
      affinity: 3,
      affinityHeader: "x-session-id",
      estimateUsage: false,
      reasoningMode: 2,
      contextCleanupCommands: ["/new"],
      mergeConsecutiveMessages: true,
      promoteThinkingOnEmpty: true,
      responseJsonSchema: '{"a":1.5}',
    });
  });

  it("keeps raw JSON as it is spelt, reads escaped keys, and takes the last of two equal keys", () => {
    const text = String.raw`{"provider":{"ty\u0070e":"azure","type":"openai","responseJsonSchema":{ "n":1.0e2 },"id":"\u00e9","id":"\ud83d\ude00"}}`;
    expect(parseText(text).provider).toMatchObject({ type: "openai", responseJsonSchema: '{ "n":1.0e2 }', id: "😀" });
  });

  it("reads vendor fields", () => {
    const gemini = {
      ...validProvider("gemini"),
      geminiSafetySetting: { A: "NONE", B: "HIGH" },
      geminiThinkingBudget: -1,
    };
    expect(provider(gemini).provider).toMatchObject({
      geminiSafetySetting: ["A", "NONE", "B", "HIGH"],
      geminiThinkingBudget: -1,
    });
    const ollama = { type: "ollama", ollamaServerHost: "lm.box", ollamaServerPort: 11434.0 };
    expect(provider(ollama).provider).toMatchObject({ ollamaServerHost: "lm.box", ollamaServerPort: 11434 });
    const bedrock = {
      ...validProvider("bedrock"),
      bedrockPromptCachePointPositions: { systemPrompt: false, lastMessage: true },
    };
    expect(provider(bedrock).provider).toMatchObject({ cacheSystemPrompt: false, cacheLastMessage: true });
    const minimax = { ...validProvider("minimax"), minimaxApiType: "pro", minimaxGroupId: "7" };
    expect(provider(minimax)).toMatchObject({ problems: [], provider: { minimaxPro: true } });
  });

  it("may write numbers as Envoy writes a Struct's, and null for nothing", () => {
    const text = '{"provider":{"type":"openai","maxRequestBytes":1e+08,"timeout":5.0,"basePath":null,"failover":null},"_rules_":null}';
    expect(parseText(text)).toMatchObject({
      started: true,
      warnings: [],
      provider: { maxRequestBytes: 1e8, timeoutMs: 5, basePath: "" },
    });
  });

  it("may write modelMapping as an object or as a list", () => {
    expect(provider({ ...OPENAI, modelMapping: { "gpt-*": "a", "*": "" } })).toMatchObject({ started: true });
    expect(provider({ ...OPENAI, modelMapping: [{ "gpt-*": "a" }, { "*": "" }] })).toMatchObject({ started: true });
  });

  it("is every configuration of the public cases that starts, as far as it can be found", () => {
    const examples = [
      OPENAI,
      { type: "openai" },
      { type: "vllm", vllmCustomUrl: "http://vllm.box/svc/v1" },
      { type: "generic" },
      { type: "coze" },
      { type: "azure", apiTokens: ["k"], azureServiceUrl: "https://res-a.openai.azure.com?api-version=2025-02-01" },
      { type: "azure", apiTokens: ["k"], azureServiceUrl: "https://r.test/openai/v1" },
      { type: "bedrock", awsAccessKey: "AK1", awsSecretKey: "s", awsRegion: "eu-west-1" },
      { type: "vertex", apiTokens: ["vk"] },
      {
        type: "vertex",
        vertexAuthKey: SERVICE_ACCOUNT,
        vertexRegion: "r",
        vertexProjectId: "p",
        vertexAuthServiceName: "s",
        vertexOpenAICompatible: true,
      },
      { type: "hunyuan", hunyuanAuthId: "i".repeat(36), hunyuanAuthKey: "k".repeat(32) },
    ];
    for (const example of examples)
      expect([example, provider(example)]).toMatchObject([example, { started: true, problems: [], warnings: [] }]);
  });
});

describe("a provider is chosen", () => {
  const catalogue = [
    { id: "a", type: "openai", apiTokens: ["k1"] },
    { id: "b", type: "deepseek", apiTokens: ["k2"] },
  ];

  it("by activeProviderId, or not at all", () => {
    expect(parse({ providers: catalogue }).provider).toBeNull();
    expect(parse({ providers: catalogue, activeProviderId: "" }).provider).toBeNull();
    expect(parse({ providers: catalogue, activeProviderId: "b" }).provider).toMatchObject({ type: "deepseek" });
  });

  it("and an unknown id is an error that names the known ones", () => {
    expect(parse({ providers: catalogue, activeProviderId: "c" })).toMatchObject({
      started: false,
      problems: [{ pointer: "/activeProviderId", message: 'no provider has the id "c"; known ids: "a", "b"' }],
    });
  });

  it("and provider goes before the catalogue, with a warning", () => {
    const result = parse({ provider: OPENAI, providers: catalogue, activeProviderId: "nowhere" });
    expect(result).toMatchObject({
      started: true,
      provider: { type: "openai" },
      warnings: [{ pointer: "/activeProviderId" }],
    });
  });

  it("and an id that is there twice is reported", () => {
    const result = parse({
      providers: [...catalogue, { id: "a", type: "groq", apiTokens: ["k"] }],
      activeProviderId: "a",
    });
    expect(result).toMatchObject({
      provider: { type: "openai" },
      warnings: [{ pointer: "/providers/2/id", isError: false }],
    });
  });

  it("by a rule from the global catalogue, its own, or inline", () => {
    const rules = [
      { _match_route_: ["r0"], activeProviderId: "b" },
      { _match_route_: ["r1"], providers: [{ id: "x", type: "groq", apiTokens: ["k"] }], activeProviderId: "x" },
      { _match_route_: ["r2"], provider: { type: "yi", apiTokens: ["k"] } },
      { _match_route_: ["r3"] },
    ];
    const result = parse({ providers: catalogue, activeProviderId: "a", _rules_: rules });
    expect(Object.values(result.rules).map((rule) => rule.provider?.type ?? null)).toEqual(["deepseek", "groq", "yi", null]);
    expect(
      parse({ provider: { ...OPENAI, id: "p" }, _rules_: [{ _match_route_: ["r"], activeProviderId: "p" }] }).rules[0].provider,
    ).toMatchObject({ id: "p" });
  });
});

describe("rules", () => {
  function load(...conditions: { [key: string]: Json }[]): Result {
    return parse({ _rules_: conditions.map((condition) => ({ ...condition, provider: OPENAI })) });
  }

  it("match routes exactly or by prefix", () => {
    expect(load({ _match_route_: ["a", "ns/b"] }, { _match_route_prefix_: ["team-"] })).toMatchObject({
      needsRoute: true,
      needsCluster: false,
    });
    expect([match("ns/b"), match("ns/bc"), match("team-x"), match("team"), match("")]).toEqual([0, -1, 1, -1, -1]);
  });

  it.each([
    ["*.ai.test", "ai.test", false],
    ["*.ai.test", "chat.ai.test:8443", true],
    ["*ai.test", "ai.test", true],
    ["chat.*", "chat.eu.test", true],
    ["chat.*", "xchat.eu.test", false],
    ["*", "anything", true],
    ["*", "", true],
    ["Api.TEST", "aPi.test:80", true],
    ["[::1]", "[::1]:8080", true],
    ["::1", "::1", true],
    ["a.test", "a.test.evil", false],
    ["a.test", "b.a.test", false],
  ])("domain %s and host %s: %s", (domain, host, wanted) => {
    load({ _match_domain_: [domain] });
    expect(match("r", host)).toBe(wanted ? 0 : -1);
  });

  it.each([
    ["llm.dns", "outbound|443||llm.dns", true],
    ["llm.dns:443", "outbound|443||llm.dns", true],
    ["llm.dns:443", "outbound|443|v1|llm.dns", true],
    ["llm.dns:80", "outbound|443||llm.dns", false],
    ["llm.dns:", "outbound|443||llm.dns", false],
    ["llm", "outbound|443||llm.dns", false],
    ["llm.dns", "outbound|443|llm.dns", false],
    ["e", "a|b|c|d|e", false],
    ["openai_upstream", "openai_upstream", true],
    ["openai", "openai_upstream", false],
    ["outbound|443||llm.dns", "outbound|443||llm.dns", true],
  ])("service %s and cluster %s: %s", (service, cluster, wanted) => {
    expect(load({ _match_service_: [service] })).toMatchObject({ needsCluster: true });
    expect(match("r", "h", cluster)).toBe(wanted ? 0 : -1);
  });

  it("need all of their conditions, and the first that has them wins", () => {
    load(
      { _match_route_: ["r"], _match_domain_: ["a.test"] },
      { _match_domain_: ["a.test"], _match_service_: ["s"] },
      { _match_route_: ["r"] },
    );
    expect([match("r", "a.test", "s"), match("q", "a.test", "s"), match("r", "b.test", "s"), match("q", "a.test", "t")]).toEqual([
      0, 1, 2, -1,
    ]);
  });

  it("are found among many, by route, by host in any case, and by both", () => {
    const count = 300;
    const conditions = Array.from({ length: count }, (_, k): { [key: string]: Json } =>
      k % 3 === 0
        ? { _match_route_: [`route-${k}`, `other-${k}`] }
        : k % 3 === 1
          ? { _match_domain_: [`Host-${k}.test`, `other-${k}.test`] }
          : { _match_route_: [`route-${k - 2}`], _match_domain_: [`host-${k}.test`] },
    );
    load(...conditions);
    for (let k = 0; k < count; k += 3) {
      expect([match(`route-${k}`), match(`other-${k}`), match(`route-${k}`, `host-${k + 2}.test`)]).toEqual([k, k, k]);
      expect([match("r", `host-${k + 1}.TEST:80`), match("r", `OTHER-${k + 1}.test`)]).toEqual([k + 1, k + 1]);
      expect([match("r", `host-${k + 2}.test`), match("other", `host-${k}.test`)]).toEqual([-1, -1]);
    }
    load(...conditions.filter((_, k) => k % 3 === 2));
    for (let k = 0; k < count / 3; k++) expect(match(`route-${3 * k}`, `HOST-${3 * k + 2}.test`)).toBe(k);
  });

  it("after one for every domain are reported as never applying", () => {
    expect(load({ _match_domain_: ["*"] }, { _match_route_: ["r"] })).toMatchObject({
      started: true,
      warnings: [{ pointer: "/_rules_/1", isError: false }],
    });
    expect(load({ _match_domain_: ["*"], _match_route_: ["q"] }, { _match_route_: ["r"] }).warnings).toEqual([]);
  });

  it.each([
    [{}],
    [{ _match_route_: [] }],
    [{ _match_route_: "r" }],
    [{ _match_domain_: [""] }],
    [{ _match_route_: ["r"], _match_domain_: [1] }],
  ])("with conditions %j refuse the start", (condition) => {
    expect(load(condition)).toMatchObject({ started: false });
  });

  it("that are wrong otherwise are isolated, and reported as errors", () => {
    const rules = [
      { _match_route_: ["bad"], provider: { type: "claude", timeout: "5" } },
      { _match_route_: ["good"], provider: OPENAI },
      { _match_route_: ["lost"], activeProviderId: "x" },
      { _match_route_: ["odd"], provider: 7, providers: [{ type: "?" }] },
    ];
    const result = parse({ _rules_: rules });
    expect(result).toMatchObject({ started: true, problems: [] });
    expect(Object.values(result.rules).map((rule) => rule.problem === "")).toEqual([false, true, false, false]);
    expect(result.rules[0].problem).toBe("/_rules_/0/provider/timeout: must be a whole number, not a string");
    expect(result.warnings.map((line) => [line.pointer, line.isError])).toEqual([
      ["/_rules_/0/provider/timeout", true],
      ["/_rules_/0/provider", true],
      ["/_rules_/2/activeProviderId", true],
      ["/_rules_/3/providers/0/type", true],
      ["/_rules_/3/provider", true],
    ]);
    expect([match("bad"), match("good"), match("lost")]).toEqual([0, 1, 2]);
  });
});

describe("a catalogue entry that is wrong", () => {
  const good = { id: "a", ...OPENAI };
  const bad = { id: "b", type: "acme-llm" };
  const errors = (result: ReturnType<typeof parse>) => [
    result.problems.map((line) => `${line.pointer}: ${line.message}`),
    result.warnings.filter((line) => line.isError).map((line) => line.pointer),
  ];

  it.each([
    ["of an unknown type", bad, "/providers/1/type"],
    ["without what its type needs", { id: "b", type: "claude" }, "/providers/1"],
    ["with one wrong field", { id: "b", ...OPENAI, timeout: "5" }, "/providers/1/timeout"],
    ["with a wrong object in it", { id: "b", ...OPENAI, failover: { enabled: true } }, "/providers/1/failover"],
    ["that is no object", 7, "/providers/1"],
    ["whose id is no text", { id: 5, ...OPENAI }, "/providers/1/id"],
  ])("is isolated: %s", (_what, entry, pointer) => {
    const result = parse({ providers: [good, entry], activeProviderId: "a", _rules_: [{ _match_route_: ["r"], activeProviderId: "a" }] });
    expect(result).toMatchObject({ started: true, problems: [], provider: { type: "openai" } });
    expect(errors(result)).toEqual([[], [pointer]]);
    expect(result.rules[0].problem).toBe("");
  });

  it("takes the rules with it that name it, and no other", () => {
    const names = (id: string) => ({ _match_route_: [id], activeProviderId: id });
    const own = { _match_route_: ["own"], providers: [bad, { id: "c", ...OPENAI }], activeProviderId: "c" };
    const result = parse({ providers: [good, bad], _rules_: [names("a"), names("b"), own, { ...own, activeProviderId: "b" }] });
    expect(result).toMatchObject({ started: true, problems: [] });
    expect(Object.values(result.rules).map((rule) => rule.problem)).toEqual([
      "",
      '/_rules_/1/activeProviderId: the provider "b" is wrong, see /providers/1',
      "",
      '/_rules_/3/activeProviderId: the provider "b" is wrong, see /_rules_/3/providers/0',
    ]);
  });

  it("refuses the start when the top level names it", () => {
    expect(errors(parse({ providers: [good, bad], activeProviderId: "b" }))).toEqual([
      ['/activeProviderId: the provider "b" is wrong, see /providers/1'],
      ["/providers/1/type"],
    ]);
  });

  it("refuses the start when nothing else serves", () => {
    const nothing = ["/providers: no provider is valid, so nothing could be served"];
    const rule = { _match_route_: ["r"], activeProviderId: "b" };
    expect(errors(parse({ providers: [bad], _rules_: [rule] }))).toEqual([nothing, ["/providers/0/type", "/_rules_/0/activeProviderId"]]);
    expect(errors(parse({ providers: [bad, 3] }))).toEqual([nothing, ["/providers/0/type", "/providers/1"]]);
    expect(errors(parse({ providers: [bad, { id: "b", ...OPENAI }] }))).toEqual([nothing, ["/providers/0/type"]]);
    expect(parse({ providers: [bad], _rules_: [rule, { _match_route_: ["s"], provider: OPENAI }] })).toMatchObject({ started: true });
    expect(parse({ providers: [bad], provider: OPENAI })).toMatchObject({ started: true });
  });

  it("keeps its id from a later one", () => {
    const result = parse({ providers: [bad, good, { id: "b", ...OPENAI }], _rules_: [{ _match_route_: ["r"], activeProviderId: "b" }] });
    expect(result).toMatchObject({ started: true, rules: { 0: { problem: expect.stringContaining("see /providers/0") } } });
  });
});

describe("a wrong configuration", () => {
  it("is reported whole, each mistake with its pointer", () => {
    const result = parse({
      logFormat: "xml",
      provider: {
        type: "openai",
        apiTokens: "sk-1",
        protocol: 5,
        maxRequestBytes: "10",
        modelMapping: { "a/b~": 1 },
        context: { servicePort: 0 },
      },
      providers: [{ type: "claude" }, 3],
      _rules_: [{ provider: OPENAI }],
    });
    expect(result.started).toBe(false);
    expect(result.problems.map((line) => `${line.pointer}: ${line.message}`)).toEqual([
      '/logFormat: unknown value "xml"; known are auto, json, escaped',
      "/provider/apiTokens: must be a list of strings, not a string",
      "/provider/protocol: must be a string, not a number",
      "/provider/maxRequestBytes: must be a whole number, not a string",
      "/provider/modelMapping/a~1b~0: must be a string, the provider's model name, not a number",
      "/provider/context/servicePort: must be a whole number from 1 to 65535",
      '/provider/context: "fileUrl" is missing',
      '/provider/context: "serviceName" is missing',
      "/_rules_/0: the rule has no condition; give _match_route_, _match_route_prefix_, _match_domain_, _match_service_ or _match_model_",
    ]);
    expect(result.warnings.map((line) => `${line.pointer}: ${line.message}`)).toEqual([
      "/providers/0: apiTokens needs at least one API key",
      "/providers/1: must be an object, not a number",
    ]);
  });

  it.each([
    ["provider: {type: openai}", "unexpected character at line 1, column 1"],
    ['{"provider":\n {"type" "openai"}}', "at line 2, column 10"],
    ['{"a":1} x', "more bytes follow"],
    ["{", "ends too early"],
    ["[".repeat(5000), "nested too deeply"],
  ])("that is not JSON says where: %#", (text, wanted) => {
    const result = parseText(text);
    expect(result).toMatchObject({ started: false, problems: [{ pointer: "" }] });
    expect(result.problems[0].message).toContain(wanted);
  });

  it.each(["[]", "null", "1", '"x"', "true"])("that is %s is refused", (text) => {
    expect(parseText(text)).toMatchObject({ started: false, problems: [{ pointer: "" }] });
  });

  it("of an unknown type names the value and the nearest type", () => {
    const message = provider({ type: "open-ai" }).problems[0].message;
    expect(message).toContain('unknown provider type "open-ai"; the nearest is "openai"; known are openai, azure');
    // Nothing is near: then what serves a provider that the catalogue does not have.
    expect(provider({ type: "acme-llm", apiTokens: ["k"] }).problems[0].message).toContain(
      'unknown provider type "acme-llm"; for a server with OpenAI\'s API use "openai" with openaiCustomUrl; known are openai, azure',
    );
  });

  it.each([
    [{ type: "vertex", apiTokens: ["vk"], vertexOpenAICompatible: true }, "/provider/vertexOpenAICompatible"],
    [
      {
        type: "qwen",
        apiTokens: ["k"],
        qwenFileIds: ["f"],
        context: { fileUrl: "http://f.test/", serviceName: "f", servicePort: 80 },
      },
      "/provider/qwenFileIds",
    ],
    [{ ...OPENAI, failover: { enabled: true } }, "/provider/failover"],
    [{ ...OPENAI, failover: { enabled: true, cooldownDuration: 0, healthCheckModel: "" } }, "/provider/failover"],
    [{ ...OPENAI, modelMapping: { "~(": "x" } }, "/provider/modelMapping/~0("],
    [{ ...OPENAI, apiTokens: ["ok", ""] }, "/provider/apiTokens/1"],
    [{ ...OPENAI, customSettings: [{ name: "a" }] }, "/provider/customSettings/0"],
    [{ ...OPENAI, capabilities: { "openai/v1/nothing": "/x" } }, "/provider/capabilities/openai~1v1~1nothing"],
    [{ type: "hunyuan", hunyuanAuthId: "short", hunyuanAuthKey: "k".repeat(32) }, "/provider/hunyuanAuthId"],
  ])("is refused with one line: %j", (fields, pointer) => {
    expect(provider(fields as { [key: string]: Json }).problems.map((line) => line.pointer)).toEqual([pointer]);
  });

  it("has at most 101 lines of each kind", () => {
    const many = Array.from({ length: 5000 }, () => ({ type: "claude" }));
    const result = parse({ providers: many });
    expect(result.problems).toMatchObject([{ pointer: "/providers" }]);
    expect(result.warnings).toHaveLength(101);
    expect(result.warnings[100].message).toBe("4900 more are not shown");
    const refused = parse({ provider: OPENAI, _rules_: many.map((provider) => ({ _match_route_: [], provider })) });
    expect(refused.problems).toHaveLength(101);
    const rules = parse({
      _rules_: many.slice(0, 300).map((one, index) => ({ _match_route_: [`r${index}`], provider: one })),
    });
    expect(rules).toMatchObject({ started: true });
    expect(rules.warnings).toHaveLength(101);
    expect(Object.values(rules.rules).every((rule) => rule.problem !== "")).toBe(true);
  });
});

describe("a reference to the environment", () => {
  const plain = (fields: { [key: string]: Json }) => provider(fields).provider;

  it("is the same as the value itself, also where a length or a format is asked for", () => {
    const names = { apiTokens: ["${OPENAI_KEY}", "sk-2"], modelMapping: { a: "b" } };
    expect(plain({ type: "openai", ...names })).toEqual(plain({ type: "openai", ...names, apiTokens: ["sk-from-env", "sk-2"] }));
    const aws = { type: "bedrock", awsAccessKey: "${OPENAI_KEY}", awsSecretKey: "${LONG_KEY}", awsRegion: "${REGION}" };
    expect(plain(aws)).toEqual(plain({ ...aws, awsAccessKey: "sk-from-env", awsSecretKey: "k".repeat(32), awsRegion: "eu-west-1" }));
    const tencent = { type: "hunyuan", hunyuanAuthId: "i".repeat(36) };
    expect(plain({ ...tencent, hunyuanAuthKey: "${LONG_KEY}" })).toEqual(plain({ ...tencent, hunyuanAuthKey: "k".repeat(32) }));
  });

  it.each(["${}", "$OPENAI_KEY", "x${OPENAI_KEY}", "${OPENAI_KEY}x", "${OPENAI-KEY}", "${1KEY}", "${OPENAI_KEY", "$${OPENAI_KEY}"])(
    "is only the whole of a text: %s stays as it is",
    (text) => {
      const other = plain({ type: "openai", apiTokens: ["sk-from-env"] });
      expect(plain({ type: "openai", apiTokens: [text] })).not.toEqual(other);
    },
  );

  it.each([
    [["${NOT_SET}"], 'the environment variable "NOT_SET" is not set; see vm_config.environment_variables'],
    [["${OPENAI_KE}"], 'the environment variable "OPENAI_KE" is not set; see vm_config.environment_variables'],
    [["${EMPTY}"], "must not be empty"],
  ])("is refused when there is no value: %j", (apiTokens, message) => {
    expect(provider({ type: "openai", apiTokens }).problems).toMatchObject([{ pointer: "/provider/apiTokens/0", message }]);
  });
});

describe("warnings", () => {
  it("say that retryOnFailure is Envoy's business", () => {
    const retryOnFailure = { enabled: true };
    expect(provider({ ...OPENAI, retryOnFailure }).warnings.map((line) => line.pointer)).toEqual(["/provider/retryOnFailure"]);
    expect(provider({ ...OPENAI, retryOnFailure: { enabled: false } }).warnings).toEqual([]);
  });

  it("name an unknown key once, with the nearest known one, and never its value", () => {
    const secret = "sk-very-secret";
    const rule = (index: number) => ({ _match_route_: [`r${index}`], provider: { type: "openai", apiToken: secret } });
    const result = parse({ _rules_: [rule(0), rule(1)], sessionAffinity: { key: secret } });
    expect(result.started).toBe(true);
    expect(result.warnings.map((line) => `${line.pointer}: ${line.message}`)).toEqual([
      '/sessionAffinity: unknown key "sessionAffinity" is ignored',
      '/_rules_/0/provider/apiToken: unknown key "apiToken" is ignored; did you mean "apiTokens"?',
    ]);
  });

  it("know former names, and are silent about what Higress writes itself", () => {
    expect(provider({ ...OPENAI, subPath: "/x" }).warnings[0].message).toBe('unknown key "subPath" is ignored; it is called "basePath"');
    expect(parse({ _plugin_id_: "ai-proxy.internal", provider: OPENAI }).warnings).toEqual([]);
  });

  it("point out fields of another provider type", () => {
    expect(provider({ ...OPENAI, qwenDomain: "h.test" }).warnings).toEqual([
      {
        pointer: "/provider/qwenDomain",
        message: '"qwenDomain" has no effect with type openai; it is for qwen',
        isError: false,
      },
    ]);
  });

  it("show no control characters and no more than 64 bytes of a key", () => {
    const result = parse({ [`a\n${"b".repeat(500)}`]: 1 });
    expect(result.warnings[0].message).toBe(`unknown key "a?${"b".repeat(62)}…" is ignored`);
  });
});

describe("secrets", () => {
  const keys = {
    apiTokens: "SECRET-token",
    awsSecretKey: "SECRET-aws",
    hunyuanAuthKey: "SECRET-hunyuan",
    vertexAuthKey: "SECRET-vertex",
    awsAccessKey: "SECRET-id",
    awsSessionToken: "SECRET-session",
  };

  it("are in no line, however wrong the configuration is", () => {
    const wrong: { [key: string]: Json }[] = [
      { type: "claude", apiTokens: keys.apiTokens },
      { type: "claude", apiTokens: [keys.apiTokens, 5] },
      { type: "claude", apiTokens: { a: keys.apiTokens } },
      { type: "claude", apiTokens: [`${keys.apiTokens}\n`] },
      { type: "bedrock", awsSecretKey: [keys.awsSecretKey], awsAccessKey: keys.awsAccessKey },
      { type: "hunyuan", hunyuanAuthKey: keys.hunyuanAuthKey },
      { type: "vertex", vertexAuthKey: keys.vertexAuthKey },
      { type: "vertex", vertexAuthKey: { private_key: keys.vertexAuthKey } },
      { type: "openai", awsSecretKey: keys.awsSecretKey },
      { type: "bedrock", awsSessionToken: `${keys.awsSessionToken}\n`, awsAccessKey: keys.awsAccessKey },
    ];
    for (const fields of wrong) {
      const result = provider(fields);
      const lines = JSON.stringify([result.problems, result.warnings]);
      expect([fields, lines.length > 10, lines.includes("SECRET")]).toEqual([fields, true, false]);
    }
    const text = JSON.stringify({ provider: wrong[0] });
    expect(JSON.stringify(parseText(text.slice(0, -1)).problems)).not.toContain("SECRET");
  });

  it("go into bytes and nowhere else", () => {
    expect(units.text(units.exports.secretInto(units.put("sk-1")))).toBe("Bearer sk-1");
    const source = readFileSync("assembly/auth/secret.ts", "utf8");
    const members = [...source.matchAll(/^ {2}(?:static |get )?(\w+)\(/gm)].map((found) => found[1]);
    expect(members).toEqual(["constructor", "none", "isEmpty", "writeInto", "hash"]);
  });
});

describe("any bytes at all", () => {
  it("never trap, and a mutated configuration gives a response", () => {
    const mutation = fc.tuple(
      configuration(),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\0123456789eu.-ntf\u0000\u00ff ')), { maxLength: 4 }),
    );
    let refused = 0;
    fc.assert(
      fc.property(mutation, ([config, changes]) => {
        const bytes = new TextEncoder().encode(JSON.stringify(config));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte.charCodeAt(0);
        const result = parseText(bytes);
        if (!result.started) refused++;
        expect(result.started).toBe(result.problems.length === 0);
      }),
      { seed: 7, numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(100);
  }, 60_000);

  it("may end anywhere", () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({
        provider: { ...OPENAI, modelMapping: { "a*": "é😀" } },
        _rules_: [{ _match_route_: ["r"], provider: OPENAI }],
      }),
    );
    for (let size = 1; size < bytes.length; size++) expect([size, parseText(bytes.slice(0, size)).started]).toEqual([size, false]);
  });
});

describe("time", () => {
  const rules = (count: number) =>
    units.put(
      JSON.stringify({
        providers: Array.from({ length: count }, (_, index) => ({
          id: `p${index}`,
          type: "openai",
          apiTokens: [`k${index}`],
          modelMapping: { "*": "m" },
        })),
        _rules_: Array.from({ length: count }, (_, index) => ({
          _match_route_: [`r${index}`],
          activeProviderId: `p${count - 1 - index}`,
        })),
      }),
    );

  function milliseconds(bytes: number): number {
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now();
      expect(units.exports.starts(bytes)).toBe(1);
      return performance.now() - start;
    });
    return Math.min(...times);
  }

  it("grows with the size: 500 rules and providers in little, 4000 in about eight times as much", () => {
    const few = milliseconds(rules(500));
    const many = milliseconds(rules(4000));
    expect(few).toBeLessThan(200);
    expect(many).toBeLessThan(few * 30 + 50);
  });
});
