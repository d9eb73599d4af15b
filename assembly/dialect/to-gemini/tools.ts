// tools and tool_choice -> tools[].function_declarations and toolConfig.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../conversation/inner";
import { holdsFunction } from "../conversation/tool-list";
import { FUNCTIONS_ONLY, UNNAMED_FUNCTION, WRONG_CHOICE, WRONG_TOOLS } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { takesJsonSchema } from "./model";
import { SchemaForm, chooseForm } from "./schema";

@final
export class ToolWriter extends Refusing {
  /** Function declarations written. */
  declared: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private model: View,
    /** The conversation form: another provider's server tools are left out. */
    private isConversation: bool = false,
  ) {
    super();
  }

  /** Appends `,"tools":[…]` when there is any tool, and `,"toolConfig":…` when there is any function; false with `problem`. */
  write(root: i32): bool {
    const doc = this.doc;
    const tools = doc.get(root, "tools");
    if (doc.isSet(tools) && !doc.isArray(tools)) return this.refuse(WRONG_TOOLS, "tools");
    const functions = doc.get(root, "functions");
    const declarations = new Buffer(512);
    const others = new Buffer(16);
    if (!this.readTools(tools, declarations, others)) return false;
    // The deprecated spelling of before Nov 2023; some clients still send it.
    for (let item = doc.first(functions); item != NONE; item = doc.next(item)) {
      if (!this.declare(item, declarations)) return this.refuse(UNNAMED_FUNCTION, "functions");
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
      const type = doc.get(tool, "type");
      const definition = doc.get(tool, "function");
      if (doc.textIs(type, "function") || (!doc.isSet(type) && doc.isObject(definition))) {
        if (!this.declare(definition, declarations)) return this.refuse(UNNAMED_FUNCTION, "tools[" + index.toString() + "].function.name");
      } else if (!writeOwnTool(doc, tool, type, others) && !this.isConversation) {
        return this.refuse(FUNCTIONS_ONLY, "tools[" + index.toString() + "].type");
      }
      index++;
    }
    return true;
  }

  private declare(definition: i32, to: Buffer): bool {
    const doc = this.doc;
    const name = doc.get(definition, "name");
    if (!doc.isString(name) || doc.textIs(name, "")) return false;
    if (this.declared > 0) to.byte(Ascii.Comma);
    this.declared++;
    to.put('{"name":', doc.raw(name));
    const description = doc.get(definition, "description");
    if (doc.isString(description)) {
      to.put(',"description":', doc.raw(description));
    }
    const parameters = doc.get(definition, "parameters");
    const form = chooseForm(doc, parameters);
    if (form != SchemaForm.None) {
      const isOld = form == SchemaForm.OpenApi && !takesJsonSchema(this.model);
      to.ascii(isOld ? ',"parameters":' : ',"parametersJsonSchema":');
      to.view(doc.raw(parameters));
    }
    to.byte(Ascii.RightBrace);
    return true;
  }

  private writeTools(declarations: View, others: View): void {
    if (declarations.length == 0 && others.length == 0) return;
    const out = this.out;
    out.ascii(',"tools":[');
    if (declarations.length != 0) {
      out.wrap('{"function_declarations":[', declarations, "]}");
      if (others.length != 0) out.byte(Ascii.Comma);
    }
    out.view(others);
    out.byte(Ascii.RightBracket);
  }

  /** tool_choice in its forms: a word, one named function, a list of allowed tools. Absent: Gemini's default is AUTO. */
  private writeChoice(choice: i32): bool {
    const doc = this.doc;
    if (!doc.isSet(choice)) return true;
    if (doc.textIs(choice, "auto")) this.writeMode("AUTO", NONE);
    else if (doc.textIs(choice, "none")) this.writeMode("NONE", NONE);
    else if (doc.textIn(choice, "required any")) this.writeMode("ANY", NONE);
    else if (doc.isObject(choice)) return this.writeChoiceObject(choice);
    else return this.refuse(WRONG_CHOICE, "tool_choice");
    return true;
  }

  private writeChoiceObject(choice: i32): bool {
    const doc = this.doc;
    const allowed = doc.get(choice, "allowed_tools");
    if (doc.memberIs(choice, "type", "allowed_tools") || doc.isObject(allowed)) {
      const holder = doc.isObject(allowed) ? allowed : choice;
      // VALIDATED is AUTO within the allowed names; AUTO itself takes none.
      const mode = doc.memberIs(holder, "mode", "required") ? "ANY" : "VALIDATED";
      const tools = doc.get(holder, "tools");
      if (doc.first(tools) == NONE) return this.refuse("allowed_tools must list a tool.", "tool_choice.allowed_tools.tools");
      return this.writeMode(mode, tools);
    }
    // {"type":"function","function":{"name":…}}; {"name":…} is the deprecated function_call.
    const named = doc.get(choice, "function");
    const holder = doc.isObject(named) ? named : choice;
    const name = doc.get(holder, "name");
    if (!doc.isString(name)) return this.refuse("tool_choice must name a function.", "tool_choice.function.name");
    if (this.isConversation && !holdsFunction(doc, doc.root("tools"), innerOf(doc, name))) return true;
    this.out.wrap(',"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":[', doc.raw(name), "]}}");
    return true;
  }

  /** Appends toolConfig; `tools` lists the allowed ones, NONE for all. */
  private writeMode(mode: string, tools: i32): bool {
    const doc = this.doc;
    const out = this.out;
    out.ascii(',"toolConfig":{"functionCallingConfig":{"mode":"');
    out.ascii(mode);
    out.byte(Ascii.Quote);
    if (tools != NONE) {
      out.ascii(',"allowedFunctionNames":[');
      let first = true;
      for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
        const nested = doc.get(doc.get(tool, "function"), "name");
        const name = doc.isString(nested) ? nested : doc.get(tool, "name");
        if (!doc.isString(name)) return this.refuse("Each allowed tool needs a name.", "tool_choice.allowed_tools.tools");
        if (!first) out.byte(Ascii.Comma);
        first = false;
        out.view(doc.raw(name));
      }
      out.byte(Ascii.RightBracket);
    }
    out.ascii("}}");
    return true;
  }
}

/**
 * Appends one of Gemini's own tools, `{"google_search":{…}}`: OpenAI has no word for them, so their object is passed on. A
 * `type` beside it, or alone, is Envoy AI Gateway's form (Nov 2026). False for a typed tool of another kind.
 */
function writeOwnTool(doc: JsonDocument, tool: i32, type: i32, out: Buffer): bool {
  const isEnterprise = doc.textIs(type, "enterprise_search");
  const isOwn = isEnterprise || doc.textIn(type, "google_search url_context code_execution");
  if (doc.isSet(type) && !isOwn) return false;
  let settings = doc.first(tool);
  while (settings != NONE && !doc.isObject(settings)) settings = doc.next(settings);
  if (settings == NONE && !isOwn) return false;
  out.ascii(out.length != 0 ? ',{"' : '{"');
  if (settings != NONE) out.view(doc.rawKey(settings));
  else if (isEnterprise) out.ascii("enterpriseWebSearch");
  else out.view(innerOf(doc, type));
  out.ascii('":');
  if (settings != NONE) out.view(doc.raw(settings));
  else out.ascii("{}");
  out.byte(Ascii.RightBrace);
  return true;
}
