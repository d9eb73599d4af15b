// Keeps secrets out of everything that is printed. A secret of the configuration is named by its place instead, and what comes
// from the environment by its variable.
import schema from "../schema/config.schema.json";
import { referenceIn, type Environment } from "./environment";
import type { Json } from "./located";

const MASK = "***";
/** Shorter secrets are masked where they stand alone only: they could be part of any word. */
const SEARCHED = 6;
export const CREDENTIAL_HEADERS = [
  "authorization",
  "proxy-authorization",
  "x-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-amz-security-token",
  "cookie",
  "set-cookie",
];
export const CREDENTIAL_PARAMETER = /^(?:key|api[-_]?key|access[-_]?token|token|sig|signature|x-amz-signature|x-amz-security-token)$/i;

export const SECRET_KEYS: ReadonlySet<string> = secretKeys(schema as unknown as Json);

/** Keys of the configuration that the schema marks as secret. */
function secretKeys(node: Json): Set<string> {
  const found = new Set<string>();
  if (node === null || typeof node !== "object") return found;
  const members = Array.isArray(node) ? node.map((item): [string, Json] => ["", item]) : Object.entries(node);
  for (const [key, value] of members) {
    if (value !== null && typeof value === "object" && !Array.isArray(value) && value["x-secret"] === true) found.add(key);
    for (const inner of secretKeys(value)) found.add(inner);
  }
  return found;
}

export class Secrets {
  /** Secret to what stands for it, longest first. */
  private readonly labels: [string, string][];

  /** All secrets of a configuration. */
  constructor(config: Json, environment: Environment = {}) {
    const found = new Map<string, string>();
    for (const [name, value] of Object.entries(environment)) add(value, `\${${name}}`, found);
    collect(config, "", false, found);
    this.labels = [...found].sort(([one], [other]) => other.length - one.length);
  }

  /** Any text with the longer secrets masked. */
  text(text: string): string {
    let masked = text;
    for (const [secret, label] of this.labels) if (secret.length >= SEARCHED) masked = masked.replaceAll(secret, () => label);
    return masked;
  }

  /** The value of a header. Of a credential only the scheme is left. */
  header(name: string, value: string): string {
    const exact = this.exact(value);
    if (exact !== null) return exact;
    if (name.toLowerCase() === ":path") return this.target(value);
    if (!CREDENTIAL_HEADERS.includes(name.toLowerCase())) return this.text(value);
    const space = value.indexOf(" ");
    if (space <= 0 || !/^[A-Za-z][A-Za-z0-9-]*$/.test(value.slice(0, space))) return MASK;
    return `${value.slice(0, space)} ${this.exact(value.slice(space + 1)) ?? MASK}`;
  }

  /** A request target: secrets in its query are masked. */
  target(target: string): string {
    const question = target.indexOf("?");
    if (question < 0) return this.text(target);
    const parameters = target.slice(question + 1).split("&");
    return `${this.text(target.slice(0, question))}?${parameters.map((one) => this.parameter(one)).join("&")}`;
  }

  private parameter(parameter: string): string {
    const equals = parameter.indexOf("=");
    if (equals < 0) return this.exact(decoded(parameter)) ?? this.text(parameter);
    const name = parameter.slice(0, equals);
    const exact = this.exact(decoded(parameter.slice(equals + 1)));
    if (exact !== null) return `${name}=${exact}`;
    return CREDENTIAL_PARAMETER.test(name) ? `${name}=${MASK}` : this.text(parameter);
  }

  private exact(value: string): string | null {
    return this.labels.find(([secret]) => secret === value)?.[1] ?? null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function collect(value: Json, place: string, secret: boolean, found: Map<string, string>): void {
  if (typeof value === "string" || typeof value === "number") {
    if (secret && referenceIn(String(value)) === null) add(String(value), `<secret ${place}>`, found);
  } else if (Array.isArray(value)) value.forEach((item, index) => collect(item, `${place}/${index}`, secret, found));
  else if (value !== null && typeof value === "object")
    for (const [key, member] of Object.entries(value)) collect(member, `${place}/${key}`, secret || SECRET_KEYS.has(key), found);
}

/** A text, and the parts of it that are secrets of their own: a service account's key is JSON text. */
function add(text: string, label: string, found: Map<string, string>): void {
  if (text !== "" && !found.has(text)) found.set(text, label);
  if (!text.startsWith("{")) return;
  try {
    const { private_key: key, private_key_id: id } = JSON.parse(text) as Record<string, unknown>;
    for (const part of [key, id]) if (typeof part === "string" && part !== "") found.set(part, label);
  } catch {
    // No JSON: the text as a whole is masked.
  }
}
