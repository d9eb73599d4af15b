// Searches inside JSON strings, eight bytes a step: where a string ends, or where its text needs an escape.

import { Ascii } from "../bytes/ascii";
import { HIGH_BITS, LOW_BITS, byteAt, eightAt, firstLane, zeroLanes } from "../bytes/lanes";
import { View } from "../bytes/view";

/** Non-zero exactly when a lane cannot stand in a JSON string as it is. The lowest mark is exact. */
// @ts-ignore: decorator
@inline
function specialLanes(lanes: u64): u64 {
  // A lane below 0x20 borrows in the subtraction; lanes with the high bit set (UTF-8) are masked out.
  const controls = (lanes - LOW_BITS * Ascii.Space) & ~lanes & HIGH_BITS;
  return zeroLanes(lanes ^ (LOW_BITS * Ascii.Quote)) | zeroLanes(lanes ^ (LOW_BITS * Ascii.Backslash)) | controls;
}

/** Bit n: a backslash and the character 0x5c + n are an escape. */
const SHORT_ESCAPES: u32 = (1 << 0) | (1 << 6) | (1 << 10) | (1 << 18) | (1 << 22) | (1 << 24);

/** True for the characters `"\/bfnrt`. */
// @ts-ignore: decorator
@inline
function isShortEscape(byte: u32): bool {
  const letter = byte - Ascii.Backslash;
  return (letter < 32 && ((SHORT_ESCAPES >> letter) & 1) == 1) || byte == Ascii.Quote || byte == Ascii.Slash;
}

// @ts-ignore: decorator
@inline
function isHex(byte: u32): bool {
  return byte - Ascii.Digit0 < 10 || (byte | 0x20) - Ascii.LowerA < 6;
}

let escapes: i32 = 0;

/** How many escapes skipText() has passed since the start, modulo 2^32. */
export function escapesSkipped(): i32 {
  return escapes;
}

/**
 * Index of the first byte at or after `start` that a JSON string cannot hold as it is: a quote, a backslash or a control
 * character. The length of `text` when there is none.
 */
export function indexOfStringSpecial(text: View, start: i32): i32 {
  let here = start < 0 ? 0 : start;
  while (here + 8 <= text.length) {
    const hits = specialLanes(eightAt(text.ptr + here));
    if (hits) return here + firstLane(hits);
    here += 8;
  }
  for (; here < text.length; here++) {
    const byte = <i32>byteAt(text.ptr + here);
    if (byte == Ascii.Quote || byte == Ascii.Backslash || byte < Ascii.Space) return here;
  }
  return text.length;
}

/** As indexOfStringSpecial(), but valid escapes are passed over, except in the last bytes of `text`. */
export function skipText(text: View, start: i32): i32 {
  // Both are read once: the loop is the time that a large body takes.
  const bytes = text.ptr;
  const length = text.length;
  let here = start < 0 ? 0 : start;
  while (here + 8 <= length) {
    const hits = specialLanes(eightAt(bytes + here));
    if (hits == 0) {
      here += 8;
      continue;
    }
    here += firstLane(hits);
    if (here + 6 > length) return here;
    const at = bytes + here;
    if (byteAt(at) != Ascii.Backslash) return here;
    const letter = byteAt(at + 1);
    escapes++;
    if (isShortEscape(letter)) here += 2;
    else if (letter == Ascii.LowerU && isHex(byteAt(at + 2)) && isHex(byteAt(at + 3)) && isHex(byteAt(at + 4)) && isHex(byteAt(at + 5))) {
      here += 6;
    } else return here;
  }
  return indexOfStringSpecial(text, here);
}
