// The tools of one request under the names by which the provider calls them. Chat completions know functions alone: custom tools,
// namespaces and built-in tools that the client runs become functions, and calls of them are told in their own form again.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { isDigit } from "../../json/kind";

/** Tools of a request; OpenAI takes 128. */
export const MAX_TOOLS: i32 = 1024;
/** Longest name of a function (OpenAI's API reference, Nov 2026). */
const MAX_NAME: i32 = 64;

export const enum ToolKind {
  Function,
  /** Takes a text in place of JSON. */
  Custom,
  LocalShell,
  Shell,
  ApplyPatch,
  ToolSearch,
}

/** One tool. Names are escaped inner bytes, owned. */
@final
export class Tool {
  constructor(
    public kind: ToolKind,
    /** What the provider calls it. */
    public called: View,
    /** What the client calls it. */
    public name: View,
    /** The client's namespace, or empty. */
    public namespace: View,
  ) {}
}

@final
export class ToolTable {
  private tools: Array<Tool> = [];
  private hashes: Array<u32> = [];

  get count(): i32 {
    return this.tools.length;
  }

  /** Adds a tool; false when there is one that the provider would call the same. */
  add(tool: Tool): bool {
    if (this.find(tool.called) !== null) return false;
    this.tools.push(tool);
    this.hashes.push(tool.called.hash());
    return true;
  }

  /** The tool that the provider calls `called` (escaped inner bytes), or null. */
  find(called: View): Tool | null {
    const hash = called.hash();
    for (let k = 0; k < this.tools.length; k++) {
      if (this.hashes[k] == hash && this.tools[k].called.sameAs(called)) return this.tools[k];
    }
    return null;
  }
}

/** The name by which the provider calls a tool: the client's, or one of namespace and name, the same for the same ones. */
export function calledName(namespace: View, name: View): View {
  if (namespace.length == 0) return name;
  const out = new Buffer(MAX_NAME);
  clean(namespace, out);
  if (!namespace.endsWith("__")) out.ascii("__");
  clean(name, out);
  if (out.length > MAX_NAME) {
    const hash = out.window().hash();
    out.truncate(MAX_NAME - 11);
    out.ascii("_");
    out.integer(<i64>hash);
  }
  return out.toView();
}

/** What functions may not be called becomes an underscore. */
function clean(name: View, out: Buffer): void {
  for (let k = 0; k < name.length; k++) {
    const byte = name.at(k);
    const isLetter = <u32>((byte | 0x20) - Ascii.LowerA) < 26;
    out.byte(isLetter || isDigit(byte) || byte == Ascii.Hyphen ? byte : Ascii.Underscore);
  }
}
