// Never a trap, never an unanswered request, never a broken ai_log: mutated requests, responses, heads and configurations
// through build/plugin.wasm in the strict host. Deterministic; FUZZ_RUNS sets how many (a nightly run takes 100000) and
// FUZZ_SEED where chance begins. What once failed lies in corpus/ and is run first.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import type { Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { clientBytes, runTrial, type Trial } from "./exchange";
import { Random } from "./random";
import { loadConfigs, loadSeeds, makeConfig, makeTrial, type Target } from "./trials";

const RUNS = Number(process.env.FUZZ_RUNS ?? 8000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const SHARES: Record<Target, number> = { request: 0.35, response: 0.35, head: 0.15, config: 0.15 };
const MAX_FINDINGS = 5;
const CORPUS = join(ROOT, "tests/fuzz/corpus");
const TIME_LIMIT_MS = 600_000;

type Plugin = ReturnType<Host["configure"]>;

/** A VM and its plugins by configuration; made anew after a trap. */
class Pool {
  private host: Host | null = null;
  private plugins = new Map<string, Plugin>();

  async vm(): Promise<Host> {
    if (this.host === null) {
      this.host = await loadPlugin({ logLevel: "trace" });
      this.plugins = new Map();
    }
    // Lines are of no use here and would fill the memory.
    this.host.logs.length = 0;
    return this.host;
  }

  plugin(host: Host, config: string): Plugin {
    let plugin = this.plugins.get(config);
    if (plugin === undefined) {
      plugin = host.configure(config);
      this.plugins.set(config, plugin);
    }
    return plugin;
  }

  renew(): void {
    this.host = null;
  }
}

/** Ids that the plugin makes up apart. */
const shape = (text: string) => text.replace(/(chatcmpl|call|msg|toolu|resp|fc|ctc|lsh|sh|apc|tsc|ig|rs)[-_][0-9a-zA-Z_]{6,}/g, "$1");

async function runMany(target: Target, runs: number): Promise<string[]> {
  const random = new Random(SEED * 1000 + Object.keys(SHARES).indexOf(target));
  const seeds = loadSeeds();
  const configs = loadConfigs();
  const pool = new Pool();
  const findings: string[] = [];
  for (let run = 0; run < runs && findings.length < MAX_FINDINGS; run++) {
    const host = await pool.vm();
    const config = target === "config" ? makeConfig(random, configs) : null;
    const trial = makeTrial(random, seeds, target, config);
    const plugin = config === null ? pool.plugin(host, trial.config) : host.configure(config);
    const found =
      host.traps.length > 0
        ? [`trap in ${host.traps[0].callback}: ${host.traps[0].message}`]
        : plugin.ok
          ? runTrial(host, plugin, trial)
          : [];
    if (found.length === 0 && target === "response" && plugin.ok && !trial.response?.isCut) {
      const whole = Buffer.concat((trial.response?.pieces ?? []).map((piece) => Buffer.from(piece, "base64")));
      const [one, other] = [[whole], random.cut(whole, 20)].map((pieces) => clientBytes(host, plugin, trial, pieces));
      if (shape(one) !== shape(other)) found.push(`cuts change the answer: ${one.slice(0, 400)} | ${other.slice(0, 400)}`);
    }
    if (config !== null) plugin.stop();
    if (found.length === 0) continue;
    findings.push(`${target} run ${run}: ${found.join("; ")}\n${JSON.stringify(trial)}`);
    pool.renew();
  }
  return findings;
}

describe("past findings stay mended", () => {
  for (const name of readdirSync(CORPUS).filter((file) => file.endsWith(".json"))) {
    const trial = JSON.parse(readFileSync(join(CORPUS, name), "utf8")) as Trial;
    const test = trial.pending === undefined ? it : it.fails;
    test(name, async () => {
      const host = await loadPlugin();
      const plugin = host.configure(trial.config);
      expect(host.traps).toEqual([]);
      if (plugin.ok) expect(runTrial(host, plugin, trial)).toEqual([]);
    });
  }
});

describe(`${RUNS} mutations do no harm`, () => {
  it.each(Object.entries(SHARES))(
    "to the %s",
    async (target, share) => {
      const findings = await runMany(target as Target, Math.round(RUNS * share));
      expect(findings.join("\n\n")).toBe("");
    },
    TIME_LIMIT_MS,
  );
});
