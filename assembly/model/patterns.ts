// Which of many lists of patterns take a model, found without asking each list: exact names and prefixes lie in one sorted list, in which
// all that a name begins with hang together. The patterns are those of modelMapping (mapping.ts).

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { Regex } from "./regex/regex";
import { isFoundIn } from "./mapping";

/** A name, or a prefix, of the list with the number `owner`. */
@final
class Name {
  /** The longest other one that this begins with, -1 for none. */
  parent: i32 = -1;

  constructor(
    public text: View,
    public isPrefix: bool,
    public owner: i32,
  ) {}
}

@final
class Expression {
  constructor(
    public regex: Regex,
    public owner: i32,
  ) {}
}

/** The patterns of all lists; find() keeps its result until the next one. */
@final
export class ModelPatterns {
  private names: Array<Name> = [];
  private expressions: Array<Expression> = [];
  /** Owners that the last find() found, in order. */
  readonly found: Array<i32> = [];
  /** The last find() gave up on the expressions: the model may be one of theirs. */
  isUndecided: bool = false;

  /** Adds a pattern (keyMistake() has nothing to say of it) but `*`, which everything has. `pattern` is kept. */
  add(pattern: View, owner: i32): void {
    const size = pattern.length;
    if (pattern.at(0) == Ascii.Tilde) this.expressions.push(new Expression(Regex.compile(pattern.slice(1, size)), owner));
    else if (pattern.endsWith("*")) this.names.push(new Name(pattern.slice(0, size - 1), true, owner));
    else this.names.push(new Name(pattern, false, owner));
  }

  /** To be called after the last `add`. */
  finish(): void {
    const names = this.names;
    names.sort((left: Name, right: Name): i32 => compared(left.text, right.text));
    for (let k = 1; k < names.length; k++) {
      let parent = k - 1;
      while (parent >= 0 && !names[k].text.hasAt(0, names[parent].text)) parent = names[parent].parent;
      names[k].parent = parent;
    }
  }

  /** Finds the owners of patterns that take `model`. O(log patterns), and O(expressions), which share one budget of steps. */
  find(model: View): void {
    this.found.length = 0;
    const names = this.names;
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compared(names[middle].text, model) <= 0) low = middle + 1;
      else high = middle;
    }
    // Whatever the model begins with stands before it in the list, and so do all that begin with that.
    for (let k = low - 1; k >= 0; k = names[k].parent) {
      const name = names[k];
      if (model.hasAt(0, name.text) && (name.isPrefix || name.text.length == model.length)) this.note(name.owner);
    }
    this.findExpressions(model);
  }

  private findExpressions(model: View): void {
    this.isUndecided = false;
    if (this.expressions.length != 0) Regex.begin();
    for (let k = 0; k < this.expressions.length; k++) {
      const expression = this.expressions[k];
      if (isFoundIn(expression.regex, model)) this.note(expression.owner);
      else if (Regex.isExhausted) {
        this.isUndecided = true;
        return;
      }
    }
  }

  /** Puts an owner into its place among those that were found; there are few. */
  private note(owner: i32): void {
    const found = this.found;
    let place = found.length;
    while (place > 0 && found[place - 1] >= owner) place--;
    if (place < found.length && found[place] == owner) return;
    found.push(owner);
    for (let k = found.length - 1; k > place; k--) found[k] = found[k - 1];
    found[place] = owner;
  }
}

/** Below 0 when `left` stands before `right`, byte by byte. */
export function compared(left: View, right: View): i32 {
  const size = min(left.length, right.length);
  for (let k = 0; k < size; k++) {
    const difference = left.at(k) - right.at(k);
    if (difference != 0) return difference;
  }
  return left.length - right.length;
}
