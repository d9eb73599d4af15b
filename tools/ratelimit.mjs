// The two programs behind limits over several gateways, on free ports of the loopback interface: Debian's redis-server and
// envoyproxy/ratelimit, built from the Go module that ratelimit/go.mod pins. Tests end them in bad ways and start them again.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, cpSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installDebian } from "./debian.mjs";
import { ROOT } from "./envoy-path.mjs";
import { freePort } from "./free-port.mjs";
import { buildGoTool } from "./go-tool.mjs";

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** Why Redis cannot be used here, or "". Installs Debian's package when it is missing and this is root. */
export function installRedis() {
  return installDebian("redis-server", ["redis-server", "redis-cli"]);
}

/** Path of the rate limit service; builds it on first use. Throws an error that says what to do. */
export function ratelimitPath() {
  return buildGoTool({
    name: "ratelimit",
    package: "github.com/envoyproxy/ratelimit/src/service_cmd",
    pins: join(ROOT, "tools/ratelimit"),
    instead: "leave out tests/deploy/ratelimit.test.ts",
  });
}

/** A program that is started, ended and started again with the same arguments. */
class Server {
  /**
   * @param {string} name of its log in `directory`
   * @param {string} directory
   */
  constructor(name, directory) {
    this.name = name;
    this.logPath = join(directory, `${name}.log`);
    this.isRunning = false;
    this.ended = Promise.resolve();
  }

  /** Starts it and waits until `isReady` says true. Throws with the end of its log when that takes too long. */
  async run(program, args, env, isReady) {
    const log = openSync(this.logPath, "a");
    const child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
    closeSync(log);
    this.process = child;
    this.isRunning = true;
    const killChild = () => child.kill("SIGKILL");
    process.once("exit", killChild);
    this.ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve)).then(() => {
      this.isRunning = false;
      process.off("exit", killChild);
    });
    const limit = Date.now() + READY_LIMIT_MS;
    while (this.isRunning && Date.now() < limit) {
      if (await isReady()) return;
      await sleep(25);
    }
    await this.stop();
    throw new Error(`${this.name} did not start:\n${readFileSync(this.logPath, "utf8").slice(-2000)}`);
  }

  /** Sends it a signal: SIGKILL as a machine that dies, SIGSTOP as one that hangs. */
  signal(name) {
    this.process?.kill(name);
    return name === "SIGKILL" ? this.ended : Promise.resolve();
  }

  async stop() {
    if (!this.isRunning) return;
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

export class Redis extends Server {
  port = 0;
  /** Starts one that keeps its counts on disk in `directory`, each before it is told. */
  static async start(directory) {
    const redis = new Redis("redis", directory);
    redis.directory = directory;
    redis.port = await freePort();
    await redis.restart();
    return redis;
  }

  restart() {
    const disk = ["--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", this.directory];
    const args = ["--bind", "127.0.0.1", "--port", String(this.port), ...disk];
    return this.run("redis-server", args, {}, () => this.ask("PING") === "PONG");
  }

  /** What redis-cli prints for a command; "" while Redis is down. */
  ask(...command) {
    try {
      return execFileSync("redis-cli", ["-h", "127.0.0.1", "-p", String(this.port), ...command], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        timeout: 5_000,
      }).trim();
    } catch {
      return "";
    }
  }

  /** The sum of the counts of a descriptor, over its windows. `entries`: its values, as in `tokens`, `alice`. */
  count(...entries) {
    const keys = this.ask("--scan", "--pattern", `*${entries.map((entry) => `_${entry}`).join("_*")}_*`);
    return keys === "" ? 0 : keys.split("\n").reduce((sum, key) => sum + Number(this.ask("GET", key)), 0);
  }
}

export class RateLimitService extends Server {
  /** Of its gRPC, which Envoy asks. */
  port = 0;
  /** Of its health check. */
  http = 0;
  /**
   * Starts one with the limits in the folder `config`.
   * @param {{ directory: string, config: string, redis: Redis }} options
   */
  static async start({ directory, config, redis }) {
    const service = new RateLimitService("ratelimit", directory);
    service.port = await freePort();
    service.http = await freePort();
    const root = join(directory, "ratelimit");
    mkdirSync(root, { recursive: true });
    cpSync(config, join(root, "config"), { recursive: true });
    service.env = {
      ...{ HOST: "127.0.0.1", PORT: String(service.http), GRPC_HOST: "127.0.0.1", GRPC_PORT: String(service.port) },
      ...{ DEBUG_HOST: "127.0.0.1", DEBUG_PORT: String(await freePort()), USE_STATSD: "false", LOG_LEVEL: "warn" },
      ...{ REDIS_SOCKET_TYPE: "tcp", REDIS_URL: `127.0.0.1:${redis.port}` },
      ...{ RUNTIME_ROOT: root, RUNTIME_SUBDIRECTORY: "", RUNTIME_WATCH_ROOT: "false" },
    };
    await service.restart();
    return service;
  }

  restart() {
    const isReady = () =>
      fetch(`http://127.0.0.1:${this.http}/healthcheck`, { signal: AbortSignal.timeout(1_000) }).then(
        (response) => response.ok,
        () => false,
      );
    return this.run(ratelimitPath(), [], this.env, isReady);
  }
}
