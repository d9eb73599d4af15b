// Metric ids of one combination of route, cluster, model and consumer, and their names, written when first needed.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricType } from "../host/abi";
import * as host from "../host/host";
import { plus } from "../json/decimal";
import { SIGNALS, signalWord } from "../limit/abnormal";
import { count, defineCounter } from "./counters";
import { writeLabel } from "./labels";

/** Pairs of status and error that one series keeps apart. */
const MAX_ERRORS: i32 = 64;
/** Not defined yet. A metric that the host refused has -1 and is not tried again. */
export const UNDEFINED: i32 = -2;

/** Where the id of a metric stands in a series. */
export const enum Slot {
  InputTokens,
  OutputTokens,
  TotalTokens,
  ServiceDuration,
  DurationCount,
  FirstTokenDuration,
  StreamCount,
  Duration,
  FirstToken,
  /** By status class: 0 for no response, 1xx…5xx. */
  Requests,
  /** By the bit of limit/abnormal: Higress's form, then ours. */
  Signals = 15,
  OwnSignals = 21,
  Failures = 27,
  Count = 28,
}

/** A counter of errors. */
@final
class ErrorCounter {
  constructor(
    public status: i32,
    public error: string,
    public id: i32,
  ) {}
}

/** A counter of what one provider's responses cost in one currency. */
@final
class CostCounter {
  /** 10^-12 that the counter, which counts 10^-9, does not have yet. */
  rest: i64 = 0;

  constructor(
    public provider: string,
    public currency: View,
    public id: i32,
  ) {}
}

/** Ids of OpenTelemetry's metrics for one operation, provider and name that was asked for (gen-ai.ts). */
@final
export class GenAiIds {
  ids: StaticArray<i32> = [UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED];

  constructor(
    public operation: string,
    public provider: string,
    public asked: View,
    public error: string,
    public status: i32,
  ) {}
}

/** Each id is defined when it is first needed. */
@final
export class Series {
  ids: StaticArray<i32> = new StaticArray<i32>(Slot.Count);
  errors: Array<ErrorCounter> = [];
  costs: Array<CostCounter> = [];
  genAi: Array<GenAiIds> = [];
  /** The last name that was asked for and that this model answered: it is known already. */
  lastAsked: View = View.empty();

  constructor(
    public route: View,
    public cluster: View,
    /** Label values: the names, empty, or `other`. */
    public model: View,
    public consumer: View,
  ) {
    for (let k = 0; k < Slot.Count; k++) this.ids[k] = UNDEFINED;
  }

  /**
   * The host's id of our histogram, or the number of our counter, at `slot`; the name, which ends in the three parts, is written only
   * when it is new.
   */
  own(slot: i32, before: string, word: string, after: string, type: MetricType): i32 {
    if (this.ids[slot] == UNDEFINED) {
      const name = this.ownName();
      name.ascii(before);
      name.ascii(word);
      name.ascii(after);
      const isHistogram = type == MetricType.Histogram;
      this.ids[slot] = isHistogram ? host.defineMetric(type, name.toView()) : defineCounter(type, name.toView());
    }
    return this.ids[slot];
  }

  /** The number of Higress's counter at `slot`; its name ends in the two parts. */
  higress(slot: i32, before: string, word: string): i32 {
    if (this.ids[slot] == UNDEFINED) {
      const name = new Buffer(256);
      this.writeLabels(name, "");
      name.ascii(before);
      name.ascii(word);
      this.ids[slot] = defineCounter(MetricType.Counter, name.toView());
    }
    return this.ids[slot];
  }

  private ownName(): Buffer {
    const name = new Buffer(256);
    name.ascii("ai_proxy.");
    this.writeLabels(name, "~");
    return name;
  }

  /** Adds one to the counter of each signal in `bits` (limit/abnormal), in Higress's form too when that is written. */
  countSignals(bits: i32, isHigress: bool): void {
    for (let k = 0; k < SIGNALS; k++) {
      if ((bits & (1 << k)) == 0) continue;
      const word = signalWord(k);
      count(this.own(Slot.OwnSignals + k, ".~signal.", word, ".abnormal_total", MetricType.Counter), 1);
      if (isHigress) count(this.higress(Slot.Signals + k, ".metric.abnormal_", word), 1);
    }
  }

  private writeLabels(name: Buffer, mark: string): void {
    name.ascii(mark);
    name.ascii("route.");
    writeLabel(name, this.route);
    writePart(name, mark, "upstream.", this.cluster);
    writePart(name, mark, "model.", this.model);
    writePart(name, mark, "consumer.", this.consumer);
  }

  countError(status: i32, error: string): void {
    let id = this.errorId(status, error);
    if (id == UNDEFINED) {
      // A provider may answer with any three digits.
      const known = this.errors.length < MAX_ERRORS ? status : 0;
      id = this.errorId(known, error);
      if (id == UNDEFINED) id = this.defineError(known, error);
    }
    count(id, 1);
  }

  /** Counts 10^-12 of a currency in whole 10^-9; what is left over is counted with the next. */
  countCost(provider: string, currency: View, pico: i64): void {
    let counter: CostCounter | null = null;
    for (let k = 0; k < this.costs.length; k++) {
      if (this.costs[k].provider == provider && this.costs[k].currency.sameAs(currency)) counter = this.costs[k];
    }
    if (counter === null) {
      counter = this.defineCost(provider, currency);
      this.costs.push(counter);
    }
    const sum = plus(counter.rest, pico);
    counter.rest = sum % 1000;
    count(counter.id, sum / 1000);
  }

  private defineCost(provider: string, currency: View): CostCounter {
    const name = this.ownName();
    name.ascii(".~provider.");
    name.ascii(provider);
    writePart(name, "~", "currency.", currency);
    name.ascii(".cost_nano_total");
    return new CostCounter(provider, currency.copy(), defineCounter(MetricType.Counter, name.toView()));
  }

  private errorId(status: i32, error: string): i32 {
    for (let k = 0; k < this.errors.length; k++) {
      const one = this.errors[k];
      if (one.status == status && one.error == error) return one.id;
    }
    return UNDEFINED;
  }

  private defineError(status: i32, error: string): i32 {
    const name = this.ownName();
    name.ascii(".~status.");
    if (status > 0) name.integer(status);
    else name.ascii("none");
    name.ascii(".~error.");
    name.ascii(error);
    name.ascii(".errors_total");
    const id = defineCounter(MetricType.Counter, name.toView());
    this.errors.push(new ErrorCounter(status, error, id));
    return id;
  }
}

/** One more label of a name. `mark` is "" in Higress's names and those like them, else `~`. */
export function writePart(name: Buffer, mark: string, word: string, value: View): void {
  name.byte(Ascii.Dot);
  name.ascii(mark);
  name.ascii(word);
  writeLabel(name, value);
}
