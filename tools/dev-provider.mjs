// `npm run dev -- --provider TYPE`: a configuration of the plugin for one real provider, with everything out of environment variables.
// What a type needs is read in the schema. Values stay references, ${NAME}, so no key is written to a file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";

const { provider: PROVIDER } = JSON.parse(readFileSync(join(ROOT, "schema/config.schema.json"), "utf8")).$defs;

export const TYPES = PROVIDER.properties.type.enum;

/** Variables that the providers' own tools read, where it is not TYPE_API_KEY (their documentation, Nov 2026). */
const KEYS = {
  azure: "AZURE_OPENAI_API_KEY",
  baidu: "QIANFAN_API_KEY",
  bedrock: "AWS_BEARER_TOKEN_BEDROCK",
  claude: "ANTHROPIC_API_KEY",
  cloudflare: "CLOUDFLARE_API_TOKEN",
  coze: "COZE_API_TOKEN",
  doubao: "ARK_API_KEY",
  github: "GITHUB_TOKEN",
  grok: "XAI_API_KEY",
  qwen: "DASHSCOPE_API_KEY",
  "together-ai": "TOGETHER_API_KEY",
  vertex: "GOOGLE_API_KEY",
};
const FIELDS = { awsAccessKey: "AWS_ACCESS_KEY_ID", awsSecretKey: "AWS_SECRET_ACCESS_KEY" };
/** Types that the schema takes without a key, but whose servers refuse a request without one. */
const KEY_NEEDED = ["openai", "coze"];
/** The name of a cluster, which dev makes as the plugin wants it. */
const DEFAULTS = { vertex: { vertexAuthServiceName: "google-token" } };

/** The variable for a type's key. */
export const keyVariable = (type) => KEYS[type] ?? `${type.toUpperCase().replaceAll("-", "_")}_API_KEY`;

/** The variable for another field: azureServiceUrl is AZURE_SERVICE_URL. */
export const fieldVariable = (type, field) =>
  field === "apiTokens"
    ? keyVariable(type)
    : (FIELDS[field] ?? field.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (letters) => `_${letters}`).toUpperCase());

const isSimple = ({ type, $ref }) => $ref !== undefined || ["string", "integer", "boolean"].includes(type);

/** The fields that are for this type alone. */
function ownFields(type) {
  return Object.entries(PROVIDER.properties).filter(([, field]) => field["x-providers"]?.includes(type) && isSimple(field));
}

/** For each thing that the schema demands of this type: the alternatives, each a list of fields. */
function demandsOf(type) {
  const own = PROVIDER.allOf.filter(
    (rule) => Object.keys(rule.if.properties).join() === "type" && rule.if.properties.type.enum.includes(type),
  );
  const demands = own.filter((rule) => rule.then).map((rule) => rule.then.anyOf.map((way) => way.required));
  // Envoy's own filters, which would add credentials here, are not in dev's configuration.
  const all = demands.map((ways) => ways.filter((way) => !way.includes("envoyCredentials")));
  return KEY_NEEDED.includes(type) ? [...all, [["apiTokens"]]] : all;
}

/** A number or a truth value as it is; a text as a reference. */
function valueOf({ type }, variable, text) {
  if (type === "integer") return Number(text);
  return type === "boolean" ? text === "true" : `\${${variable}}`;
}

/**
 * The plugin's configuration, and the variables that it refers to. Throws with the variables that are missing, or for a type that is
 * not known.
 * @param {string} type
 * @param {Record<string, string | undefined>} environment
 * @returns {{ config: object, variables: string[] }}
 */
export function providerConfig(type, environment) {
  if (!TYPES.includes(type)) throw new Error(`--provider takes one of ${TYPES.join(", ")}, not ${type}`);
  const provider = { type, ...DEFAULTS[type] };
  const key = keyVariable(type);
  if (environment[key]) provider.apiTokens = [`\${${key}}`];
  for (const [field, schema] of ownFields(type)) {
    const variable = fieldVariable(type, field);
    if (environment[variable]) provider[field] = valueOf(schema, variable, environment[variable]);
  }
  const missing = demandsOf(type).filter((ways) => !ways.some((way) => way.every((field) => provider[field] !== undefined)));
  if (missing.length > 0) throw new Error(missing.map((ways) => `${type} needs ${wayText(type, ways, provider)}`).join("\n"));
  const variables = [...JSON.stringify(provider).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
  return { config: { provider }, variables };
}

function wayText(type, ways, provider) {
  const missing = ways.map((way) => way.filter((field) => provider[field] === undefined).map((field) => fieldVariable(type, field)));
  const words = missing.map((names) => names.join(" and ")).join(", or ");
  return `${words} in the environment: ${missing[0].map((name) => `${name}=…`).join(" ")} npm run dev -- --provider ${type}`;
}
