// A real Envoy says of random configurations what `check` is compared with: it takes and refuses the same, in the same words. All
// stand in one file of listeners (LDS), of which Envoy takes each by itself. ENVOY_RUNS=2000 for more.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { bootstrap } from "../envoy/bootstrap";
import { loadPlugin, PLUGIN_PATH } from "../../emulator/module";
import { configuration } from "../unit/config-arbitrary";

const RUNS = Number(process.env.ENVOY_RUNS ?? 200);
const SEED = 20261126;
const LINE = /\[(warning|error|critical)\]\[wasm\].* wasm log (plugin\d+) lab: (ai-proxy configuration: .*)$/;

interface Verdict {
  isTaken: boolean;
  lines: string[];
}

/** What Envoy does with each configuration, and what the plugin writes into its log meanwhile. */
async function envoyVerdicts(configs: string[]): Promise<Verdict[]> {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-agreement-"));
  const plugins = configs.map((config) => ({ config }));
  const whole = bootstrap({ plugins, wasm: PLUGIN_PATH, upstreamPort: 9, accessLog: join(directory, "access.log") }) as any;
  const resources = whole.static_resources.listeners.map((one: object) => ({
    "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
    ...one,
  }));
  // The log names a plugin by its root id.
  for (const one of resources) {
    const { config } = one.filter_chains[0].filters[0].typed_config.http_filters[0].typed_config;
    config.root_id = config.name;
  }
  delete whole.static_resources.listeners;
  const ldsPath = join(directory, "lds.json");
  whole.dynamic_resources = { lds_config: { resource_api_version: "V3", path_config_source: { path: ldsPath } } };
  whole.node = { id: "agreement", cluster: "agreement" };
  const configPath = join(directory, "envoy.json");
  writeFileSync(ldsPath, JSON.stringify({ version_info: "1", resources }));
  writeFileSync(configPath, JSON.stringify(whole));
  const envoy = new EnvoyProcess({ configPath, directory });
  try {
    await envoy.ready();
    const taken = await envoy.ports();
    const lines = new Map<string, Set<string>>();
    for (const line of envoy.log().split("\n")) {
      const [, level, name, text] = LINE.exec(line) ?? [];
      if (name !== undefined) lines.set(name, (lines.get(name) ?? new Set()).add(`${level === "warning" ? "warn" : level}: ${text}`));
    }
    return configs.map((_, index) => ({ isTaken: `l${index}` in taken, lines: [...(lines.get(`plugin${index}`) ?? [])].sort() }));
  } finally {
    await envoy.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

it(`Envoy and the test host agree on ${RUNS} random configurations, and on every message`, async () => {
  const configs = fc.sample(configuration(), { seed: SEED, numRuns: RUNS }).map((config) => JSON.stringify(config));
  const verdicts = await envoyVerdicts(configs);
  const host = await loadPlugin();
  let refused = 0;
  for (const [index, config] of configs.entries()) {
    const plugin = host.configure(config);
    const lines = [...new Set(plugin.logs.map(({ level, text }) => `${level}: ${text}`))].sort();
    expect({ config, ...verdicts[index] }).toEqual({ config, isTaken: plugin.ok, lines });
    plugin.stop();
    if (!plugin.ok) refused++;
  }
  expect(refused).toBeGreaterThan(RUNS * 0.1);
  expect(refused).toBeLessThan(RUNS * 0.9);
}, 600_000);
