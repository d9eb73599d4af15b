// The operator's table from the model a client names to the model a provider knows. One order for every request: exact
// name, longest prefix, regular expressions as listed, then the fallback.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { Regex, expressionMistake } from "./regex/regex";

/** Largest name that an expression may produce; a longer one is dropped and the client's name stays. */
const MAX_NAME_BYTES: i32 = 4096;

@final
class Entry {
  /** Its number in the order of add(). */
  order: i32 = 0;
  regex: Regex | null = null;

  constructor(
    /** The name, the prefix without its star, or the expression without its tilde. */
    public key: View,
    public value: View,
  ) {}
}

/** Entries of one kind, found by their keys. */
@final
class Entries {
  readonly keys: TextIndex = new TextIndex();
  /** By the number of the key. */
  readonly list: Array<Entry> = [];

  /** Adds an entry, or replaces the value of the one with the same key. */
  put(entry: Entry): void {
    const index = this.keys.add(entry.key);
    if (index == this.list.length) this.list.push(entry);
    else this.list[index].value = entry.value;
  }
}

const NO_ENTRIES: Entries = new Entries();
/** Where an expression writes its result before it is copied out. */
const result: Buffer = Buffer.capped(64, MAX_NAME_BYTES);

let undecided: bool = false;

/**
 * True when the last map() gave up: the name that it answered is the client's own, and may be one that an entry is for. To be asked
 * once after each map(); false until the next one gives up.
 */
export function tookTooLong(): bool {
  const was = undecided;
  undecided = false;
  return was;
}

@final
export class ModelMapping {
  private exact: Entries = NO_ENTRIES;
  private prefixes: Entries = NO_ENTRIES;
  private expressions: Entries = NO_ENTRIES;
  private fallback: Entry | null = null;
  /** What the operator wrote as a value, once it was asked for. */
  private values: TextIndex | null = null;
  private added: i32 = 0;

  /** A mapping that leaves every name alone. */
  static empty(): ModelMapping {
    return new ModelMapping();
  }

  /**
   * Adds one entry; bytes that no view owns are copied. Keys: `~expression` (also when it ends in a star), `*`, `prefix*`, else a name;
   * a star elsewhere is a literal. Of equal keys the last value wins, at the place of the first. A key with a mistake (keyMistake)
   * is left out.
   */
  add(key: View, value: View): void {
    const isExpression = key.at(0) == Ascii.Tilde;
    const isPrefix = !isExpression && key.endsWith("*");
    if (this.exact === NO_ENTRIES) {
      this.exact = new Entries();
      this.prefixes = new Entries();
      this.expressions = new Entries();
    }
    const entry = new Entry(kept(key.slice(isExpression ? 1 : 0, isPrefix ? key.length - 1 : key.length)), kept(value));
    entry.order = this.added++;
    if (isExpression) this.addExpression(entry);
    else if (isPrefix && entry.key.length == 0) this.fallback = entry;
    else if (isPrefix) this.prefixes.put(entry);
    else this.exact.put(entry);
  }

  private addExpression(entry: Entry): void {
    const regex = Regex.compile(entry.key);
    if (entry.key.length == 0 || regex.error.length != 0) return;
    entry.regex = regex;
    this.expressions.put(entry);
  }

  /** True when no entry was added. */
  get isEmpty(): bool {
    return this.exact.list.length + this.prefixes.list.length + this.expressions.list.length == 0 && this.fallback === null;
  }

  /** What a request without a model gets: the value of `*`, empty when there is none. */
  get defaultModel(): View {
    const fallback = this.fallback;
    return fallback === null ? View.empty() : fallback.value;
  }

  /** True when `model` itself is a key, whatever its value. */
  hasExact(model: View): bool {
    return this.exact.keys.find(model) >= 0;
  }

  /** True when an entry applies to `model`, there are none at all, or the expressions took too long to tell. */
  covers(model: View): bool {
    return this.isEmpty || this.find(model) !== null || tookTooLong();
  }

  /** The number of the entry that applies to `model`, in the order of add(); -1 for none. As map(), it may give up. */
  indexOf(model: View): i32 {
    const entry = this.find(model);
    return entry === null ? -1 : entry.order;
  }

  /** The entry that applies to `model`; of an expression, what it makes of the name stands in `result`. */
  private find(model: View): Entry | null {
    const index = this.exact.keys.find(model);
    if (index >= 0) return this.exact.list[index];
    const prefix = this.prefixes.keys.findPrefix(model);
    if (prefix >= 0) return this.prefixes.list[prefix];
    const expressions = this.expressions.list;
    if (expressions.length != 0) Regex.begin();
    for (let k = 0; k < expressions.length; k++) {
      const entry = expressions[k];
      const regex = entry.regex;
      result.clear();
      if (regex !== null && regex.replaceAll(model, entry.value, result, true)) return entry;
      if (!Regex.isExhausted) continue;
      undecided = true;
      return null;
    }
    return this.fallback;
  }

  /** Adds the keys that are names to `names`. */
  listNames(names: Array<View>): void {
    const texts = this.exact.keys.texts;
    for (let k = 0; k < texts.length; k++) names.push(texts[k]);
  }

  /** True when the operator wrote this name, as a key or as a value. */
  knows(model: View): bool {
    let values = this.values;
    if (values === null) {
      values = new TextIndex();
      addValues(values, this.exact);
      addValues(values, this.prefixes);
      addValues(values, this.expressions);
      values.add(this.defaultModel);
      this.values = values;
    }
    return this.hasExact(model) || (model.length != 0 && values.find(model) >= 0);
  }

  /**
   * The provider's name for `model`, stored in the mapping or, from an expression, a new copy; `model` itself when no
   * entry applies. An entry with an empty value applies too: it keeps the client's name and ends the search. An
   * expression is searched anywhere in the name and every match is replaced (anchor it to replace the whole name); a
   * result that is empty or larger than MAX_NAME_BYTES keeps the client's name. Only expressions allocate. All expressions share one
   * budget of steps, because it is the client who chooses the name: once it is used up, tookTooLong() says so.
   */
  map(model: View): View {
    const entry = this.find(model);
    if (entry === null || entry.value.length == 0) return model;
    if (entry.regex === null) return entry.value;
    return result.length == 0 || result.overflow ? model : result.toView().copy();
  }
}

/** True when the expression is found anywhere in the model's name, within the budget that Regex.begin() has started. */
export function isFoundIn(regex: Regex, model: View): bool {
  result.clear();
  return regex.replaceAll(model, View.empty(), result, true);
}

/** What is wrong with a key, "" for nothing: only an expression can be. */
export function keyMistake(key: View): string {
  if (key.at(0) != Ascii.Tilde) return "";
  if (key.length == 1) return "the key ~ must be followed by a regular expression";
  return expressionMistake(key.slice(1, key.length));
}

function kept(view: View): View {
  return view.owner === null ? view.copy() : view;
}

function addValues(values: TextIndex, entries: Entries): void {
  for (let k = 0; k < entries.list.length; k++) values.add(entries.list[k].value);
}
