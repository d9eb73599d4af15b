// Test entry: the JSON layer through simple byte-in, byte-out functions.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { hexValue } from "../../../assembly/bytes/hex";
import { secondOf } from "../../../assembly/bytes/pairs";
import { View } from "../../../assembly/bytes/view";
import { JsonCursor, JsonKind, describeFault, escapedEquals } from "../../../assembly/json/cursor";
import { JsonDocument, NONE, releaseDocuments } from "../../../assembly/json/document";
import { readWhole } from "../../../assembly/json/number";
import { ObjectEditor } from "../../../assembly/json/object-editor";
import { PatchList } from "../../../assembly/json/splice";
import { decodeString, writeCompactInner, writeInner, writeString } from "../../../assembly/json/text";
import { WatchTable } from "../../../assembly/json/watch-table";
import { WatchSink } from "../../../assembly/json/watch-sink";
import { JsonWatcher } from "../../../assembly/json/watcher";

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
  const out = new Buffer(256);
  if (doc.parse(View.of(text))) write(doc, 0, out, 0);
  return owned(out);
}

const window: View = new View(0, 0);

function write(doc: JsonDocument, node: i32, out: Buffer, depth: i32): void {
  if (!doc.isObject(node) && !doc.isArray(node)) {
    if (doc.isString(node)) {
      writeString(out, doc.text(node));
      if (!doc.glance(node, window).sameAs(doc.text(node))) out.byte(0x21);
    } else out.view(doc.raw(node));
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

/** Every edit is one of the same editor, so that nothing of an earlier one may be left. */
const editor: ObjectEditor = new ObjectEditor(View.empty(), new PatchList());

/** Sets `name` to `value`, removes `gone` (when not empty) in a top-level object; the edited text. */
export function edit(text: ArrayBuffer, name: ArrayBuffer, value: ArrayBuffer, gone: ArrayBuffer): ArrayBuffer {
  const source = View.of(text);
  const patches = editor.patches;
  const out = new Buffer(256);
  editor.reset(source);
  if (!editor.fill(0)) return owned(out);
  if (gone.byteLength > 0) editor.remove(View.of(gone).toString());
  if (name.byteLength > 0) editor.set(View.of(name).toString(), View.of(value));
  editor.finish();
  patches.apply(source, out, source.length);
  return owned(out);
}

/** Decodes a JSON string with its quotes. */
export function decode(text: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  out.view(decodeString(View.of(text), 0, text.byteLength));
  return owned(out);
}

/** The same with `until`: the head of the edited text up to an offset of the source, and whether and where edits end. */
export function patched(text: ArrayBuffer, until: i32): ArrayBuffer {
  const source = View.of(text);
  const patches = new PatchList();
  // A list that was used for another text before: more edits than it keeps, then few.
  for (let k = 0; k < 70; k++) patches.insert(k, View.utf8("old"));
  patches.clear();
  patches.replace(3, 5, View.utf8("old"));
  patches.clear();
  const out = new Buffer(256);
  out.integer(patches.sourceEnd);
  out.ascii(patches.isEmpty ? "empty;" : "full;");
  patches.replace(6, 8, View.utf8("<c>"));
  patches.replace(1, 3, View.utf8("<a>"));
  patches.insert(4, View.utf8("<b>"));
  patches.insert(4, View.utf8("<b2>"));
  // Overlaps the first: it is left out.
  patches.replace(2, 4, View.utf8("<no>"));
  patches.remove(9, 10);
  out.integer(patches.sourceEnd);
  out.ascii(patches.isEmpty ? "empty;" : "full;");
  patches.apply(source, out, until);
  return owned(out);
}

/** The fault of the bytes, where it is, and its sentence. */
export function faultOf(text: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  doc.parse(View.of(text));
  const out = new Buffer(256);
  out.integer(doc.fault);
  out.byte(0x20);
  out.integer(doc.faultAt);
  out.byte(0x20);
  out.ascii(describeFault(doc.fault));
  return owned(out);
}

/** `kind start-end `. */
function writeSpan(out: Buffer, kind: i32, start: i32, end: i32): void {
  out.integer(kind);
  out.byte(0x20);
  out.integer(start);
  out.byte(0x2d);
  out.integer(end);
  out.byte(0x20);
}

/** Everything that the index says of the members of an object, one line each. */
export function members(text: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  const out = new Buffer(256);
  doc.parse(View.of(text));
  for (let node = doc.first(0); node != NONE; node = doc.next(node)) {
    writeString(out, doc.key(node));
    out.byte(0x20);
    out.view(doc.rawKey(node));
    out.byte(0x20);
    writeSpan(out, doc.kind(node), doc.start(node), doc.end(node));
    out.integer(doc.integer(node, -7));
    out.byte(0x20);
    out.integer(doc.size(node));
    if (doc.isTrue(node)) out.ascii(" true");
    if (doc.isNull(node)) out.ascii(" null");
    if (doc.isSet(node)) out.ascii(" set");
    if (doc.textIs(node, "abc")) out.ascii(" abc");
    if (doc.keyIs(node, "k")) out.ascii(" k");
    out.byte(0x0a);
  }
  return owned(out);
}

/** What the index says of things that are not there. */
export function absent(text: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  const out = new Buffer(256);
  doc.parse(View.of(text));
  const nodes = [NONE, 1000, doc.get(0, "zz"), doc.get(1, "k"), doc.first(1)];
  for (let k = 0; k < nodes.length; k++) {
    const node = nodes[k];
    out.integer(doc.kind(node) + doc.start(node) + doc.end(node) + doc.size(node) + <i32>doc.integer(node, 0));
    out.integer(doc.first(node));
    out.integer(doc.next(node));
    out.integer(doc.glance(node, window).length);
    out.integer(doc.raw(node).length + doc.text(node).length + doc.key(node).length + doc.rawKey(node).length);
    if (doc.isSet(node) || doc.isTrue(node) || doc.isNull(node) || doc.keyIs(node, "") || doc.textIs(node, "")) out.ascii("!");
    out.byte(0x3b);
  }
  return owned(out);
}

/** True when the index finds `name` (ASCII) under the key as spelt in `inside` (with escapes). */
export function sameName(inside: ArrayBuffer, name: ArrayBuffer): bool {
  return escapedEquals(View.of(inside), 0, inside.byteLength, View.of(name).toString());
}

export function hex(byte: i32): i32 {
  return hexValue(byte);
}

/** `text` (UTF-8) as the inside of a JSON string; with `isJson` as compact JSON. */
export function inner(text: ArrayBuffer, isJson: bool): ArrayBuffer {
  const out = new Buffer(256);
  if (isJson) writeCompactInner(out, View.of(text));
  else writeInner(out, View.of(text));
  return owned(out);
}

class Watched extends WatchSink {
  out: Buffer = new Buffer(256);
  watcher: JsonWatcher | null = null;

  private begin(what: string, field: i32): void {
    this.out.ascii(what);
    this.out.integer(field);
  }

  private number(value: i32): void {
    this.out.byte(0x20);
    this.out.integer(value);
  }

  leaf(field: i32, kind: JsonKind, text: View): void {
    const watcher = this.watcher;
    if (watcher === null) return;
    this.begin("leaf ", field);
    this.number(kind);
    this.number(watcher.memberStart);
    this.number(watcher.memberEnd);
    this.number(watcher.textLength);
    if (watcher.textIsCut) this.out.ascii(" cut");
    this.out.byte(0x20);
    this.out.view(text);
    this.out.byte(0x0a);
  }

  piece(field: i32, text: View, start: i32, end: i32): void {
    this.out.ascii("piece ");
    this.out.range(text, start, end);
    this.out.byte(0x0a);
  }

  opened(field: i32, kind: JsonKind): void {
    this.begin("opened ", field);
    this.number(kind);
    this.out.byte(0x0a);
  }

  closed(field: i32): void {
    const watcher = this.watcher;
    if (watcher === null) return;
    this.begin("closed ", field);
    this.number(watcher.memberStart);
    this.number(watcher.memberEnd);
    this.number(watcher.containerLength);
    this.out.byte(0x0a);
  }

  followed(field: i32, end: i32): void {
    this.begin("followed ", field);
    this.number(end);
    this.out.byte(0x0a);
  }
}

/** A sink that wants leaves only. */
class Leaves extends WatchSink {
  count: i32 = 0;
  leaf(field: i32, kind: JsonKind, text: View): void {
    this.count++;
  }
}

let table = new WatchTable();
let watcher = new JsonWatcher(table);
let watched = new Watched();

/** Paths one a line; `=` before one measures it; a line `lists` accepts lists of documents. Fields count from 0. */
export function watch(paths: ArrayBuffer): void {
  table = new WatchTable();
  const lines = View.of(paths).toString().split("\n");
  for (let k = 0; k < lines.length; k++) {
    if (lines[k] == "lists") table.acceptLists();
    else if (lines[k].startsWith("=")) table.add(lines[k].substring(1), k, true);
    else table.add(lines[k], k);
  }
  watcher = new JsonWatcher(table);
  watched = new Watched();
  watched.watcher = watcher;
}

export function feed(text: ArrayBuffer, start: i32, end: i32): void {
  watcher.feed(View.of(text), start, end, watched);
}

export function feedLeaves(text: ArrayBuffer): i32 {
  const leaves = new Leaves();
  watcher.feed(View.of(text), 0, text.byteLength, leaves);
  return leaves.count;
}

export function resetWatcher(): void {
  watcher.reset();
}

/** What was seen, then documents, kind of the last root and whether nothing is open. */
export function seen(isEnd: bool): ArrayBuffer {
  const out = watched.out;
  if (isEnd) watcher.finish();
  out.ascii("documents ");
  out.integer(watcher.documents);
  out.byte(0x20);
  out.integer(watcher.rootKind);
  if (watcher.isAtRest) out.ascii(" at rest");
  return owned(out);
}

/** The fault of `second` in a document that has read `first` before. */
export function reparse(first: ArrayBuffer, second: ArrayBuffer): i32 {
  const doc = new JsonDocument();
  doc.parse(View.of(first));
  doc.parse(View.of(second));
  return doc.fault;
}

/** False when a value cannot be passed over; the cursor then refuses everything: 1 for each call that does not. */
export function passes(text: ArrayBuffer): i32 {
  const cursor = new JsonCursor().reset(View.of(text));
  if (cursor.skipValue()) return -1;
  let wrong = 0;
  if (cursor.beginObject()) wrong++;
  if (cursor.beginArray()) wrong++;
  if (cursor.nextKey()) wrong++;
  if (cursor.nextItem()) wrong++;
  if (cursor.skipValue()) wrong++;
  if (cursor.atEnd()) wrong++;
  return cursor.kind() == JsonKind.None ? wrong : wrong + 1;
}

/** The same after nextKey() in an object. */
export function passesKey(text: ArrayBuffer): i32 {
  const cursor = new JsonCursor().reset(View.of(text));
  if (cursor.beginArray() || !cursor.beginObject()) return -2;
  if (cursor.nextKey()) return -1;
  let wrong = 0;
  if (cursor.beginObject()) wrong++;
  if (cursor.nextItem()) wrong++;
  return cursor.skipValue() ? wrong + 1 : wrong;
}

/** For each key whether it holds escapes and is called `name`. */
export function keys(text: ArrayBuffer, name: ArrayBuffer): ArrayBuffer {
  const cursor = new JsonCursor().reset(View.of(text));
  const wanted = View.of(name).toString();
  const out = new Buffer(256);
  cursor.beginObject();
  while (cursor.nextKey()) {
    out.ascii(cursor.keyEscaped ? "escaped" : "plain");
    out.ascii(cursor.keyIs(wanted) ? "+" : "-");
    if (!cursor.skipValue()) break;
  }
  return owned(out);
}

/** Kind, place and bytes of the member `name` as the editor has them. */
export function memberOf(text: ArrayBuffer, name: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const editor = ObjectEditor.read(View.of(text), 0, new PatchList());
  if (editor === null) return owned(out);
  const member = editor.find(View.of(name).toString());
  writeSpan(out, editor.kind(member), editor.valueStart(member), editor.valueEnd(member));
  out.view(editor.raw(member));
  return owned(out);
}

/** Keys of the items of a list: there are none. */
export function itemKeys(text: ArrayBuffer): i32 {
  const doc = new JsonDocument();
  doc.parse(View.of(text));
  let size = doc.key(0).length + doc.rawKey(0).length;
  for (let node = doc.first(0); node != NONE; node = doc.next(node)) size += doc.key(node).length + doc.rawKey(node).length;
  return size;
}

/** Bit n is set when text n, each in a document of its own, is still there after releaseDocuments(); bits 4 to 7: its kind, too. */
export function released(first: ArrayBuffer, second: ArrayBuffer, third: ArrayBuffer): i32 {
  const texts = [first, second, third];
  const docs: Array<JsonDocument> = [];
  for (let k = 0; k < 3; k++) {
    const doc = new JsonDocument();
    doc.parse(View.of(texts[k]));
    docs.push(doc);
  }
  releaseDocuments();
  let left = 0;
  for (let k = 0; k < 3; k++) {
    if (docs[k].view.length > 0) left |= 1 << k;
    if (docs[k].kind(0) != JsonKind.None) left |= 16 << k;
  }
  return left;
}

/** One document that reads all three, with a release after each: bit n is set when text n was there after it. */
export function releasedAgain(first: ArrayBuffer, second: ArrayBuffer, third: ArrayBuffer): i32 {
  const texts = [first, second, third];
  const doc = new JsonDocument();
  let left = 0;
  for (let k = 0; k < 3; k++) {
    if (!doc.parse(View.of(texts[k]))) return -1;
    releaseDocuments();
    if (doc.view.length > 0) left |= 1 << k;
  }
  return left;
}

/** A whole number as text. */
export function whole(number: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(32);
  out.integer(readWhole(View.of(number)));
  return owned(out);
}

const NAMES: StaticArray<string> = ["id", "type", "ids", "model"];

/** Which of NAMES[from, to) the key of the object's first member is, or -1; of no member -2. */
export function keyAmong(object: ArrayBuffer, from: i32, to: i32): i32 {
  const doc = new JsonDocument();
  doc.parse(View.of(object));
  return doc.keyAmong(NONE, NAMES, from, to) == -1 ? doc.keyAmong(doc.first(0), NAMES, from, to) : -2;
}

/** The keys of an object, each looked at with one window, in lines. */
export function glancedKeys(object: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  doc.parse(View.of(object));
  const window = new View(0, 0);
  const out = new Buffer(256);
  out.view(doc.glanceKey(NONE, window));
  for (let member = doc.first(0); member != NONE; member = doc.next(member)) {
    out.view(doc.glanceKey(member, window));
    out.byte(0x0a);
  }
  return owned(out);
}

/** Integers of the index after reading `text` with a new document: room is made for what is there and little more. */
export function indexRoom(text: ArrayBuffer): i32 {
  const doc = new JsonDocument();
  doc.parse(View.of(text));
  return doc.room;
}

/** Whether the first member of an object is named by one of `words`, and whether its value is one of them: two letters, y or n. */
export function wordsOf(object: ArrayBuffer, words: ArrayBuffer): ArrayBuffer {
  const doc = new JsonDocument();
  doc.parse(View.of(object));
  const list = String.UTF8.decode(words);
  const member = doc.first(0);
  return String.UTF8.encode((doc.keyIn(member, list) ? "y" : "n") + (doc.textIn(member, list) ? "y" : "n"));
}

/** Whether bytes are one of `words`, and whether they begin with one: two letters, y or n. */
export function bytesAmong(bytes: ArrayBuffer, words: ArrayBuffer): ArrayBuffer {
  const view = View.of(bytes);
  const list = String.UTF8.decode(words);
  return String.UTF8.encode((view.isOneOf(list) ? "y" : "n") + (view.startsWithOneOf(list) ? "y" : "n"));
}

export function paired(key: ArrayBuffer, pairs: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(secondOf(View.of(key), String.UTF8.decode(pairs)));
}
