// Test entry: the JSON layer through simple byte-in, byte-out functions.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { JsonCursor } from "../../../assembly/json/cursor";
import { JsonDocument, NONE } from "../../../assembly/json/document";
import { ObjectEditor } from "../../../assembly/json/object-editor";
import { PatchList } from "../../../assembly/json/splice";
import { decodeString, writeString } from "../../../assembly/json/text";

function owned(out: Buffer): ArrayBuffer {
  const view = out.toView();
  const copy = view.copy().owner;
  return copy === null ? new ArrayBuffer(0) : copy;
}

/** 0 when the bytes are one JSON value, else the fault. */
export function validate(text: ArrayBuffer): i32 {
  const cursor = new JsonCursor().reset(View.of(text));
  if (cursor.skipValue()) cursor.atEnd();
  return cursor.fault;
}

/** The same through the index. */
export function validateDocument(text: ArrayBuffer): i32 {
  const doc = new JsonDocument();
  doc.parse(View.of(text));
  return doc.fault;
}

/** Rebuilds the value from the index: proves that every span is right. */
export function rebuild(text: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  const out = new Buffer();
  if (doc.parse(View.of(text))) write(doc, 0, out, 0);
  return owned(out);
}

function write(doc: JsonDocument, node: i32, out: Buffer, depth: i32): void {
  if (!doc.isObject(node) && !doc.isArray(node)) {
    if (doc.isString(node)) writeString(out, doc.text(node));
    else out.view(doc.raw(node));
    return;
  }
  const isObject = doc.isObject(node);
  out.byte(isObject ? 0x7b : 0x5b);
  let first = true;
  for (let child = doc.first(node); child != NONE; child = doc.next(child)) {
    if (!first) out.byte(0x2c);
    first = false;
    if (isObject) {
      writeString(out, doc.key(child));
      out.byte(0x3a);
    }
    if (depth < 200) write(doc, child, out, depth + 1);
  }
  out.byte(isObject ? 0x7d : 0x5d);
}

/** Sets `name` to `value`, removes `gone` (when not empty) in a top-level object; the edited text. */
export function edit(text: ArrayBuffer, name: ArrayBuffer, value: ArrayBuffer, gone: ArrayBuffer): ArrayBuffer {
  const source = View.of(text);
  const patches = new PatchList();
  const out = new Buffer();
  const editor = ObjectEditor.read(source, 0, patches);
  if (editor === null) return owned(out);
  if (gone.byteLength > 0) editor.remove(View.of(gone).toString());
  if (name.byteLength > 0) editor.set(View.of(name).toString(), View.of(value));
  editor.finish();
  patches.apply(source, out, source.length);
  return owned(out);
}

/** Decodes a JSON string with its quotes. */
export function decode(text: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  out.view(decodeString(View.of(text), 0, text.byteLength));
  return owned(out);
}
