// One Envoy process from start to end, shared by `make dev` and the tests' lab. Ports in the configuration may be 0: the
// ports that Envoy then took are read from its admin interface, so parallel runs never collide.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { envoyPath } from "./envoy-path.mjs";

const READY_LIMIT_MS = 40_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 25;

/** @typedef {{ configPath: string, directory: string, concurrency?: number, logLevel?: string, wasmLogLevel?: string,
 * readyLimitMs?: number, drainSeconds?: number }} EnvoyOptions */

export class EnvoyProcess {
  /** @param {EnvoyOptions} options */
  constructor(options) {
    this.readyLimitMs = options.readyLimitMs ?? READY_LIMIT_MS;
    this.logPath = join(options.directory, "envoy.log");
    this.adminPath = join(options.directory, `admin-${process.pid}-${Date.now()}`);
    const log = openSync(this.logPath, "a");
    this.logStart = existsSync(this.logPath) ? readFileSync(this.logPath).length : 0;
    this.process = spawn(
      envoyPath(),
      [
        ...["-c", options.configPath, "--concurrency", String(options.concurrency ?? 1)],
        ...["-l", options.logLevel ?? "warning", "--component-log-level", `wasm:${options.wasmLogLevel ?? "info"}`],
        ...(options.drainSeconds === undefined ? [] : ["--drain-time-s", String(options.drainSeconds)]),
        // Hot restart would make two Envoys on one machine fight over the same shared memory.
        ...["--disable-hot-restart", "--admin-address-path", this.adminPath, "--file-flush-interval-msec", "20"],
      ],
      { stdio: ["ignore", log, log] },
    );
    closeSync(log);
    /** Resolves with the exit code, or the signal's name, once the process has ended. */
    this.ended = new Promise((resolve) => {
      this.process.once("exit", (code, signal) => resolve(code ?? signal));
      this.process.once("error", (error) => resolve(error.message));
    });
    this.isRunning = true;
    // A parent that goes down without stop() takes its Envoy along.
    const killChild = () => this.process.kill("SIGKILL");
    process.once("exit", killChild);
    this.ended.then(() => {
      this.isRunning = false;
      process.off("exit", killChild);
    });
  }

  /** What this process has written so far: Envoy's own lines and the plugin's. */
  log() {
    return readFileSync(this.logPath).subarray(this.logStart).toString();
  }

  /** Host and port of the admin interface. Throws while Envoy is not up. */
  adminAddress() {
    return readFileSync(this.adminPath, "utf8").trim();
  }

  /**
   * Text of an admin page such as `/stats/prometheus`. Throws while Envoy is not up.
   * @param {string} path
   * @returns {Promise<string>}
   */
  async admin(path) {
    const response = await fetch(`http://${this.adminAddress()}${path}`, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`admin ${path}: ${response.status}`);
    return response.text();
  }

  /** Waits until Envoy takes requests. Throws with the end of its log when it ends first. */
  async ready() {
    const limit = Date.now() + this.readyLimitMs;
    while (Date.now() < limit) {
      if (!this.isRunning) throw new Error(`Envoy ended (${await this.ended}):\n${this.log().slice(-3000)}`);
      const isUp = await this.admin("/ready").catch(() => "");
      if (isUp.startsWith("LIVE")) return;
      await sleep(POLL_MS);
    }
    await this.stop();
    throw new Error(`Envoy was not ready in ${this.readyLimitMs} ms:\n${this.log().slice(-3000)}`);
  }

  /**
   * The port of each listener by its name, as bound.
   * @returns {Promise<Record<string, number>>}
   */
  async ports() {
    const listeners = JSON.parse(await this.admin("/listeners?format=json")).listener_statuses;
    return Object.fromEntries(listeners.map((one) => [one.name, one.local_address.socket_address.port_value]));
  }

  /** Ends this process and no other: asks, then insists. Resolves when it is gone. */
  async stop() {
    if (!this.isRunning) return;
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
