// Tools of a Messages request -> function tools: definitions, the choice among them, and the arguments of calls.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";

/**
 * True for a tool that has a counterpart: one with a schema of its own. Anthropic's server tools (web_search_20250305 …)
 * and built-in client tools (bash_20250124 …) are known to Claude only and are dropped.
 */
function isFunction(doc: JsonDocument, tool: i32): bool {
  if (!doc.isString(doc.get(tool, "name"))) return false;
  const type = doc.get(tool, "type");
  return !doc.isSet(type) || doc.textIs(type, "custom") || doc.isObject(doc.get(tool, "input_schema"));
}

/** Appends `,"tools":[…]`; returns the number of tools, and writes nothing when it is 0. */
export function writeTools(doc: JsonDocument, tools: i32, out: Buffer): i32 {
  let count = 0;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    if (!isFunction(doc, tool)) continue;
    out.ascii(count == 0 ? ',"tools":[' : ",");
    count++;
    out.put('{"type":"function","function":{"name":', doc.raw(doc.get(tool, "name")));
    const description = doc.get(tool, "description");
    if (doc.isString(description)) {
      out.put(',"description":', doc.raw(description));
    }
    out.ascii(',"parameters":');
    const schema = doc.get(tool, "input_schema");
    if (doc.isObject(schema)) out.view(doc.raw(schema));
    else out.ascii('{"type":"object","properties":{}}');
    const strict = doc.get(tool, "strict");
    if (doc.isSet(strict)) {
      out.put(',"strict":', doc.raw(strict));
    }
    out.ascii("}}");
  }
  if (count > 0) out.byte(Ascii.RightBracket);
  return count;
}

/** The same for the conversation form: server tools and members that chat does not know are kept. */
export function writeFormTools(doc: JsonDocument, tools: i32, out: Buffer): i32 {
  let count = 0;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    out.ascii(count == 0 ? ',"tools":[' : ",");
    count++;
    // A tool without a schema of its own is one that the provider knows.
    if (!isFunction(doc, tool)) {
      out.view(doc.raw(tool));
      continue;
    }
    out.ascii('{"type":"function","function":{');
    let inside = false;
    for (let member = doc.first(tool); member != NONE; member = doc.next(member)) {
      const isSchema = doc.keyIs(member, "input_schema");
      if (!isSchema && !isOfFunction(doc, member)) continue;
      if (inside) out.byte(Ascii.Comma);
      inside = true;
      if (isSchema) out.ascii('"parameters":');
      else writeKey(doc, member, out);
      out.view(doc.raw(member));
    }
    out.byte(Ascii.RightBrace);
    for (let member = doc.first(tool); member != NONE; member = doc.next(member)) {
      if (isOfFunction(doc, member) || doc.keyIn(member, "input_schema type")) continue;
      out.byte(Ascii.Comma);
      writeKey(doc, member, out);
      out.view(doc.raw(member));
    }
    out.byte(Ascii.RightBrace);
  }
  if (count > 0) out.byte(Ascii.RightBracket);
  return count;
}

/** Members that chat has in `function`. */
function isOfFunction(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(member, "name description strict");
}

function writeKey(doc: JsonDocument, member: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  out.view(doc.rawKey(member));
  out.ascii('":');
}

/**
 * Appends `,"tool_choice":…` and `,"parallel_tool_calls":false`. For requests with tools only: OpenAI refuses both
 * without. False when the choice is of a type that does not exist. A choice of a dropped tool is dropped with it.
 */
export function writeToolChoice(doc: JsonDocument, choice: i32, tools: i32, parallelGiven: bool, isForm: bool, out: Buffer): bool {
  if (!doc.isSet(choice)) return true;
  const type = doc.get(choice, "type");
  if (doc.textIs(type, "auto")) out.ascii(',"tool_choice":"auto"');
  else if (doc.textIs(type, "any")) out.ascii(',"tool_choice":"required"');
  else if (doc.textIs(type, "none")) out.ascii(',"tool_choice":"none"');
  else if (doc.textIs(type, "tool")) {
    const name = doc.get(choice, "name");
    if (!doc.isString(name)) return false;
    if (isForm || hasFunction(doc, tools, name)) {
      out.wrap(',"tool_choice":{"type":"function","function":{"name":', doc.raw(name), "}}");
    }
  } else return false;
  const single = doc.get(choice, "disable_parallel_tool_use");
  if (parallelGiven) return true;
  if (doc.isTrue(single)) out.ascii(',"parallel_tool_calls":false');
  else if (isForm && doc.isSet(single)) out.ascii(',"parallel_tool_calls":true');
  return true;
}

function hasFunction(doc: JsonDocument, tools: i32, name: i32): bool {
  const wanted = doc.text(name);
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    if (isFunction(doc, tool) && doc.textOf(tool, "name").sameAs(wanted)) return true;
  }
  return false;
}

/** Appends a tool's input as the inside of a JSON string: its own text, escaped; nothing given becomes {}. */
export function writeArguments(doc: JsonDocument, input: i32, out: Buffer): void {
  if (doc.isSet(input)) writeInner(out, doc.raw(input));
  else out.ascii("{}");
}
