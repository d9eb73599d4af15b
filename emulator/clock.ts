// A clock that stands still until a test moves it.

export interface Clock {
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** Moves the clock on, where it can be moved. */
  advance?(milliseconds: number): void;
}

/** 2026-01-02T03:04:05Z. */
const START = 1_767_323_045_000_000_000n;

export class FixedClock implements Clock {
  private nanoseconds: bigint;

  constructor(start: bigint = START) {
    this.nanoseconds = start;
  }

  now(): bigint {
    return this.nanoseconds;
  }

  advance(milliseconds: number): void {
    this.nanoseconds += BigInt(Math.round(milliseconds * 1e6));
  }
}
