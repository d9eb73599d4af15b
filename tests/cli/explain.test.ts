// `explain`: the request that would leave, what became of the client's, and no secret in any of it.
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { fixture, inFolder, json, run } from "./run";

interface Explained {
  rule: { number: number; line: number; column: number } | null;
  provider: { type: string; id: string } | null;
  api: string;
  model: { requested: string; sent: string };
  sideCalls: { purpose: string; host: string; cluster: string; path: string }[];
  upstream: { method: string; host: string; path: string; headers: [string, string][]; body: string } | null;
  localResponse: { status: number; body: string } | null;
  changes: { kind: string; pointer: string; from?: string; before?: unknown; after?: unknown }[] | null;
  isSameBody: boolean;
  droppedHeaders: string[];
}

const HELLO = JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] });

/** Explains a request, by default a short one, to a configuration given as an object or a text. */
function explained(
  config: unknown,
  options: string[] = [],
  request: string = HELLO,
  name = "request.json",
): Explained & { code: number; printed: string } {
  return inFolder((_folder, write) => {
    const text = typeof config === "string" ? config : JSON.stringify(config);
    const files = [write("config.yaml", text), write(name, request)];
    const result = run(["explain", "--format", "json", ...options, ...files]);
    const people = run(["explain", ...options, ...files]);
    if (!result.stdout.startsWith("{")) throw new Error(result.stderr);
    return { ...json<Explained>(result), code: result.code, printed: result.stdout + result.stderr + people.stdout + people.stderr };
  });
}

function headersOf({ upstream }: Explained): Record<string, string> {
  return Object.fromEntries(upstream?.headers ?? []);
}

describe("the request that would leave", () => {
  it("is shown with its host, path, headers and body, and the rule that matched", () => {
    const result = run(["explain", fixture("gateway.yaml"), fixture("chat.json"), "--route", "team-a"]);
    expect(result.code).toBe(0);
    for (const part of [
      `rule      1 at ${fixture("gateway.yaml")}:21:7, {"_match_route_":["team-a"]}\n`,
      "provider  claude (id claude)\n",
      "api       openai/v1/chatcompletions\n",
      "model     gpt-4o -> claude-sonnet-4-5\n",
      "POST /v1/messages\nhost: api.anthropic.com\n",
      "x-api-key: <secret /providers/1/apiTokens/0>\n",
      '  "system": "Be brief.",\n',
      'changed  /model  "gpt-4o" -> "claude-sonnet-4-5"\n',
      "clamped  /temperature  1.7 -> 1\n",
      'moved    /messages/0/content -> /system  "Be brief."\n',
      'moved    /user -> /metadata/user_id  "u-1"\n',
      "dropped  /seed  7\n",
    ])
      expect(result.stdout).toContain(part);
    expect(result.stdout).not.toMatch(/(?:changed|dropped|moved) +\/messages\/1/);
  });

  it("goes by the rule that the plugin chooses for route, authority, cluster and consumer", () => {
    const provider = (host: string) => ({ provider: { type: "generic", genericHost: host } });
    const config = {
      _rules_: [
        { _match_route_: ["a"], _match_domain_: ["*.x.test"], ...provider("both") },
        { _match_domain_: ["API.test"], ...provider("domain") },
        { _match_service_: ["llm"], ...provider("cluster") },
        { _match_route_prefix_: ["team-"], provider: { type: "nonsense" } },
        { _match_route_: ["off"] },
      ],
      ...provider("none"),
    };
    const ask = (...options: string[]) => {
      const { rule, upstream, localResponse } = explained(config, options);
      return [rule?.number ?? 0, upstream?.host ?? localResponse?.status];
    };
    expect(ask()).toEqual([0, "none"]);
    expect(ask("--route", "a")).toEqual([0, "none"]);
    expect(ask("--route", "a", "--authority", "b.x.test")).toEqual([1, "both"]);
    expect(ask("--authority", "api.test:8080")).toEqual([2, "domain"]);
    expect(ask("--cluster", "outbound|443||llm")).toEqual([3, "cluster"]);
    expect(ask("--route", "off")).toEqual([5, "localhost"]);
    const [number, status] = ask("--route", "team-b");
    expect([number, Number(status) >= 500]).toEqual([4, true]);
  });

  it("is said to be the client's own when nothing changed, or when no provider is active", () => {
    const same = explained({ provider: { type: "openai", apiTokens: ["k-123456"] } });
    expect(same).toMatchObject({ isSameBody: true, changes: [], code: 0 });
    expect(same.printed).toContain("the body is the client's, byte for byte\n");
    const none = explained({}, ["--header", "authorization: Bearer client-secret"]);
    expect(none).toMatchObject({ provider: null, upstream: { host: "localhost" }, droppedHeaders: [] });
    expect(none.printed).toContain("none: the plugin leaves the request as it is");
  });

  it("names what rules for parameters do, and the operator's messages", () => {
    const rules = [{ models: ["gpt-4o*"], drop: ["seed"], rename: { user: "safety_identifier" }, max: { max_tokens: 100 } }];
    const provider = { type: "openai", apiTokens: ["k-123456"], parameterRules: rules, prompts: [{ role: "system", content: "Be kind." }] };
    const body = { model: "gpt-4o", seed: 7, user: "u-1", max_tokens: 5000, messages: [{ role: "user", content: "hi" }] };
    const { printed } = explained({ provider }, [], JSON.stringify(body));
    for (const line of [
      "dropped  /seed  7\n",
      'moved    /user -> /safety_identifier  "u-1"\n',
      "clamped  /max_tokens  5000 -> 100\n",
      'added    /messages/0/content  "Be kind."\n',
    ])
      expect(printed).toContain(line);
  });

  it("orders the keys of a WasmPlugin as the controller does, and leaves those of other files as they are", () => {
    const config = { provider: { type: "openai", modelMapping: { "~^gpt.*": "second", "~^g.*": "first" } } };
    const plugin = { apiVersion: "extensions.higress.io/v1alpha1", kind: "WasmPlugin", spec: { defaultConfig: config } };
    expect(explained(stringify(plugin)).model.sent).toBe("first");
    expect(explained(stringify(config)).model.sent).toBe("second");
  });

  it("can be another API, another method, or a recorded request", () => {
    const provider = { provider: { type: "openai", apiTokens: ["k-123456"] } };
    expect(explained(provider, ["--path", "/v1/models", "--method", "get"], "")).toMatchObject({
      upstream: { method: "GET", path: "/v1/models" },
    });
    const recorded = `POST https://gw.test/v1/embeddings?x=1 HTTP/1.1\r\nContent-Type: application/json\r\nX-Trace: 1\r\n\r\n{"model":"m","input":"a"}`;
    const one = explained(provider, ["--consumer", "alice"], recorded, "request.http");
    expect(one).toMatchObject({ api: "openai/v1/embeddings", upstream: { path: "/v1/embeddings?x=1" } });
    expect(headersOf(one)).toMatchObject({ "x-trace": "1" });
  });
});

describe("what becomes of each member", () => {
  const CLAUDE = { provider: { type: "claude", apiTokens: ["k-123456"], modelMapping: { "*": "claude-sonnet-4-5" } } };
  const GEMINI = { provider: { type: "gemini", apiTokens: ["k-123456"], modelMapping: { "*": "gemini-2.5-pro" } } };
  const TOOL = { name: "look", parameters: { type: "object" } };
  const ASK = [{ role: "user", content: "Hi" }];

  function changesOf(config: object, path: string, request: object): Explained["changes"] {
    return inFolder((_folder, write) => {
      const files = [write("config.yaml", JSON.stringify(config)), write("request.json", JSON.stringify(request))];
      return json<Explained>(run(["explain", "--format", "json", "--path", path, ...files])).changes;
    });
  }

  /** What explain says of the places in the client's request that `pointers` name. */
  function said(config: object, path: string, request: object, pointers: string[]): string[] {
    const changes = changesOf(config, path, request);
    return pointers.map((pointer) => {
      const one = changes?.find(({ from, pointer: to }) => (from ?? to) === pointer);
      return `${one?.kind} ${one?.from === undefined ? "" : one.pointer}`.trim();
    });
  }

  it("of a chat", () => {
    const request = {
      model: "m",
      messages: ASK,
      n: 1,
      stop: "END",
      tools: [{ type: "function", function: TOOL }],
      tool_choice: "required",
    };
    const pointers = ["/n", "/stop", "/tool_choice"];
    expect(said(CLAUDE, "/v1/chat/completions", request, pointers)).toEqual([
      "dropped",
      "moved /stop_sequences/0",
      "mapped /tool_choice/type",
    ]);
    // The same number stands elsewhere, too: it is not where the seed went.
    const twice = { model: "m", messages: ASK, seed: 7, max_tokens: 7 };
    expect(said(CLAUDE, "/v1/chat/completions", twice, ["/seed"])).toEqual(["dropped"]);
  });

  it("of the Responses API", () => {
    const request = {
      model: "m",
      input: "Hi",
      store: false,
      truncation: "auto",
      temperature: 1.7,
      text: { format: { type: "json_object" } },
    };
    const pointers = ["/truncation", "/temperature", "/text/format/type"];
    expect(said(CLAUDE, "/v1/responses", request, pointers)).toEqual(["dropped", "clamped", "dropped"]);
    const json = said(GEMINI, "/v1/responses", request, ["/text/format/type"]);
    expect(json).toEqual(["mapped /generationConfig/responseMimeType"]);
  });

  it("of the Messages API", () => {
    const thinking = { type: "enabled", budget_tokens: 5000 };
    const request = { model: "m", max_tokens: 9000, messages: ASK, thinking, metadata: { user_id: "u" }, service_tier: "auto" };
    const pointers = ["/thinking/budget_tokens", "/metadata/user_id", "/service_tier"];
    const budget = "moved /generationConfig/thinkingConfig/thinkingBudget";
    expect(said(GEMINI, "/v1/messages", request, pointers)).toEqual([budget, "dropped", "dropped"]);
  });

  it("of Gemini's API", () => {
    const request = {
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
      generationConfig: { temperature: 1.5, seed: 3 },
      tools: [{ functionDeclarations: [TOOL] }],
      toolConfig: { functionCallingConfig: { mode: "ANY" } },
      safetySettings: [{ category: "c", threshold: "t" }],
    };
    const pointers = [
      "/generationConfig/temperature",
      "/generationConfig/seed",
      "/toolConfig/functionCallingConfig/mode",
      "/safetySettings/0/category",
    ];
    const all = ["clamped /temperature", "dropped", "mapped /tool_choice/type", "dropped"];
    expect(said(CLAUDE, "/v1beta/models/m:generateContent", request, pointers)).toEqual(all);
  });

  it("names what a request is refused for", () => {
    const refused = explained(CLAUDE, ["--path", "/v1/responses"], JSON.stringify({ model: "m", input: "Hi", previous_response_id: "r" }));
    expect(refused).toMatchObject({ code: 1, changes: [{ kind: "refused", pointer: "/previous_response_id", before: "r" }] });
    expect(refused.printed).toContain('refused  /previous_response_id  "r"\n');
    const two = { model: "m", input: "Hi", previous_response_id: "r", background: true, temperature: 0.5 };
    expect(changesOf(CLAUDE, "/v1/responses", two)?.map(({ pointer }) => pointer)).toEqual(["/previous_response_id", "/background"]);
  });

  it("is found although the client has a limit of one request", () => {
    const limits = { limits: [{ by: "consumer", requestsPerMinute: 1 }] };
    const request = { model: "m", messages: ASK, seed: 7, stop: "END" };
    expect(said({ ...CLAUDE, ...limits }, "/v1/chat/completions", request, ["/seed", "/stop"])).toEqual([
      "dropped",
      "moved /stop_sequences/0",
    ]);
  });
});

describe("what the plugin answers itself", () => {
  it("is shown, with exit code 1", () => {
    const broken = explained({ provider: { type: "openai" } }, [], '{"model": ');
    expect(broken).toMatchObject({ code: 1, upstream: null, localResponse: { status: 400 } });
    expect(JSON.parse(broken.localResponse!.body)).toMatchObject({ error: { code: "invalid_json" } });
    expect(broken.printed).toContain("the plugin responds itself:\n\nHTTP 400\n");
  });

  it("is what is wrong with a configuration that is refused", () => {
    const result = run(["explain", fixture("broken-wasmplugin.yaml"), fixture("chat.json")]);
    expect(result).toMatchObject({ code: 1, stderr: "the plugin refuses this configuration\n" });
    expect(result.stdout).toContain(':13:9: error: unknown provider type "opnai"');
    for (const text of ["a: b: c", '{"provider": '])
      expect(run(["explain", "-", fixture("chat.json")], text)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(" error: is not valid "),
      });
  });

  it.each([
    [["explain", fixture("gateway.yaml")], "explain takes two files"],
    [["explain", fixture("broken-envoy.yaml"), fixture("chat.json")], "holds several configurations; choose with --plugin"],
    [["explain", fixture("gateway.yaml"), fixture("chat.json"), "--path", "v1"], "--path begins with a slash"],
    [["explain", fixture("gateway.yaml"), fixture("chat.json"), "--header", "nothing"], "--header takes"],
    [["explain", fixture("gateway.yaml"), "no-such.json"], "cannot read no-such.json: no such file"],
  ])("is no response when %j was meant: exit code 2", (args, message) => {
    expect(run(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
  });
});

describe("secrets", () => {
  it("are named by their place in every kind of authentication", () => {
    const cases: [object, string, string][] = [
      [{ type: "openai", apiTokens: ["top-secret-1"] }, "authorization", "Bearer <secret /provider/apiTokens/0>"],
      [{ type: "claude", apiTokens: ["k"] }, "x-api-key", "<secret /provider/apiTokens/0>"],
      [{ type: "gemini", apiTokens: ["top-secret-2"] }, "x-goog-api-key", "<secret /provider/apiTokens/0>"],
      [
        { type: "azure", apiTokens: ["top-secret-3"], azureServiceUrl: "https://r.test/openai/deployments/d?api-version=1" },
        "api-key",
        "<secret /provider/apiTokens/0>",
      ],
      [
        { type: "bedrock", awsAccessKey: "AKTOPSECRET", awsSecretKey: "top-secret-4", awsRegion: "eu-west-1" },
        "authorization",
        "AWS4-HMAC-SHA256 ***",
      ],
    ];
    for (const [provider, header, value] of cases) {
      const one = explained({ provider });
      expect([provider, headersOf(one)[header]]).toEqual([provider, value]);
      expect(one.printed.toLowerCase()).not.toMatch(/top-?secret/);
    }
  });

  it("of the client are not shown where its own key goes on", () => {
    const one = explained({ provider: { type: "openai" } }, [
      "--header",
      "authorization: Bearer client-secret",
      "--path",
      "/v1/chat/completions?key=client-secret",
    ]);
    expect(headersOf(one).authorization).toBe("Bearer ***");
    expect(one.printed).not.toContain("client-secret");
  });

  it("of a service account do not show in the call for its token, nor does the token", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = {
      client_email: "a@b.test",
      private_key_id: "key-id-1",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: "https://oauth2.test/token",
    };
    const provider = {
      type: "vertex",
      vertexAuthKey: JSON.stringify(key),
      vertexRegion: "r",
      vertexProjectId: "p",
      vertexAuthServiceName: "auth",
    };
    const one = explained({ provider });
    expect(one.sideCalls).toEqual([{ method: "POST", host: "oauth2.test", path: "/token", cluster: "auth", purpose: "access token" }]);
    expect(headersOf(one).authorization).toBe("Bearer ***");
    expect(one.printed).not.toMatch(/key-id-1|PRIVATE|MII/);
  });
});

describe("the context file", () => {
  const context = { fileUrl: "http://files.test/a.txt", serviceName: "files.dns", servicePort: 80 };
  const config = { provider: { type: "openai", apiTokens: ["k-123456"], context } };

  it("is fetched from a stand-in, or from a file", () => {
    const one = explained(config);
    expect(one.sideCalls).toMatchObject([{ purpose: "context file", host: "files.test", path: "/a.txt" }]);
    expect(one.upstream?.body).toContain("(text of the context file)");
    inFolder((_folder, write) => {
      expect(explained(config, ["--context-file", write("a.txt", "Our shop opens at nine.")]).upstream?.body).toContain("opens at nine");
    });
  });
});
