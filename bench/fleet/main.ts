// How far a budget is exceeded that many gateways share: `npm run bench:fleet`. docs/scaling.md has the model, and the table that this prints.
//
//   --gateways N   default 100
//   --json         the outcomes as JSON
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { releasePath } from "../../emulator/module";
import type { ServiceOptions } from "./counts";
import { heldStreams } from "./held";
import { simulate, type Fleet, type Outcome } from "./simulate";

const MINUTE_MS = 60_000;
/** The requests of an hour want twice the budget, so that it is used up half-way. */
const DEMAND = 2;
const TOKENS = 5000;
const near: ServiceOptions = { delayMs: 1, outage: null, deniesWithout: false };

/** What is compared, by name: how the fleet differs from the one that everything is measured with. */
export const SCENARIOS: Record<string, (fleet: Fleet) => Partial<Fleet>> = {
  "each gateway counts for itself, the whole budget": (fleet) => ({ service: null, ownLimit: fleet.limit }),
  "each gateway counts for itself, its part of the budget": (fleet) => ({
    service: null,
    ownLimit: Math.ceil(fleet.limit / fleet.gateways),
  }),
  "shared counts, 1 ms away": () => ({}),
  "shared counts, 20 ms away": () => ({ service: { ...near, delayMs: 20 } }),
  "shared counts, 200 ms away": () => ({ service: { ...near, delayMs: 200 } }),
  "shared counts, exchanges of a minute": () => ({ exchangeSeconds: 60 }),
  "shared counts, gone from minute 25 to 35, requests pass": () => ({ service: { ...near, outage: [25 * MINUTE_MS, 35 * MINUTE_MS] } }),
  "the same, and each gateway's own limit of 1.2 times its part": (fleet) => ({
    service: { ...near, outage: [25 * MINUTE_MS, 35 * MINUTE_MS] },
    ownLimit: Math.ceil((1.2 * fleet.limit) / fleet.gateways),
  }),
  "shared counts, gone from minute 25 to 35, requests are refused": () => ({
    service: { ...near, outage: [25 * MINUTE_MS, 35 * MINUTE_MS], deniesWithout: true },
  }),
};

/** A fleet whose requests want DEMAND times the budget: ten seconds and TOKENS tokens each, as agents' turns are. */
export function fleet(gateways: number, requestsPerSecond: number): Fleet {
  const limit = Math.round((requestsPerSecond * 3600 * TOKENS) / DEMAND);
  return { gateways, limit, requestsPerSecond, exchangeSeconds: 10, exchangeTokens: TOKENS, ownLimit: 0, service: near, seed: 20261128 };
}

/** Used tokens over the budget, as a share of it; negative when the budget is not used up. */
export const excess = (outcome: Outcome, limit: number) => outcome.used / limit - 1;

const percent = (share: number) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(2)} %`;

export async function main(words: string[]): Promise<void> {
  const { values } = parseArgs({ args: words, options: { gateways: { type: "string", default: "100" }, json: { type: "boolean" } } });
  const module = new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath()));
  const base = fleet(Number(values.gateways), Number(values.gateways) / 10);
  const rows = [];
  if (!values.json)
    console.log("| how it is counted | budget exceeded by | admitted | refused | most under way |\n| --- | --- | --- | --- | --- |");
  for (const [name, change] of Object.entries(SCENARIOS)) {
    const one = { ...base, ...change(base) };
    const outcome = await simulate(module, one);
    rows.push({ name, excess: excess(outcome, one.limit), ...outcome });
    const refused = outcome.refusedByGateway + outcome.refusedByService;
    const cells = [name, percent(excess(outcome, one.limit)), outcome.admitted, refused, outcome.mostHeld];
    if (!values.json) console.log(`| ${cells.join(" | ")} |`);
  }
  const held = await heldStreams(module);
  if (values.json) console.log(JSON.stringify({ budgets: rows, heldStreams: held }, null, 1));
  else
    console.log(
      [
        "",
        "| streams held | KiB of the VM each |",
        "| --- | --- |",
        ...held.map(({ name, kib }) => `| ${name} | ${kib.toFixed(1)} |`),
      ].join("\n"),
    );
}
