// Command lines to values, with every mistake said in words.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest } from "./nearest";
import { UsageError } from "./usage";

export type Options = NonNullable<ParseArgsConfig["options"]>;

export const COMMON = {
  help: { type: "boolean", short: "h" },
  format: { type: "string" },
  plugin: { type: "string" },
  wasm: { type: "string" },
} satisfies Options;

export const REQUEST = {
  path: { type: "string" },
  method: { type: "string" },
  header: { type: "string", multiple: true },
  authority: { type: "string" },
  route: { type: "string" },
  cluster: { type: "string" },
  consumer: { type: "string" },
  "context-file": { type: "string" },
} satisfies Options;

/** Options and file names. Throws UsageError for an unknown option or one without its value. */
export function readOptions<T extends Options>(args: string[], options: T) {
  const known = Object.keys(options);
  for (const arg of args) {
    if (arg === "--") break;
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UsageError(`unknown option --${name}${near === undefined ? "" : `; did you mean --${near}?`}`);
  }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(plainly(String((error as Error).message)));
  }
}

/** parseArgs's message in words of ours where it says little. */
function plainly(message: string): string {
  const ambiguous = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(message);
  if (ambiguous !== null) return `${ambiguous[1]} takes a value, and what follows looks like an option; write ${ambiguous[1]}=VALUE`;
  return message.split("\n")[0].split(". To specify")[0];
}

export function readFormat<T extends string>(value: string | undefined, known: readonly T[]): T {
  const format = known.find((one) => one === (value ?? known[0]));
  if (format === undefined) throw new UsageError(`--format is ${known.join(" or ")}, not ${value}`);
  return format;
}

/** A whole number of at least `least` and at most `most`, undefined when the option is not given. */
export function readCount(name: string, value: string | undefined, least: number, most = Infinity): number | undefined {
  if (value === undefined) return undefined;
  const count = /^\d{1,15}$/.test(value) ? Number(value) : -1;
  const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
  if (count < least || count > most)
    throw new UsageError(`--${name} takes a whole number ${range}, not ${JSON.stringify(value.slice(0, 40))}`);
  return count;
}

export function readHeader(text: string): [string, string] {
  const colon = text.indexOf(":", 1);
  if (colon < 0) throw new UsageError(`--header takes "name: value", not "${text.slice(0, 20)}"`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}
