// tool_choice of type allowed_tools for dialects that have no word for it: what is not allowed is not offered.

import { JsonDocument, NONE } from "../../json/document";

/** Names that are looked through for each tool; OpenAI takes 128 tools. */
const MAX_ALLOWED: i32 = 128;
export const NONE_ALLOWED: string = "tool_choice names no function that is among the tools.";

@final
export class AllowedTools {
  /** `auto` or `required`, NONE without a restriction. */
  mode: i32 = NONE;
  private list: i32 = NONE;

  /** Reads the choice {"type":"allowed_tools","allowed_tools":{"mode","tools"}}, or the flat form of the Responses API. */
  constructor(private doc: JsonDocument) {
    const choice = doc.root("tool_choice");
    if (doc.memberIs(choice, "type", "allowed_tools")) {
      const nested = doc.get(choice, "allowed_tools");
      const holder = doc.isObject(nested) ? nested : choice;
      this.mode = doc.get(holder, "mode");
      this.list = doc.get(holder, "tools");
    }
  }

  /** True when the tool may be called; tools without a name are settings. */
  admits(tool: i32): bool {
    if (this.list == NONE) return true;
    const doc = this.doc;
    const name = nameOf(doc, tool);
    if (!doc.isString(name)) return true;
    let left = MAX_ALLOWED;
    for (let item = doc.first(this.list); item != NONE && left > 0; item = doc.next(item)) {
      left--;
      const allowed = nameOf(doc, item);
      if (doc.isString(allowed) && doc.text(allowed).sameAs(doc.text(name))) return true;
    }
    return false;
  }
}

/** The name of a tool in OpenAI's form, in that of `functions`, and in Converse's. */
function nameOf(doc: JsonDocument, tool: i32): i32 {
  const nested = doc.get(doc.get(tool, "function"), "name");
  if (doc.isString(nested)) return nested;
  const own = doc.get(tool, "name");
  return doc.isString(own) ? own : doc.get(doc.get(tool, "toolSpec"), "name");
}
