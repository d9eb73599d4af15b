// Changes to a JSON text as a list of byte edits, applied in one copy: what is not edited survives byte for byte.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Replaces bytes `[start, end)` by `text`. */
@final
class Edit {
  constructor(
    public start: i32,
    public end: i32,
    public text: View,
  ) {}

  set(start: i32, end: i32, text: View): void {
    this.start = start;
    this.end = end;
    this.text = text;
  }
}

/** Bytes by which a text may grow without its copy being made twice. */
const ROOM: i32 = 256;
/** Edits whose objects a list keeps when it is cleared. */
const MAX_KEPT: i32 = 64;

/**
 * Edits of one text. They may be added in any order; equal starts keep the order of adding. They should not overlap: of those
 * that do, the one that begins first is applied.
 */
@final
export class PatchList {
  /** The first `count` are in use; the others are kept for later. */
  private edits: Array<Edit> = [];
  private count: i32 = 0;

  get isEmpty(): bool {
    return this.count == 0;
  }

  /** Forgets all edits and lets go of their texts. */
  clear(): void {
    for (let k = 0; k < this.count; k++) this.edits[k].text = View.empty();
    this.count = 0;
    if (this.edits.length > MAX_KEPT) this.edits = [];
  }

  /** Where the edits end in the source: bytes from here on are unchanged. */
  get sourceEnd(): i32 {
    let end = 0;
    for (let k = 0; k < this.count; k++) if (this.edits[k].end > end) end = this.edits[k].end;
    return end;
  }

  replace(start: i32, end: i32, text: View): void {
    const edits = this.edits;
    let k = this.count++;
    if (k == edits.length) edits.push(new Edit(start, end, text));
    else edits[k].set(start, end, text);
    // Insertion sort: a handful of edits, nearly always added in order.
    while (k > 0 && edits[k - 1].start > start) {
      const other = edits[k - 1];
      edits[k - 1] = edits[k];
      edits[k] = other;
      k--;
    }
  }

  insert(at: i32, text: View): void {
    this.replace(at, at, text);
  }

  remove(start: i32, end: i32): void {
    this.replace(start, end, View.empty());
  }

  /** `source` with all edits; itself when there are none. */
  appliedTo(source: View): View {
    if (this.count == 0) return source;
    const out = new Buffer(source.length + ROOM);
    this.apply(source, out, source.length);
    return out.toView();
  }

  /** Appends bytes `[0, until)` of `source`, edited, to `out`; `until` must not cut an edit. */
  apply(source: View, out: Buffer, until: i32): void {
    let here = 0;
    for (let k = 0; k < this.count; k++) {
      const edit = this.edits[k];
      if (edit.start < here) continue; // Overlap: the earlier edit wins.
      out.range(source, here, edit.start);
      out.view(edit.text);
      here = edit.end;
    }
    out.range(source, here, until);
  }
}
