// Writes OpenAI's embedding list (API reference, "The embedding object", read Nov 2026), for the translators of every dialect.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { writeVector } from "./vector";
import { writeEmbeddingUsage } from "./usage-writer";

/** Why a response is refused of which a vector cannot be read: clients would store an empty one without a word. */
export const UNREADABLE: string = "The provider's answer holds an embedding that is no list of numbers.";

@final
export class EmbeddingWriter {
  private count: i32 = 0;

  /** Begins the list. `takesText`: the provider gives base64 itself when it was asked for it. */
  constructor(
    private doc: JsonDocument,
    private base64: bool,
    private out: Buffer,
    private takesText: bool = false,
  ) {
    out.ascii('{"object":"list","data":[');
  }

  /** Adds the vector at node `values`, numbers as they are spelt or base64; false when it is none. */
  add(values: i32): bool {
    const doc = this.doc;
    const out = this.out;
    const isText = this.takesText && this.base64 && doc.isString(values) && !doc.textIs(values, "");
    if (!isText && !this.isVector(values)) return false;
    out.ascii(this.count > 0 ? ',{"object":"embedding","index":' : '{"object":"embedding","index":');
    out.integer(this.count++);
    out.ascii(',"embedding":');
    if (this.base64 && !isText) writeVector(doc, values, out);
    else out.view(doc.raw(values));
    out.byte(Ascii.RightBrace);
    return true;
  }

  private isVector(values: i32): bool {
    const doc = this.doc;
    let item = doc.isArray(values) ? doc.first(values) : NONE;
    if (item == NONE) return false;
    for (; item != NONE; item = doc.next(item)) if (doc.kind(item) != JsonKind.Number) return false;
    return true;
  }

  /** Ends the list; false when it is empty, or too large. */
  end(model: View, usage: Usage): bool {
    const out = this.out;
    out.ascii('],"model":');
    writeString(out, model);
    out.ascii(',"usage":');
    writeEmbeddingUsage(out, usage);
    out.byte(Ascii.RightBrace);
    return this.count > 0 && !out.overflow;
  }
}
