// Tool definitions and the choice among them.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { innerMember, innerOf } from "../conversation/inner";
import { Draft } from "../conversation/draft";
import { writeToolSchema } from "../conversation/tool-schema";
import { FUNCTIONS_ONLY, UNNAMED_FUNCTION } from "../conversation/sentences";

/** Writes the `tools` member for the list `tools`. */
export function writeTools(draft: Draft, tools: i32): bool {
  const doc = draft.doc;
  draft.key("tools");
  draft.out.byte(Ascii.LeftBracket);
  const start = draft.out.length;
  const allowed = new AllowedTools(doc);
  let index = 0;
  for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
    draft.atItem("tools", index++);
    if (allowed.admits(tool) && !writeTool(draft, tool)) return false;
  }
  draft.item = -1;
  if (draft.out.length == start) return draft.refuse(NONE_ALLOWED, "tool_choice");
  draft.out.byte(Ascii.RightBracket);
  return true;
}

function writeTool(draft: Draft, tool: i32): bool {
  const doc = draft.doc;
  const type = doc.get(tool, "type");
  const inner = doc.get(tool, "function");
  const isPlain = doc.textIs(type, "function") || !doc.isSet(type);
  // A flat tool of type custom is one of the Responses API, unless it has Anthropic's schema.
  const isOthers = doc.textIs(type, "custom") && !doc.isObject(doc.get(tool, "input_schema"));
  const isNamed = doc.isString(doc.get(tool, "name")) || draft.isConversation;
  if (!isPlain && !isOthers && doc.isString(type) && isNamed) {
    // Anthropic's own tools (web_search_20250305, computer use…) have a type and a name at the top: passed on as they are.
    draft.separate();
    draft.out.view(doc.raw(tool));
    return true;
  }
  if (!isPlain) return draft.refuse(FUNCTIONS_ONLY, ".type");
  // An item of `functions` is the function itself.
  const definition = doc.isObject(inner) ? inner : tool;
  const name = doc.get(definition, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_FUNCTION, ".function.name");
  draft.separate();
  draft.out.byte(Ascii.LeftBrace);
  draft.member("name", name);
  draft.copyMember(definition, "description");
  draft.key("input_schema");
  writeToolSchema(draft, doc.get(definition, "parameters"));
  if (doc.isTrue(doc.get(definition, "strict"))) draft.member("strict", doc.get(definition, "strict"));
  if (draft.isConversation && !draft.isHosted) writeFurther(draft, tool);
  if (!draft.copyMark(tool)) draft.copyMark(definition);
  draft.out.byte(Ascii.RightBrace);
  return true;
}

/** Anthropic's members of a tool that stand beside the function in the form: input_examples, defer_loading … */
function writeFurther(draft: Draft, tool: i32): void {
  const doc = draft.doc;
  for (let member = doc.first(tool); member != NONE; member = doc.next(member)) {
    const isKnown = doc.keyIn(member, "type function cache_control");
    if (!isKnown) draft.rawMember(member);
  }
}

/**
 * Writes the `tool_choice` member when the request says anything of it. `thinking`: the model thinks, and then a tool
 * cannot be forced (Anthropic answers 400), so a forced choice becomes `auto`.
 */
export function writeToolChoice(draft: Draft, thinking: bool): void {
  const doc = draft.doc;
  let choice = doc.root("tool_choice");
  if (!doc.isSet(choice)) choice = doc.root("function_call");
  const parallel = doc.root("parallel_tool_calls");
  const single = doc.kind(parallel) == JsonKind.False;
  let type = choiceType(doc, choice);
  if (thinking && (type == "any" || type == "tool")) type = "auto";
  if (type.length == 0) {
    if (!single) return;
    type = "auto";
  }
  draft.key("tool_choice");
  draft.out.ascii('{"type":"');
  draft.out.ascii(type);
  draft.out.byte(Ascii.Quote);
  if (type == "tool") draft.innerMember("name", chosenName(doc, choice));
  // `none` does not take the switch.
  if (type != "none" && (single || doc.isTrue(parallel))) {
    draft.out.ascii(single ? ',"disable_parallel_tool_use":true' : ',"disable_parallel_tool_use":false');
  }
  draft.out.byte(Ascii.RightBrace);
}

/** Anthropic's word for the choice, "" when nothing (or nothing known) is said. */
function choiceType(doc: JsonDocument, choice: i32): string {
  if (doc.textIs(choice, "auto")) return "auto";
  if (doc.textIs(choice, "none")) return "none";
  if (doc.textIn(choice, "required any")) return "any";
  if (!doc.isObject(choice)) return "";
  if (chosenName(doc, choice).length != 0) return "tool";
  const type = doc.get(choice, "type");
  // Anthropic's own objects, {"type":"any"}.
  if (doc.textIn(type, "auto none any")) return choiceType(doc, type);
  // The list that stands beside this mode has been applied to the tools.
  const mode = doc.textIs(type, "allowed_tools") ? new AllowedTools(doc).mode : NONE;
  return doc.isString(mode) ? choiceType(doc, mode) : "";
}

/** The forced function's name, escaped inner bytes; empty when none is forced. */
function chosenName(doc: JsonDocument, choice: i32): View {
  const nested = doc.get(doc.get(choice, "function"), "name");
  return innerOf(doc, doc.isString(nested) ? nested : doc.get(choice, "name"));
}
