// PEM (RFC 7468): finds a labelled block in a text and decodes it. Knows nothing of what the bytes mean.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { readBase64 } from "./base64";

/** Text that one block may have: a private key of 4096 bits takes 3.3 KB. */
const MAX_TEXT_BYTES: i32 = 16 << 10;
const BEGIN: string = "-----BEGIN ";
const END: string = "-----END ";
const DASHES: string = "-----";

/** Appends the bytes of the first block labelled `label`. False when there is none, or none that is whole and valid. */
export function readPem(text: View, label: string, out: Buffer): bool {
  const begin = findMark(text, BEGIN, label, 0);
  if (begin < 0) return false;
  const start = begin + BEGIN.length + label.length + DASHES.length;
  const end = findMark(text, END, label, start);
  return end >= 0 && end - start <= MAX_TEXT_BYTES && readBase64(text.slice(start, end), out);
}

/** Where `mark` + `label` + five dashes stands at or after `from`, or -1. */
function findMark(text: View, mark: string, label: string, from: i32): i32 {
  for (let at = text.indexOf(Ascii.Hyphen, from); at >= 0; at = text.indexOf(Ascii.Hyphen, at + 1)) {
    const name = at + mark.length;
    if (text.startsWithAt(at, mark) && text.startsWithAt(name, label) && text.startsWithAt(name + label.length, DASHES)) return at;
  }
  return -1;
}
