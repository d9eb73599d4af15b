// Reads config.schema.json into plain rows: tables of fields and the conditions between them. Refuses what the table
// in the plugin could not express, so that the schema cannot say more than the plugin checks.

import { readFileSync } from "node:fs";

const file = new URL("./config.schema.json", import.meta.url);

/** Tables in the order of their numbers; each field table follows its predecessor's. */
export const TABLES = [
  "root",
  "rule",
  "side",
  "provider",
  "context",
  "failover",
  "retryOnFailure",
  "customSetting",
  "cachePoints",
  "metrics",
  "consumer",
  "limit",
  "limitMatch",
  "abnormal",
  "price",
  "prompt",
  "parameterRule",
];

/** Kinds of value, numbered in this order (assembly/config/schema.gen.ts). */
export const KINDS = [
  "text",
  "integer",
  "boolean",
  "textList",
  "object",
  "objectList",
  "textMap",
  "modelMap",
  "raw",
  "rawObject",
  "amount",
];

/** Formats of text, numbered in this order; the code is in assembly/config/formats.ts. */
export const FORMATS = [
  "any",
  "token",
  "host",
  "path",
  "word",
  "endpoint",
  "url",
  "azureUrl",
  "serviceAccount",
  "headerName",
  "credential",
  "limitSubject",
  "affinity",
  "stickiness",
  "currency",
  "dateTime",
];

const LIMIT = 2 ** 31 - 1;

export function readSchema() {
  const schema = JSON.parse(readFileSync(file, "utf8"));
  const tables = TABLES.map((name, index) => readTable(schema, name, index));
  let start = 0;
  for (const table of tables) {
    table.start = start;
    start += table.fields.length;
  }
  return {
    schema,
    tables,
    conditions: tables.flatMap((table) => readConditions(table)),
  };
}

/** `$ref` replaced by what it points to, own members winning. Objects of a table keep their name in `table`. */
export function resolve(schema, node) {
  if (!node.$ref) return node;
  const name = node.$ref.replace("#/$defs/", "");
  const target = schema.$defs[name];
  if (!target) throw new Error(`unknown $ref ${node.$ref}`);
  const merged = { ...target, ...node };
  delete merged.$ref;
  if (TABLES.includes(name)) merged.table = name;
  return merged;
}

function readTable(schema, name, index) {
  const definition = name === "root" ? schema : schema.$defs[name];
  const fields = Object.entries(definition.properties).map(([key, value]) => {
    const node = resolve(schema, value);
    const items = node.items ? resolve(schema, node.items) : undefined;
    return readField(schema, key, node, items, (definition.required ?? []).includes(key));
  });
  return { name, index, definition, fields };
}

function readField(schema, key, node, items, required) {
  const kind = kindOf(node, items, key);
  // What the text itself must satisfy: of the value, of each item, or of each value of a map.
  const text = kind === "textList" ? items : kind === "textMap" ? resolve(schema, node.additionalProperties) : node;
  const format = text["x-format"] ?? "any";
  if (!FORMATS.includes(format)) throw new Error(`${key}: unknown x-format ${format}`);
  if (text.pattern && format === "any" && kind !== "amount")
    throw new Error(`${key}: a pattern needs an x-format, the plugin has no regular expressions`);
  const isInteger = kind === "integer";
  return {
    key,
    kind,
    format,
    min: isInteger ? required0(node.minimum, key) : kind === "amount" ? (node.exclusiveMinimum === 0 ? 1 : 0) : (text.minLength ?? 0),
    max: isInteger ? required0(node.maximum, key) : (text.maxLength ?? LIMIT),
    values: kind === "textMap" ? node.propertyNames?.enum : text.enum,
    table: node.table ?? items?.table,
    required,
    secret: node["x-secret"] === true,
    default: node.default,
    providers: node["x-providers"],
    formerly: node["x-formerly"] ?? [],
    node,
  };
}

function required0(value, key) {
  if (!Number.isInteger(value)) throw new Error(`${key}: integers need minimum and maximum`);
  return value;
}

function kindOf(node, items, key) {
  const kind =
    node["x-kind"] ??
    {
      string: "text",
      integer: "integer",
      boolean: "boolean",
      object: "object",
      array: items?.table ? "objectList" : "textList",
    }[node.type];
  if (!KINDS.includes(kind)) throw new Error(`${key}: no kind for type ${node.type}`);
  if (kind === "object" && !node.table) throw new Error(`${key}: an object needs a $ref to a table or x-kind`);
  return kind;
}

/**
 * `allOf` entries of the form if type (and one constant) then anyOf of required fields, or `then: false` for fields that exclude each
 * other; and a table's own `anyOf`.
 */
function readConditions(table) {
  const conditions = [];
  for (const entry of table.definition.allOf ?? []) {
    const given = entry.if.properties;
    const constant = Object.keys(given).find((key) => given[key].const !== undefined);
    if (Object.keys(given).some((key) => !entry.if.required.includes(key))) throw new Error("if: list every property in required");
    const isExclusive = entry.then === false;
    conditions.push({
      table: table.name,
      message: entry["x-message"],
      types: given.type?.enum,
      constant,
      value: constant && given[constant].const,
      alternatives: isExclusive ? [] : entry.then.anyOf.map((one) => readAlternative(table, one)),
      excludes: isExclusive ? entry.if.required.filter((key) => key !== "type" && key !== constant) : [],
      // Where the mistake is reported: at the object, or at one of the fields that exclude each other.
      at: isExclusive ? entry["x-at"] : undefined,
    });
  }
  if (table.definition.anyOf) {
    const alternatives = table.definition.anyOf.map((one) => readAlternative(table, one));
    conditions.push({ table: table.name, message: table.definition["x-message"], alternatives, excludes: [] });
  }
  return conditions;
}

/** Fields that must be given, which for the plugin means: not empty, true, not 0 (but for amounts). The schema has to say the same. */
function readAlternative(table, alternative) {
  for (const key of alternative.required) {
    const field = table.fields.find((one) => one.key === key);
    if (field.kind === "boolean") {
      if (alternative.properties?.[key]?.const !== true) throw new Error(`${table.name}.${key}: a required truth value needs const true`);
      continue;
    }
    const word = { text: "minLength", integer: "minimum", textList: "minItems" }[field.kind];
    if (field.kind !== "amount" && alternative.properties?.[key]?.[word] !== 1)
      throw new Error(`${table.name}.${key}: a required field needs ${word} 1 there`);
  }
  return alternative.required;
}
