// tools and tool_choice -> tools[].function_declarations and toolConfig.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { SchemaForm, chooseForm } from "./schema";

@final
export class ToolWriter {
  problem: string = "";
  problemParam: string = "";
  /** Function declarations written. */
  declared: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {}

  private refuse(problem: string, param: string): bool {
    this.problem = problem;
    this.problemParam = param;
    return false;
  }

  /** Appends `,"tools":[…]` when there is any tool, and `,"toolConfig":…` when there is any function; false with `problem`. */
  write(root: i32): bool {
    const doc = this.doc;
    const tools = doc.get(root, "tools");
    if (doc.isSet(tools) && !doc.isArray(tools)) return this.refuse("tools must be a list.", "tools");
    const functions = doc.get(root, "functions");
    const declarations = new Buffer(512);
    const others = new Buffer(16);
    if (!this.readTools(tools, declarations, others)) return false;
    // The deprecated spelling of before Nov 2023; some clients still send it.
    for (let item = doc.first(functions); item != NONE; item = doc.next(item)) {
      if (!this.declare(item, declarations)) return this.refuse("Each function needs a name.", "functions");
    }
    this.writeTools(declarations.toView(), others.toView());
    if (this.declared == 0) return true; // "Function calling config is set without function_declarations": an error there.
    const choice = doc.get(root, "tool_choice");
    return this.writeChoice(doc.isSet(choice) ? choice : doc.get(root, "function_call"));
  }

  private readTools(tools: i32, declarations: Buffer, others: Buffer): bool {
    const doc = this.doc;
    let index = 0;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
      const own = ownTool(doc, tool);
      if (own != NONE) {
        if (others.length > 0) others.byte(0x2c);
        others.view(doc.raw(tool));
      } else if (!doc.textIs(doc.get(tool, "type"), "function")) {
        return this.refuse("Only function tools can be sent to Gemini.", "tools[" + index.toString() + "].type");
      } else if (!this.declare(doc.get(tool, "function"), declarations)) {
        return this.refuse("Each function needs a name.", "tools[" + index.toString() + "].function.name");
      }
      index++;
    }
    return true;
  }

  private declare(definition: i32, to: Buffer): bool {
    const doc = this.doc;
    const name = doc.get(definition, "name");
    if (!doc.isString(name) || doc.textIs(name, "")) return false;
    if (this.declared > 0) to.byte(0x2c);
    this.declared++;
    to.ascii('{"name":');
    to.view(doc.raw(name));
    const description = doc.get(definition, "description");
    if (doc.isString(description)) {
      to.ascii(',"description":');
      to.view(doc.raw(description));
    }
    const parameters = doc.get(definition, "parameters");
    const form = chooseForm(doc, parameters);
    if (form != SchemaForm.None) {
      to.ascii(form == SchemaForm.OpenApi ? ',"parameters":' : ',"parametersJsonSchema":');
      to.view(doc.raw(parameters));
    }
    to.byte(0x7d);
    return true;
  }

  private writeTools(declarations: View, others: View): void {
    if (declarations.length == 0 && others.length == 0) return;
    const out = this.out;
    out.ascii(',"tools":[');
    if (declarations.length > 0) {
      out.ascii('{"function_declarations":[');
      out.view(declarations);
      out.ascii("]}");
      if (others.length > 0) out.byte(0x2c);
    }
    out.view(others);
    out.byte(0x5d);
  }

  /** tool_choice in its forms: a word, one named function, a list of allowed tools. Absent: Gemini's default is AUTO. */
  private writeChoice(choice: i32): bool {
    const doc = this.doc;
    if (!doc.isSet(choice)) return true;
    if (doc.textIs(choice, "auto")) this.writeMode("AUTO", NONE);
    else if (doc.textIs(choice, "none")) this.writeMode("NONE", NONE);
    else if (doc.textIs(choice, "required") || doc.textIs(choice, "any")) this.writeMode("ANY", NONE);
    else if (doc.isObject(choice)) return this.writeChoiceObject(choice);
    else return this.refuse("tool_choice must be auto, none, required or an object that names a function.", "tool_choice");
    return true;
  }

  private writeChoiceObject(choice: i32): bool {
    const doc = this.doc;
    const allowed = doc.get(choice, "allowed_tools");
    if (doc.textIs(doc.get(choice, "type"), "allowed_tools") || doc.isObject(allowed)) {
      const holder = doc.isObject(allowed) ? allowed : choice;
      // VALIDATED is AUTO within the allowed names; AUTO itself takes none.
      const mode = doc.textIs(doc.get(holder, "mode"), "required") ? "ANY" : "VALIDATED";
      const tools = doc.get(holder, "tools");
      if (doc.first(tools) == NONE) return this.refuse("allowed_tools must list a tool.", "tool_choice.allowed_tools.tools");
      return this.writeMode(mode, tools);
    }
    // {"type":"function","function":{"name":…}}; {"name":…} is the deprecated function_call.
    const named = doc.get(choice, "function");
    const holder = doc.isObject(named) ? named : choice;
    const name = doc.get(holder, "name");
    if (!doc.isString(name)) return this.refuse("tool_choice must name a function.", "tool_choice.function.name");
    this.out.ascii(',"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":[');
    this.out.view(doc.raw(name));
    this.out.ascii("]}}");
    return true;
  }

  /** Appends toolConfig; `tools` lists the allowed ones, NONE for all. */
  private writeMode(mode: string, tools: i32): bool {
    const doc = this.doc;
    const out = this.out;
    out.ascii(',"toolConfig":{"functionCallingConfig":{"mode":"');
    out.ascii(mode);
    out.byte(0x22);
    if (tools != NONE) {
      out.ascii(',"allowedFunctionNames":[');
      let first = true;
      for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
        const nested = doc.get(doc.get(tool, "function"), "name");
        const name = doc.isString(nested) ? nested : doc.get(tool, "name");
        if (!doc.isString(name)) return this.refuse("Each allowed tool needs a name.", "tool_choice.allowed_tools.tools");
        if (!first) out.byte(0x2c);
        first = false;
        out.view(doc.raw(name));
      }
      out.byte(0x5d);
    }
    out.ascii("}}");
    return true;
  }
}

/**
 * The member of a tool that is one of Gemini's own (`{"google_search":{}}`), in either spelling, or NONE. Such a tool is
 * passed on as it is: OpenAI has no word for it.
 */
function ownTool(doc: JsonDocument, tool: i32): i32 {
  for (let member = doc.first(tool); member != NONE; member = doc.next(member)) {
    if (
      doc.keyIs(member, "google_search") ||
      doc.keyIs(member, "googleSearch") ||
      doc.keyIs(member, "google_search_retrieval") ||
      doc.keyIs(member, "googleSearchRetrieval") ||
      doc.keyIs(member, "code_execution") ||
      doc.keyIs(member, "codeExecution") ||
      doc.keyIs(member, "url_context") ||
      doc.keyIs(member, "urlContext") ||
      doc.keyIs(member, "google_maps") ||
      doc.keyIs(member, "googleMaps")
    )
      return member;
  }
  return NONE;
}
