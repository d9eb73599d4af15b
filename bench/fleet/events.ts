// Time that jumps from one event to the next, and chance that repeats itself.
import { FixedClock } from "../../emulator/host";
import { Random } from "../../tests/fuzz/random";

interface Event {
  at: number;
  /** Events of one moment run in the order in which they were asked for. */
  order: number;
  run: () => void;
}

/** A simulated clock with what is to happen, in milliseconds since the simulation's begin. */
export class Timeline {
  readonly clock: FixedClock;
  now = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  /** @param start Nanoseconds since 1970. */
  constructor(start: bigint) {
    this.clock = new FixedClock(start);
  }

  after(milliseconds: number, run: () => void): void {
    const { heap } = this;
    heap.push({ at: this.now + milliseconds, order: this.order++, run });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) break;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  /** Runs everything up to this time. */
  runUntil(end: number): void {
    while (this.heap.length > 0 && this.heap[0].at <= end) {
      const next = this.pop();
      // The clock of the gateways has whole nanoseconds and must not fall behind by rounding.
      this.clock.advance(next.at - this.now);
      this.now = next.at;
      next.run();
    }
  }

  private pop(): Event {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heap.length && isBefore(heap[left], heap[least])) least = left;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

const isBefore = (one: Event, other: Event) => one.at < other.at || (one.at === other.at && one.order < other.order);

/** Waiting times and lengths that can be had again. */
export class Chance extends Random {
  /** Waiting times of events that come by themselves. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Lengths and times of responses: most are short, some very long. `spread` is the deviation of the logarithm. */
  lognormal(mean: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return mean * Math.exp(spread * normal - (spread * spread) / 2);
  }
}
