// A trap in a real Envoy, and the names that the command gives to the numbers in its log.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { releasePath } from "../../emulator/module";
import { Reader } from "../../tools/wasm/binary.mjs";
import { startLab } from "../envoy/lab";
import { run } from "./run";

const LOCAL_GET = 0x20;
const UNREACHABLE_NOP = [0x00, 0x01];

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-backtrace-"));
const symbols = join(directory, "plugin.wasm.symbols");
const logFile = join(directory, "envoy.log");
let log = "";

/** Where the code of a function begins in the module, by its list of names. */
function offsetOf(name: string): number {
  const line = readFileSync(symbols, "utf8")
    .split("\n")
    .find((one) => one.endsWith(` ${name}`));
  return Number.parseInt(line?.split(" ")[1] ?? "", 16);
}

/** The shipped module, in which this function does nothing but trap. Nothing is moved: all places stay true. */
function trapIn(name: string): string {
  const module = readFileSync(releasePath());
  const reader = new Reader(module, offsetOf(name));
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number();
    reader.number();
  }
  expect(module[reader.at]).toBe(LOCAL_GET);
  module.set(UNREACHABLE_NOP, reader.at);
  const path = join(directory, "trap.wasm");
  writeFileSync(path, module);
  return path;
}

beforeAll(async () => {
  copyFileSync(`${releasePath()}.symbols`, symbols);
  const lab = await startLab({ plugins: [{ config: { provider: { type: "openai", apiTokens: ["k"] } } }], wasm: trapIn("onRequestHead") });
  try {
    const response = await lab.call(0, { path: "/v1/chat/completions", body: { model: "m", messages: [] } });
    expect(response.status).toBe(503);
    log = lab.envoyLog();
  } finally {
    await lab.close();
  }
  writeFileSync(logFile, log);
}, 90_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("a trap in Envoy prints numbers, and the command names them", () => {
  expect(log).toMatch(/0: +0x[0-9a-f]+ - unknown\(function index:\d+\)/);
  const { code, stdout, stderr } = run(["backtrace", "--symbols", symbols, logFile]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/0: +0x[0-9a-f]+ - onRequestHead\n/);
  expect(stdout).toMatch(/ - proxy_on_request_headers\n/);
  expect(stdout).not.toContain("function index");
});

it("everything else of the log stays, and standard input is read", () => {
  const { stdout } = run(["backtrace", "--symbols", symbols, "-"], log);
  const others = (text: string) => text.split("\n").filter((line) => !/^ +\d+: /.test(line));
  expect(others(stdout)).toEqual(others(log));
});

it("names of another build are refused, frame by frame", () => {
  const moved = readFileSync(symbols, "utf8").replace(/^(\d+) ([0-9a-f]+) /gm, (_line, index: string, at: string) => {
    return `${index} ${(Number.parseInt(at, 16) + 0x100000).toString(16)} `;
  });
  writeFileSync(join(directory, "other.symbols"), moved);
  const { code, stdout, stderr } = run(["backtrace", "--symbols", join(directory, "other.symbols"), logFile]);
  expect(code).toBe(1);
  expect(stdout).toBe(log);
  expect(stderr).toMatch(/^ai-proxy-wasm: \d+ functions of the backtrace lie elsewhere in this build; give --symbols /);
});

it.each([
  ["no such file", ["--symbols", "build/none.symbols", "-"], "cannot read build/none.symbols: no such file"],
  ["a file of another kind", ["--symbols", "package.json", "-"], "package.json is not a list of a module's functions"],
  ["no log", [], 'backtrace takes one file: a log of Envoy, or "-" for standard input'],
])("%s is said plainly", (_name, args, message) => {
  const { code, stderr } = run(["backtrace", ...args], "");
  expect({ code, stderr }).toEqual({ code: 2, stderr: `ai-proxy-wasm: ${message}\n` });
});
