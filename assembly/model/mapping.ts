// The operator's table from the model a client names to the model a provider knows. One order for every request: exact
// name, longest prefix, regular expressions as listed, then the fallback.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Regex, expressionMistake } from "./regex/regex";

/** Largest name that an expression may produce; a longer one is dropped and the client's name stays. */
const MAX_NAME_BYTES: i32 = 4096;

@final
class Entry {
  hash: u32;

  constructor(
    /** The name, the prefix without its star, or the expression without its tilde. */
    public key: View,
    public value: View,
    public regex: Regex | null = null,
  ) {
    this.hash = key.hash();
  }
}

const NO_ENTRIES: Array<Entry> = [];
/** Where an expression writes its result before it is copied out. */
const result: Buffer = new Buffer(64, MAX_NAME_BYTES);

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
  private exact: Array<Entry> = NO_ENTRIES;
  private prefixes: Array<Entry> = NO_ENTRIES;
  private expressions: Array<Entry> = NO_ENTRIES;
  private hasFallback: bool = false;
  private fallback: View = View.empty();

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
    const owned = kept(value);
    if (key.at(0) == Ascii.Tilde) this.addExpression(kept(key.slice(1, key.length)), owned);
    else if (key.equals("*")) {
      this.hasFallback = true;
      this.fallback = owned;
    } else if (key.endsWith("*")) this.prefixes = put(this.prefixes, new Entry(kept(key.slice(0, key.length - 1)), owned));
    else this.exact = put(this.exact, new Entry(kept(key), owned));
  }

  private addExpression(pattern: View, value: View): void {
    const regex = Regex.compile(pattern);
    if (pattern.length == 0 || regex.error.length > 0) return;
    this.expressions = put(this.expressions, new Entry(pattern, value, regex));
  }

  /** To be called after the last `add`: puts longer prefixes first. */
  finish(): void {
    if (this.prefixes.length > 1) this.prefixes.sort((left: Entry, right: Entry): i32 => right.key.length - left.key.length);
  }

  /** True when no entry was added. */
  get isEmpty(): bool {
    return this.exact.length + this.prefixes.length + this.expressions.length == 0 && !this.hasFallback;
  }

  /** What a request without a model gets: the value of `*`, empty when there is none. */
  get defaultModel(): View {
    return this.fallback;
  }

  /** True when `model` itself is a key, whatever its value. */
  hasExact(model: View): bool {
    return find(this.exact, model) >= 0;
  }

  /** True when an entry applies to `model`, there are none at all, or the expressions took too long to tell. */
  covers(model: View): bool {
    if (this.hasFallback || this.isEmpty || this.hasExact(model)) return true;
    for (let k = 0; k < this.prefixes.length; k++) if (model.hasAt(0, this.prefixes[k].key)) return true;
    Regex.begin();
    for (let k = 0; k < this.expressions.length; k++) {
      const regex = this.expressions[k].regex;
      result.clear();
      if (regex !== null && regex.replaceAll(model, View.empty(), result, true)) return true;
    }
    return Regex.isExhausted;
  }

  /** True when the operator wrote this name, as a key or as a value. O(entries). */
  knows(model: View): bool {
    if (this.hasExact(model) || (this.hasFallback && this.fallback.sameAs(model))) return true;
    return hasValue(this.exact, model) || hasValue(this.prefixes, model) || hasValue(this.expressions, model);
  }

  /**
   * The provider's name for `model`, stored in the mapping or, from an expression, a new copy; `model` itself when no
   * entry applies. An entry with an empty value applies too: it keeps the client's name and ends the search. An
   * expression is searched anywhere in the name and every match is replaced (anchor it to replace the whole name); a
   * result that is empty or larger than MAX_NAME_BYTES keeps the client's name. Only expressions allocate. All expressions share one
   * budget of steps, because it is the client who chooses the name: once it is used up, tookTooLong() says so.
   */
  map(model: View): View {
    const index = find(this.exact, model);
    if (index >= 0) return nonEmpty(this.exact[index].value, model);
    for (let k = 0; k < this.prefixes.length; k++) {
      if (model.hasAt(0, this.prefixes[k].key)) return nonEmpty(this.prefixes[k].value, model);
    }
    if (this.expressions.length > 0) Regex.begin();
    for (let k = 0; k < this.expressions.length; k++) {
      const entry = this.expressions[k];
      const regex = entry.regex;
      result.clear();
      if (regex === null || !regex.replaceAll(model, entry.value, result, true)) {
        if (!Regex.isExhausted) continue;
        undecided = true;
        return model;
      }
      if (entry.value.length == 0 || result.length == 0 || result.overflow) return model;
      return result.toView().copy();
    }
    return nonEmpty(this.fallback, model);
  }
}

/** What is wrong with a key, "" for nothing: only an expression can be. */
export function keyMistake(key: View): string {
  if (key.at(0) != Ascii.Tilde) return "";
  if (key.length == 1) return "the key ~ must be followed by a regular expression";
  return expressionMistake(key.slice(1, key.length));
}

/** Adds an entry, or replaces the value of the one with the same key. */
function put(entries: Array<Entry>, entry: Entry): Array<Entry> {
  const index = find(entries, entry.key);
  if (index >= 0) {
    entries[index].value = entry.value;
    return entries;
  }
  const list: Array<Entry> = entries === NO_ENTRIES ? new Array<Entry>() : entries;
  list.push(entry);
  return list;
}

function kept(view: View): View {
  return view.owner === null ? view.copy() : view;
}

/** The index of the entry with this key, or -1. */
function find(entries: Array<Entry>, key: View): i32 {
  const hash = key.hash();
  for (let k = 0; k < entries.length; k++) {
    if (entries[k].hash == hash && entries[k].key.sameAs(key)) return k;
  }
  return -1;
}

function hasValue(entries: Array<Entry>, value: View): bool {
  for (let k = 0; k < entries.length; k++) if (entries[k].value.sameAs(value)) return true;
  return false;
}

function nonEmpty(value: View, otherwise: View): View {
  return value.length > 0 ? value : otherwise;
}
