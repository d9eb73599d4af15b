// Hash tables of names and of series, which only grow: the host keeps a metric for ever, too. Their users cap them.

import { View } from "../bytes/view";
import { Series } from "./series-ids";

/** A power of two. */
const BUCKETS: i32 = 512;

@final
class Entry {
  next: Entry | null = null;
  label: View;
  series: Series | null = null;

  constructor(
    public key: View,
    public hash: u32,
  ) {
    this.label = key;
  }
}

@final
export class Table {
  private buckets: StaticArray<Entry | null> = new StaticArray<Entry | null>(BUCKETS);
  count: i32 = 0;

  find(key: View): Entry | null {
    const hash = key.hash();
    let entry = this.buckets[hash & (BUCKETS - 1)];
    while (entry !== null) {
      if (entry.hash == hash && entry.key.sameAs(key)) return entry;
      entry = entry.next;
    }
    return null;
  }

  /** Copies the key, which must not be there yet. */
  add(key: View): Entry {
    const entry = new Entry(key.copy(), key.hash());
    const at = entry.hash & (BUCKETS - 1);
    entry.next = this.buckets[at];
    this.buckets[at] = entry;
    this.count++;
    return entry;
  }
}
