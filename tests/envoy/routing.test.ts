// The model picks the provider: deploy/envoy/routing.yaml in a real Envoy, with four upstreams of different dialects behind one route and
// one URL. ROUTING_REQUESTS=10000 sends as many requests as a release is judged by.
import { afterEach, describe, expect, it } from "vitest";
import { send, type Call, type ClientResponse } from "./client";
import { FourProviders, NAMES, type Name } from "./four-providers";

const REQUESTS = Number(process.env.ROUTING_REQUESTS ?? 1200);
const CLIENTS = 8;
let lab: FourProviders | undefined;

afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const MODELS: [model: string, provider: Name][] = [
  ["gpt-4o", "openai"],
  ["gpt-4o-mini", "openai"],
  ["gpt-5", "openai"],
  ["o3", "openai"],
  ["claude-sonnet-4-5", "claude"],
  ["claude-haiku-4-5", "claude"],
  ["claude-opus-4-5", "claude"],
  ["gemini-2.5-pro", "gemini"],
  ["gemini-2.5-flash", "gemini"],
  ["amazon.nova-pro-v1:0", "bedrock"],
  ["meta.llama3-70b-instruct-v1:0", "bedrock"],
  ["us.amazon.nova-lite-v1:0", "bedrock"],
];
const messages = [{ role: "user", content: "Hello" }];
const contents = [{ role: "user", parts: [{ text: "Hello" }] }];

/** The kinds of requests: chats, Messages, Gemini's own path and an Azure client's, whole and as streams. */
const KINDS: ((model: string) => Call & { stream: boolean })[] = [
  (model) => ({ stream: false, path: "/v1/chat/completions", body: { model, messages } }),
  (model) => ({ stream: true, path: "/v1/chat/completions", body: { messages, stream: true, model } }),
  (model) => ({ stream: false, path: "/v1/messages", body: { max_tokens: 9, messages, model } }),
  (model) => ({ stream: true, path: "/v1/messages", body: { model, max_tokens: 9, messages, stream: true } }),
  (model) => ({ stream: false, path: `/v1beta/models/${model}:generateContent`, body: { contents } }),
  (model) => ({ stream: true, path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`, body: { contents } }),
  (model) => ({ stream: false, path: `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`, body: { messages } }),
];

interface Sent {
  model: string;
  provider: Name;
  stream: boolean;
  response: ClientResponse;
}

/** `count` requests from CLIENTS clients; `at` is called once when so many have been sent. */
async function sendAll(port: number, count: number, at: Record<number, () => Promise<void>> = {}): Promise<Sent[]> {
  const sent: Sent[] = [];
  const updates: Promise<void>[] = [];
  let next = 0;
  const client = async () => {
    while (next < count) {
      const n = next++;
      if (at[n] !== undefined) updates.push(at[n]());
      const [model, provider] = MODELS[n % MODELS.length];
      const call = KINDS[Math.floor(n / MODELS.length) % KINDS.length](model);
      // What a client says of routes counts for nothing.
      const other = NAMES[n % 4];
      const headers: Call["headers"] = n % 3 === 0 ? { "x-ai-proxy-cluster": [other, "openai"], "x-ai-proxy-provider": other } : {};
      sent.push({ model, provider, stream: call.stream, response: await send(port, { ...call, headers }) });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await Promise.all(updates);
  return sent;
}

const textOf = ({ response }: Sent) => response.text.replace(/"(?:text|content)":"gem"[^]*?"ini"/, '"gemini"');

describe("deploy/envoy/routing.yaml", () => {
  it(`${REQUESTS} requests of 12 models, with two updates meanwhile, all arrive at the right provider with a right key`, async () => {
    lab = await FourProviders.start("deploy/envoy/routing.yaml");
    const { port } = lab;
    const first = lab.configuration;
    const keys = Object.fromEntries(NAMES.map((name, index) => [name, [first.providers[index].apiTokens[0]]])) as Record<Name, string[]>;
    /** The same with other keys, and with rules in the opposite order. */
    const renew = (edition: number) => async () => {
      const providers = first.providers.map((one: any) => ({ ...one, apiTokens: [`${one.apiTokens[0]}-${edition}`] }));
      for (const one of providers) keys[one.id as Name].push(...one.apiTokens);
      const _rules_ = edition % 2 === 1 ? [...first._rules_].reverse() : first._rules_;
      await lab!.update({ ...first, providers, _rules_ });
    };
    const sent = await sendAll(port, REQUESTS, { [Math.floor(REQUESTS / 3)]: renew(1), [Math.floor(REQUESTS / 2)]: renew(2) });
    expect(sent.filter((one) => one.response.status !== 200).map((one) => [one.model, one.response.status, one.response.text])).toEqual([]);
    expect(lab.wrong(keys).map(([name, one]) => [name, one.path, one.headers])).toEqual([]);
    expect(sent.filter((one) => !textOf(one).includes(one.provider)).map((one) => [one.model, one.response.text])).toEqual([]);
    expect(sent.filter((one) => one.stream && !one.response.text.includes("data:"))).toEqual([]);
    for (const name of NAMES) {
      const mine = sent.filter((one) => one.provider === name).length;
      expect(lab.upstreams[name].seen.length, name).toBe(mine);
      expect(
        lab.upstreams[name].seen.filter(({ headers }) => headers["x-ai-proxy-cluster"] ?? headers["x-ai-proxy-provider"]).length,
      ).toBeLessThan(mine / 2);
    }
    // Each worker tries each way of each edition once.
    const trials = lab.logs().filter((line) => line.response_code_details === "ai_proxy.route_trial").length;
    expect(trials).toBeLessThan(REQUESTS / 4 + 200);
    expect(lab.envoy.log()).not.toMatch(/route_changed|abort:|unreachable/);
  }, 300_000);

  it("a stream arrives as it is sent, once the way is known", async () => {
    lab = await FourProviders.start("deploy/envoy/routing.yaml", undefined, 1);
    const call = KINDS[1]("gpt-4o");
    await send(lab.port, call);
    const piece = (text: string) => `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
    lab.upstreams.openai.reset({ pieces: [piece("a"), piece("b"), "data: [DONE]\n\n"], gapMs: 150 });
    const { pieces } = await send(lab.port, call);
    expect(pieces[pieces.length - 1].atMs - pieces[0].atMs).toBeGreaterThan(200);
  }, 60_000);

  it("a model that nobody serves gets 404 and goes nowhere, whatever the client says of clusters", async () => {
    lab = await FourProviders.start("deploy/envoy/routing.yaml", undefined, 1);
    const headers = { "x-ai-proxy-cluster": "openai" };
    const unknown = await send(lab.port, { headers, body: { model: "gpt4", messages } });
    expect([unknown.status, unknown.json().error.code]).toEqual([404, "model_not_found"]);
    // Not one of the plugin's: without a provider the one route leads nowhere.
    const other = await send(lab.port, { headers, path: "/v1/files", method: "GET" });
    expect(other.status).toBe(503);
    expect(NAMES.map((name) => lab!.upstreams[name].seen.length)).toEqual([0, 0, 0, 0]);
  }, 60_000);
});

const clustersOf = (config: any) => config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config;
const plugin = (config: any) =>
  config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.config.configuration;

/** Set-ups in which the route does not lead to the provider's cluster. */
const WRONG: Record<string, (config: any) => void> = {
  "one catch-all route to one cluster": (config) => {
    clustersOf(config).virtual_hosts[0].routes = [{ name: "all", match: { prefix: "/" }, route: { cluster: "openai" } }];
  },
  "a route that looks at another header": (config) => {
    clustersOf(config).virtual_hosts[0].routes[0].route.cluster_header = "x-other";
  },
  "weighted clusters": (config) => {
    const clusters = NAMES.map((name) => ({ name, weight: 25 }));
    clustersOf(config).virtual_hosts[0].routes = [{ name: "all", match: { prefix: "/" }, route: { weighted_clusters: { clusters } } }];
  },
  "clusters that are not named": (config) => {
    clustersOf(config).virtual_hosts[0].routes = [{ name: "all", match: { prefix: "/" }, route: { cluster: "openai" } }];
    const value = JSON.parse(plugin(config).value);
    for (const one of value.providers) delete one.cluster;
    plugin(config).value = JSON.stringify(value);
  },
};

describe("with a set-up that would lead astray", () => {
  it.each(Object.keys(WRONG))(
    "%s: nothing arrives that is another provider's",
    async (name) => {
      lab = await FourProviders.start("deploy/envoy/routing.yaml", WRONG[name]);
      const sent = await sendAll(lab.port, 400);
      const first = lab.configuration;
      const keys = Object.fromEntries(NAMES.map((one, index) => [one, first.providers[index].apiTokens])) as Record<Name, string[]>;
      expect(lab.wrong(keys).map(([one, { path, headers }]) => [one, path, headers])).toEqual([]);
      expect(sent.filter((one) => one.response.status !== 200 && one.response.status !== 500).length).toBe(0);
      expect(sent.filter((one) => one.response.status === 500).length).toBeGreaterThan(200);
      expect(lab.envoy.log()).toContain("route_changed");
    },
    120_000,
  );
});

/** Other ways than cluster_header. */
const RIGHT: Record<string, (config: any) => void> = {
  "a route for each provider's header": (config) => {
    clustersOf(config).virtual_hosts[0].routes = NAMES.map((name) => ({
      name: `to-${name}`,
      match: { prefix: "/", headers: [{ name: "x-ai-proxy-provider", string_match: { exact: name } }] },
      route: { cluster: name },
    }));
  },
  "virtual hosts that are named for the providers' hosts, without a word of clusters": (config) => {
    const value = JSON.parse(plugin(config).value);
    const hosts: Record<Name, string> = {
      openai: "api.openai.com",
      claude: "api.anthropic.com",
      gemini: "generativelanguage.googleapis.com",
      bedrock: "bedrock-runtime.us-east-1.amazonaws.com",
    };
    for (const one of value.providers) delete one.cluster;
    plugin(config).value = JSON.stringify(value);
    const [clients] = clustersOf(config).virtual_hosts;
    clients.routes = [{ name: "none", match: { prefix: "/" }, direct_response: { status: 404 } }];
    for (const name of NAMES) {
      const routes = [{ name: `to-${name}`, match: { prefix: "/" }, route: { cluster: name } }];
      clustersOf(config).virtual_hosts.push({ name: hosts[name], domains: [hosts[name]], routes });
    }
  },
};

describe("other set-ups", () => {
  it.each(Object.keys(RIGHT))(
    "%s: all arrive",
    async (name) => {
      lab = await FourProviders.start("deploy/envoy/routing.yaml", RIGHT[name]);
      const sent = await sendAll(lab.port, 600);
      const first = lab.configuration;
      const keys = Object.fromEntries(NAMES.map((one, index) => [one, first.providers[index].apiTokens])) as Record<Name, string[]>;
      expect(lab.wrong(keys)).toEqual([]);
      expect(sent.filter((one) => one.response.status !== 200).map((one) => [one.model, one.response.status, one.response.text])).toEqual(
        [],
      );
      expect(sent.filter((one) => !textOf(one).includes(one.provider)).length).toBe(0);
    },
    120_000,
  );
});
