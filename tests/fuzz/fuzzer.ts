// A coverage-guided fuzzer: inputs that take new branches are kept and mutated further. Chance is seeded, so the same number
// of runs from the same corpus finds the same.
import { mutate } from "./mutators";
import { MAX_INPUT, type Name, type Targets } from "./module";
import { ORACLES } from "./oracles";
import { Random } from "./random";

// Oracles refuse most inputs by an exception; nobody reads where it came from, and writing that down takes most of the time.
Error.stackTraceLimit = 0;

export interface Finding {
  problem: string;
  input: Buffer;
}

export class Fuzzer {
  readonly kept: Buffer[] = [];
  readonly findings: Finding[] = [];
  executions = 0;
  private readonly random: Random;

  constructor(
    private readonly targets: Targets,
    private readonly name: Name,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  /** Runs one input; keeps it when it is worth mutating, and when it finds a defect. */
  run(input: Buffer): string | null {
    this.executions++;
    const problem = this.judge(input);
    if (problem !== null) {
      // One of a kind is enough: numbers and texts apart.
      const kind = (text: string) => text.replace(/[\d"].*/s, "");
      if (!this.findings.some((one) => kind(one.problem) === kind(problem))) this.findings.push({ problem, input });
    }
    if (this.targets.isNew() && problem === null) this.kept.push(input);
    return problem;
  }

  private judge(input: Buffer): string | null {
    const { trap, code } = this.targets.run(this.name, input);
    if (trap !== null) return trap;
    return ORACLES[this.name](input, code, this.targets.out());
  }

  /** Later inputs are deeper in, so half of the choices fall on the last quarter; small ones run fast. */
  private choose(): Buffer {
    const { random, kept } = this;
    const first = random.chance(0.5) ? Math.floor(kept.length * 0.75) : 0;
    let chosen = kept[first + random.below(kept.length - first)];
    for (let tries = 0; tries < 2; tries++) {
      const other = kept[first + random.below(kept.length - first)];
      if (other.length < chosen.length && random.chance(0.8)) chosen = other;
    }
    return chosen;
  }

  /** One mutated input. */
  step(): string | null {
    const input = mutate(this.name, this.random, this.choose(), this.random.pick(this.kept));
    return this.run(Buffer.from(input.subarray(0, MAX_INPUT)));
  }

  /** The input with as much left out as its problem allows. */
  shrink({ problem, input }: Finding): Finding {
    const kind = problem.slice(0, 24);
    let best = { problem, input };
    for (let size = input.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at + size <= best.input.length;) {
        const tried = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)]);
        const found = this.judge(tried);
        if (found?.slice(0, 24) === kind) best = { problem: found, input: tried };
        else at += size;
      }
    }
    return best;
  }

  /** A small set of the inputs that takes every branch that all of them take: the smallest inputs first. */
  distil(inputs: Buffer[]): Buffer[] {
    const covered = new Set<number>();
    const chosen: Buffer[] = [];
    for (const input of [...inputs].sort((one, other) => one.length - other.length)) {
      if (this.judge(input) !== null) continue;
      const features = this.targets.features();
      if (features.every((feature) => covered.has(feature))) continue;
      for (const feature of features) covered.add(feature);
      chosen.push(input);
    }
    return chosen;
  }
}
