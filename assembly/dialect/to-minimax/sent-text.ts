// What a stream has sent of one text, as a length and a hash: enough to see that a later text begins with all of it.

import { View } from "../../bytes/view";

@final
export class SentText {
  private length: i32 = 0;
  private hash: u32 = View.empty().hash();

  /** Takes the next piece that is sent. */
  add(piece: View): void {
    this.length += piece.length;
    this.hash = extend(this.hash, piece, piece.length);
  }

  /** True when `whole` begins with what was sent. */
  begins(whole: View): bool {
    return whole.length >= this.length && extend(View.empty().hash(), whole, this.length) == this.hash;
  }

  /** The bytes of `whole` after what was sent. */
  rest(whole: View): View {
    return whole.slice(this.length, whole.length);
  }
}

/** FNV-1a as View.hash(), from a hash so far. */
function extend(hash: u32, bytes: View, length: i32): u32 {
  for (let k = 0; k < length; k++) hash = (hash ^ (<u32>bytes.at(k))) * 0x01000193;
  return hash;
}
