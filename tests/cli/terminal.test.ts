// The command in people's terminals: help, colours, completion, its version, how it is installed, and wrong calls said plainly.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLUGIN_PATH } from "../../emulator/module";
import { HELP } from "../../cli/usage";
import { fixture, inFolder, ROOT, run } from "./run";

const CLI = join(ROOT, "build/cli.mjs");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe("help", () => {
  it.each(Object.entries(HELP))("of %j fits 80 columns", (command, text) => {
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(run([...(command === "" ? [] : [command]), "--help"])).toEqual({ code: 0, stdout: text, stderr: "" });
  });
});

describe("colours", () => {
  /** What the command prints on a terminal: Python gives it one. */
  function onTerminal(args: string[], environment: Record<string, string> = {}): string {
    // Node takes the terminals of a CI for plain ones.
    const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...env } = process.env;
    const script = "import pty, sys; pty.spawn(sys.argv[1:])";
    const words = ["-c", script, process.execPath, CLI, ...args, "--wasm", PLUGIN_PATH];
    return execFileSync("python3", words, { cwd: ROOT, encoding: "utf8", env: { ...env, TERM: "xterm", ...environment } });
  }
  const args = ["check", fixture("broken-envoy.yaml")];
  // eslint-disable-next-line no-control-regex
  const escapes = /\u001b\[/;

  it("are on a terminal, and the text is the same", () => {
    const seen = onTerminal(args);
    expect(seen).toContain("\u001b[31m\u001b[1merror:\u001b[22m\u001b[39m");
    // eslint-disable-next-line no-control-regex
    expect(seen.replace(/\u001b\[\d+m/g, "").replaceAll("\r\n", "\n")).toBe(run(args, "", { NO_COLOR: "1" }).stdout);
    const explained = onTerminal(["explain", fixture("gateway.yaml"), fixture("chat.json"), "--route", "team-a"]);
    expect(explained).toContain("\u001b[31mdropped\u001b[39m  /seed  7");
  });

  it("are not with NO_COLOR, nor in a pipe", () => {
    expect(onTerminal(args, { NO_COLOR: "1" })).not.toMatch(escapes);
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
    const piped = spawnSync(process.execPath, [CLI, ...args, "--nothing"], { cwd: ROOT, encoding: "utf8", env });
    expect(piped.stderr).toMatch(/^ai-proxy-wasm: unknown option/);
    expect(spawnSync(process.execPath, [CLI, ...args, "--wasm", PLUGIN_PATH], { cwd: ROOT, encoding: "utf8", env }).stdout).not.toMatch(
      escapes,
    );
  });
});

describe("completion", () => {
  /** What bash offers for the last of these words. */
  function offered(...words: string[]): string[] {
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `source <(node '${CLI}' completion bash); COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _ai_proxy_wasm; echo "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split(" ");
  }

  it("of bash offers commands, options of the command, and values", () => {
    expect(offered("ai-proxy-wasm", "")).toEqual(["check", "explain", "replay", "backtrace", "completion", "--help", "--version"]);
    expect(offered("ai-proxy-wasm", "check", "--st")).toEqual(["--strict"]);
    expect(offered("ai-proxy-wasm", "replay", "x.yaml", "--c")).toEqual([
      "--cluster",
      "--consumer",
      "--context-file",
      "--cut",
      "--chunk",
      "--content-type",
    ]);
    expect(offered("ai-proxy-wasm", "check", "--format", "g")).toEqual(["github"]);
  });

  it("knows each option that help names, in every shell", () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = run(["completion", shell]);
      expect(code).toBe(0);
      const options = Object.values(HELP).flatMap((text) => [...text.matchAll(/ --([a-z-]+)/g)].map(([, name]) => name));
      for (const name of options) expect(stdout).toMatch(shell === "fish" ? new RegExp(` -l ${name}\\b`) : `--${name}`);
      // The shell itself reads it, where there is one.
      const parsed = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
      if (parsed.error === undefined) expect(parsed).toMatchObject({ status: 0, stderr: "" });
    }
  });
});

it("--version names the release, the commit and the module", () => {
  const { code, stdout } = run(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^ai-proxy-wasm ${version.replaceAll(".", "\\.")} \\(commit (?:[0-9a-f]{12}(?:, changed)?|unknown)\\)\n`),
  );
  const module = join(ROOT, "build/plugin.wasm");
  const digest = existsSync(module)
    ? `sha256:${createHash("sha256").update(readFileSync(module)).digest("hex")}`
    : "is not beside this command";
  expect(stdout).toContain(`\nplugin.wasm ${digest}, Node ${process.versions.node}\n`);
});

it("npm link and npm pack, as docs/cli.md has them, put the command on the PATH without a registry", { timeout: 60_000 }, () => {
  const guide = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
  expect(guide).toContain("\nnpm run setup && npm run build && npm link\n");
  expect(guide).toContain("npm install --global ./ai-proxy-wasm-");
  inFolder((folder) => {
    const npm = (args: string[]) => {
      const env = { ...process.env, npm_config_prefix: folder, npm_config_offline: "true" };
      execFileSync("npm", [...args, "--no-audit", "--no-fund"], { cwd: ROOT, env, stdio: "pipe" });
      return execFileSync(join(folder, "bin/ai-proxy-wasm"), ["--version"], { encoding: "utf8" });
    };
    expect(npm(["link"])).toBe(run(["--version"]).stdout);
    execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: ROOT, stdio: "pipe" });
    expect(npm(["install", "--global", join(folder, `ai-proxy-wasm-${version}.tgz`)])).toBe(run(["--version"]).stdout);
  });
});

describe("a wrong call", () => {
  const files = [fixture("gateway.yaml"), fixture("chat.json"), fixture("openai.sse")];

  it.each([
    [["explain", "-", "-"], '"-" is given twice; only one of the files can be standard input'],
    [["check", "-", "-"], '"-" is given twice; only one of the files can be standard input'],
    [["replay", ...files, "--cut", "-5"], "--cut takes a value, and what follows looks like an option; write --cut=VALUE"],
    [["replay", ...files, "--cut=-5"], '--cut takes a whole number from 0 on, not "-5"'],
    [["replay", ...files, "--cut", "1e3"], '--cut takes a whole number from 0 on, not "1e3"'],
    [["replay", ...files, "--chunk", "0"], '--chunk takes a whole number from 1 on, not "0"'],
    [["replay", ...files, "--chunk", "9".repeat(400)], `--chunk takes a whole number from 1 on, not "${"9".repeat(40)}"`],
    [["replay", ...files, "--status", "600"], '--status takes a whole number from 100 to 599, not "600"'],
    [["completion", "tcsh"], "completion takes the name of a shell: bash, zsh, fish"],
    [["chek"], "unknown command chek; did you mean check?"],
    [["frobnicate"], "unknown command frobnicate; --help lists them"],
  ])("%j", (args, message) => {
    expect(run(args, "provider: { type: openai }\n", { NO_COLOR: "1" })).toMatchObject({ code: 2, stderr: `ai-proxy-wasm: ${message}\n` });
  });
});
