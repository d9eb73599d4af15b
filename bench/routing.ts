// What choosing by model costs a request: its two callbacks with 500 rules, over those with one rule, in microseconds.
// `npm run bench:routing` builds the release first. Of a machine that does other work, too, differences of some microseconds say nothing.
import { readFileSync } from "node:fs";
import { Host } from "../emulator/host";
import { releasePath } from "../emulator/module";

const RULES = 500;
/** The best of so many counts: other work of the machine only adds to them. */
const ROUNDS = 150;
const REQUESTS = 60;
const module = new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath()));

/** Kinds of patterns: of the rule with this number, and the model that the last rule takes. */
const KINDS: Record<string, (rule: number) => [pattern: string, model: string]> = {
  "exact names": (rule) => [`model-of-team-${rule}`, `model-of-team-${rule}`],
  prefixes: (rule) => [`model-of-team-${rule}-*`, `model-of-team-${rule}-large`],
  "both in turns": (rule) => [rule % 2 === 0 ? `model-of-team-${rule}` : `model-of-team-${rule}-*`, `model-of-team-${rule}-large`],
};

async function requests(pattern: (rule: number) => [string, string], rules: number): Promise<() => number> {
  const host = await Host.load(module, { logLevel: "critical" });
  const plugin = host.configure(
    JSON.stringify({
      providers: [{ id: "a", type: "openai", apiTokens: ["k"], cluster: "c0" }],
      _rules_: Array.from({ length: rules }, (_, rule) => ({
        _match_model_: [pattern(rules === 1 ? RULES - 1 : rule)[0]],
        activeProviderId: "a",
      })),
    }),
  );
  if (!plugin.ok) throw new Error("the configuration is refused");
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }], model: pattern(RULES - 1)[1] });
  const request = { path: "/v1/chat/completions", headers: { "content-type": "application/json" }, body };
  const one = () => {
    const exchange = plugin.exchange(request);
    if (exchange.upstream === null) throw new Error("nothing was sent");
    exchange.abort();
  };
  for (let n = 0; n < 2000; n++) one();
  return () => {
    const begun = process.cpuUsage();
    for (let n = 0; n < REQUESTS; n++) one();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / REQUESTS;
  };
}

export async function main(): Promise<void> {
  for (const [name, pattern] of Object.entries(KINDS)) {
    const few = await requests(pattern, 1);
    const many = await requests(pattern, RULES);
    let [one, all] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) [one, all] = [Math.min(one, few()), Math.min(all, many())];
    console.log(
      `${name.padEnd(16)} ${RULES} rules over one: ${(all - one).toFixed(1)} µs of a request (${one.toFixed(1)} -> ${all.toFixed(1)} µs in the in-process host)`,
    );
  }
}

await main();
