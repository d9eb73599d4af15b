// Values of variables from --env, --env-file and the environment of this process.
import { parseEnv } from "node:util";
import type { Environment } from "./environment";
import { readInput } from "./files";
import type { Options } from "./options";
import { UsageError } from "./usage";

export const ENVIRONMENT = {
  env: { type: "string", multiple: true },
  "env-file": { type: "string", multiple: true },
} satisfies Options;

export interface EnvironmentOptions {
  env?: string[];
  "env-file"?: string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** All values, --env before --env-file before the process. A later option wins over an earlier one of its kind. */
export function readEnvironment(options: EnvironmentOptions): Environment {
  const files = (options["env-file"] ?? []).map((path) => parseEnv(readInput(path).toString("utf8")));
  const single = (options.env ?? []).map(readVariable);
  return Object.assign({}, process.env, ...files, Object.fromEntries(single)) as Environment;
}

function readVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  // The value is not shown: it may be secret.
  if (!NAME.test(name) || equals < 0) throw new UsageError("--env takes NAME=value");
  return [name, text.slice(equals + 1)];
}
