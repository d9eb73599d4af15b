// The types of providers in config.schema.json follow the catalogue: their names, and which of them cannot do without apiTokens. The
// schema's text is edited in these two places; all else in it is written by hand.

const TYPES = /("type": \{ "type": "string", "enum": \[)([^\]]*)(\])/;
const KEYED =
  /("if": \{ "required": \["type"\], "properties": \{ "type": \{ "enum": \[)([^\]]*)(\] \} \} \},\s*"then": \{ "anyOf": \[\{ "required": \["apiTokens"\], "properties": \{ "apiTokens": \{ "minItems": 1 \} \} \}\] \})/;

/** The types in the order that they have in the schema, new ones last. */
function ordered(types, list) {
  const before = JSON.parse(`[${list}]`).filter((type) => types.includes(type));
  return [...before, ...types.filter((type) => !before.includes(type))].map((type) => JSON.stringify(type)).join(", ");
}

/** The schema's text with the types of the catalogue in it. */
export function withTypes(text, catalog) {
  const rows = catalog.allProviders();
  const types = rows.map((row) => row.type);
  const keyed = rows.filter((row) => row.needsTokens).map((row) => row.type);
  for (const place of [TYPES, KEYED]) if (!place.test(text)) throw new Error("config.schema.json has no place for the types of providers");
  return text
    .replace(TYPES, (_, start, list, end) => start + ordered(types, list) + end)
    .replace(KEYED, (_, start, list, end) => start + ordered(keyed, list) + end);
}
