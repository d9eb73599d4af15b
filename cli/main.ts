#!/usr/bin/env node
// The command `ai-proxy-wasm`: chooses what to do and turns mistakes into exit codes.
import { BACKTRACE_OPTIONS, backtrace } from "./backtrace";
import { CHECK_OPTIONS, FORMATS, check } from "./check";
import { complaint } from "./colour";
import { completion, type Grammar } from "./completion";
import { EXPLAIN_OPTIONS, explain } from "./explain";
import { nearest } from "./nearest";
import { REPLAY_OPTIONS, replay } from "./replay";
import { HELP, UsageError } from "./usage";
import { versionText } from "./version";

const GRAMMAR: Grammar = {
  commands: {
    check: CHECK_OPTIONS,
    explain: EXPLAIN_OPTIONS,
    replay: REPLAY_OPTIONS,
    backtrace: BACKTRACE_OPTIONS,
    completion: { help: { type: "boolean" } },
  },
  values: { format: FORMATS, against: ["higress"] },
};
const COMMANDS: Record<string, (args: string[]) => Promise<number> | number> = {
  check,
  explain,
  replay,
  backtrace,
  completion: (args) => completion(args, GRAMMAR),
};

async function main([name, ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name ?? "") ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(args);
  if (name === "--version" || name === "-v") process.stdout.write(versionText());
  else if (name === "--help" || name === "-h" || name === "help") process.stdout.write(HELP[args[0] ?? ""] ?? HELP[""]);
  else if (name === undefined) {
    process.stderr.write(HELP[""]);
    return 2;
  } else {
    const near = nearest(name, Object.keys(COMMANDS));
    const hint = near === undefined ? "; --help lists them" : `; did you mean ${near}?`;
    throw new UsageError(`unknown command ${name}${hint}`);
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
  process.stderr.write(complaint(error.message));
  process.exitCode = 2;
}
