// Sees in the pieces of a call's arguments where their object ends.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { escapeSize, escapedUnit } from "../../json/cursor";

@final
export class WholeArguments {
  /** The object is whole. */
  isWhole: bool = false;
  private depth: i32 = 0;
  private inString: bool = false;
  private escaped: bool = false;

  /** Takes the next piece (escaped inner bytes of one delta). O(n), no copy. */
  follow(inner: View): void {
    let here = 0;
    while (here < inner.length && !this.isWhole) {
      let unit = inner.at(here);
      let size = 1;
      if (unit == Ascii.Backslash) {
        size = escapeSize(inner, here);
        if (size <= 0) return;
        unit = escapedUnit(inner, here, size);
      }
      here += size;
      this.step(unit);
    }
  }

  private step(unit: i32): void {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (unit == Ascii.Backslash) this.escaped = true;
      else if (unit == Ascii.Quote) this.inString = false;
      return;
    }
    if (unit == Ascii.Quote) this.inString = true;
    else if (unit == Ascii.LeftBrace || unit == Ascii.LeftBracket) this.depth++;
    else if (unit == Ascii.RightBrace || unit == Ascii.RightBracket) {
      this.depth--;
      this.isWhole = this.depth <= 0;
    }
  }
}
