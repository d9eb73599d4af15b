// The simulation of many gateways, in small: its clock and chance, and what it says of budgets whose result is known beforehand.
import { describe, expect, it } from "vitest";
import { Chance, Timeline } from "../../bench/fleet/events";
import { fleet, excess } from "../../bench/fleet/main";
import { simulate, type Fleet, type Outcome } from "../../bench/fleet/simulate";
import { pluginModule } from "../../emulator/module";

const small = fleet(3, 0.05);
const hour = (change: Partial<Fleet>): Promise<Outcome> => simulate(pluginModule(), { ...small, ...change });

describe("simulated time", () => {
  it("runs events in their order, those of one moment as they were asked for", () => {
    const timeline = new Timeline(0n);
    const seen: string[] = [];
    const chance = new Chance(1);
    const delays = Array.from({ length: 200 }, () => chance.below(50));
    delays.forEach((delay, at) => timeline.after(delay, () => seen.push(`${delay} ${at}`)));
    timeline.runUntil(100);
    const wanted = delays.map((delay, at) => ({ delay, at })).sort((one, other) => one.delay - other.delay || one.at - other.at);
    expect(seen).toEqual(wanted.map(({ delay, at }) => `${delay} ${at}`));
  });

  it("moves the gateways' clock, and stops where it is told to", () => {
    const timeline = new Timeline(1_000_000_000n);
    let ran = 0;
    timeline.after(1500, () => timeline.after(1000, () => ran++));
    timeline.runUntil(2000);
    expect([timeline.clock.now(), ran]).toEqual([2_500_000_000n, 0]);
  });

  it("draws means that were asked for", () => {
    const chance = new Chance(7);
    const mean = (draw: () => number) => Array.from({ length: 20_000 }, draw).reduce((sum, one) => sum + one, 0) / 20_000;
    expect(mean(() => chance.exponential(10)) / 10).toBeCloseTo(1, 1);
    expect(mean(() => chance.lognormal(10, 0.8)) / 10).toBeCloseTo(1, 1);
  });
});

describe("a budget over several gateways", () => {
  it("is not kept when each counts the whole of it for itself", async () => {
    const outcome = await hour({ service: null, ownLimit: small.limit });
    expect(outcome.refusedByGateway).toBe(0);
    expect(outcome.used).toBeGreaterThan(1.5 * small.limit);
  });

  it("is never exceeded when each counts its part, since prompts and responses are as long as was reserved", async () => {
    const outcome = await hour({ service: null, ownLimit: Math.floor(small.limit / 3) });
    expect(outcome.refusedByGateway).toBeGreaterThan(10);
    expect(excess(outcome, small.limit)).toBeLessThanOrEqual(0);
    expect(excess(outcome, small.limit)).toBeGreaterThan(-0.3);
  });

  it("is exceeded by what is under way when counts are shared", async () => {
    const outcome = await hour({});
    expect(outcome.refusedByService).toBeGreaterThan(10);
    expect(excess(outcome, small.limit)).toBeGreaterThan(0);
    // Few exchanges are under way at a time; each may have many times the mean of tokens.
    expect(outcome.used - small.limit).toBeLessThan(outcome.mostHeld * 10 * small.exchangeTokens);
  });

  it("is open or closed as configured while the counts are gone", async () => {
    const gone: [number, number] = [0, 3_600_000];
    const open = await hour({ service: { delayMs: 1, outage: gone, deniesWithout: false } });
    expect([open.refusedByService, open.used > 1.5 * small.limit]).toEqual([0, true]);
    const closed = await hour({ service: { delayMs: 1, outage: gone, deniesWithout: true } });
    expect([closed.admitted, closed.used]).toEqual([0, 0]);
  });
});
