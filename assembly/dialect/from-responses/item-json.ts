// Items of the output as JSON, when they begin and when they are whole.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { decodeInto, oneLine, writeString } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { ItemKind, typeOfItem } from "../conversation/response-items";
import { OutputItem, OutputKind } from "./output-item";
import { ToolKind } from "./tool-table";

/** By ToolKind: the member that holds what the call is to do. */
const CALL_MEMBERS: StaticArray<string> = ["arguments", "input", "action", "action", "operation", "arguments"];

/** Appends the item; without `isDone` it has nothing in it yet. `status` is its own. */
export function writeItem(item: OutputItem, status: string, isDone: bool, out: Buffer): void {
  out.ascii('{"id":"');
  item.writeId(out);
  out.ascii('","type":"');
  if (item.kind == OutputKind.Reasoning) writeReasoning(item, isDone, out);
  else if (item.kind == OutputKind.Image) writeImage(item, isDone ? status : "in_progress", isDone, out);
  else {
    // Kinds of calls stand in the order of ToolKind.
    out.ascii(typeOfItem(item.kind == OutputKind.Message ? ItemKind.Message : ItemKind.FunctionCall + item.toolKind));
    out.ascii('","status":"');
    out.ascii(status);
    if (item.kind == OutputKind.Message) {
      out.wrap('","role":"assistant","content":[', item.parts.window(), "]");
    } else writeCall(item, isDone, out);
  }
  out.byte(Ascii.RightBrace);
}

/** Summary and text are never both there: which of them, the request has decided. */
function writeReasoning(item: OutputItem, isDone: bool, out: Buffer): void {
  const parts = item.parts.window();
  const isText = parts.startsWith('{"type":"reasoning_text"');
  out.ascii('reasoning","summary":[');
  if (!isText) out.view(parts);
  out.byte(Ascii.RightBracket);
  if (isText) {
    out.wrap(',"content":[', parts, "]");
  }
  if (!isDone || item.seal.length == 0) return;
  out.wrap(',"encrypted_content":"', item.seal.window(), '"');
}

/** `name` holds the format: the media type behind its slash. */
function writeImage(item: OutputItem, status: string, isDone: bool, out: Buffer): void {
  out.ascii('image_generation_call","status":"');
  out.ascii(status);
  out.wrap('","output_format":"', item.name, '","result":');
  if (!isDone) {
    out.ascii("null");
    return;
  }
  out.byte(Ascii.Quote);
  out.view(item.text.window());
  out.byte(Ascii.Quote);
}

function writeCall(item: OutputItem, isDone: bool, out: Buffer): void {
  const tool = item.tool;
  const kind = item.toolKind;
  out.ascii('","call_id":"');
  item.writeCallId(out);
  out.byte(Ascii.Quote);
  if (kind <= ToolKind.Custom) {
    out.put(',"name":"', tool === null ? item.name : tool.name);
    if (tool !== null && tool.namespace.length != 0) {
      out.put('","namespace":"', tool.namespace);
    }
    out.byte(Ascii.Quote);
  } else if (kind == ToolKind.ToolSearch) out.ascii(',"execution":"client"');
  out.ascii(',"');
  out.ascii(CALL_MEMBERS[kind]);
  out.ascii('":');
  if (kind <= ToolKind.Custom) {
    out.byte(Ascii.Quote);
    if (isDone) out.view(kind == ToolKind.Custom ? customInput(item.text.window()) : item.text.window());
    out.byte(Ascii.Quote);
  } else writeObject(kind, isDone ? item.text.window() : View.empty(), out);
}

/** Arguments that are the call's own object: local_shell's is of type exec. What is no object is told as one with the text in it. */
function writeObject(kind: ToolKind, inner: View, out: Buffer): void {
  const doc = argumentsOf(inner);
  const isObject = doc.isObject(0);
  out.byte(Ascii.LeftBrace);
  let isFirst = true;
  if (kind == ToolKind.LocalShell) {
    out.ascii('"type":"exec"');
    if (!doc.isObject(doc.root("env"))) out.ascii(',"env":{}');
    isFirst = false;
  }
  for (let member = isObject ? doc.first(0) : NONE; member != NONE; member = doc.next(member)) {
    if (kind == ToolKind.LocalShell && doc.keyIs(member, "type")) continue;
    if (!isFirst) out.byte(Ascii.Comma);
    isFirst = false;
    passMember(doc, member, out);
  }
  if (!isObject && inner.length != 0) {
    if (!isFirst) out.byte(Ascii.Comma);
    out.ascii('"_raw":');
    writeString(out, doc.view);
  }
  out.byte(Ascii.RightBrace);
}

/** The text for a custom tool: the member `input` of its function's arguments, or all of them where the model wrote none such. */
export function customInput(inner: View): View {
  const doc = argumentsOf(inner);
  const input = doc.root("input");
  return doc.isString(input) ? innerOf(doc, input) : inner;
}

function argumentsOf(inner: View): JsonDocument {
  const text = new Buffer(inner.length);
  decodeInto(text, inner, 0, inner.length);
  const doc = new JsonDocument();
  const view = text.toView();
  // Text that is no JSON has no members.
  if (!doc.parse(oneLine(view))) {
    doc.empty();
    doc.view = view;
  }
  return doc;
}
