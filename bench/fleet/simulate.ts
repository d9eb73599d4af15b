// Many gateways in front of one budget. Each gateway is the plugin itself in the emulator, with its own shared data, as a machine of its
// own has; time is simulated, so that an hour takes seconds.
import { Host, type Plugin } from "../../emulator/host";
import { Chance, Timeline } from "./events";
import { SharedCounts, type ServiceOptions } from "./counts";

export interface Fleet {
  gateways: number;
  /** The budget of the hour, in tokens. */
  limit: number;
  /** Requests a second of all gateways together. */
  requestsPerSecond: number;
  /** Mean time of an exchange, in seconds, and mean tokens of it (prompt and response). */
  exchangeSeconds: number;
  exchangeTokens: number;
  /** Tokens an hour that each gateway's own limit admits; 0: it has none. */
  ownLimit: number;
  /** The rate limit service; null: gateways do not share anything. */
  service: ServiceOptions | null;
  seed: number;
}

export interface Outcome {
  /** Tokens that were used in the hour, by what the provider reported. */
  used: number;
  /** What the requests of the hour would have used. */
  wanted: number;
  admitted: number;
  refusedByGateway: number;
  refusedByService: number;
  /** Most exchanges under way at a time. */
  mostHeld: number;
}

/** An hour's begin, so that the window of the limits is the simulation's. */
const START = 1_767_322_800_000_000_000n;
const HOUR_MS = 3_600_000;
/** A prompt has four of five tokens of an exchange. */
const PROMPT_SHARE = 0.8;
const SPREAD = 0.8;
/** Bytes that a token of the prompt has. The reservation counts a quarter of the body. */
const BYTES_A_TOKEN = 4;
const MOST_PROMPT_BYTES = 200_000;

function configuration({ ownLimit }: Fleet): string {
  return JSON.stringify({
    provider: { type: "openai", apiTokens: ["sk-fleet"] },
    consumers: [{ name: "team", credential: "gw-team" }],
    filterState: ["consumer", "model", "tokens"],
    ...(ownLimit > 0 ? { limits: [{ name: "team", by: "consumer", tokensPerHour: ownLimit }] } : {}),
  });
}

/** The gateways, each with a VM of its own. */
async function start(module: WebAssembly.Module, fleet: Fleet, timeline: Timeline): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  for (let at = 0; at < fleet.gateways; at++) {
    const host = await Host.load(module, { clock: timeline.clock, logLevel: "critical" });
    const plugin = host.configure(configuration(fleet));
    if (!plugin.ok) throw new Error("the fleet's configuration is refused");
    plugins.push(plugin);
  }
  return plugins;
}

const request = (prompt: number, output: number) => ({
  path: "/v1/chat/completions",
  headers: { "content-type": "application/json", authorization: "Bearer gw-team" },
  body: JSON.stringify({
    ...{ model: "m", max_tokens: output },
    messages: [{ role: "user", content: "x".repeat(Math.min(MOST_PROMPT_BYTES, BYTES_A_TOKEN * prompt)) }],
  }),
});

const response = (prompt: number, output: number) =>
  JSON.stringify({
    ...{ id: "c", object: "chat.completion", created: 1, model: "m" },
    choices: [{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" }],
    usage: { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output },
  });

/** One hour of a fleet. */
export async function simulate(module: WebAssembly.Module, fleet: Fleet): Promise<Outcome> {
  const timeline = new Timeline(START);
  const chance = new Chance(fleet.seed);
  const plugins = await start(module, fleet, timeline);
  const service = fleet.service && new SharedCounts(timeline, chance, fleet.limit, fleet.service);
  const outcome: Outcome = { used: 0, wanted: 0, admitted: 0, refusedByGateway: 0, refusedByService: 0, mostHeld: 0 };
  let held = 0;

  const one = () => {
    const tokens = Math.max(2, Math.round(chance.lognormal(fleet.exchangeTokens, SPREAD)));
    const prompt = Math.max(1, Math.round(tokens * PROMPT_SHARE));
    const output = Math.max(1, tokens - prompt);
    const seconds = chance.lognormal(fleet.exchangeSeconds, SPREAD);
    outcome.wanted += prompt + output;
    const exchange = plugins[chance.below(plugins.length)].exchange(request(prompt, output));
    if (exchange.localReply !== null) {
      outcome.refusedByGateway++;
      exchange.finish();
      return;
    }
    const send = () => {
      outcome.admitted++;
      outcome.mostHeld = Math.max(outcome.mostHeld, ++held);
      timeline.after(seconds * 1000, () => {
        exchange.respond({ status: 200, headers: { "content-type": "application/json" }, chunks: [response(prompt, output)] });
        exchange.finish();
        held--;
        const counted = Number(exchange.stateText("ai_tokens"));
        if (counted !== prompt + output) throw new Error(`${counted} tokens counted of ${prompt + output}`);
        // What ends after the hour counts in the next one, at the service and here.
        if (timeline.now >= HOUR_MS) return;
        outcome.used += counted;
        service?.add(counted);
      });
    };
    if (service === null) return send();
    service.check((admitted) => {
      if (admitted) return send();
      outcome.refusedByService++;
      exchange.respondHeaders({ status: 429, local: "request_rate_limited" }, true);
      exchange.finish();
    });
  };
  const arrive = () => {
    one();
    timeline.after(chance.exponential(1000 / fleet.requestsPerSecond), arrive);
  };
  timeline.after(0, arrive);
  timeline.runUntil(HOUR_MS - 1);
  return outcome;
}
