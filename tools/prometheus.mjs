// Debian's prometheus and promtool: found on the PATH or installed, started on a free port of the loopback interface, asked.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installDebian } from "./debian.mjs";
import { freePort } from "./free-port.mjs";

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** Why Prometheus cannot be used here, or "". Installs Debian's package when it is missing and this is root. */
export function installPrometheus() {
  return installDebian("prometheus", ["prometheus", "promtool"]);
}

/**
 * Runs promtool; its output when it succeeds, else throws with it.
 * @param {string[]} args
 * @returns {string}
 */
export function promtool(args, cwd) {
  const run = spawnSync("promtool", args, { encoding: "utf8", cwd });
  if (run.status !== 0) throw new Error(`promtool ${args.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout;
}

/**
 * `data` of a call to Prometheus' HTTP API; throws with its own words when it refuses.
 * @param {string} url
 * @param {string} path
 * @param {Record<string, string>} parameters
 * @returns {Promise<any>}
 */
export async function queryApi(url, path, parameters = {}) {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`, { signal: AbortSignal.timeout(10_000) });
  const body = await response.json();
  if (body.status !== "success") throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`);
  return body.data;
}

export class Prometheus {
  /**
   * Starts one that scrapes `target` every second and evaluates `rules` (the text of a rules file) as often.
   * @param {{ directory: string, target: string, rules: string }} options
   */
  static async start({ directory, target, rules }) {
    const configPath = join(directory, "prometheus.yaml");
    writeFileSync(join(directory, "rules.yaml"), rules);
    writeFileSync(
      configPath,
      JSON.stringify({
        global: { scrape_interval: "1s", evaluation_interval: "1s" },
        rule_files: ["rules.yaml"],
        scrape_configs: [{ job_name: "envoy", metrics_path: "/stats/prometheus", static_configs: [{ targets: [target] }] }],
      }),
    );
    promtool(["check", "config", configPath]);
    const one = new Prometheus(configPath, directory, await freePort());
    await one.ready();
    return one;
  }

  constructor(configPath, directory, port) {
    this.url = `http://127.0.0.1:${port}`;
    this.logPath = join(directory, "prometheus.log");
    const log = openSync(this.logPath, "a");
    this.process = spawn(
      "prometheus",
      [
        `--config.file=${configPath}`,
        `--storage.tsdb.path=${join(directory, "tsdb")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=warn",
      ],
      { stdio: ["ignore", log, log] },
    );
    closeSync(log);
    this.isRunning = true;
    const killChild = () => this.process.kill("SIGKILL");
    process.once("exit", killChild);
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.ended.then(() => {
      this.isRunning = false;
      process.off("exit", killChild);
    });
  }

  async ready() {
    const limit = Date.now() + READY_LIMIT_MS;
    while (this.isRunning && Date.now() < limit) {
      const isUp = await fetch(`${this.url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) return;
      await sleep(50);
    }
    await this.stop();
    throw new Error(`prometheus did not start:\n${readFileSync(this.logPath, "utf8").slice(-2000)}`);
  }

  /**
   * As queryApi.
   * @param {string} path
   * @param {Record<string, string>} parameters
   * @returns {Promise<any>}
   */
  api(path, parameters = {}) {
    return queryApi(this.url, path, parameters);
  }

  /**
   * The samples of an instant query now.
   * @param {string} expression
   * @returns {Promise<{ labels: Record<string, string>, value: number }[]>}
   */
  async query(expression) {
    const { result } = await this.api("query", { query: expression });
    return result.map((one) => ({ labels: one.metric, value: Number(one.value[1]) }));
  }

  async stop() {
    if (!this.isRunning) return;
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

/** A Grafana query as Prometheus takes it: all routes, models and consumers, and a window for the rates. */
export function fillVariables(expression, window) {
  return expression
    .replaceAll(/\$__(rate_interval|range)/g, window)
    .replace(/\$(job|instance|route|cluster|provider|model|consumer)\b/g, ".*");
}
