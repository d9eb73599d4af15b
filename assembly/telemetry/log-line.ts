// The members of one line of the log, a JSON object.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { PICO, writeDecimal } from "../json/decimal";
import { writeInner } from "../json/text";
import { validUtf8 } from "../json/code-point";

/** Memory that is kept for the next line. */
const KEPT_BYTES: i32 = 4096;

@final
export class LogLine {
  /** The object, once it has been ended. */
  readonly out: Buffer = new Buffer(1024);

  /** Begins a line: an object without members. */
  begin(): void {
    this.out.clearTo(KEPT_BYTES);
    this.out.byte(Ascii.LeftBrace);
  }

  /** Closes the object. */
  end(): void {
    this.out.byte(Ascii.RightBrace);
  }

  /** Adds a member that is a whole number. */
  number(name: string, value: i64): void {
    this.key(name);
    this.out.integer(value);
  }

  /** Adds money in 10^-12 as decimal text: a number would be rounded by most who read it. */
  amount(name: string, pico: i64): void {
    this.key(name);
    this.out.byte(Ascii.Quote);
    writeDecimal(this.out, pico, PICO);
    this.out.byte(Ascii.Quote);
  }

  /** -1 is not written. */
  numberIfAny(name: string, value: i64): void {
    if (value >= 0) this.number(name, value);
  }

  /** A value of the plugin's own: ASCII that needs no escapes. */
  word(name: string, value: string): void {
    this.key(name);
    this.out.byte(Ascii.Quote);
    this.out.ascii(value);
    this.out.byte(Ascii.Quote);
  }

  /** A value that the client or the provider chose: escaped, its bytes made valid UTF-8. */
  text(name: string, value: View): void {
    this.key(name);
    this.out.byte(Ascii.Quote);
    writeInner(this.out, validUtf8(value));
    this.out.byte(Ascii.Quote);
  }

  /** A value that is JSON already. */
  json(name: string, value: View): void {
    this.key(name);
    this.out.view(value);
  }

  /** Nothing is not written. */
  textIfAny(name: string, value: View): void {
    if (value.length != 0) this.text(name, value);
  }

  private key(name: string): void {
    if (this.out.length > 1) this.out.byte(Ascii.Comma);
    this.out.byte(Ascii.Quote);
    this.out.ascii(name);
    this.out.ascii('":');
  }
}
