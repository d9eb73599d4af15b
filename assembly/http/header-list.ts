// Headers to be set or sent: names and values in order. It must not know who wants them.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** True when Envoy can put the text into a header: it has no control characters. */
export function isHeaderValue(text: View): bool {
  for (let k = 0; k < text.length; k++) if (text.at(k) < Ascii.Space || text.at(k) == Ascii.Delete) return false;
  return true;
}

@final
export class HeaderList {
  private names: Array<View> = [];
  private values: Array<View> = [];

  /** Adds a header; `name` is lower case, both views must hold until the list was read. */
  add(name: View, value: View): HeaderList {
    this.names.push(name);
    this.values.push(value);
    return this;
  }

  /** Takes all headers out. */
  clear(): void {
    this.names.length = 0;
    this.values.length = 0;
  }

  /** Number of headers. */
  get count(): i32 {
    return this.names.length;
  }

  /** Name of a header, by its index. */
  name(index: i32): View {
    return index < this.names.length ? this.names[index] : View.empty();
  }

  /** Value of a header, by its index. */
  value(index: i32): View {
    return index < this.values.length ? this.values[index] : View.empty();
  }

  /** The list in the host's wire form: count, sizes, then each text with a zero after it. */
  write(): View {
    const out = new Buffer(256);
    this.word(out, this.names.length);
    for (let k = 0; k < this.names.length; k++) {
      this.word(out, this.names[k].length);
      this.word(out, this.values[k].length);
    }
    for (let k = 0; k < this.names.length; k++) {
      out.view(this.names[k]);
      out.byte(0);
      out.view(this.values[k]);
      out.byte(0);
    }
    return out.toView();
  }

  private word(out: Buffer, value: i32): void {
    for (let k = 0; k < 4; k++) out.byte((value >> (k * 8)) & 0xff);
  }
}
