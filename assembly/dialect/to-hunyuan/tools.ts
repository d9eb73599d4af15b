// Tool definitions and the choice among them: {Type, Function{Name, Parameters (JSON as a string), Description}}.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeCompactInner } from "../../json/text";
import { Draft } from "../conversation/draft";
import { toolList } from "../conversation/tool-list";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { innerMember, innerOf } from "../conversation/inner";
import { FUNCTIONS_ONLY, UNNAMED_FUNCTION, WRONG_CHOICE, WRONG_TOOLS } from "../conversation/sentences";

/** Writes `Tools`, `ToolChoice` and `CustomTool`; nothing when the request has no tools. */
export function writeTools(draft: Draft): bool {
  const doc = draft.doc;
  const given = doc.root("tools");
  if (doc.isSet(given) && !doc.isArray(given)) return draft.refuse(WRONG_TOOLS, "tools");
  const tools = toolList(doc);
  if (tools == NONE) return true;
  draft.key("Tools");
  draft.out.byte(Ascii.LeftBracket);
  const allowed = new AllowedTools(doc);
  let index = 0;
  let count = 0;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    draft.atItem("tools", index++);
    if (!allowed.admits(tool)) continue;
    count++;
    draft.separate();
    if (!writeTool(draft, tool)) return false;
  }
  draft.item = -1;
  if (count == 0) return draft.refuse(NONE_ALLOWED, "tool_choice");
  draft.out.byte(Ascii.RightBracket);
  const choice = doc.root("tool_choice");
  return writeChoice(draft, doc.isSet(choice) ? choice : doc.root("function_call"), tools, count);
}

/** The function of a tool; an item of `functions` is the function itself. */
function definitionOf(doc: JsonDocument, tool: i32): i32 {
  const inner = doc.get(tool, "function");
  return doc.isObject(inner) ? inner : tool;
}

function writeTool(draft: Draft, tool: i32): bool {
  const doc = draft.doc;
  const type = doc.get(tool, "type");
  if (doc.isSet(type) && !doc.textIs(type, "function")) return draft.refuse(FUNCTIONS_ONLY, ".type");
  const definition = definitionOf(doc, tool);
  const name = doc.get(definition, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_FUNCTION, ".function.name");
  draft.out.ascii('{"Type":"function","Function":{');
  draft.member("Name", name);
  draft.key("Parameters");
  const schema = doc.get(definition, "parameters");
  if (doc.isString(schema)) draft.out.view(doc.raw(schema));
  else {
    draft.out.byte(Ascii.Quote);
    writeCompactInner(draft.out, doc.isObject(schema) ? doc.raw(schema) : View.utf8('{"type":"object","properties":{}}'));
    draft.out.byte(Ascii.Quote);
  }
  const description = doc.get(definition, "description");
  if (doc.isString(description)) draft.member("Description", description);
  draft.out.ascii("}}");
  return true;
}

/**
 * Hunyuan takes none, auto and custom with the one tool that must be called. required is said exactly when there is one
 * function, else it falls back to auto; so does a list of allowed tools, to which the tools have been cut.
 */
function writeChoice(draft: Draft, choice: i32, tools: i32, count: i32): bool {
  const doc = draft.doc;
  if (!doc.isSet(choice)) return true;
  const isRequired = doc.textIn(choice, "required any");
  if (doc.textIn(choice, "auto none")) {
    draft.member("ToolChoice", choice);
    return true;
  }
  if ((isRequired && count > 1) || doc.memberIs(choice, "type", "allowed_tools")) {
    draft.key("ToolChoice");
    draft.out.ascii('"auto"');
    return true;
  }
  const tool = isRequired ? doc.first(tools) : find(doc, tools, chosenName(doc, choice));
  if (tool == NONE) return draft.refuse(WRONG_CHOICE, "tool_choice");
  draft.key("ToolChoice");
  draft.out.ascii('"custom"');
  draft.key("CustomTool");
  return writeTool(draft, tool);
}

/** The forced function's name, escaped inner bytes; empty when none is forced. */
function chosenName(doc: JsonDocument, choice: i32): View {
  const nested = doc.get(doc.get(choice, "function"), "name");
  return innerOf(doc, doc.isString(nested) ? nested : doc.get(choice, "name"));
}

function find(doc: JsonDocument, tools: i32, name: View): i32 {
  if (name.length == 0) return NONE;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    if (innerMember(doc, definitionOf(doc, tool), "name").sameAs(name)) return tool;
  }
  return NONE;
}
