// Values for `${NAME}` in configurations. A variable that has none here is no fault of the configuration, since the plugin's VM
// has another environment: the plugin gets a stand-in.
import { standInKey } from "./stand-in-key";

export type Environment = Readonly<Record<string, string>>;

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const UNSET = /^the environment variable "(\w+)" is not set; /;

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

/** With a real key, since the plugin signs with it. */
function serviceAccount(name: string, host: string): string {
  return JSON.stringify({
    client_email: "stand-in@unset.invalid",
    private_key_id: "stand-in",
    private_key: standInKey(),
    token_uri: `${host}/token`,
  });
}
