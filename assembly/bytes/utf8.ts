// Code points in UTF-8 bytes; a byte that starts no valid sequence counts as one code point of its own.

import { View } from "./view";

/** Bytes of the code point at `at`: 1 to 4, 0 at the end. */
export function codePointSize(view: View, at: i32): i32 {
  const lead = view.at(at);
  if (lead < 0) return 0;
  const size = lead < 0x80 ? 1 : lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  for (let k = 1; k < size; k++) if ((view.at(at + k) & 0xc0) != 0x80 || view.at(at + k) < 0) return 1;
  return size;
}

/** The code point at `at`, -1 at the end; an invalid byte is its own value. */
export function codePointAt(view: View, at: i32): i32 {
  const size = codePointSize(view, at);
  const lead = view.at(at);
  if (size <= 1) return lead;
  let code = lead & (0xff >> (size + 1));
  for (let k = 1; k < size; k++) code = (code << 6) | (view.at(at + k) & 0x3f);
  return code;
}
