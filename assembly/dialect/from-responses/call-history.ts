// Calls of earlier turns as `tool_calls` of an assistant message.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerMember, innerOf } from "../conversation/inner";
import { SealKind } from "../conversation/seal";
import { ItemKind, isCall, kindOfItem } from "../conversation/response-items";
import { sealOf, writeGoogleSeal } from "./reasoning-history";
import { ToolKind, calledName } from "./tool-table";
import { builtInName } from "./tools";

@final
export class CallHistory {
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    /** What Google has signed goes back with its call. */
    private keepSeals: bool,
  ) {}

  /** The id that joins a call and its output. */
  idOf(item: i32): i32 {
    const own = this.doc.get(item, "call_id");
    // local_shell_call_output names its call by `id` (openai 6.49, Nov 2026).
    return this.doc.isString(own) ? own : this.doc.get(item, "id");
  }

  /** Appends `,"tool_calls":[…]` for the calls among the items `[item, end)`. */
  write(item: i32, end: i32): void {
    const doc = this.doc;
    const out = this.out;
    let count = 0;
    let seal = View.empty();
    for (; item != end; item = doc.next(item)) {
      const kind = kindOfItem(doc, item);
      if (kind == ItemKind.Reasoning && this.keepSeals) seal = signatureOf(doc, item);
      else if (kind == ItemKind.Message) seal = View.empty();
      if (!isCall(kind)) continue;
      out.ascii(count == 0 ? ',"tool_calls":[' : ",");
      count++;
      out.wrap('{"id":', doc.raw(this.idOf(item)), ',"type":"function","function":{"name":"');
      this.writeName(item, kind);
      out.ascii('","arguments":"');
      this.writeArguments(item, kind);
      out.ascii('"}');
      if (seal.length != 0) {
        out.ascii(',"extra_content":');
        writeGoogleSeal(seal, out);
        seal = View.empty();
      }
      out.byte(Ascii.RightBrace);
    }
    if (count > 0) out.byte(Ascii.RightBracket);
  }

  /** Any JSON value as a JSON string. */
  writeJsonText(node: i32): void {
    this.out.byte(Ascii.Quote);
    writeInner(this.out, this.doc.raw(node));
    this.out.byte(Ascii.Quote);
  }

  private writeName(item: i32, kind: ItemKind): void {
    const doc = this.doc;
    if (kind >= ItemKind.LocalShellCall) {
      this.out.ascii(builtInName(<ToolKind>(ToolKind.LocalShell + (kind - ItemKind.LocalShellCall))));
      return;
    }
    this.out.view(calledName(innerMember(doc, item, "namespace"), innerMember(doc, item, "name")));
  }

  /** The inside of a JSON string that holds an object. */
  private writeArguments(item: i32, kind: ItemKind): void {
    const doc = this.doc;
    const out = this.out;
    let given = doc.get(item, "arguments");
    if (kind == ItemKind.LocalShellCall || kind == ItemKind.ShellCall) given = doc.get(item, "action");
    else if (kind == ItemKind.PatchCall) given = doc.get(item, "operation");
    if (kind == ItemKind.CustomCall) {
      const input = doc.get(item, "input");
      out.ascii('{\\"input\\":');
      if (doc.isString(input)) writeInner(out, doc.raw(input));
      else out.ascii('\\"\\"');
      out.byte(Ascii.RightBrace);
    } else if (innerOf(doc, given).length != 0) out.view(innerOf(doc, given));
    else if (doc.isObject(given)) writeInner(out, doc.raw(given));
    else out.ascii("{}");
  }
}

/** What Google has signed for the block after the reasoning item (decoded UTF-8), or empty. */
function signatureOf(doc: JsonDocument, item: i32): View {
  const seal = sealOf(doc, item);
  return seal.kind == SealKind.Google ? seal.payload : View.empty();
}
