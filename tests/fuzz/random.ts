// Chance that can be had again: a seeded generator and choices made with it.

export class Random {
  constructor(private state: number) {}

  /** A number in [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** `bytes` in pieces of random sizes, at most about `pieces` of them. */
  cut(bytes: Buffer, pieces: number): Buffer[] {
    const ends = Array.from({ length: this.below(pieces) }, () => this.below(bytes.length + 1)).sort((one, other) => one - other);
    return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
  }
}
