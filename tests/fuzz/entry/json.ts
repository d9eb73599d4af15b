// Fuzz target: the JSON reader, index, watcher and splicer, held against one another.
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { JsonCursor, JsonFault, JsonKind } from "../../../assembly/json/cursor";
import { JsonDocument, NONE } from "../../../assembly/json/document";
import { ObjectEditor } from "../../../assembly/json/object-editor";
import { PatchList } from "../../../assembly/json/splice";
import { decodeString, writeCompactInner, writeString } from "../../../assembly/json/text";
import { WatchTable } from "../../../assembly/json/watch-table";
import { WatchSink } from "../../../assembly/json/watch-sink";
import { JsonWatcher } from "../../../assembly/json/watcher";
import { Pieces, out, sized, word } from "./common";

/** Fields of the watched places. */
const MODEL: i32 = 0;
const USAGE: i32 = 1;
const TOKENS: i32 = 2;
const CONTENT: i32 = 3;
const REASON: i32 = 4;
const ITEM: i32 = 5;
/** Longest text that the watcher hands out. */
const MAX_TEXT: i32 = 256;
const MAX_DEPTH: i32 = 200;
const MAX_MEMBERS: i32 = 4096;

function tableOf(): WatchTable {
  const table = new WatchTable();
  table.add("model", MODEL);
  table.add("usage", USAGE);
  table.add("usage.prompt_tokens", TOKENS);
  table.add("choices[].delta.content", CONTENT, true);
  table.add("choices[].finish_reason", REASON);
  table.add("a.b[]", ITEM);
  return table;
}

/** Writes all callbacks down and remembers what the checks need. */
@final
class Recorder extends WatchSink {
  watcher: JsonWatcher | null = null;
  modelKind: JsonKind = JsonKind.None;
  model: Buffer = new Buffer(MAX_TEXT);
  modelIsCut: bool = false;
  /** A member that may be cut out, when there is one. */
  cutStart: i32 = -1;
  cutEnd: i32 = -1;
  private waits: i32 = -1;

  constructor(public log: Buffer) {
    super();
  }

  leaf(field: i32, kind: JsonKind, text: View): void {
    const watcher = this.watcher;
    if (watcher === null) return;
    word(this.log, 0x100 | field);
    word(this.log, kind);
    word(this.log, watcher.memberStart);
    word(this.log, watcher.memberEnd);
    word(this.log, watcher.textLength);
    word(this.log, watcher.textIsCut ? 1 : 0);
    sized(this.log, text);
    if (field == MODEL) {
      this.modelKind = kind;
      this.modelIsCut = watcher.textIsCut;
      this.model.clear();
      this.model.view(text);
    }
    if (field != ITEM) this.member(field, watcher);
  }

  piece(field: i32, text: View, start: i32, end: i32): void {
    this.log.range(text, start, end);
  }

  opened(field: i32, kind: JsonKind): void {
    word(this.log, 0x200 | field);
    word(this.log, kind);
    if (field == MODEL) this.modelKind = kind;
  }

  closed(field: i32): void {
    const watcher = this.watcher;
    if (watcher === null) return;
    word(this.log, 0x300 | field);
    word(this.log, watcher.memberStart);
    word(this.log, watcher.memberEnd);
    word(this.log, watcher.containerLength);
    if (field != ITEM) this.member(field, watcher);
  }

  followed(field: i32, end: i32): void {
    word(this.log, 0x400 | field);
    word(this.log, end);
    if (field == this.waits) this.cutEnd = end;
    this.waits = -1;
  }

  private member(field: i32, watcher: JsonWatcher): void {
    this.cutStart = watcher.memberStart;
    this.cutEnd = watcher.memberEnd;
    this.waits = field;
  }
}

const cursor = new JsonCursor();
const doc = new JsonDocument();
const watcher = new JsonWatcher(tableOf());
const whole = new Buffer(4096);
const cut = new Buffer(4096);

function watch(text: View, salt: u32, log: Buffer): Recorder {
  log.clear();
  const recorder = new Recorder(log);
  recorder.watcher = watcher;
  watcher.reset();
  if (salt == 0) watcher.feed(text, 0, text.length, recorder);
  else {
    const pieces = new Pieces(text, salt);
    for (let piece = pieces.take(); piece !== null; piece = pieces.take()) watcher.feed(piece, 0, piece.length, recorder);
  }
  word(log, watcher.isAtRest ? 1 : 0);
  watcher.finish();
  word(log, watcher.documents);
  word(log, watcher.rootKind);
  return recorder;
}

function isJson(text: View): bool {
  cursor.reset(text);
  return cursor.skipValue() && cursor.atEnd();
}

/**
 * The fault (0: one JSON value), or 1000 and more: the number of the property that does not hold. For JSON `out` holds the
 * text rebuilt from the index and, of objects, the text after edits.
 */
export function json(ptr: usize, length: i32): i32 {
  const text = new View(ptr, length);
  out.clear();
  const isSound = isJson(text);
  const fault = cursor.fault;
  if (isSound != (fault == JsonFault.None)) return 1000;
  if (doc.parse(text) != isSound || doc.fault != fault) return 1001;
  const recorder = watch(text, 0, whole);
  for (let salt: u32 = 1; salt <= 2; salt++) {
    watch(text, salt, cut);
    if (!cut.toView().sameAs(whole.toView())) return 1002;
  }
  if (!isSound) {
    ObjectEditor.read(text, 0, new PatchList());
    return fault;
  }
  const found = checkWatched(text, recorder);
  if (found != 0) return found;
  whole.clear();
  rebuild(0, whole, 0);
  sized(out, whole.toView());
  if (!isJson(whole.toView())) return 1003;
  whole.clear();
  whole.byte(0x22);
  writeCompactInner(whole, text);
  whole.byte(0x22);
  if (!isJson(whole.toView()) || cursor.valueKind != JsonKind.String) return 1004;
  if (!isJson(decodeString(whole.toView(), 0, whole.length))) return 1005;
  return doc.isObject(0) ? edit(text) : 0;
}

/** The watcher and the index saw the same. */
function checkWatched(text: View, recorder: Recorder): i32 {
  if (watcher.documents != 1 || watcher.rootKind != doc.kind(0)) return 1010;
  const node = doc.get(0, "model");
  const isLong = doc.raw(node).length > MAX_TEXT;
  if (doc.kind(node) != recorder.modelKind && !isLong) return 1011;
  if (doc.isString(node) && !recorder.modelIsCut && !doc.text(node).sameAs(recorder.model.toView())) return 1012;
  if (doc.kind(node) == JsonKind.Number && !isLong && !doc.raw(node).sameAs(recorder.model.toView())) return 1013;
  if (recorder.cutStart < 0) return 0;
  cut.clear();
  cut.range(text, 0, recorder.cutStart);
  cut.range(text, recorder.cutEnd, text.length);
  return isJson(cut.toView()) ? 0 : 1014;
}

function rebuild(node: i32, to: Buffer, depth: i32): void {
  const isObject = doc.isObject(node);
  if (!isObject && !doc.isArray(node)) {
    if (doc.isString(node)) writeString(to, doc.text(node));
    else to.view(doc.raw(node));
    return;
  }
  to.byte(isObject ? 0x7b : 0x5b);
  let isFirst = true;
  for (let child = depth < MAX_DEPTH ? doc.first(node) : NONE; child != NONE; child = doc.next(child)) {
    if (!isFirst) to.byte(0x2c);
    isFirst = false;
    if (isObject) {
      writeString(to, doc.key(child));
      to.byte(0x3a);
    }
    rebuild(child, to, depth + 1);
  }
  to.byte(isObject ? 0x7d : 0x5d);
}

/** Sets `a` to 1 and `new` to 2, removes `b` and `model`. */
function edit(text: View): i32 {
  const patches = new PatchList();
  const editor = ObjectEditor.read(text, 0, patches);
  if (editor === null) return 1020;
  const size = doc.size(0);
  if (size > MAX_MEMBERS) return 0;
  if (editor.count != size) return 1021;
  const node = doc.get(0, "model");
  const member = editor.find("model");
  if ((node == NONE) != member < 0 || doc.start(node) != editor.valueStart(member) || doc.end(node) != editor.valueEnd(member)) {
    return 1022;
  }
  editor.set("a", View.utf8("1"));
  editor.set("new", View.utf8("2"));
  const hadModel = editor.remove("model");
  editor.remove("b");
  editor.finish();
  if (hadModel != member >= 0) return 1023;
  whole.clear();
  patches.apply(text, whole, text.length);
  sized(out, whole.toView());
  return isJson(whole.toView()) ? 0 : 1024;
}
