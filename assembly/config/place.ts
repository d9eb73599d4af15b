// Where something stands in the configuration. Most places are never shown, so their text is made when one is.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** Bytes of a key or an id that a message shows. */
const SHOWN: i32 = 64;

@final
export class Place {
  private constructor(
    /** Null: the configuration as a whole. */
    private parent: Place | null,
    /** The member's name in the schema, "" for the others. */
    private name: string,
    /** The number of the item, or -1. */
    private index: i32,
    /** The member's key in the configuration. */
    private key: View | null,
  ) {}

  static root(): Place {
    return new Place(null, "", -1, null);
  }

  /** The member that the schema calls `name`. */
  at(name: string): Place {
    return new Place(this, name, -1, null);
  }

  /** The item `index` of a list. */
  item(index: i32): Place {
    return new Place(this, "", index, null);
  }

  /** The member that the configuration calls `key`. */
  member(key: View): Place {
    return new Place(this, "", -1, key);
  }

  /** A JSON pointer (RFC 6901); "" is the whole configuration. */
  toString(): string {
    const parent = this.parent;
    if (parent === null) return "";
    const key = this.key;
    const step = key !== null ? escaped(quoted(key)) : this.index >= 0 ? this.index.toString() : this.name;
    return parent.toString() + "/" + step;
  }
}

/** The configuration as a whole. */
export const ROOT: Place = Place.root();

/** A key or an id in quotes, cut and without control characters. Never for the value of a secret field. */
export function quoted(text: View): string {
  const out: Array<string> = ['"'];
  const shown = text.length > SHOWN ? text.slice(0, SHOWN) : text;
  const decoded = shown.toString();
  for (let k = 0; k < decoded.length; k++) {
    const unit = decoded.charCodeAt(k);
    out.push(unit < Ascii.Space || unit == Ascii.Delete ? "?" : decoded.charAt(k));
  }
  out.push(text.length > SHOWN ? '…"' : '"');
  return out.join("");
}

/** A quoted key as a step of a pointer: without its quotes, `~` and `/` escaped. */
function escaped(text: string): string {
  const out: Array<string> = [];
  for (let k = 1; k < text.length - 1; k++) {
    const unit = text.charCodeAt(k);
    out.push(unit == Ascii.Tilde ? "~0" : unit == Ascii.Slash ? "~1" : text.charAt(k));
  }
  return out.join("");
}
