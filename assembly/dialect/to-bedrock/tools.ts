// Tool definitions and the choice among them: `toolConfig`.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { writeToolSchema } from "../conversation/tool-schema";
import { isBlankInner } from "../conversation/inner-text";
import { holdsFunction, toolList } from "../conversation/tool-list";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { innerMember, innerOf } from "../conversation/inner";
import { isResult } from "../conversation/last-results";
import { FUNCTIONS_ONLY, UNNAMED_FUNCTION } from "../conversation/sentences";
import { ttlOf } from "./turns";
import { Family, takesToolChoice } from "./model";

/** What is said of tools: which there are, and which the model may or must call. */
@final
export class ToolPlan {
  /** The client's list, NONE when it has none or they are left out. */
  tools: i32 = NONE;
  /** The messages hold tool blocks: Bedrock then demands a toolConfig. */
  hasHistory: bool = false;
  /** `auto`, `any`, `tool`, `none` or "" for nothing said. */
  type: string = "";
  /** The forced function's name, escaped inner bytes. */
  name: View = View.empty();
  /** One call at a time. */
  single: bool = false;
  /** The choice goes into Claude's own field, as Converse has no word for it. */
  isNative: bool = false;

  /** `thinks`: the model thinks, and then Claude cannot be forced to a tool (400), so a forced choice becomes `auto`. */
  constructor(draft: Draft, messages: i32, model: View, family: Family, thinks: bool) {
    const doc = draft.doc;
    this.tools = toolList(doc);
    // Another provider's server tools are left out of the form, and a choice of one of them.
    if (draft.isConversation && !holdsFunction(doc, this.tools)) this.tools = NONE;
    this.hasHistory = holdsToolBlocks(doc, messages);
    let choice = doc.root("tool_choice");
    if (!doc.isSet(choice)) choice = doc.root("function_call");
    this.type = choiceType(doc, choice);
    this.name = chosenName(doc, choice);
    if (draft.isConversation && this.type == "tool" && !holdsFunction(doc, this.tools, this.name)) this.type = "";
    if (thinks && (this.type == "any" || this.type == "tool")) this.type = "auto";
    // Converse has no `none`: tools are left out, unless earlier calls need them there.
    if (this.type == "none" && !this.hasHistory) this.tools = NONE;
    if (this.tools == NONE) {
      if (this.hasHistory) this.type = "none";
      else this.type = "";
    }
    this.single = this.tools != NONE && doc.kind(doc.root("parallel_tool_calls")) == JsonKind.False;
    this.isNative = family == Family.Claude && (this.type == "none" || this.single);
    if (this.type == "auto" && !takesToolChoice(model)) this.type = "";
  }
}

/** True when a message calls a tool or responses a call. */
function holdsToolBlocks(doc: JsonDocument, messages: i32): bool {
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (isResult(doc, message)) return true;
    if (doc.first(doc.get(message, "tool_calls")) != NONE || doc.isObject(doc.get(message, "function_call"))) return true;
  }
  return false;
}

/** Writes the `toolConfig` member, if there is anything to say. */
export function writeToolConfig(draft: Draft, plan: ToolPlan, messages: i32): bool {
  if (plan.tools == NONE && !plan.hasHistory) return true;
  const doc = draft.doc;
  const out = draft.out;
  draft.key("toolConfig");
  out.ascii('{"tools":[');
  if (plan.tools == NONE) writeRemembered(draft, messages);
  const start = out.length;
  const allowed = new AllowedTools(doc);
  let index = 0;
  for (let tool = doc.first(plan.tools); tool != NONE; tool = doc.next(tool)) {
    draft.atItem("tools", index++);
    if (allowed.admits(tool) && !writeTool(draft, tool)) return false;
  }
  draft.item = -1;
  if (index > 0 && out.length == start) return draft.refuse(NONE_ALLOWED, "tool_choice");
  out.byte(Ascii.RightBracket);
  if (!plan.isNative && plan.type.length != 0 && plan.type != "none") {
    out.ascii(',"toolChoice":{"');
    out.ascii(plan.type);
    out.ascii('":{');
    if (plan.type == "tool") draft.innerMember("name", plan.name);
    out.ascii("}}");
  }
  out.byte(Ascii.RightBrace);
  return true;
}

/**
 * Writes Claude's own `tool_choice`, the value of the additional field: Converse says neither `none` nor "one call at a time".
 * It must not stand beside toolConfig.toolChoice (400 "conflicts with the existing field", seen Aug 2026).
 */
export function writeNativeChoice(draft: Draft, plan: ToolPlan): void {
  const out = draft.out;
  out.ascii('{"type":"');
  out.ascii(plan.type.length == 0 ? "auto" : plan.type);
  out.byte(Ascii.Quote);
  if (plan.type == "tool") draft.innerMember("name", plan.name);
  if (plan.single && plan.type != "none") out.ascii(',"disable_parallel_tool_use":true');
  out.byte(Ascii.RightBrace);
}

function writeTool(draft: Draft, tool: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const type = doc.get(tool, "type");
  if (!doc.isSet(type) && isConverseTool(doc, tool)) {
    draft.separate();
    out.view(doc.raw(tool));
    return true;
  }
  if (doc.isSet(type) && !doc.textIs(type, "function")) {
    if (draft.isConversation) return true;
    return draft.refuse(FUNCTIONS_ONLY, ".type");
  }
  // An item of the older `functions` is the function itself.
  const inner = doc.get(tool, "function");
  const definition = doc.isObject(inner) ? inner : tool;
  const name = doc.get(definition, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_FUNCTION, ".function.name");
  draft.separate();
  out.ascii('{"toolSpec":{');
  draft.member("name", name);
  const description = doc.get(definition, "description");
  // An empty description is a 400.
  if (!isBlankInner(innerOf(doc, description))) draft.member("description", description);
  draft.key("inputSchema");
  out.ascii('{"json":');
  writeToolSchema(draft, doc.get(definition, "parameters"));
  out.ascii("}}}");
  const own = doc.get(tool, "cache_control");
  const control = doc.isObject(own) ? own : doc.get(definition, "cache_control");
  if (doc.isObject(control)) {
    out.ascii(ttlOf(doc, control) == "1h" ? ',{"cachePoint":{"type":"default","ttl":"1h"}}' : ',{"cachePoint":{"type":"default"}}');
  }
  return true;
}

/** Converse's own items of the list: passed on byte for byte. */
function isConverseTool(doc: JsonDocument, tool: i32): bool {
  return doc.isObject(doc.get(tool, "toolSpec")) || doc.isObject(doc.get(tool, "cachePoint")) || doc.isObject(doc.get(tool, "systemTool"));
}

/**
 * The request names no tools, yet its messages hold calls: "The toolConfig field must be defined when using toolUse and
 * toolResult content blocks" (400, seen 2026). So every function that was called is defined, with any input.
 */
function writeRemembered(draft: Draft, messages: i32): void {
  const doc = draft.doc;
  const out = draft.out;
  const seen: Array<View> = [];
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    const legacy = doc.get(message, "function_call");
    if (doc.isObject(legacy)) writeRememberedTool(draft, doc.get(legacy, "name"), seen);
    const calls = doc.get(message, "tool_calls");
    for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
      writeRememberedTool(draft, doc.get(doc.get(call, "function"), "name"), seen);
    }
  }
  // Results alone, whose calls were cut off: Bedrock will say so, but it wants a tool first.
  if (seen.length == 0) out.ascii('{"toolSpec":{"name":"tool","inputSchema":{"json":{"type":"object"}}}}');
}

/** Functions that are remembered at most: bounds the search below. */
const MAX_REMEMBERED: i32 = 128;

function writeRememberedTool(draft: Draft, name: i32, seen: Array<View>): void {
  const inner = innerOf(draft.doc, name);
  if (inner.length == 0 || seen.length >= MAX_REMEMBERED) return;
  for (let k = 0; k < seen.length; k++) if (seen[k].sameAs(inner)) return;
  seen.push(inner);
  draft.separate();
  draft.out.wrap('{"toolSpec":{"name":"', inner, '","inputSchema":{"json":{"type":"object"}}}}');
}

/** The word for the choice, "" when nothing (or nothing known) is said. */
function choiceType(doc: JsonDocument, choice: i32): string {
  if (doc.textIs(choice, "auto")) return "auto";
  if (doc.textIs(choice, "none")) return "none";
  if (doc.textIn(choice, "required any")) return "any";
  if (!doc.isObject(choice)) return "";
  if (chosenName(doc, choice).length != 0) return "tool";
  const type = doc.get(choice, "type");
  // The list that stands beside this mode is applied to the tools.
  if (doc.textIs(type, "allowed_tools")) return choiceType(doc, wordOf(doc, new AllowedTools(doc).mode));
  // Anthropic's objects, {"type":"any"}.
  return choiceType(doc, wordOf(doc, type));
}

/** Only a string, so that choiceType() calls itself once. */
function wordOf(doc: JsonDocument, node: i32): i32 {
  return doc.isString(node) ? node : NONE;
}

/** The forced function's name, escaped inner bytes; empty when none is forced. */
function chosenName(doc: JsonDocument, choice: i32): View {
  const nested = doc.get(doc.get(choice, "function"), "name");
  return innerOf(doc, doc.isString(nested) ? nested : doc.get(choice, "name"));
}
