// Which of many lists of patterns take a model, found without asking each list. The patterns are those of modelMapping (mapping.ts).

import { Ascii } from "../bytes/ascii";
import { TextLists } from "../bytes/text-index";
import { View } from "../bytes/view";
import { Regex } from "./regex/regex";
import { isFoundIn } from "./mapping";

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
  private names: TextLists = new TextLists();
  private prefixes: TextLists = new TextLists();
  private expressions: Array<Expression> = [];
  /** Owners that the last find() found: lists, each in order; one owner may stand in several. */
  readonly found: Array<Array<i32>> = [];
  /** How many there are in all. */
  count: i32 = 0;
  /** The last find() gave up on the expressions: the model may be one of theirs. */
  isUndecided: bool = false;

  /** Adds a pattern (keyMistake() has nothing to say of it) but `*`, which everything has. `pattern` is kept; owners come in order. */
  add(pattern: View, owner: i32): void {
    const size = pattern.length;
    if (pattern.at(0) == Ascii.Tilde) this.expressions.push(new Expression(Regex.compile(pattern.slice(1, size)), owner));
    else if (pattern.endsWith("*")) this.prefixes.add(pattern.slice(0, size - 1), owner);
    else this.names.add(pattern, owner);
  }

  /** Finds the owners of patterns that take `model`. O(bytes of the model), and O(expressions), which share one budget of steps. */
  find(model: View): void {
    this.found.length = 0;
    this.count = 0;
    this.isUndecided = false;
    this.note(this.names.at(this.names.index.find(model)));
    const prefixes = this.prefixes.index;
    for (let k = prefixes.findPrefix(model); k >= 0; k = prefixes.findPrefix(model, prefixes.texts[k].length - 1)) {
      this.note(this.prefixes.at(k));
    }
    if (this.expressions.length != 0) Regex.begin();
    for (let k = 0; k < this.expressions.length; k++) {
      const expression = this.expressions[k];
      if (isFoundIn(expression.regex, model)) this.note([expression.owner]);
      else if (Regex.isExhausted) {
        this.isUndecided = true;
        return;
      }
    }
  }

  private note(owners: Array<i32>): void {
    this.found.push(owners);
    this.count += owners.length;
  }

  /** True when the last find() found the owner. */
  has(owner: i32): bool {
    for (let k = 0; k < this.found.length; k++) {
      const owners = this.found[k];
      let low = 0;
      let high = owners.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (owners[middle] < owner) low = middle + 1;
        else high = middle;
      }
      if (low < owners.length && owners[low] == owner) return true;
    }
    return false;
  }
}
