// What may follow a backslash when it stands for one code point, inside and outside of brackets.

import { Ascii } from "../../bytes/ascii";
import { hexValue } from "../../bytes/hex";
import { View } from "../../bytes/view";
import { isAsciiDigit, isAsciiLetter, MAX_CODE_POINT } from "../../json/code-point";

/** The code point of the last `readEscape` that returned a position. */
export let escapedPoint: i32 = 0;

/** Reads the escape whose backslash is at `at`: the position after it, or -1 when it names no code point. */
export function readEscape(pattern: View, at: i32): i32 {
  const letter = pattern.at(at + 1);
  if (letter == Ascii.LowerX) return readHex(pattern, at + 2);
  const control = controlPoint(letter);
  if (control >= 0) escapedPoint = control;
  else if (letter >= 0 && letter < 0x80 && !isAsciiLetter(letter) && !isAsciiDigit(letter)) escapedPoint = letter;
  else return -1;
  return at + 2;
}

function controlPoint(letter: i32): i32 {
  switch (letter) {
    case Ascii.LowerA:
      return 0x07;
    case Ascii.LowerF:
      return 0x0c;
    case Ascii.LowerN:
      return Ascii.LineFeed;
    case Ascii.LowerR:
      return Ascii.CarriageReturn;
    case Ascii.LowerT:
      return Ascii.Tab;
    case Ascii.LowerV:
      return 0x0b;
    default:
      return -1;
  }
}

/** Two digits, or any number of them in braces. */
function readHex(pattern: View, at: i32): i32 {
  if (pattern.at(at) != Ascii.LeftBrace) {
    const high = hexValue(pattern.at(at));
    const low = hexValue(pattern.at(at + 1));
    if (high < 0 || low < 0) return -1;
    escapedPoint = high * 16 + low;
    return at + 2;
  }
  let value = 0;
  let here = at + 1;
  for (; hexValue(pattern.at(here)) >= 0; here++) {
    value = value * 16 + hexValue(pattern.at(here));
    if (value > MAX_CODE_POINT) return -1;
  }
  if (here == at + 1 || pattern.at(here) != Ascii.RightBrace) return -1;
  escapedPoint = value;
  return here + 1;
}

/** Why `readEscape` and the parser refuse the escape at `at`: the text of an error. */
export function explainEscape(pattern: View, at: i32): string {
  const letter = pattern.at(at + 1);
  if (letter < 0) return "a backslash with nothing after it";
  if (letter == Ascii.Digit0) return "an octal escape is not supported, write \\x00";
  if (isAsciiDigit(letter) || letter == Ascii.LowerK) return "a back-reference is not supported";
  if ((letter | 0x20) == Ascii.LowerP) return "a Unicode class \\p is not supported";
  if (letter == Ascii.UpperZ) return "\\Z is not supported, write \\z";
  if (letter == Ascii.UpperQ || letter == Ascii.UpperC) return "the escape \\" + String.fromCharCode(letter) + " is not supported";
  if (letter == Ascii.LowerX) return "\\x needs two hexadecimal digits, or up to 10FFFF in braces";
  if (letter < 0x80) return "the escape \\" + String.fromCharCode(letter) + " is unknown here";
  return "a backslash before a character that needs none";
}
