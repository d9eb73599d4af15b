// Which model a request goes to: exact name, then the longest prefix, then regular expressions in list order, then `*`.
// Compiled at configure; the same request always gives the same answer.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Regex } from "./regex/regex";

@final
class Entry {
  constructor(
    /** The name, or the prefix without its star. */
    public key: View,
    /** Empty: the client's name is kept. */
    public target: View,
    public regex: Regex | null,
  ) {}
}

@final
export class ModelMapping {
  private exact: Map<u32, Array<Entry>> = new Map<u32, Array<Entry>>();
  /** Longest first once finish() has run. */
  private prefixes: Array<Entry> = [];
  private patterns: Array<Entry> = [];
  private fallback: Entry | null = null;

  static empty(): ModelMapping {
    return new ModelMapping();
  }

  /**
   * Adds an entry: `name`, `prefix*`, `~regex` or `*`. The bytes are copied. A key that is there already gets the new
   * value. Returns what is wrong, "" when it is fine.
   */
  add(key: View, value: View): string {
    const target = value.copy();
    if (key.at(0) == 0x7e) {
      const pattern = key.slice(1, key.length);
      const regex = Regex.compile(pattern);
      if (regex.error.length > 0) return regex.error;
      put(this.patterns, new Entry(pattern.copy(), target, regex));
    } else if (key.length == 1 && key.at(0) == 0x2a) {
      this.fallback = new Entry(View.empty(), target, null);
    } else if (key.length > 1 && key.at(key.length - 1) == 0x2a) {
      put(this.prefixes, new Entry(key.slice(0, key.length - 1).copy(), target, null));
    } else {
      const hash = key.hash();
      if (!this.exact.has(hash)) this.exact.set(hash, []);
      put(this.exact.get(hash), new Entry(key.copy(), target, null));
    }
    return "";
  }

  /** To be called after the last add(). */
  finish(): void {
    this.prefixes.sort((left: Entry, right: Entry): i32 => right.key.length - left.key.length);
  }

  /** Target of `*`, for requests that name no model; empty when there is none. */
  get defaultModel(): View {
    const fallback = this.fallback;
    return fallback === null ? View.empty() : fallback.target;
  }

  /** The model for upstream; `model` itself when nothing applies. */
  map(model: View): View {
    const hash = model.hash();
    if (this.exact.has(hash)) {
      const entries = this.exact.get(hash);
      for (let k = 0; k < entries.length; k++) if (entries[k].key.sameAs(model)) return chosen(entries[k], model);
    }
    for (let k = 0; k < this.prefixes.length; k++) {
      if (model.hasAt(0, this.prefixes[k].key)) return chosen(this.prefixes[k], model);
    }
    for (let k = 0; k < this.patterns.length; k++) {
      const regex = this.patterns[k].regex;
      if (regex === null) continue;
      const out = new Buffer(model.length + 32, MAX_NAME);
      if (!regex.replaceAll(model, this.patterns[k].target, out)) continue;
      return this.patterns[k].target.length > 0 && out.length > 0 ? out.toView() : model;
    }
    const fallback = this.fallback;
    return fallback === null ? model : chosen(fallback, model);
  }
}

/** A model name that an expression may make. */
const MAX_NAME: i32 = 4096;

function chosen(entry: Entry, model: View): View {
  return entry.target.length > 0 ? entry.target : model;
}

function put(entries: Array<Entry>, entry: Entry): void {
  for (let k = 0; k < entries.length; k++) {
    if (!entries[k].key.sameAs(entry.key)) continue;
    entries[k] = entry;
    return;
  }
  entries.push(entry);
}
