// Tool calls that leave out what OpenAI's clients go by: `type`, and in streams the `index` by which pieces are joined.
// Mistral's ToolCall requires `function` alone, index 0 and type function are defaults (its API reference, Nov 2026); Google's
// compatible API and some local servers leave the index out.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { innerMember, innerOf } from "./inner";

/** Choices that are told apart; higher ones share the last place. */
const CHOICES: i32 = 64;
const FUNCTION: View = View.utf8('"function"');

@final
export class CallEditor {
  /** By choice: calls so far, and the hash of the last one's id (0: it has none). */
  private counts: StaticArray<i32> = new StaticArray<i32>(CHOICES);
  private ids: StaticArray<u32> = new StaticArray<u32>(CHOICES);

  constructor(
    private doc: JsonDocument,
    private patches: PatchList,
  ) {}

  /** Adds what is missing in a list of calls; `isMessage`: whole ones, which have no index. */
  edit(calls: i32, choice: i32, isMessage: bool): void {
    const doc = this.doc;
    const place = choice < 0 ? 0 : min(choice, CHOICES - 1);
    for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
      const named = doc.get(call, "function");
      if (!doc.isObject(named)) continue;
      const isNamed = innerMember(doc, named, "name").length != 0;
      const index = isMessage ? -1 : this.number(call, place, isNamed);
      const needsType = isNamed && innerMember(doc, call, "type").length == 0;
      if (index < 0 && !needsType) continue;
      const editor = ObjectEditor.read(doc.view, doc.start(call), this.patches);
      if (editor === null) continue;
      if (index >= 0) editor.set("index", numeral(index));
      if (needsType) editor.set("type", FUNCTION);
      editor.finish();
    }
  }

  /**
   * The index that the piece lacks, -1 when it has one. Another id begins another call, and so does a name where there are no
   * ids; everything else goes on with the last one.
   */
  private number(call: i32, place: i32, isNamed: bool): i32 {
    const doc = this.doc;
    const index = doc.get(call, "index");
    const id = doc.get(call, "id");
    // Mistral's default for a call without an id is the word.
    const hash = innerOf(doc, id).length != 0 && !doc.textIs(id, "null") ? innerOf(doc, id).hash() | 1 : 0;
    const count = unchecked(this.counts[place]);
    if (doc.kind(index) == JsonKind.Number) {
      const given = <i32>min<i64>(doc.integer(index, 0), i32.MAX_VALUE - 1);
      if (given >= count) unchecked((this.counts[place] = given + 1));
      if (hash != 0) unchecked((this.ids[place] = hash));
      return -1;
    }
    const isNew = count == 0 || (hash == 0 ? isNamed : hash != unchecked(this.ids[place]));
    if (hash != 0 || isNew) unchecked((this.ids[place] = hash));
    if (!isNew) return count - 1;
    unchecked((this.counts[place] = count + 1));
    return count;
  }
}

function numeral(value: i32): View {
  const out = new Buffer(16);
  out.integer(value);
  return out.toView();
}
