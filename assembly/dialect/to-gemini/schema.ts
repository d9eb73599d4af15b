// Which of Gemini's two fields a tool's JSON Schema fits: `parameters` (the OpenAPI 3.0 subset of v1beta's Schema message,
// where any other keyword is an error) or `parametersJsonSchema` (JSON Schema as it is).

import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";

export const enum SchemaForm {
  /** The function takes no parameters: both fields are left out. */
  None,
  /** Every keyword is in the subset: `parameters`, which all models and versions take. */
  OpenApi,
  /** Something would be lost or refused: `parametersJsonSchema`. */
  JsonSchema,
}

/** The form that says all of `schema`. Linear in its size, no recursion. */
export function chooseForm(doc: JsonDocument, schema: i32): SchemaForm {
  if (!doc.isObject(schema) || takesNothing(doc, schema)) return SchemaForm.None;
  if (!isType(doc, doc.get(schema, "type"), "object")) return SchemaForm.JsonSchema;
  const open: Array<i32> = [schema];
  while (open.length != 0) {
    if (!checkSchema(doc, open.pop(), open)) return SchemaForm.JsonSchema;
  }
  return SchemaForm.OpenApi;
}

/** `{"type":"object","properties":{}}` in its variants: Gemini refuses an OBJECT without properties. */
function takesNothing(doc: JsonDocument, schema: i32): bool {
  for (let member = doc.first(schema); member != NONE; member = doc.next(member)) {
    if (doc.keyIn(member, "type $schema title")) continue;
    if (doc.keyIs(member, "description")) continue;
    if (doc.keyIs(member, "properties") && doc.isObject(member) && doc.first(member) == NONE) continue;
    if (doc.keyIs(member, "required") && doc.isArray(member) && doc.first(member) == NONE) continue;
    if (doc.keyIs(member, "additionalProperties") && doc.kind(member) == JsonKind.False) continue;
    return false;
  }
  return true;
}

/** True when this schema's own keywords are in the subset; its subschemas are pushed on `open`. */
function checkSchema(doc: JsonDocument, schema: i32, open: Array<i32>): bool {
  if (!doc.isObject(schema)) return false;
  const type = doc.get(schema, "type");
  if (isType(doc, type, "object") && doc.first(doc.get(schema, "properties")) == NONE) return false;
  if (isType(doc, type, "array") && !doc.isObject(doc.get(schema, "items"))) return false;
  for (let member = doc.first(schema); member != NONE; member = doc.next(member)) {
    if (doc.keyIs(member, "items")) open.push(member);
    else if (doc.keyIs(member, "anyOf") && doc.isArray(member)) pushChildren(doc, member, open);
    else if (doc.keyIs(member, "properties") && doc.isObject(member)) pushChildren(doc, member, open);
    else if (!checkKeyword(doc, member)) return false;
  }
  return true;
}

function pushChildren(doc: JsonDocument, node: i32, open: Array<i32>): void {
  for (let child = doc.first(node); child != NONE; child = doc.next(child)) open.push(child);
}

/** True when one keyword without subschemas is in the subset and its value has the right kind. */
function checkKeyword(doc: JsonDocument, member: i32): bool {
  const kind = doc.kind(member);
  if (doc.keyIs(member, "type")) return isKnownType(doc, member);
  if (doc.keyIs(member, "format")) return isKnownFormat(doc, member);
  if (doc.keyIs(member, "enum")) return isTextList(doc, member);
  if (doc.keyIn(member, "required propertyOrdering")) return isTextList(doc, member);
  if (doc.keyIs(member, "nullable")) return kind == JsonKind.True || kind == JsonKind.False;
  if (doc.keyIn(member, "title description pattern")) return kind == JsonKind.String;
  if (doc.keyIn(member, "default example")) return true;
  return isBound(doc, member) && kind == JsonKind.Number;
}

function isBound(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(member, "minimum maximum minItems maxItems minLength maxLength minProperties maxProperties");
}

/** Google's own enum is upper case; JSON Schema's spelling is accepted by the API as well. */
function isType(doc: JsonDocument, node: i32, name: string): bool {
  return doc.text(node).equalsIgnoreCase(name);
}

function isKnownType(doc: JsonDocument, node: i32): bool {
  return (
    isType(doc, node, "object") ||
    isType(doc, node, "string") ||
    isType(doc, node, "number") ||
    isType(doc, node, "integer") ||
    isType(doc, node, "boolean") ||
    isType(doc, node, "array")
  );
}

/** "only 'enum' and 'date-time' are supported for STRING type" is what the Gemini API answers to others (Nov 2026). */
function isKnownFormat(doc: JsonDocument, node: i32): bool {
  return doc.textIn(node, "enum date-time int32 int64 float double");
}

/** A list of strings that are not empty: empty enum values are refused. */
function isTextList(doc: JsonDocument, node: i32): bool {
  if (!doc.isArray(node)) return false;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    if (!doc.isString(item) || doc.textIs(item, "")) return false;
  }
  return true;
}
