// JSON that has come to harm, for tests of translators: of a wrong shape, or hardly JSON any more. The same in every run.
import { expect } from "vitest";
import { Random } from "../fuzz/random";

const ODD = [null, true, 0, -1, 1e300, "", "x", "\ud800", [], {}, [[]], { a: null }, "function", "data:;base64,x", 9007199254740992];
const ALPHABET = '{}[]",:\\0123456789eE+-.ntfu \u0000\u00ff\n';

export class BrokenJson {
  private random: Random;

  /** `names`: values that mean something to the dialect, to stand in wrong places. */
  constructor(
    seed: number,
    private names: unknown[] = [],
  ) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** Valid JSON of a wrong shape: some values are replaced, removed or doubled. */
  reshape(text: string): string {
    return JSON.stringify(this.visit(JSON.parse(text)));
  }

  private visit(value: unknown): unknown {
    if (this.below(25) === 0) return this.random.pick([...ODD, ...this.names]);
    if (Array.isArray(value)) {
      return value.flatMap((item) => {
        const copies = this.below(20) === 0 ? 0 : this.below(20) === 0 ? 2 : 1;
        return Array.from({ length: copies }, () => this.visit(item));
      });
    }
    if (!value || typeof value !== "object") return value;
    const kept = Object.entries(value).filter(() => this.below(25));
    return Object.fromEntries(kept.map(([key, item]) => [key, this.visit(item)]));
  }

  /** A wrong shape, if it is an object, or characters lost, put in, changed or repeated. */
  mutate(text: string): string {
    if (text.startsWith("{") && this.below(2)) return this.reshape(text);
    const characters = [...text];
    for (let edits = 1 + this.below(4); edits > 0; edits--) {
      const at = this.below(characters.length);
      const other = ALPHABET[this.below(ALPHABET.length)];
      const kind = this.below(4);
      if (kind === 0) characters.splice(at, 1 + this.below(8));
      else if (kind === 1) characters.splice(at, 0, other);
      else if (kind === 2) characters[at] = other;
      else characters.splice(at, 0, ...characters.slice(this.below(characters.length), this.below(characters.length)));
    }
    return characters.join("");
  }
}

/** Fails when `text` is no JSON. */
export function expectJson(text: string): void {
  expect(() => JSON.parse(text), text).not.toThrow();
}
