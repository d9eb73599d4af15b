// What `npm run dev` runs: deploy/envoy/envoy.yaml with the mock as it is, or a given configuration of the plugin, in front of real
// providers or of the mock. The plugin itself is asked first what it makes of a given configuration.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { envoyConfig } from "./envoy-config.mjs";
import { realConfig } from "./dev-envoy.mjs";
import { providerConfig } from "./dev-provider.mjs";
import { ROOT } from "./envoy-path.mjs";
import { runTypeScript } from "./run-ts.mjs";

const CLI = join(ROOT, "build/cli.mjs");
const EXAMPLE_MODEL = "gpt-4o";

/** A model that the provider of this type has, for the examples; "" for one that takes none. */
function exampleModel(type) {
  const file = join(ROOT, `tests/conformance/providers/${type}.yaml`);
  return (existsSync(file) ? parse(readFileSync(file, "utf8")).playground?.model : undefined) ?? EXAMPLE_MODEL;
}

/** The plugin's configuration in a file of any kind that `check` reads. */
async function readConfiguration(path) {
  const { readConfigFile } = await runTypeScript("cli/config-file.ts");
  const file = readConfigFile(path, readFileSync(path));
  if (file.sources.length !== 1) throw new Error(`${path} holds ${file.sources.length} configurations of the plugin; dev takes one`);
  return parse(file.sources[0].text);
}

/** The configuration with every provider that stands in it replaced by what `change` makes of it. */
function withProviders(config, change) {
  const one = { ...config };
  if (one.provider) one.provider = change(one.provider);
  if (Array.isArray(one.providers)) one.providers = one.providers.map(change);
  if (Array.isArray(one._rules_)) one._rules_ = one._rules_.map((rule) => (rule ? withProviders(rule, change) : rule));
  return one;
}

function cli(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: ROOT, encoding: "utf8" });
  return { isGood: status === 0, stdout, stderr };
}

export class Target {
  /** @param {{ provider?: string, config?: string, mock?: boolean }} options @param {string} directory for files of its own */
  constructor(options, directory) {
    this.options = options;
    this.directory = directory;
    this.isGiven = options.provider !== undefined || options.config !== undefined;
    this.hasMock = !this.isGiven || options.mock === true;
    this.path = options.config && resolve(options.config);
    this.model = options.provider === undefined ? EXAMPLE_MODEL : exampleModel(options.provider);
    // At once, before anything is compiled.
    if (options.provider !== undefined && options.config !== undefined) throw new Error("--provider and --config cannot be used together");
    if (this.path && !existsSync(this.path)) throw new Error(`--config: there is no ${options.config}`);
    if (options.provider !== undefined) this.made = providerConfig(options.provider, process.env);
  }

  /**
   * Envoy's configuration. Throws with the plugin's own words when the given configuration is wrong.
   * @param {string} wasm
   * @param {Record<string, string | number>} values of the template
   * @param {(line: string) => void} say
   */
  async envoyConfig(wasm, values, say) {
    if (!this.isGiven) return envoyConfig({ ...values, PLUGIN_WASM: wasm });
    spawnSync("npm", ["run", "--silent", "build:cli"], { cwd: ROOT, stdio: "inherit" });
    const path = this.path ?? join(this.directory, "plugin.json");
    if (this.made) writeFileSync(path, JSON.stringify(this.made.config));
    const checked = cli(["check", "--wasm", wasm, path]);
    if (!checked.isGood) throw new Error(`the configuration is wrong:\n${checked.stdout}${checked.stderr}`);
    if (this.path) say(checked.stdout.trimEnd());
    const given = await readConfiguration(path);
    const variables = [...new Set([...JSON.stringify(given).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))];
    const servers = this.hasMock ? [] : this.serversOf(wasm, given);
    const hosts = servers.filter((one) => one.isProvider);
    say(this.hasMock ? "all providers are the mock" : `requests go to ${hosts.map(({ host }) => host).join(", ") || "no provider"}`);
    // The plugin lets no request leave for another cluster than its provider's. The clusters of the gateway that a configuration is for
    // are not here, so each provider gets dev's.
    const cluster = ({ cluster: _theirs, ...rest }) => rest;
    const configuration = withProviders(given, (provider) =>
      hosts.length < 2 ? cluster(provider) : { ...provider, cluster: this.hosts.get(JSON.stringify(provider)) },
    );
    return realConfig({ ...values, PLUGIN_WASM: wasm }, { configuration: JSON.stringify(configuration), variables, servers });
  }

  /** The servers that the plugin reaches for the providers of a configuration, as it says itself; a provider's cluster has its host's name. */
  serversOf(wasm, given) {
    const servers = new Map();
    this.hosts = new Map();
    withProviders(given, (provider) => {
      const { id: _id, cluster: _cluster, ...alone } = provider;
      const { upstream, sideCalls = [] } = this.explained(wasm, { provider: alone });
      for (const call of sideCalls) servers.set(call.cluster, { cluster: call.cluster, host: call.host, isProvider: false });
      if (!upstream?.host) return provider;
      servers.set(upstream.host, { cluster: upstream.host, host: upstream.host, isProvider: true });
      this.hosts.set(JSON.stringify(provider), upstream.host);
      return provider;
    });
    return [...servers.values()];
  }

  /** What the plugin does with a chat, by `explain`. */
  explained(wasm, configuration) {
    const [config, request] = ["explained.json", "request.json"].map((name) => join(this.directory, name));
    writeFileSync(config, JSON.stringify(configuration));
    writeFileSync(request, JSON.stringify({ model: this.model, messages: [{ role: "user", content: "Hello!" }] }));
    const { stdout } = cli(["explain", "--format", "json", "--wasm", wasm, config, request]);
    try {
      return JSON.parse(stdout);
    } catch {
      return {};
    }
  }
}
