// Passes over a JSON value that nobody watches: a string, or a container with all that is in it. It can stop at any byte.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { indexOfStringSpecial } from "./string-scan";

@final
export class ValueSkipper {
  /** Open containers. */
  private depth: i32 = 0;
  private inString: bool = false;
  private afterBackslash: bool = false;

  /** Starts after the opening brace or bracket of a container. */
  beginContainer(): void {
    this.depth = 1;
    this.inString = false;
  }

  /** Starts after the opening quote of a string. */
  beginString(): void {
    this.depth = 0;
    this.inString = true;
    this.afterBackslash = false;
  }

  /** The value has ended. */
  get isDone(): bool {
    return this.depth == 0 && !this.inString;
  }

  /** Reads bytes `[start, end)` up to the end of the value; returns the index after what was read. No allocation. */
  feed(view: View, start: i32, end: i32): i32 {
    let here = start;
    while (here < end && !this.isDone) here = this.inString ? this.string(view, here, end) : this.container(view, here, end);
    return here;
  }

  private container(view: View, start: i32, end: i32): i32 {
    let here = start;
    while (here < end) {
      const byte = view.byteAt(here++);
      if (byte == Ascii.Quote) {
        this.inString = true;
        this.afterBackslash = false;
        return here;
      }
      // Brackets and braces differ in bit 5 only, and here they need not match.
      const bracket = byte | 0x20;
      if (bracket == Ascii.LeftBrace) this.depth++;
      else if (bracket == Ascii.RightBrace && --this.depth == 0) return here;
    }
    return here;
  }

  private string(view: View, start: i32, end: i32): i32 {
    if (this.afterBackslash) {
      this.afterBackslash = false;
      return start + 1;
    }
    const stop = indexOfStringSpecial(view, start);
    if (stop >= end) return end;
    const byte = view.byteAt(stop);
    if (byte == Ascii.Backslash) this.afterBackslash = true;
    else if (byte == Ascii.Quote) this.inString = false;
    return stop + 1;
  }
}
