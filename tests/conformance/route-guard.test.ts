// The guard of routes with an emulated Envoy that chooses a route anew by the headers which the plugin has written.
import { describe, expect, it } from "vitest";
import type { Exchange, Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const CONFIG = {
  providers: [
    { id: "openai", type: "openai", apiTokens: ["sk-openai"] },
    { id: "claude", type: "claude", apiTokens: ["sk-claude"] },
    { id: "doubao", type: "doubao", apiTokens: ["sk-doubao"] },
  ],
  activeProviderId: "openai",
  _rules_: [
    { _match_route_: ["team"], activeProviderId: "claude" },
    { _match_service_: ["doubao-1", "doubao-2"], activeProviderId: "doubao" },
    { _match_route_: ["off"] },
  ],
};
const CHAT = { model: "m", messages: [{ role: "user", content: "Hi" }] };
const RESPONSE = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "pong" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 2 },
};
const OPENAI_RESPONSE = {
  id: "c",
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "pong" } }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

type Names = [virtualHost: string, route: string, cluster: string];
/** The routes of an Envoy: by host, then by the beginning of the path; the first that matches. */
type Routes = [host: string, prefix: string, ...names: Names][];
const BARE: Routes = [
  ["*", "/team/", "all", "team", "anthropic"],
  ["*", "/off/", "all", "off", "web"],
  ["*", "/doubao/", "all", "doubao", "doubao-1"],
  ["*", "/", "all", "default", "openai"],
];
const OWN_HOSTS: Routes = [
  ["api.openai.com", "/", "api.openai.com", "to-openai", "openai"],
  ["api.anthropic.com", "/", "api.anthropic.com:443", "to-claude", "anthropic"],
  ["ark.cn-beijing.volces.com", "/", "to-doubao", "to-doubao", "doubao-2"],
  ...BARE,
];

async function start(routes: Routes, config: object = CONFIG) {
  const host = await loadPlugin({
    reroute: (headers) => {
      const found = routes.find(
        ([name, prefix]) => (name === "*" || name === headers[":authority"]) && headers[":path"].startsWith(prefix),
      );
      const [virtual_host_name, route_name, cluster_name] = found?.slice(2) ?? ["", "", ""];
      return { virtual_host_name, route_name, cluster_name };
    },
  });
  const plugin = host.configure(JSON.stringify(config));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

type Plugin = ReturnType<Host["configure"]>;
const post = (plugin: Plugin, path: string, body: object = CHAT) =>
  plugin.exchange({
    method: "POST",
    path,
    headers: { "content-type": "application/json", authorization: "Bearer caller" },
    body: JSON.stringify(body),
  });
const answered = (
  host: Host,
  response: object,
  headers: Record<string, string> = { ":status": "200", "content-type": "application/json" },
) => host.respondToCall(host.pendingCalls[0].id, { headers, body: JSON.stringify(response) });
const errorOf = (exchange: Exchange) => (exchange.client.json() as any).error;
const linesOf = (host: Host) => host.logs.filter((line) => line.text.includes("route_changed")).map((line) => line.text);

describe("a request that Envoy would send to another cluster", () => {
  it.each([
    ["/team/v1/chat/completions", CHAT, { code: "route_changed", type: "server_error" }],
    ["/team/v1/messages", { ...CHAT, max_tokens: 9 }, { type: "api_error" }],
    ["/team/v1/models", undefined, { code: "route_changed" }],
    ["/team/v1/unheard-of", { x: 1 }, null],
  ])("%s is answered with 500, nothing leaves", async (path, body, error) => {
    const { host, plugin } = await start(BARE);
    const exchange = body === undefined ? plugin.exchange({ path }) : post(plugin, path, body);
    if (error === null) {
      // Its path stays, so it stays in its route.
      expect(host.pendingCalls[0].cluster).toBe("anthropic");
      return;
    }
    expect([exchange.upstream, host.pendingCalls.length]).toEqual([null, 0]);
    expect(exchange.client.status).toBe(500);
    expect(errorOf(exchange)).toMatchObject(error);
    expect(JSON.parse(exchange.finish().stateText("ai_log")!)).toMatchObject({ error: "route_changed", status: 500, provider: "claude" });
    expect(host.violations).toEqual([]);
  });

  it("is told of in the log once for each route, with what to change", async () => {
    const { host, plugin } = await start(BARE);
    for (let n = 0; n < 5; n++) post(plugin, "/team/v1/chat/completions").finish();
    expect(linesOf(host)).toHaveLength(1);
    for (const part of ['"team"', '"anthropic"', '"openai"', '"api.anthropic.com"', "virtual host"])
      expect(linesOf(host)[0]).toContain(part);
    expect(linesOf(host)[0]).not.toContain("sk-");
  });

  it("takes nothing from a limit", async () => {
    const { host, plugin } = await start(BARE, { ...CONFIG, limits: [{ requestsPerDay: 1 }] });
    for (let n = 0; n < 3; n++) expect(post(plugin, "/team/v1/chat/completions").finish().client.status).toBe(500);
    expect(linesOf(host)).toHaveLength(1);
  });
});

describe("the first request of a way", () => {
  it("is tried out, then sent to its cluster by name, translated and metered as any", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    const exchange = post(plugin, "/team/v1/chat/completions");
    const [call] = host.pendingCalls;
    expect(call).toMatchObject({
      cluster: "anthropic",
      headers: { ":path": "/v1/messages", ":authority": "api.anthropic.com", "x-api-key": "sk-claude" },
    });
    expect(call.headers.authorization).toBeUndefined();
    expect(JSON.parse(call.text)).toMatchObject({ model: "m", messages: [{ role: "user", content: "Hi" }] });
    expect(exchange.client.isComplete).toBe(false);
    answered(host, RESPONSE);
    expect([exchange.client.status, (exchange.client.json() as any).choices[0].message.content]).toEqual([200, "pong"]);
    expect(exchange.client.headers["content-type"]).toBe("application/json");
    const log = JSON.parse(exchange.finish().stateText("ai_log")!);
    expect(log).toMatchObject({ status: 200, outcome: "completed", input_token: 1, output_token: 2, usage_source: "reported" });
    expect(host.violations).toEqual([]);
  });

  it("and no other: the next leaves by its route", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    post(plugin, "/team/v1/chat/completions");
    answered(host, RESPONSE);
    const next = post(plugin, "/team/v1/chat/completions");
    expect([next.upstream?.path, host.pendingCalls.length]).toEqual(["/v1/messages", 0]);
    // The provider's host has a virtual host of its own, so that goes for its other paths too.
    expect(plugin.exchange({ path: "/team/v1/models?limit=1" }).upstream?.path).toBe("/v1/models?limit=1");
    expect(host.violations).toEqual([]);
  });

  it("streams, all at once", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    const exchange = post(plugin, "/v1/chat/completions", { ...CHAT, stream: true });
    const chunk = { id: "c", model: "m", choices: [{ index: 0, delta: { content: "pong" } }] };
    const usage = { id: "c", model: "m", choices: [], usage: OPENAI_RESPONSE.usage };
    const body = [JSON.stringify(chunk), JSON.stringify(usage), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
    host.respondToCall(host.pendingCalls[0].id, { headers: { ":status": "200", "content-type": "text/event-stream" }, body });
    expect(exchange.client.text).toContain("pong");
    // The client did not ask for usage.
    expect(exchange.client.text).not.toContain("total_tokens");
    expect(JSON.parse(exchange.finish().stateText("ai_log")!)).toMatchObject({ response_type: "stream", total_token: 3 });
    expect(host.violations).toEqual([]);
  });

  it("waits for a body that would have streamed", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    const exchange = plugin.exchange({
      method: "POST",
      path: "/v1/unheard-of",
      headers: { "content-type": "application/octet-stream" },
      requestChunks: ["ab", "cd"],
    });
    expect([host.pendingCalls[0].text, host.pendingCalls[0].headers["transfer-encoding"]]).toEqual(["abcd", undefined]);
    answered(host, {});
    expect(exchange.finish().client.status).toBe(200);
    expect(host.violations).toEqual([]);
  });

  it("gives the client the provider's error, or its own when none came", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    const limited = post(plugin, "/v1/chat/completions");
    answered(host, { error: { message: "slow" } }, { ":status": "429", "content-type": "application/json", "retry-after": "7" });
    expect([limited.client.status, limited.client.headers["retry-after"], errorOf(limited).message]).toEqual([429, "7", "slow"]);
    const lost = post(plugin, "/team/v1/chat/completions");
    host.failCall(host.pendingCalls[0].id);
    expect([lost.client.status, errorOf(lost).code]).toEqual([502, "upstream_unreachable"]);
    lost.finish();
    expect(host.violations).toEqual([]);
  });

  it("may be left by its client", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    post(plugin, "/team/v1/chat/completions").abort();
    answered(host, RESPONSE);
    expect([host.traps, host.violations]).toEqual([[], []]);
  });
});

describe("the guard", () => {
  it("lets through another cluster that the rule itself names", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    post(plugin, "/doubao/v1/chat/completions");
    expect(host.pendingCalls[0].cluster).toBe("doubao-2");
  });

  it("leaves alone what the plugin leaves alone, and what has no cluster", async () => {
    const { host, plugin } = await start(BARE.filter(([, prefix]) => prefix !== "/"));
    expect(post(plugin, "/off/v1/chat/completions").upstream?.headers).toMatchObject({
      ":path": "/off/v1/chat/completions",
      authorization: "Bearer caller",
    });
    expect(post(plugin, "/nowhere").upstream?.headers).toMatchObject({ ":path": "/nowhere", authorization: "Bearer caller" });
    expect(host.violations).toEqual([]);
  });

  it("keeps a key from a cluster without a provider, although there is one provider only", async () => {
    const config = { provider: CONFIG.providers[2], _rules_: [{ _match_route_: ["web"] }] };
    const { host, plugin } = await start(
      [
        ["*", "/v1/", "all", "ai", "doubao-1"],
        ["*", "/", "all", "web", "web"],
      ],
      config,
    );
    expect(errorOf(post(plugin, "/v1/chat/completions"))).toMatchObject({ code: "route_changed" });
    expect(host.pendingCalls).toEqual([]);
  });

  it("costs nothing where there is one provider for all", async () => {
    const calls = async (config: object) => {
      const { host, plugin } = await start(BARE, config);
      for (let n = 0; n < 3; n++) {
        host.resetCounts();
        post(plugin, "/v1/chat/completions").finish();
      }
      return host.hostCalls.proxy_get_property;
    };
    const [provider] = CONFIG.providers;
    const one = await calls({ provider });
    expect(await calls({ provider, _rules_: [{ _match_route_: ["x"], activeProviderId: "openai" }] })).toBe(one + 1);
  });

  it("reads the cluster once, when a way is known", async () => {
    const { host, plugin } = await start(OWN_HOSTS);
    post(plugin, "/v1/chat/completions");
    answered(host, OPENAI_RESPONSE);
    host.resetCounts();
    const exchange = post(plugin, "/v1/chat/completions");
    // Route and cluster, which the rules of this configuration go by.
    expect(host.hostCalls.proxy_get_property).toBe(2);
    expect(exchange.upstream).not.toBeNull();
  });

  it("does not trust a route that chooses by chance after one good trial, and bars the cluster when a request went astray", async () => {
    let cluster = "anthropic";
    const routes = (): Routes => [
      ["*", "/team/", "all", "team", "anthropic"],
      ["*", "/", "all", "default", cluster],
    ];
    const host = await loadPlugin({
      reroute: (headers) => {
        const [, , virtual_host_name, route_name, cluster_name] = routes().find(([, prefix]) => headers[":path"].startsWith(prefix))!;
        return { virtual_host_name, route_name, cluster_name };
      },
    });
    const plugin = host.configure(JSON.stringify(CONFIG));
    for (let n = 0; n < 8; n++) {
      expect(post(plugin, "/team/v1/chat/completions").upstream).toBeNull();
      answered(host, RESPONSE);
    }
    cluster = "openai";
    const astray = post(plugin, "/team/v1/chat/completions");
    expect(astray.upstream).not.toBeNull();
    astray.respond({ headers: { "content-type": "application/json" }, chunks: [JSON.stringify(RESPONSE)] });
    astray.finish();
    expect(linesOf(host)).toHaveLength(1);
    cluster = "anthropic";
    expect(errorOf(post(plugin, "/team/v1/chat/completions"))).toMatchObject({ code: "route_changed" });
  });
});
