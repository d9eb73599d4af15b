// Models that bodies of Google's methods name once more: they have to be the one of the path (Gemini API reference, batchEmbedContents,
// read 2026-11), so a model that was mapped there is mapped here.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor, JsonFault, JsonKind } from "../../json/cursor";
import { PatchList } from "../../json/splice";
import { decodeString, writeString } from "../../json/text";

@final
export class NativeModels {
  private cursor: JsonCursor = new JsonCursor();

  constructor(
    private body: View,
    private from: View,
    private to: View,
    private patches: PatchList,
  ) {}

  /** Notes the edits; none in what is no JSON object. */
  rename(): void {
    const cursor = this.cursor.reset(this.body);
    if (!cursor.beginObject()) return;
    while (cursor.nextKey()) {
      if (cursor.keyIs("requests") && cursor.kind() == JsonKind.Array) {
        cursor.beginArray();
        while (cursor.nextItem()) this.renameIn();
      } else if (cursor.keyIs("generateContentRequest") || cursor.keyIs("generate_content_request")) this.renameIn();
      else this.member();
    }
    if (cursor.fault != JsonFault.None || !cursor.atEnd()) this.patches.clear();
  }

  /** The same in a value, when it is an object. */
  private renameIn(): void {
    const cursor = this.cursor;
    if (!cursor.beginObject()) cursor.skipValue();
    else while (cursor.nextKey()) this.member();
  }

  /** Passes over a member's value; a model that is the client's, with or without its collection, gets the new name. */
  private member(): void {
    const cursor = this.cursor;
    const isModel = cursor.keyIs("model");
    if (!cursor.skipValue() || !isModel || cursor.valueKind != JsonKind.String) return;
    const named = decodeString(this.body, cursor.valueStart, cursor.valueEnd);
    const start = named.length - this.from.length;
    if (!named.hasAt(start, this.from) || (start > 0 && named.at(start - 1) != Ascii.Slash)) return;
    const name = new Buffer(64);
    // A new name may have a collection of its own.
    if (!this.to.startsWith("models/") && !this.to.startsWith("tunedModels/")) name.range(named, 0, start);
    name.view(this.to);
    const text = new Buffer(64);
    writeString(text, name.toView());
    this.patches.replace(cursor.valueStart, cursor.valueEnd, text.toView());
  }
}
