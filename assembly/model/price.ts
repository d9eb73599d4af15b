// What models cost, as the operator writes it. Names are found as those of a model mapping; nothing is known beforehand.

import { View } from "../bytes/view";
import { plus, times } from "../json/decimal";
import { ModelMapping, tookTooLong } from "./mapping";

/** What is priced; the schema lists the fields in this order. */
export const enum Rate {
  /** By the million tokens, each token under one of them. */
  Input,
  CachedInput,
  CacheWrite,
  CacheWriteHour,
  ImageInput,
  AudioInput,
  Output,
  Reasoning,
  ImageOutput,
  AudioOutput,
  /** For one. */
  Image,
  Request,
  Count,
}

/** The rate that holds where one is not given, -1 for none. */
const IN_PLACE: StaticArray<i32> = [-1, 0, 0, 2, 0, 0, -1, 6, 6, 6, -1, -1];

/** One row of `prices`. */
@final
export class Price {
  /** Not empty, once the configuration is read. */
  currency: View = View.empty();
  /** By Rate, in 10^-6 of the currency: for a token that is 10^-12. -1 until finish(). */
  private rates: StaticArray<i64> = new StaticArray<i64>(Rate.Count).fill(-1);

  /** Sets a rate in 10^-6 of the currency. */
  put(rate: i32, micros: i64): void {
    if (<u32>rate < <u32>Rate.Count) this.rates[rate] = micros;
  }

  /** To be called after the last put(): rates that were not given are those in their place. */
  finish(): void {
    for (let k = 0; k < Rate.Count; k++) {
      if (this.rates[k] < 0) this.rates[k] = IN_PLACE[k] < 0 ? 0 : this.rates[IN_PLACE[k]];
    }
  }

  /** True when tokens cost something. */
  get countsTokens(): bool {
    for (let k = 0; k < Rate.Image; k++) if (this.rates[k] > 0) return true;
    return false;
  }

  /** What `count` (not below 0) of a kind cost, in 10^-12 of the currency; cut to the largest i64. */
  of(rate: i32, count: i64): i64 {
    const each = <u32>rate < <u32>Rate.Count ? this.rates[rate] : 0;
    return times(rate < Rate.Image ? each : times(each, 1_000_000), count);
  }

  /** What all of it costs: `counts` by Rate. */
  sum(counts: StaticArray<i64>): i64 {
    let cost: i64 = 0;
    for (let k = 0; k < Rate.Count && k < counts.length; k++) cost = plus(cost, this.of(k, counts[k]));
    return cost;
  }
}

/** One list of prices. */
@final
export class PriceList {
  private names: ModelMapping = ModelMapping.empty();
  /** By the number of the name. */
  private prices: Array<Price> = [];

  get isEmpty(): bool {
    return this.prices.length == 0;
  }

  /** Adds a name or pattern, once each. */
  add(name: View, price: Price): void {
    this.names.add(name, View.empty());
    this.prices.push(price);
  }

  /** Adds those that are no patterns to `names`. */
  listNames(names: Array<View>): void {
    this.names.listNames(names);
  }

  /** The price of a model: exact name, longest prefix, expressions as listed, `*`. Null for none. */
  find(model: View): Price | null {
    if (this.prices.length == 0 || model.length == 0) return null;
    const index = this.names.indexOf(model);
    // Expressions that take too long find nothing.
    tookTooLong();
    return <u32>index < <u32>this.prices.length ? this.prices[index] : null;
  }
}

/** Where no prices are given. Never changed. */
export const NO_PRICES: PriceList = new PriceList();
