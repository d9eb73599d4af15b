// How many error events translators have written. A stream's status has gone out as 200 by then, so this is the only way for
// the log to tell; the pipeline compares the number before and after a translation, which nothing else can interrupt.

let count: i32 = 0;

/** To be called for every error event that goes to a client. */
export function noteErrorEvent(): void {
  count++;
}

export function errorEvents(): i32 {
  return count;
}
