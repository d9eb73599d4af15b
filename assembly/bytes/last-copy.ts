// Bytes that nearly always come again (a path, a model's name) and have to be kept: equal ones share one copy.

import { View } from "./view";

/** Longer ones are copied each time, so that no single one is kept for long. */
const MAX_KEPT_BYTES: i32 = 1024;

/** Keeps the last copy that it made. */
@final
export class LastCopy {
  private kept: View = View.empty();

  /** A copy that owns its bytes; the one of the last call when they are the same. */
  of(bytes: View): View {
    if (this.kept.sameAs(bytes)) return this.kept;
    if (bytes.length == 0) return View.empty();
    const copy = bytes.copy();
    if (bytes.length <= MAX_KEPT_BYTES) this.kept = copy;
    return copy;
  }
}
