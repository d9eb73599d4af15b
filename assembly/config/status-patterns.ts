// The statuses that an operator counts as failures: numbers, or regular expressions for the whole status.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Regex, expressionMistake } from "../model/regex/regex";

@final
export class StatusPatterns {
  private numbers: Array<i32> = [];
  private expressions: Array<Regex> = [];

  /** Adds one pattern; one with a mistake (patternMistake) covers nothing. */
  add(pattern: View): void {
    const number = numberOf(pattern);
    if (number >= 0) this.numbers.push(number);
    else this.expressions.push(Regex.compile(whole(pattern)));
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

/** What is wrong with a pattern, "" for nothing. */
export function patternMistake(pattern: View): string {
  return numberOf(pattern) >= 0 ? "" : expressionMistake(whole(pattern));
}

/** The status that the pattern is, or -1 for an expression. */
function numberOf(pattern: View): i32 {
  return pattern.length == 3 ? <i32>pattern.toInteger() : -1;
}

/** The expression for the whole of a status. */
function whole(pattern: View): View {
  const out = new Buffer(pattern.length + 8);
  out.wrap("^(?:", pattern, ")$");
  return out.toView();
}

/** What the same request would get with every key: bad request, not found, wrong method, size, type or content. */
function isClientMistake(status: i32): bool {
  return status == 400 || status == 404 || status == 405 || status == 413 || status == 415 || status == 422;
}
