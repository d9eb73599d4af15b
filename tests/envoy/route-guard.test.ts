// No key at the wrong provider: routes by path, by domain and by weight in a real Envoy with two providers behind it, and 1,000
// requests each from several clients at once.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { send } from "./client";
import { Providers, type Sent } from "./providers";

const REQUESTS = 1_000;
let lab: Providers | undefined;

afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const hostsOf = (config: any) =>
  config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts as any[];
const hostCalled = (config: any, name: string) => hostsOf(config).find((one) => one.name === name);
const errorOf = ({ response }: Sent) => (response.status === 200 ? undefined : (JSON.parse(response.text).error ?? {}));
/** What the client learns: OpenAI's code, or the type of Anthropic's error. */
const codeOf = (sent: Sent) => errorOf(sent)?.code ?? errorOf(sent)?.type;
const REFUSED = ["route_changed", "api_error", "unsupported_api", "not_found_error"];

const RULES = {
  providers: [
    { id: "openai", type: "openai", apiTokens: ["sk-openai"] },
    { id: "claude", type: "claude", apiTokens: ["sk-ant-claude"] },
  ],
  _rules_: [
    { _match_service_: ["openai"], activeProviderId: "openai" },
    { _match_service_: ["claude"], activeProviderId: "claude" },
  ],
};

/** Set-ups of deploy/envoy, and some that differ. */
const RIGHT: Record<string, [file: string, change?: (config: any) => void]> = {
  "providers.yaml": ["providers.yaml"],
  "providers-upstream.yaml": ["providers-upstream.yaml"],
  "providers.yaml with other names of the providers' virtual hosts": [
    "providers.yaml",
    (config) =>
      hostsOf(config)
        .slice(2)
        .forEach((one, index) => (one.name = `provider-${index}`)),
  ],
  "providers-upstream.yaml with all rules in each cluster": [
    "providers-upstream.yaml",
    (config) => {
      for (const cluster of config.static_resources.clusters) {
        const [filter] = Object.values<any>(cluster.typed_extension_protocol_options)[0].http_filters;
        filter.typed_config.config.configuration.value = JSON.stringify(RULES);
      }
    },
  ],
  "providers.yaml over HTTP/1 connections that are used once": [
    "providers.yaml",
    (config) => config.static_resources.clusters.forEach((one: any) => (one.max_requests_per_connection = 1)),
  ],
};

describe("with a right set-up", () => {
  it.each(Object.keys(RIGHT))(
    "%s: all arrive at the right provider with the right key",
    async (name) => {
      const [file, change] = RIGHT[name];
      lab = await Providers.start(`deploy/envoy/${file}`, change);
      const sent = await lab.sendAll(REQUESTS);
      expect(lab.wrong().map((one) => [one.path, one.headers])).toEqual([]);
      // Anthropic has no API for files behind this plugin.
      const failed = sent.filter((one) => one.response.status !== 200 && codeOf(one) !== "unsupported_api");
      expect(failed.map(({ call, response }) => [call.path, response.status, response.text])).toEqual([]);
      const chats = sent.filter(({ way, call }) => way.provider !== null && call.path?.includes("chat"));
      expect(chats.filter(({ way, response }) => !response.text.includes(way.provider!))).toEqual([]);
      const refused = sent.filter(({ response }) => response.status === 404).length;
      expect(lab.openai.seen.length + lab.claude.seen.length).toBe(REQUESTS - refused);
      // With two workers, twelve clients at once and six kinds of requests on four ways; as an upstream filter the plugin has no need.
      if (file === "providers-upstream.yaml") expect(lab.trials()).toBe(0);
      else expect(lab.trials()).toBeLessThan(change === undefined ? 60 : REQUESTS / 2);
      expect(lab.envoy.log()).not.toMatch(/route_changed|abort:|unreachable/);
    },
    120_000,
  );
});

/** providers.yaml without what makes it right, in several ways. */
const WRONG: Record<string, (config: any) => void> = {
  "without virtual hosts for the providers": (config) => {
    hostsOf(config).splice(2);
  },
  "with clients' virtual hosts by domain alone": (config) => {
    hostsOf(config).splice(2);
    hostCalled(config, "clients").routes.splice(0, 2);
  },
  "with no virtual host that the providers' hosts match": (config) => {
    hostsOf(config).splice(2);
    hostCalled(config, "clients").domains = ["gw.test"];
  },
  "with the providers' hosts the wrong way round": (config) => {
    hostCalled(config, "api.openai.com").domains = ["api.anthropic.com"];
    hostCalled(config, "api.anthropic.com").domains = ["api.openai.com"];
  },
  "with one provider's host forgotten": (config) => {
    hostsOf(config).pop();
  },
};

describe("with a set-up that would lead astray", () => {
  it.each(Object.keys(WRONG))(
    "%s, nothing arrives that is another provider's",
    async (name) => {
      lab = await Providers.start("deploy/envoy/providers.yaml", WRONG[name]);
      const sent = await lab.sendAll(REQUESTS);
      expect(lab.wrong().map((one) => [one.path, one.headers])).toEqual([]);
      const refused = sent.filter(({ response }) => response.status === 500);
      expect(refused.length).toBeGreaterThan(REQUESTS / 5);
      expect(sent.filter((one) => one.response.status !== 200 && !REFUSED.includes(codeOf(one)))).toEqual([]);
      const lines = lab.envoy.log().match(/route_changed: requests of route .*/g) ?? [];
      expect(lines.length).toBeGreaterThan(0);
      expect(new Set(lines).size).toBe(lines.length);
      expect(lab.envoy.log()).not.toMatch(/sk-openai|sk-ant|abort:|unreachable/);
    },
    120_000,
  );
});

describe("a request that is tried out", () => {
  it("may be left by its client or by the provider, or be late; the gateway lives on", async () => {
    lab = await Providers.start(
      "deploy/envoy/providers.yaml",
      (config) => hostsOf(config).forEach((one, n) => (one.name = `host-${n}`)),
      1,
    );
    const body = { model: "m", messages: [{ role: "user", content: "Hi" }] };
    const chat = (extra = {}) => send(lab!.port, { path: "/team-claude/v1/chat/completions", host: "gw.test", body, ...extra });
    lab.claude.reset({ delayMs: 300, body: {} });
    for (let n = 0; n < 3; n++) await chat({ abortAfterMs: 100 });
    await sleep(400);
    lab.claude.reset({ body: "x".repeat(100), end: "reset" });
    expect((await chat()).status).toBeGreaterThanOrEqual(502);
    lab.claude.reset({ delayMs: 300, body: { type: "message", role: "assistant", content: [{ type: "text", text: "late" }] } });
    expect((await chat()).json().choices[0].message.content).toBe("late");
    // Those that were left have other details.
    await expect.poll(() => lab!.trials()).toBe(2);
    expect(lab.envoy.log()).not.toMatch(/abort:|unreachable|backtrace/);
    expect(lab.envoy.isRunning).toBe(true);
  }, 60_000);
});
