// The rate limit service with its Redis, as far as budgets are concerned: counts that all gateways share, reached after a delay, or
// not at all for a while.
import type { Chance, Timeline } from "./events";

export interface ServiceOptions {
  /** Mean of the time to the service and back, in milliseconds; exponential. */
  delayMs: number;
  /** From, to: milliseconds of the simulation without a response. */
  outage: [number, number] | null;
  /** What the filter does without a response (`failure_mode_deny` of Envoy's rate limit filter). */
  deniesWithout: boolean;
}

/** Envoy's filter waits so long for the service (deploy/envoy/ratelimit.yaml). */
const TIMEOUT_MS = 500;

export class SharedCounts {
  used = 0;
  /** Additions that never arrived. */
  lost = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly chance: Chance,
    private readonly limit: number,
    private readonly options: ServiceOptions,
  ) {}

  /** Asks whether a request may pass; it adds nothing (`hits_addend` 0), so that it passes while the used tokens are not above the limit. */
  check(then: (admitted: boolean) => void): void {
    if (this.isOut) {
      this.timeline.after(TIMEOUT_MS, () => then(!this.options.deniesWithout));
      return;
    }
    const delay = this.delay();
    // The service decides half-way.
    this.timeline.after(delay / 2, () => {
      const admitted = this.used <= this.limit;
      this.timeline.after(delay / 2, () => then(admitted));
    });
  }

  /** Adds what a finished exchange used (`apply_on_stream_done`). Nobody waits for it. */
  add(tokens: number): void {
    if (this.isOut) this.lost += tokens;
    else this.timeline.after(this.delay() / 2, () => (this.used += tokens));
  }

  private get isOut(): boolean {
    const { outage } = this.options;
    return outage !== null && this.timeline.now >= outage[0] && this.timeline.now < outage[1];
  }

  private delay(): number {
    return this.chance.exponential(this.options.delayMs);
  }
}
