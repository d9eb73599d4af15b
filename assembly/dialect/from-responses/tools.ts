// Tools of a Responses request -> function tools, and the choice among them. Built-in tools that the client runs (local_shell, shell,
// apply_patch, tool_search) become functions with the members of their calls as parameters; those that OpenAI's servers run
// (file_search, code_interpreter, mcp, computer use, image_generation) have no counterpart and are left out.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { innerMember, innerOf } from "../conversation/inner";
import { ItemKind, kindOfItem } from "../conversation/response-items";
import { MAX_TOOLS, Tool, ToolKind, ToolTable, calledName } from "./tool-table";

const NO_PARAMETERS = '{"type":"object","properties":{}}';
/** Parameters of the function that a custom tool becomes. */
const TEXT_INPUT: StaticArray<string> = [
  '{"type":"object","properties":{"input":{"type":"string"}},',
  '"required":["input"],"additionalProperties":false}',
];

/** Types of tools that the client runs without having described them, in the order of ToolKind from LocalShell on. */
const BUILT_IN: StaticArray<string> = ["local_shell", "shell", "apply_patch", "tool_search"];
/** Parameters of these: the members of `action` and `operation` in the items of their calls (openai 6.49, Nov 2026). Two parts each. */
const PARAMETERS: StaticArray<string> = [
  '{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}},"working_directory":{"type":"string"},',
  '"timeout_ms":{"type":"integer"}},"required":["command"]}',
  '{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},"timeout_ms":{"type":"integer"}},',
  '"required":["commands"]}',
  '{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},',
  '"diff":{"type":"string","description":"V4A diff; of a new file its text"}},"required":["type","path"]}',
  '{"type":"object","properties":{"query":{"type":"string"}},',
  '"required":["query"]}',
];

/** The name of a built-in tool's function. */
export function builtInName(kind: ToolKind): string {
  return BUILT_IN[kind - ToolKind.LocalShell];
}

@final
export class ToolWriter {
  problem: string = "";
  private allowed: AllowedTools;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private table: ToolTable,
  ) {
    this.allowed = new AllowedTools(doc);
  }

  /** Appends `,"tools":[…]` for the request's tools and those that items of `input` bring; nothing when there are none. */
  write(): bool {
    const doc = this.doc;
    const mark = this.out.length;
    this.out.ascii(',"tools":[');
    this.list(doc.root("tools"));
    for (let item = doc.first(doc.root("input")); item != NONE; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (kind == ItemKind.AdditionalTools || kind == ItemKind.SearchOutput) this.list(doc.get(item, "tools"));
    }
    if (this.table.count == 0) {
      this.out.truncate(mark);
      if (this.allowed.mode != NONE) this.problem = NONE_ALLOWED;
    } else this.out.byte(Ascii.RightBracket);
    return this.problem.length == 0;
  }

  private list(tools: i32): void {
    const doc = this.doc;
    if (!doc.isArray(tools)) return;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
      const type = doc.get(tool, "type");
      if (doc.textIn(type, "function custom")) this.named(tool, NONE, false);
      else if (doc.textIs(type, "namespace")) this.inNamespace(tool);
      else {
        for (let k = 0; k < BUILT_IN.length; k++) if (doc.textIs(type, BUILT_IN[k])) this.builtIn(tool, k);
      }
    }
  }

  private inNamespace(namespace: i32): void {
    const doc = this.doc;
    const tools = doc.get(namespace, "tools");
    if (!doc.isArray(tools)) return;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) this.named(tool, namespace, tool == doc.first(tools));
  }

  /** Begins a function that is not yet in the table, up to its name; false when it is, or is not allowed. */
  private open(kind: ToolKind, tool: i32, name: View, namespace: View): bool {
    if (name.length == 0 || !this.allowed.admits(tool)) return false;
    if (this.table.count >= MAX_TOOLS) {
      this.problem = "The request has more than " + MAX_TOOLS.toString() + " tools.";
      return false;
    }
    const called = calledName(namespace, name).copy();
    if (!this.table.add(new Tool(kind, called, name.copy(), namespace.copy()))) return false;
    if (this.table.count > 1) this.out.byte(Ascii.Comma);
    this.out.wrap('{"type":"function","function":{"name":"', called, '"');
    return true;
  }

  /** A function or a custom tool; `isFirst` of its namespace: that one's description stands above its own. */
  private named(tool: i32, namespace: i32, isFirst: bool): void {
    const doc = this.doc;
    const out = this.out;
    const isCustom = doc.memberIs(tool, "type", "custom");
    const name = innerMember(doc, tool, "name");
    if (!this.open(isCustom ? ToolKind.Custom : ToolKind.Function, tool, name, innerMember(doc, namespace, "name"))) return;
    this.description(isFirst ? namespace : NONE, tool, isCustom ? doc.get(tool, "format") : NONE);
    const parameters = doc.get(tool, "parameters");
    out.ascii(',"parameters":');
    if (isCustom) {
      out.ascii(TEXT_INPUT[0]);
      out.ascii(TEXT_INPUT[1]);
    } else if (doc.isObject(parameters)) out.view(doc.raw(parameters));
    else out.ascii(NO_PARAMETERS);
    if (doc.isTrue(doc.get(tool, "strict"))) out.ascii(',"strict":true');
    out.ascii("}}");
  }

  /** Namespace's and tool's own words, and the grammar that a custom tool's input has to follow. */
  private description(namespace: i32, tool: i32, format: i32): void {
    const doc = this.doc;
    const out = this.out;
    const mark = out.length;
    out.ascii(',"description":"');
    const start = out.length;
    this.paragraph(innerMember(doc, namespace, "description"), start);
    this.paragraph(innerMember(doc, tool, "description"), start);
    const definition = innerMember(doc, format, "definition");
    if (definition.length != 0) {
      this.paragraph(View.utf8("Grammar of the input ("), start);
      out.view(innerMember(doc, format, "syntax"));
      out.put("):\\n", definition);
    }
    if (out.length == start) out.truncate(mark);
    else out.byte(Ascii.Quote);
  }

  private paragraph(inner: View, start: i32): void {
    if (inner.length == 0) return;
    if (this.out.length > start) this.out.ascii("\\n\\n");
    this.out.view(inner);
  }

  private builtIn(tool: i32, k: i32): void {
    const doc = this.doc;
    const out = this.out;
    // The service would look among the tools that it was given; here the model is given all of them.
    if (BUILT_IN[k] == "tool_search" && !doc.memberIs(tool, "execution", "client")) return;
    if (!this.open(<ToolKind>(ToolKind.LocalShell + k), tool, View.utf8(BUILT_IN[k]), View.empty())) return;
    this.description(NONE, tool, NONE);
    out.ascii(',"parameters":');
    const parameters = doc.get(tool, "parameters");
    if (doc.isObject(parameters)) out.view(doc.raw(parameters));
    else {
      out.ascii(PARAMETERS[2 * k]);
      out.ascii(PARAMETERS[2 * k + 1]);
    }
    out.ascii("}}");
  }

  /** Appends `,"tool_choice":…`. For requests with tools only. False when it names a function that is not among them. */
  writeChoice(): bool {
    const doc = this.doc;
    const out = this.out;
    const choice = doc.root("tool_choice");
    // The tools that are not allowed have not been written.
    const word = this.allowed.mode != NONE ? this.allowed.mode : choice;
    if (doc.isString(word)) {
      out.put(',"tool_choice":', doc.raw(word));
      return true;
    }
    const type = doc.get(choice, "type");
    let called = View.empty();
    if (doc.textIn(type, "function custom")) {
      called = calledName(innerMember(doc, choice, "namespace"), innerMember(doc, choice, "name"));
      if (this.table.find(called) === null) this.problem = NONE_ALLOWED;
    } else if (this.table.find(innerOf(doc, type)) !== null) called = innerOf(doc, type);
    if (called.length != 0) {
      out.wrap(',"tool_choice":{"type":"function","function":{"name":"', called, '"}}');
    }
    return this.problem.length == 0;
  }
}
