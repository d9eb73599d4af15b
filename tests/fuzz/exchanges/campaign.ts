// A run of whole exchanges: two VMs in step, one that gets every message whole and one that gets it in pieces, each with every
// setup in it. They are made anew every `LIFE` exchanges, and their memory is looked at before.
import { readFileSync } from "node:fs";
import { loadPlugin } from "../../../emulator/module";
import type { Host, Plugin } from "../../../emulator/host";
import { Random } from "../random";
import { difference, judge } from "./judge";
import type { Input } from "./input";
import { loadSources, makeInput } from "./make";
import { run } from "./run";

/** Exchanges that a VM serves. */
const LIFE = 10_000;
/** Bytes of memory that a VM may have at its end; bodies are of at most 64 KiB. */
const MAX_MEMORY = 24 << 20;
const WARM = 2_000;
/** Growth after the first WARM exchanges. */
const MAX_GROWTH = 8 << 20;
const TICK_EVERY = 50;

export interface Finding {
  run: number;
  problems: string[];
  input: Input;
  /** It happens in VMs of its own too, so that `input` is all that is needed. */
  isAlone: boolean;
}

class Vm {
  private readonly plugins = new Map<string, Plugin>();
  constructor(readonly host: Host) {}

  static async make(): Promise<Vm> {
    return new Vm(await loadPlugin({ logLevel: "critical" }));
  }

  plugin(config: string): Plugin {
    let plugin = this.plugins.get(config);
    if (plugin === undefined) {
      plugin = this.host.configure(config);
      if (!plugin.ok) throw new Error(`the plugin refuses a setup: ${config}`);
      this.plugins.set(config, plugin);
    }
    return plugin;
  }

  tick(milliseconds: number): void {
    this.host.clock.advance?.(milliseconds);
    for (const plugin of this.plugins.values()) if (plugin.tickPeriodMs > 0) plugin.tick();
  }
}

/** Both runs of one exchange in fresh VMs: what is wrong. */
export async function tryInput(input: Input, cutSeeds: number[] = [1, 2, 3]): Promise<string[]> {
  const problems: string[] = [];
  for (const seed of cutSeeds) {
    const [whole, cut] = [await Vm.make(), await Vm.make()];
    problems.push(...both(whole, cut, input, new Random(seed)));
  }
  return [...new Set(problems)];
}

function both(whole: Vm, cut: Vm, input: Input, cuts: Random): string[] {
  const one = run(whole.host, whole.plugin(input.config), input, null);
  const found = judge(whole.host, input, one);
  const other = run(cut.host, cut.plugin(input.config), input, cuts);
  found.push(...judge(cut.host, input, other).map((problem) => `in pieces: ${problem}`));
  const change = difference(one, other);
  if (change !== "") found.push(change);
  return found;
}

/** Problems of one kind are told once. */
const kindOf = (problem: string) =>
  problem
    .replace(/^in pieces: /, "")
    .replace(/(:|\||\s+as \{).*/s, "")
    .replace(/\d+/g, "n");

export class Campaign {
  executions = 0;
  peakBytes = 0;
  readonly perSetup = new Map<string, number>();
  /** The first of each kind. */
  readonly findings: Finding[] = [];
  readonly kinds = new Map<string, number>();
  private readonly random: Random;
  private readonly source = loadSources();
  private vms: [Vm, Vm] | null = null;
  private born = 0;
  private warmBytes = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  async step(): Promise<void> {
    const [whole, cut] = (this.vms ??= [await Vm.make(), await Vm.make()]);
    const input = makeInput(this.random, this.source.sources, this.source.all);
    const cuts = new Random(this.random.below(2 ** 31));
    const problems = both(whole, cut, input, cuts);
    const at = ++this.executions;
    this.perSetup.set(input.setup, (this.perSetup.get(input.setup) ?? 0) + 1);
    if (at % TICK_EVERY === 0) for (const vm of [whole, cut]) vm.tick(1 + (at % 1500));
    if (at - this.born === WARM) this.warmBytes = this.memory();
    if (at - this.born >= LIFE) problems.push(...this.endOfLife());
    if (problems.length === 0) return;
    // The state of the two may differ from now on.
    this.renew();
    const kind = kindOf(problems[0]);
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    if (this.kinds.get(kind) !== 1) return;
    const alone = await tryInput(input);
    this.findings.push({ run: at, problems, input, isAlone: alone.length > 0 });
  }

  private memory(): number {
    return Math.max(...(this.vms ?? []).map((vm) => vm.host.memoryBytes));
  }

  private renew(): void {
    this.peakBytes = Math.max(this.peakBytes, this.memory());
    this.vms = null;
    this.born = this.executions;
  }

  /** Nothing is held, counted or alive any more, and memory is what it was. */
  private endOfLife(): string[] {
    const problems: string[] = [];
    for (const { host } of this.vms ?? []) {
      for (const gauge of ["ai_proxy.held_bytes", "ai_proxy.requests_in_flight", "ai_proxy.streams_in_flight"]) {
        const value = host.metrics.value(gauge) ?? 0;
        if (value !== 0) problems.push(`${gauge} is ${value} when all exchanges have ended`);
      }
      const contexts = host.liveContexts.length;
      if (contexts > this.source.sources.length) problems.push(`${contexts} contexts are left`);
    }
    const bytes = this.memory();
    if (bytes > MAX_MEMORY) problems.push(`memory of ${bytes} bytes`);
    if (bytes - this.warmBytes > MAX_GROWTH) problems.push(`memory grew from ${this.warmBytes} to ${bytes} bytes`);
    this.renew();
    return problems;
  }
}

const REPORT_EVERY_MS = 15_000;
const MAX_FINDINGS = 20;

/** `npm run fuzz -- exchanges EXCHANGES [SEED]`, or `exchanges FILE` for one input; the exit code. */
export async function main(args: string[]): Promise<number> {
  const [runs, seed = "1"] = args;
  if (runs?.endsWith(".json")) {
    const problems = await tryInput(JSON.parse(readFileSync(runs, "utf8")) as Input);
    console.log(problems.length === 0 ? "nothing is wrong" : problems.join("\n"));
    return problems.length === 0 ? 0 : 1;
  }
  if (!(Number(runs) >= 0)) {
    console.error("usage: fuzz exchanges EXCHANGES [SEED] | fuzz exchanges FILE.json");
    return 2;
  }
  const campaign = new Campaign(Number(seed));
  const started = performance.now();
  let reported = started;
  while (campaign.executions < Number(runs) && campaign.findings.length < MAX_FINDINGS) {
    const before = campaign.findings.length;
    await campaign.step();
    for (const finding of campaign.findings.slice(before)) print(finding);
    if (performance.now() - reported < REPORT_EVERY_MS) continue;
    reported = performance.now();
    console.error(summary(campaign, started));
  }
  console.log(summary(campaign, started));
  return campaign.findings.length > 0 ? 1 : 0;
}

function print({ run: at, problems, input, isAlone }: Finding): void {
  const how = isAlone ? "an input for tests/fuzz/exchanges/found/" : "does not happen alone: run the same seed";
  console.log(`exchange ${at}, ${input.setup} (${how}):\n  ${problems.join("\n  ")}\n${JSON.stringify(input)}\n`);
}

function summary(campaign: Campaign, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const { executions, findings, kinds, peakBytes, perSetup } = campaign;
  return JSON.stringify({
    exchanges: executions,
    setups: perSetup.size,
    seconds: Math.round(seconds),
    perSecond: Math.round(executions / seconds),
    peakMiB: Math.ceil(peakBytes / (1 << 20)),
    findings: findings.length,
    ...(kinds.size > 0 ? { kinds: Object.fromEntries(kinds) } : {}),
  });
}
