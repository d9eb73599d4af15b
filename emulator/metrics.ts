// Counters, gauges and histograms with Envoy's ids: the lower two bits are the type, every definition makes a new id.
import { Status } from "./abi";

export type MetricKind = "counter" | "gauge" | "histogram";
const KINDS: readonly MetricKind[] = ["counter", "gauge", "histogram"];

interface Metric {
  name: string;
  kind: MetricKind;
  value: bigint;
  samples: number[];
}

export class Metrics {
  private readonly byName = new Map<string, Metric>();
  private readonly byId = new Map<number, Metric>();
  private readonly lastId = [0, 1, 2];

  constructor(private readonly complain: (message: string) => void) {}

  /** Returns the new id, or -1 for an unknown type. */
  define(type: number, name: string): number {
    const kind = KINDS[type];
    if (kind === undefined) {
      this.complain(`metric ${name} has the unknown type ${type}`);
      return -1;
    }
    const old = this.byName.get(name);
    if (old !== undefined && old.kind !== kind) this.complain(`metric ${name} is a ${old.kind} and was defined again as a ${kind}`);
    const metric = old ?? { name, kind, value: 0n, samples: [] };
    this.byName.set(name, metric);
    const id = (this.lastId[type] += 4);
    this.byId.set(id, metric);
    return id;
  }

  increment(id: number, offset: bigint): number {
    const metric = this.find(id);
    if (metric === null) return Status.NotFound;
    if (metric.kind === "histogram") {
      this.complain(`histogram ${metric.name} was incremented`);
      return Status.BadArgument;
    }
    if (metric.kind === "counter" && offset <= 0n) return Status.BadArgument;
    metric.value += offset;
    return Status.Ok;
  }

  record(id: number, value: bigint): number {
    const metric = this.find(id);
    if (metric === null) return Status.NotFound;
    if (metric.kind === "histogram") metric.samples.push(Number(value));
    else metric.value = metric.kind === "counter" ? metric.value + value : value;
    return Status.Ok;
  }

  /** The value, or the status that says why there is none. */
  read(id: number): bigint | number {
    const metric = this.find(id);
    if (metric === null) return Status.NotFound;
    return metric.kind === "histogram" ? Status.BadArgument : metric.value;
  }

  private find(id: number): Metric | null {
    const metric = this.byId.get(id);
    if (metric === undefined) this.complain(`metric id ${id} was never defined`);
    return metric ?? null;
  }

  /** Value of a counter or gauge by its name; undefined when it was never defined. */
  value(name: string): number | undefined {
    const metric = this.byName.get(name);
    return metric === undefined || metric.kind === "histogram" ? undefined : Number(metric.value);
  }

  /** Counters by the end of their names, with all of their digits. */
  exact(suffix: string): [name: string, value: bigint][] {
    const found = [...this.byName.values()].filter((metric) => metric.kind === "counter" && metric.name.endsWith(suffix));
    return found.map((metric) => [metric.name, metric.value]);
  }

  /** What a histogram was given, in order. */
  samples(name: string): number[] {
    return [...(this.byName.get(name)?.samples ?? [])];
  }

  /** All counters and gauges, and histograms as their lists of samples. */
  snapshot(): Record<string, number | number[]> {
    const all = [...this.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    return Object.fromEntries(all.map((metric) => [metric.name, metric.kind === "histogram" ? [...metric.samples] : Number(metric.value)]));
  }

  /** How many ids were handed out: every definition costs memory in Envoy. */
  get definitions(): number {
    return this.byId.size;
  }
}
