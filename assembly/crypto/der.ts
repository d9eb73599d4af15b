// A pull reader for DER (X.690), as far as keys need it: tags of one byte, definite lengths, natural numbers.

import { View } from "../bytes/view";

export const INTEGER: i32 = 0x02;
export const OCTETS: i32 = 0x04;
export const OID: i32 = 0x06;
export const SEQUENCE: i32 = 0x30;

/** Reads the elements of `bytes` one after the other. After a fault every read gives empty bytes. */
@final
export class Der {
  private here: i32 = 0;
  /** True once an element was not the one asked for, or was not well formed. */
  failed: bool = false;

  constructor(private bytes: View) {}

  /** True when no element is left. */
  get atEnd(): bool {
    return this.here >= this.bytes.length;
  }

  /** The contents of the next element, which must have the tag; a window, nothing is copied. */
  read(tag: i32): View {
    const bytes = this.bytes;
    if (!this.failed && bytes.at(this.here) == tag) {
      let start = this.here + 2;
      let size = bytes.at(this.here + 1);
      if (size > 0x80 && size <= 0x83) {
        const end = start + (size & 0x7f);
        // DER wants the shortest form: no leading zero here, and no long form for a length that fits in seven bits.
        let isShortest = bytes.at(start) != 0;
        size = 0;
        for (; start < end; start++) size = (size << 8) | (bytes.at(start) & 0xff);
        if (size < 0x80) isShortest = false;
        if (!isShortest) size = -1;
      } else if (size >= 0x80) size = -1;
      if (size >= 0 && size <= bytes.length - start) {
        this.here = start + size;
        return bytes.slice(start, start + size);
      }
    }
    this.failed = true;
    return View.empty();
  }

  /** The elements inside the next one. */
  enter(tag: i32): Der {
    const inner = new Der(this.read(tag));
    inner.failed = this.failed;
    return inner;
  }

  /** The next INTEGER as big-endian bytes without leading zeros (none for 0). A negative one is a fault. */
  natural(): View {
    const bytes = this.read(INTEGER);
    const first = bytes.at(0);
    // -1: empty. A zero byte stands only before a byte whose high bit would make the number negative.
    if (first < 0 || first > 0x7f || (first == 0 && bytes.length > 1 && bytes.at(1) < 0x80)) this.failed = true;
    return first == 0 ? bytes.slice(1, bytes.length) : bytes;
  }
}
