// `npm run goals`: every goal of performance with what was measured. Run it on a machine that does nothing else; it takes about half an hour.
//
//   --recorded     the race's goals of the newest file in bench/results, without a race
//   --only-host    what the in-process host measures, and nothing of Envoy
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../tools/envoy-path.mjs";
import { nodeOf } from "../tools/node-of.mjs";
import { newestResults } from "./race/document.mjs";
import { targets } from "./race/numbers.mjs";

/** The branch of Envoy 1.40's V8 (14.6), and Envoy's way to compile: everything at once, and well. */
const NODE = "26";
const FLAGS = ["--no-liftoff", "--no-wasm-lazy-compilation"];
/** Of the shared budget (docs/scaling.md): what is under way for ten of 1,800 seconds, twice. */
const MOST_EXCESS = 0.012;

const { values } = parseArgs({ options: { recorded: { type: "boolean" }, "only-host": { type: "boolean" } } });
const run = (command, words) =>
  execFileSync(command, words, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "inherit"] });

function inHost() {
  run("npm", ["run", "--silent", "build"]);
  const node = nodeOf(NODE);
  const measured = (...words) => JSON.parse(run(node, [...FLAGS, ...words]));
  const { budgets } = measured("bench/run.mjs", "fleet/main.ts", "--json");
  const shared = budgets.find(({ name }) => name === "shared counts, 1 ms away");
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  return [
    ...measured("bench/run.mjs", "host-goals.ts"),
    {
      what: "100 gateways, a budget for an hour: exceeded by",
      ...{ bound: `≤ ${percent(MOST_EXCESS)}`, found: percent(shared.excess), isMet: shared.excess <= MOST_EXCESS },
    },
  ];
}

if (!values.recorded && !values["only-host"]) execFileSync("node", [join(ROOT, "bench/race/main.mjs")], { stdio: "inherit" });
const goals = [...(values["only-host"] ? [] : targets(newestResults())), ...inHost()];
for (const { what, bound, found, isMet } of goals) console.log(`${isMet ? "✓" : "✗"} ${what.padEnd(88)} ${bound.padStart(14)}  ${found}`);
console.log(`${goals.filter(({ isMet }) => isMet).length} of ${goals.length} goals are reached`);
