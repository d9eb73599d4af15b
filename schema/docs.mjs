// docs/configuration.md and its Chinese page: every field under a heading of its own, with type, default, provider and how it compares with
// Higress.

import { CHINESE, ENGLISH } from "./docs-texts.mjs";

/** Sections in the order of the page; `path` stands before the names of their fields where the name alone is not enough. */
const SECTIONS = [
  { name: "root" },
  { name: "rule", path: "_rules_[]." },
  { name: "provider", of: (field) => !field.providers },
  { name: "vendor", table: "provider", of: (field) => field.providers },
  { name: "requirements" },
  { name: "side", path: "split[]." },
  { name: "context", path: "context." },
  { name: "failover", path: "failover." },
  { name: "retryOnFailure", path: "retryOnFailure." },
  { name: "customSetting", path: "customSettings[]." },
  { name: "cachePoints", path: "bedrockPromptCachePointPositions." },
  { name: "metrics", path: "metrics." },
  { name: "consumer", path: "consumers[]." },
  { name: "limit", path: "limits[]." },
  { name: "limitMatch", path: "limits[].match." },
  { name: "abnormal", path: "abnormal." },
  { name: "price", path: "prices[]." },
  { name: "prompt", path: "prompts[]." },
  { name: "parameterRule", path: "parameterRules[]." },
];

const code = (values, { comma }) => values.map((value) => `\`${value}\``).join(comma);

function typeText(field, words) {
  const { types } = words;
  switch (field.kind) {
    case "text":
      return field.values && field.key !== "type" ? code(field.values, words) : types.text;
    case "integer":
      return `${types.integer} ${field.min}…${field.max}`;
    default:
      return types[field.kind] ?? field.kind;
  }
}

function higressText({ node }, words) {
  const word = node["x-higress"] ?? "same";
  if (word === "extra") return words.notInHigress;
  if (word !== "changed") return "";
  const note = (node[words.note] ?? node["x-note"]) + words.stop;
  return note.startsWith("Higress") ? note : `${words.changed}${words.colon}${note}`;
}

/** The line of facts below a field's heading. */
function factsOf(field, words) {
  const given = field.default !== undefined && field.default !== "";
  return [
    `${words.type}${words.colon}${typeText(field, words)}${words.stop}`,
    field.required ? words.required : given && `${words.default}${words.colon}\`${JSON.stringify(field.default)}\`${words.stop}`,
    field.providers && `${words.providers}${words.colon}${code(field.providers, words)}${words.stop}`,
    higressText(field, words),
  ]
    .filter(Boolean)
    .join(words.space);
}

function fieldText(field, heading, words) {
  const meaning = (field.node[words.description] ?? "") + (field.secret ? words.space + words.secret : "");
  return [`### \`${heading}\``, factsOf(field, words), meaning].filter((part) => part !== "").join("\n\n");
}

function requirements(model, words) {
  const lines = model.conditions.map((condition) => `- ${words.condition(condition)}`);
  return [`## ${words.titles.requirements[0]}`, words.titles.requirements[1], lines.join("\n")].join("\n\n");
}

function section(model, { name, table = name, path = "", of = () => true }, words) {
  if (name === "requirements") return requirements(model, words);
  const root = model.tables[0].fields.map((field) => field.key);
  const fields = model.tables.find((one) => one.name === table).fields.filter(of);
  const prefix = ({ key }) => path || (table === "provider" && root.includes(key) ? "provider." : "");
  const [title, text] = words.titles[name];
  return [`## ${title}`, text, ...fields.map((field) => fieldText(field, prefix(field) + field.key, words))]
    .filter((part) => part !== "")
    .join("\n\n");
}

function lists(model, words) {
  const provider = model.tables.find((one) => one.name === "provider").fields;
  const values = (key) => code(provider.find((field) => field.key === key).values, words);
  return `## ${words.typesTitle}\n\n${values("type")}\n\n## ${words.apisTitle}\n\n${values("capabilities")}`;
}

function writePage(model, words) {
  const parts = SECTIONS.map((one) => section(model, one, words));
  parts.splice(
    SECTIONS.findIndex((one) => one.name === "vendor"),
    0,
    lists(model, words),
  );
  return `${[words.introduction, ...parts].join("\n\n")}\n`;
}

export const writeDocs = (model) => writePage(model, ENGLISH);
export const writeChineseDocs = (model) => writePage(model, CHINESE);
