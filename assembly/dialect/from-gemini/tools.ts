// tools and toolConfig -> function tools and tool_choice.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { firstOf, nextOf } from "./lists";
import { memberOf } from "./names";
import { SchemaWriter } from "./schema";

/** Names that a tool is compared with. */
const MAX_ALLOWED: i32 = 256;

@final
export class ToolWriter {
  private count: i32 = 0;
  /** `allowedFunctionNames`, NONE when all are. */
  private allowed: i32 = NONE;
  private mode: i32;

  /** `takesAllowed`: the provider knows tool_choice of type allowed_tools. `searches`: a translator behind knows web_search_options. */
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    config: i32,
    private takesAllowed: bool,
    private searches: bool,
  ) {
    const calling = memberOf(doc, config, "functionCallingConfig");
    this.mode = memberOf(doc, calling, "mode");
    const names = memberOf(doc, calling, "allowedFunctionNames");
    if (firstOf(doc, names) != NONE) this.allowed = names;
  }

  /**
   * Appends `,"tools":[…]` and `,"tool_choice":…`, if a function is declared. Google's search becomes `web_search_options`; its other
   * tools are left out.
   */
  write(tools: i32): void {
    const doc = this.doc;
    let finds = false;
    for (let tool = firstOf(doc, tools); tool != NONE; tool = nextOf(doc, tools, tool)) {
      const declarations = memberOf(doc, tool, "functionDeclarations");
      if (memberOf(doc, tool, "googleSearch") != NONE || memberOf(doc, tool, "googleSearchRetrieval") != NONE) finds = this.searches;
      for (let one = firstOf(doc, declarations); one != NONE; one = nextOf(doc, declarations, one)) {
        if (this.takesAllowed || this.admits(one)) this.writeFunction(one);
      }
    }
    if (this.count > 0) {
      this.out.byte(Ascii.RightBracket);
      this.writeChoice();
    }
    if (finds) this.out.ascii(',"web_search_options":{}');
  }

  private admits(declaration: i32): bool {
    const doc = this.doc;
    if (this.allowed == NONE) return true;
    const name = doc.textOf(declaration, "name");
    let left = MAX_ALLOWED;
    for (let item = firstOf(doc, this.allowed); item != NONE && left > 0; item = nextOf(doc, this.allowed, item)) {
      if (doc.text(item).sameAs(name)) return true;
      left--;
    }
    return false;
  }

  private writeFunction(declaration: i32): void {
    const doc = this.doc;
    const out = this.out;
    const name = doc.get(declaration, "name");
    if (!doc.isString(name)) return;
    out.ascii(this.count == 0 ? ',"tools":[' : ",");
    this.count++;
    out.put('{"type":"function","function":{"name":', doc.raw(name));
    const description = doc.get(declaration, "description");
    if (doc.isString(description)) {
      out.put(',"description":', doc.raw(description));
    }
    out.ascii(',"parameters":');
    const schema = memberOf(doc, declaration, "parametersJsonSchema");
    const own = doc.get(declaration, "parameters");
    if (doc.isObject(schema)) out.view(doc.raw(schema));
    else if (doc.isObject(own)) new SchemaWriter(doc, out, false).write(own);
    else out.ascii('{"type":"object","properties":{}}');
    out.ascii("}}");
  }

  /** AUTO is the default of both sides, and VALIDATED is AUTO that keeps to the schemas. */
  private writeChoice(): void {
    const doc = this.doc;
    const out = this.out;
    if (doc.textIs(this.mode, "NONE")) {
      out.ascii(',"tool_choice":"none"');
      return;
    }
    const isForced = doc.textIs(this.mode, "ANY");
    if (this.allowed == NONE || !this.takesAllowed) {
      if (isForced) out.ascii(',"tool_choice":"required"');
      return;
    }
    const first = firstOf(doc, this.allowed);
    if (isForced && nextOf(doc, this.allowed, first) == NONE) {
      out.ascii(',"tool_choice":');
      this.writeName(first);
      return;
    }
    out.ascii(',"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"');
    out.ascii(isForced ? "required" : "auto");
    out.ascii('","tools":[');
    for (let item = first; item != NONE; item = nextOf(doc, this.allowed, item)) {
      if (item != first) out.byte(Ascii.Comma);
      this.writeName(item);
    }
    out.ascii("]}}");
  }

  private writeName(name: i32): void {
    this.out.wrap('{"type":"function","function":{"name":', this.doc.raw(name), "}}");
  }
}
