#!/usr/bin/env node
// The command `ai-proxy-wasm`: chooses what to do and turns mistakes into exit codes.
import { version } from "../package.json";
import { backtrace } from "./backtrace";
import { check } from "./check";
import { explain } from "./explain";
import { nearest } from "./nearest";
import { replay } from "./replay";
import { HELP, UsageError } from "./usage";

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = { check, explain, replay, backtrace };

async function main([name, ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name ?? "") ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(args);
  if (name === "--version" || name === "-v") process.stdout.write(`${version}\n`);
  else if (name === "--help" || name === "-h" || name === "help") process.stdout.write(HELP[args[0] ?? ""] ?? HELP[""]);
  else if (name === undefined) {
    process.stderr.write(HELP[""]);
    return 2;
  } else {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(`unknown command ${name}${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
  return 0;
}

// Exit codes are set, not forced: what was printed must reach a pipe first. A reader that went away is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`ai-proxy-wasm: ${error.message}\n`);
  process.exitCode = 2;
}
