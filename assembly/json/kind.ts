// What a JSON value can be, and what can be wrong with JSON bytes.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** What kind of value a JSON value is. */
export const enum JsonKind {
  None,
  Object,
  Array,
  String,
  Number,
  True,
  False,
  Null,
}

/** Why a text is not taken as JSON. */
export const enum JsonFault {
  None,
  /** The bytes end inside a value. */
  Truncated,
  /** A byte that cannot stand here. */
  Unexpected,
  /** A string holds a control character or a wrong escape. */
  BadString,
  /** A number that is not spelt as JSON numbers are. */
  BadNumber,
  /** Nested deeper than MAX_DEPTH. */
  TooDeep,
  /** Bytes follow the value. */
  TrailingBytes,
  /** More values than an index may hold (json/document.ts). */
  TooManyValues,
}

/** One fixed sentence for each fault, for messages to people. */
export function describeFault(fault: JsonFault): string {
  switch (fault) {
    case JsonFault.Truncated:
      return "the JSON ends too early";
    case JsonFault.Unexpected:
      return "unexpected character";
    case JsonFault.BadString:
      return "a string holds a control character or an invalid escape";
    case JsonFault.BadNumber:
      return "a number is not valid JSON";
    case JsonFault.TooDeep:
      return "nested too deeply";
    case JsonFault.TrailingBytes:
      return "more bytes follow the JSON value";
    case JsonFault.TooManyValues:
      return "the JSON holds too many values";
    default:
      return "no fault";
  }
}

/** The kind of value that a first byte announces. */
export function kindOf(byte: i32): JsonKind {
  switch (byte) {
    case Ascii.LeftBrace:
      return JsonKind.Object;
    case Ascii.LeftBracket:
      return JsonKind.Array;
    case Ascii.Quote:
      return JsonKind.String;
    case Ascii.LowerT:
      return JsonKind.True;
    case Ascii.LowerF:
      return JsonKind.False;
    case Ascii.LowerN:
      return JsonKind.Null;
    default:
      return byte == Ascii.Hyphen || isDigit(byte) ? JsonKind.Number : JsonKind.None;
  }
}

/** True for the byte of an ASCII digit; false for -1. */
// @ts-ignore: decorator
@inline
export function isDigit(byte: i32): bool {
  return <u32>(byte - Ascii.Digit0) < 10;
}

/** True for a byte that ends a number, true, false or null. */
export function endsScalar(byte: i32): bool {
  switch (byte) {
    case Ascii.Space:
    case Ascii.LineFeed:
    case Ascii.CarriageReturn:
    case Ascii.Tab:
    case Ascii.Quote:
    case Ascii.Comma:
    case Ascii.Colon:
    case Ascii.LeftBracket:
    case Ascii.RightBracket:
    case Ascii.LeftBrace:
    case Ascii.RightBrace:
      return true;
    default:
      return false;
  }
}

/** The kind of a number, true, false or null; None for any other text. */
export function scalarKind(text: View): JsonKind {
  if (text.equals("null")) return JsonKind.Null;
  if (text.equals("true")) return JsonKind.True;
  if (text.equals("false")) return JsonKind.False;
  return kindOf(text.at(0)) == JsonKind.Number ? JsonKind.Number : JsonKind.None;
}

/** True for the white space that may stand between JSON's tokens. */
// @ts-ignore: decorator
@inline
export function isSpace(byte: i32): bool {
  return byte == Ascii.Space || byte == Ascii.LineFeed || byte == Ascii.CarriageReturn || byte == Ascii.Tab;
}
