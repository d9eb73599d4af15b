// A setup without its secrets, for links. What cannot be told apart from a secret is left out rather than shared.
import { parseAllDocuments, stringify } from "yaml";
import { referenceIn } from "../cli/environment";
import type { Json } from "../cli/located";
import { nearest } from "../cli/nearest";
import { CREDENTIAL_HEADERS, CREDENTIAL_PARAMETER, SECRET_KEYS } from "../cli/secrets";
import type { Request, Setup } from "./setup";

export interface Redacted {
  setup: Setup;
  /** What a reader of the link does not get, for people. */
  notes: string[];
}

/** Texts that look like a credential wherever they stand: keys of known providers, signed tokens, private keys. */
const CREDENTIALS =
  /\b(?:sk|pk|rk|gsk|xai|hf|key|app|ghp|gho|github_pat)[-_][\w-]{16,}|\bAKIA[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** Shorter secrets could be part of any word; they are replaced where they stand alone. */
const SEARCHED = 6;

export function redacted(setup: Setup): Redacted {
  const redactor = new Redactor();
  const config = redactor.config(setup.config);
  const request = redactor.request(setup.request);
  const headers = setup.reply.headers.map(([name, value]): [string, string] => [name, redactor.header(name, value)]);
  const reply = { ...setup.reply, headers, body: redactor.text(setup.reply.body) };
  const notes: string[] = [];
  if (config === null) notes.push("The link does not contain the configuration: it cannot be read, so its secrets cannot be found.");
  if (redactor.count > 0) notes.push("Secrets in it are replaced by “masked-1” and so on.");
  return { setup: { ...setup, config: config ?? "", request, reply }, notes };
}

class Redactor {
  private readonly masks = new Map<string, string>();

  get count(): number {
    return this.masks.size;
  }

  /** Null when the text is no YAML. Comments go, because they may hold secrets too. */
  config(text: string): string | null {
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: "silent" });
    if (!Array.isArray(documents)) return "";
    if (documents.some((document) => document.errors.length > 0)) return null;
    try {
      const values = documents.map((document) => this.value(document.toJS({ maxAliasCount: 1000 }) as Json, false));
      const isJson = /^\s*[{[]/.test(text);
      const texts = values.map((value) => (isJson ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 110 })));
      return this.text(texts.join("---\n"));
    } catch {
      return null;
    }
  }

  request(request: Request): Request {
    return {
      ...request,
      path: this.target(request.path),
      headers: request.headers.map(([name, value]) => [name, this.header(name, value)]),
      body: this.text(request.body),
    };
  }

  /** Of a credential only its scheme is left. */
  header(name: string, value: string): string {
    if (!CREDENTIAL_HEADERS.includes(name.toLowerCase())) return this.text(value);
    const [, scheme, secret] = /^([A-Za-z][A-Za-z0-9-]* )?(.*)$/.exec(value) ?? [];
    return `${scheme ?? ""}${secret ? this.mask(secret) : ""}`;
  }

  /** Any text with the known secrets, and whatever looks like one, masked. */
  text(text: string): string {
    let clean = text.replace(CREDENTIALS, (found) => this.mask(found));
    const known = [...this.masks].sort(([one], [other]) => other.length - one.length);
    for (const [secret, mask] of known) if (secret.length >= SEARCHED) clean = clean.replaceAll(secret, mask);
    return clean;
  }

  private target(target: string): string {
    const question = target.indexOf("?");
    if (question < 0) return this.text(target);
    const parameters = target.slice(question + 1).split("&");
    const clean = parameters.map((parameter) => {
      const [name, ...value] = parameter.split("=");
      const isSecret = CREDENTIAL_PARAMETER.test(name) || this.masks.has(decoded(value.join("=")));
      return isSecret ? `${name}=${this.mask(decoded(value.join("=")))}` : parameter;
    });
    return this.text(`${target.slice(0, question)}?${clean.join("&")}`);
  }

  private value(value: Json, isSecret: boolean): Json {
    // The name of a variable tells nothing of its value.
    if (typeof value === "string") return isSecret && referenceIn(value) === null ? this.mask(value) : this.inner(value);
    if (typeof value === "number" && isSecret) return this.mask(String(value));
    if (Array.isArray(value)) return value.map((item) => this.value(item, isSecret));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.value(member, isSecret || isSecretKey(key))]));
  }

  /** A text may be a configuration itself, as in Envoy's own. */
  private inner(text: string): string {
    if (!/^\s*\{/.test(text)) return text;
    try {
      return JSON.stringify(this.value(JSON.parse(text) as Json, false), null, 2);
    } catch {
      return this.mask(text);
    }
  }

  /** Equal secrets get equal masks, so that a consumer's key still fits. */
  private mask(secret: string): string {
    if (secret === "" || /^masked-\d+$/.test(secret)) return secret;
    const mask = this.masks.get(secret) ?? `masked-${this.masks.size + 1}`;
    this.masks.set(secret, mask);
    return mask;
  }
}

/** Also a key that is misspelt: the plugin refuses it, but its value is a secret all the same. */
function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key) || nearest(key, [...SECRET_KEYS]) !== undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
