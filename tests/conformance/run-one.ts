// What `npm run case NAME…` prints: for each case whose name begins so, what it wants and what came, in three parts: what reached
// the provider, what reached the client, and ai_log. Nothing else is printed; a case that holds is one line.
import { loadCases, type Case } from "../cases/case";
import { compare, compareLogLines, type Observed } from "../cases/compare";
import { loadCase, runCase } from "./run";

const PARTS: [string, RegExp][] = [
  ["provider", /^(upstream|method|host|path|a call left|no call left)/],
  ["client", /^(status|answer|the answer|event)/],
  ["ai_log", /^ai_log/],
];

function seenIn(part: string, seen: Observed): string {
  if (part === "provider") return seen.upstream ? `${seen.upstream.method} ${seen.upstream.path} ${seen.upstream.body}` : "no call left";
  if (part === "client") return `${seen.response.status} ${seen.response.body}`;
  return JSON.stringify(seen.log);
}

/** The differences of one case as lines, by part. */
function report(differences: string[], seen: Observed | null): string[] {
  const rest = differences.filter((line) => !PARTS.some(([, pattern]) => pattern.test(line)));
  const lines = PARTS.flatMap(([part, pattern]) => {
    const own = differences.filter((line) => pattern.test(line));
    if (own.length === 0) return [];
    return [`  ${part}`, ...own.map((line) => `    ${line}`), ...(seen ? [`    seen: ${seenIn(part, seen)}`] : [])];
  });
  return [...lines, ...rest.map((line) => `  ${line}`)];
}

async function differencesOf(one: Case): Promise<{ differences: string[]; seen: Observed | null }> {
  const loaded = await loadCase(one);
  const { host, plugin } = loaded;
  const differences: string[] = [];
  if (plugin.ok === (one.expect.start === "refused")) {
    differences.push(`the configuration was ${plugin.ok ? "taken" : "refused"}: ${plugin.logs.map((line) => line.text).join(" | ")}`);
  }
  const seen = one.request !== undefined && plugin.ok ? runCase(loaded, one) : null;
  if (seen) differences.push(...compare(one, seen));
  if (one.expect.logLines) {
    const lines = host.logs.map((line) => line.text);
    differences.push(...compareLogLines(one, lines));
  }
  for (const [name, value] of Object.entries(one.expect.metrics ?? {})) {
    const got = host.metrics.value(name);
    if (got !== value) differences.push(`metric ${name}: wanted ${value}, got ${got}`);
  }
  differences.push(...[...host.traps, ...host.violations].map((fault) => `the host saw: ${fault}`));
  return { differences, seen };
}

/** Runs the cases whose names begin with one of `names`; how many failed, or -1 when there is no such case. */
export async function runCases(names: string[]): Promise<number> {
  const chosen = loadCases().filter((one) => one.only?.runner !== "envoy" && names.some((name) => one.name.startsWith(name)));
  let failed = 0;
  for (const one of chosen) {
    const { differences, seen } = await differencesOf(one);
    if (differences.length > 0) failed++;
    console.log(`${one.name} ${differences.length === 0 ? "holds" : "falls short"}`);
    for (const line of report(differences, seen)) console.log(line);
  }
  return chosen.length === 0 ? -1 : failed;
}
