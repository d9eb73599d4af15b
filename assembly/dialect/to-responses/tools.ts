// Tools of a chat and the choice among them, which the Responses API spells with one level less.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/kind";
import { NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { toolList } from "../conversation/tool-list";
import { UNNAMED_FUNCTION, WRONG_CHOICE } from "../conversation/sentences";

/** Writes `tools` and `tool_choice` as far as there is anything to say. */
export function writeTools(draft: Draft): bool {
  const doc = draft.doc;
  const out = draft.out;
  const mark = out.length;
  draft.key("tools");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let index = 0;
  for (let tool = doc.first(toolList(doc)); tool != NONE; tool = doc.next(tool)) {
    draft.atItem("tools", index++);
    if (!writeTool(draft, tool)) return false;
  }
  draft.item = -1;
  const search = doc.root("web_search_options");
  if (doc.isObject(search)) writeSearch(draft, search);
  if (out.length == start) {
    out.truncate(mark);
    return true;
  }
  out.byte(Ascii.RightBracket);
  const newer = doc.root("tool_choice");
  const choice = doc.isSet(newer) ? newer : doc.root("function_call");
  if (!doc.isSet(choice)) return true;
  draft.key("tool_choice");
  return writeChoice(draft, choice) || draft.refuse(WRONG_CHOICE, "tool_choice");
}

/** A function is strict there unless it says otherwise; in chat it is not ("Migrate to the Responses API", OpenAI, Nov 2026). */
function writeTool(draft: Draft, tool: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const custom = doc.get(tool, "custom");
  let named = doc.isObject(custom) ? custom : doc.get(tool, "function");
  // `functions`, the older list, holds the functions themselves.
  if (!doc.isObject(named) && !doc.isSet(doc.get(tool, "type"))) named = tool;
  if (!doc.isObject(named)) {
    // A tool that chat does not know may be one of the service's own; one of a Messages client is Anthropic's.
    if (!draft.isConversation) {
      draft.separate();
      out.view(doc.raw(tool));
    }
    return true;
  }
  if (!doc.isString(doc.get(named, "name"))) return draft.refuse(UNNAMED_FUNCTION, ".function.name");
  draft.separate();
  out.ascii(named == custom ? '{"type":"custom"' : '{"type":"function"');
  draft.copyMember(named, "name");
  draft.copyMember(named, "description");
  if (named == custom) {
    const format = doc.get(custom, "format");
    const grammar = doc.get(format, "grammar");
    if (doc.isObject(grammar)) {
      draft.key("format");
      out.ascii('{"type":"grammar"');
      draft.copyMember(grammar, "syntax");
      draft.copyMember(grammar, "definition");
      out.byte(Ascii.RightBrace);
    } else if (doc.isSet(format)) draft.member("format", format);
  } else {
    const parameters = doc.get(named, "parameters");
    if (doc.isObject(parameters)) draft.member("parameters", parameters);
    else out.ascii(',"parameters":{"type":"object","properties":{}}');
    const strict = doc.get(named, "strict");
    if (doc.isSet(strict)) draft.member("strict", strict);
    else out.ascii(',"strict":false');
  }
  out.byte(Ascii.RightBrace);
  return true;
}

/** web_search_options -> the tool, whose place is not nested. */
function writeSearch(draft: Draft, options: i32): void {
  const doc = draft.doc;
  draft.separate();
  draft.out.ascii('{"type":"web_search"');
  draft.copyMember(options, "search_context_size");
  const place = doc.get(doc.get(options, "user_location"), "approximate");
  if (doc.first(place) != NONE) {
    const inside = doc.raw(place);
    draft.out.ascii(',"user_location":{"type":"approximate",');
    draft.out.range(inside, 1, inside.length);
  }
  draft.out.byte(Ascii.RightBrace);
}

/** A word, a tool by its name, or a list of allowed ones. */
function writeChoice(draft: Draft, choice: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  if (doc.isString(choice)) {
    out.view(doc.raw(choice));
    return true;
  }
  const type = doc.get(choice, "type");
  const allowed = doc.get(choice, "allowed_tools");
  if (!doc.isObject(allowed)) return writeName(draft, choice, type);
  out.ascii('{"type":"allowed_tools"');
  draft.copyMember(allowed, "mode");
  draft.key("tools");
  out.byte(Ascii.LeftBracket);
  for (let tool = doc.first(doc.get(allowed, "tools")); tool != NONE; tool = doc.next(tool)) {
    draft.separate();
    if (!writeName(draft, tool, doc.get(tool, "type"))) return false;
  }
  out.ascii("]}");
  return true;
}

/** `{"type","function":{"name"}}`, or of type custom, or without a type -> `{"type","name"}`; another object as it is. */
function writeName(draft: Draft, choice: i32, type: i32): bool {
  const doc = draft.doc;
  if (doc.kind(choice) != JsonKind.Object) return false;
  const isCustom = doc.textIs(type, "custom");
  const nested = doc.get(doc.get(choice, isCustom ? "custom" : "function"), "name");
  const name = doc.isString(nested) ? nested : doc.get(choice, "name");
  if (!doc.isString(name)) {
    draft.out.view(doc.raw(choice));
    return doc.isString(type) && !isCustom && !doc.textIs(type, "function");
  }
  draft.out.ascii("{");
  draft.innerMember("type", View.utf8(isCustom ? "custom" : "function"));
  draft.member("name", name);
  draft.out.byte(Ascii.RightBrace);
  return true;
}
