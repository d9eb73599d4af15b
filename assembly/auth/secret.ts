// An API key or another secret. It has no toString and no getter: nothing can log it or join it to a text; the one way
// out is into the bytes of a header or a signature.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

@final
export class Secret {
  private value: View;

  /** Takes `value` as it is; the view must own its bytes. */
  constructor(value: View) {
    this.value = value;
  }

  /** A secret that is not configured. */
  static none(): Secret {
    return new Secret(View.empty());
  }

  /** True without a value. */
  get isEmpty(): bool {
    return this.value.length == 0;
  }

  /** Appends the secret to a header's value or to bytes to be signed. */
  writeInto(out: Buffer): void {
    out.view(this.value);
  }

  /** FNV-1a of the secret, to tell keys apart without showing them. */
  hash(): u32 {
    return this.value.hash();
  }
}
