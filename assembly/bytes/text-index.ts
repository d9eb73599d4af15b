// Texts with numbers. They are found by their bytes, in the same time however many there are.

import { HASH_BASIS, HASH_PRIME, View } from "./view";

const NO_SLOTS: StaticArray<i32> = new StaticArray<i32>(0);

@final
export class TextIndex {
  /** By number. Only add() changes it. */
  readonly texts: Array<View> = [];
  /** Numbers from 1 up at the places of their hashes, 0 for none; a power of two, at least twice as many as texts. */
  private slots: StaticArray<i32> = NO_SLOTS;
  /** Bytes of the longest. */
  private longest: i32 = 0;

  /** The number of the text, which is kept when it is new: they count from 0. */
  add(text: View): i32 {
    const texts = this.texts;
    if (texts.length << 1 >= this.slots.length) {
      this.slots = new StaticArray<i32>(max(8, texts.length << 2));
      for (let k = 0; k < texts.length; k++) this.slots[this.slotOf(texts[k], texts[k].length, texts[k].hash())] = k + 1;
    }
    const slot = this.slotOf(text, text.length, text.hash());
    if (this.slots[slot] == 0) {
      this.slots[slot] = texts.push(text);
      this.longest = max(this.longest, text.length);
    }
    return this.slots[slot] - 1;
  }

  /** The number of the text, -1 for none. */
  find(text: View): i32 {
    return this.texts.length == 0 ? -1 : this.slots[this.slotOf(text, text.length, text.hash())] - 1;
  }

  /** The number of the longest of at most `most` bytes that `text` begins with, -1 for none. */
  findPrefix(text: View, most: i32 = i32.MAX_VALUE): i32 {
    let found = -1;
    if (this.texts.length == 0) return found;
    let hash = HASH_BASIS;
    most = min(most, min(text.length, this.longest));
    for (let size = 0; size <= most; size++) {
      const number = this.slots[this.slotOf(text, size, hash)];
      if (number != 0) found = number - 1;
      hash = (hash ^ (<u32>text.at(size))) * HASH_PRIME;
    }
    return found;
  }

  /** The place of the first `size` bytes of `text`, which have this hash, or the one for them. */
  private slotOf(text: View, size: i32, hash: u32): i32 {
    const mask = this.slots.length - 1;
    let slot = (<i32>hash) & mask;
    for (let number = this.slots[slot]; number != 0; number = this.slots[slot]) {
      const other = this.texts[number - 1];
      if (other.length == size && text.hasAt(0, other)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}

/** Numbers that stand under texts, in the order in which they were added. */
@final
export class TextLists {
  readonly index: TextIndex = new TextIndex();
  private lists: Array<Array<i32>> = [];

  add(text: View, number: i32): void {
    const at = this.index.add(text);
    if (at == this.lists.length) this.lists.push([]);
    this.lists[at].push(number);
  }

  /** The list of a text by its number in the index, NO_NUMBERS for -1. Not to be changed. */
  at(text: i32): Array<i32> {
    return <u32>text < <u32>this.lists.length ? this.lists[text] : NO_NUMBERS;
  }
}

const NO_NUMBERS: Array<i32> = [];
