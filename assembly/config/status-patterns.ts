// The statuses that an operator counts as failures: numbers, or regular expressions for the whole status.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Regex } from "../model/regex/regex";

@final
export class StatusPatterns {
  private numbers: Array<i32> = [];
  private expressions: Array<Regex> = [];

  /** Adds one pattern; "" or what is wrong with it. */
  add(pattern: View): string {
    const number = pattern.length == 3 ? pattern.toInteger() : -1;
    if (number >= 0) {
      this.numbers.push(<i32>number);
      return "";
    }
    const whole = new Buffer(pattern.length + 8);
    whole.ascii("^(?:");
    whole.view(pattern);
    whole.ascii(")$");
    const regex = Regex.compile(whole.toView());
    if (regex.error.length > 0) return "not a regular expression that can be used: " + regex.error;
    this.expressions.push(regex);
    return "";
  }

  /**
   * True for a status of three digits that one of the patterns names. Expressions such as `4.*` never cover the mistakes of
   * clients: a few bad requests would else take every key out of use.
   */
  has(status: i32): bool {
    if (this.numbers.includes(status)) return true;
    if (this.expressions.length == 0 || isClientMistake(status)) return false;
    const text = new Buffer(8);
    text.integer(status);
    for (let k = 0; k < this.expressions.length; k++) if (this.expressions[k].matches(text.toView())) return true;
    return false;
  }
}

/** What the same request would get with every key: bad request, not found, wrong method, size, type or content. */
function isClientMistake(status: i32): bool {
  return status == 400 || status == 404 || status == 405 || status == 413 || status == 415 || status == 422;
}
