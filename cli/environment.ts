// Values for `${NAME}` in configurations: from --env, --env-file and the environment of this process. A variable that has none
// here is no fault of the configuration, since the plugin's VM has another environment: the plugin gets a stand-in.
import { generateKeyPairSync } from "node:crypto";
import { parseEnv } from "node:util";
import { readInput } from "./files";
import type { Options } from "./options";
import { UsageError } from "./usage";

export type Environment = Readonly<Record<string, string>>;

export const ENVIRONMENT = {
  env: { type: "string", multiple: true },
  "env-file": { type: "string", multiple: true },
} satisfies Options;

export interface EnvironmentOptions {
  env?: string[];
  "env-file"?: string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const UNSET = /^the environment variable "(\w+)" is not set; /;

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

/** Those that a configuration names. The others are nothing to the plugin. */
export function namedIn(text: string, environment: Environment): Environment {
  const names = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => names.has(name)));
}

/** The name in a text that is nothing but `${NAME}`; null for other texts. */
export function referenceIn(text: string): string | null {
  return REFERENCE.exec(text)?.[1] ?? null;
}

/** The variable that a message of the plugin misses. */
export function unsetIn(message: string): string | null {
  return UNSET.exec(message)?.[1] ?? null;
}

export function noteOn(name: string): string {
  return `\${${name}} has no value here; the environment of the plugin's VM must set it (vm_config.environment_variables)`;
}

/**
 * Texts for one variable, of every format that a field may ask for. No two variables get the same, so that no key is there twice.
 */
export function* standIns(index: number): Generator<string, undefined> {
  const name = `unset-${index}-`;
  const host = `https://unset-${index}.invalid`;
  yield name.padEnd(32, "x");
  yield name.padEnd(36, "x");
  yield `${host}/?api-version=1`;
  yield host;
  yield `/${name}`;
  yield `header:x-unset-${index}`;
  yield serviceAccount(name, host);
}

let key: string | undefined;

/** With a real key, since the plugin signs with it. */
function serviceAccount(name: string, host: string): string {
  key ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return JSON.stringify({
    client_email: "stand-in@unset.invalid",
    private_key_id: "stand-in",
    private_key: key,
    token_uri: `${host}/token`,
  });
}
