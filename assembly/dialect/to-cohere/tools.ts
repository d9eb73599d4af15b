// Tool definitions and the choice among them. Cohere's choice is REQUIRED, NONE or nothing: a named function becomes a list of
// one tool with REQUIRED, which says the same.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { toolList } from "../conversation/tool-list";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { FUNCTIONS_ONLY, UNNAMED_FUNCTION, WRONG_CHOICE } from "../conversation/sentences";

/** What the request says of the choice. */
@final
class Choice {
  /** Cohere's word, "" for none. */
  word: string = "";
  /** The one function that may be called; empty for any. Plain UTF-8. */
  name: View = View.empty();
  /** False when the request names a choice that is none. */
  read(doc: JsonDocument): bool {
    const newer = doc.root("tool_choice");
    const choice = doc.isSet(newer) ? newer : doc.root("function_call");
    if (!doc.isObject(choice)) return !doc.isSet(choice) || this.readWord(doc, choice);
    if (doc.memberIs(choice, "type", "allowed_tools")) return this.readWord(doc, new AllowedTools(doc).mode);
    const nested = doc.get(doc.get(choice, "function"), "name");
    this.name = doc.text(doc.isString(nested) ? nested : doc.get(choice, "name"));
    this.word = "REQUIRED";
    return this.name.length != 0;
  }

  private readWord(doc: JsonDocument, word: i32): bool {
    if (doc.textIn(word, "required any")) this.word = "REQUIRED";
    else if (doc.textIs(word, "none")) this.word = "NONE";
    else return doc.textIs(word, "auto");
    return true;
  }

  /** True when the tool of this name may be called. */
  admits(doc: JsonDocument, name: i32): bool {
    return this.name.length == 0 || doc.text(name).sameAs(this.name);
  }
}

/** Writes `tools`, `tool_choice` and `strict_tools` as far as there is anything to say. */
export function writeTools(draft: Draft): bool {
  const doc = draft.doc;
  const out = draft.out;
  const tools = toolList(doc);
  if (tools == NONE) return true; // tool_choice without tools is an error there.
  const choice = new Choice();
  const allowed = new AllowedTools(doc);
  if (!choice.read(doc)) {
    return draft.refuse(WRONG_CHOICE, "tool_choice");
  }
  draft.key("tools");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let isStrict = true;
  let index = 0;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    draft.atItem("tools", index++);
    const definition = definitionOf(doc, tool);
    if (definition == NONE) return draft.refuse(FUNCTIONS_ONLY, ".type");
    const name = doc.get(definition, "name");
    if (!doc.isString(name)) return draft.refuse(UNNAMED_FUNCTION, ".function.name");
    if (!choice.admits(doc, name) || !allowed.admits(tool)) continue;
    writeTool(draft, definition);
    // strict_tools holds for all tools, and refuses those without a required parameter
    // (https://docs.cohere.com/docs/structured-outputs, Nov 2026).
    const required = doc.get(doc.get(definition, "parameters"), "required");
    if (!doc.isTrue(doc.get(definition, "strict")) || doc.first(required) == NONE) isStrict = false;
  }
  draft.item = -1;
  if (out.length == start) return draft.refuse(NONE_ALLOWED, "tool_choice");
  out.byte(Ascii.RightBracket);
  if (choice.word.length != 0) draft.innerMember("tool_choice", View.utf8(choice.word));
  if (doc.isSet(doc.root("strict_tools"))) draft.copyMember(0, "strict_tools");
  else if (isStrict) out.ascii(',"strict_tools":true');
  return true;
}

/** The function's node, NONE for a tool of another type. An item of the older `functions` is the function itself. */
function definitionOf(doc: JsonDocument, tool: i32): i32 {
  const type = doc.get(tool, "type");
  if (doc.isSet(type) && !doc.textIs(type, "function")) return NONE;
  const inner = doc.get(tool, "function");
  return doc.isObject(inner) ? inner : tool;
}

/** `parameters` is required there, and members that Cohere does not know (`strict`) are left out. */
function writeTool(draft: Draft, definition: i32): void {
  const doc = draft.doc;
  draft.separate();
  draft.out.ascii('{"type":"function","function":{');
  draft.copyMember(definition, "name");
  draft.copyMember(definition, "description");
  const parameters = doc.get(definition, "parameters");
  if (doc.isObject(parameters) && doc.first(parameters) != NONE) draft.member("parameters", parameters);
  else draft.out.ascii(',"parameters":{"type":"object","properties":{}}');
  draft.out.ascii("}}");
}
