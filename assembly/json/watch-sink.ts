// What a JsonWatcher reports, and to whom.

import { View } from "../bytes/view";
import { JsonKind } from "./kind";

/** Receives the watched values. Text is valid until the callback returns. */
export abstract class WatchSink {
  /**
   * A string, number, true, false or null at a watched place. `text` holds strings decoded; it is empty when the
   * string was too long or is only measured (see JsonWatcher.textLength and textIsCut).
   */
  abstract leaf(field: i32, kind: JsonKind, text: View): void;

  /** Bytes `[start, end)` of a measured string, escaped as they came. */
  piece(field: i32, text: View, start: i32, end: i32): void {}

  /** An object or array begins at a watched place. */
  opened(field: i32, kind: JsonKind): void {}

  /** It ended. */
  closed(field: i32): void {}

  /** A comma follows a watched member that was the first of its object; `end` is the document offset after it. */
  followed(field: i32, end: i32): void {}
}
