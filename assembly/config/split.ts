// Where the requests of one rule go: to one place, or by weight to one of several.

import { View } from "../bytes/view";
import { ModelMapping } from "../model/mapping";
import { ProviderSource } from "./provider-source";

/** One place. */
@final
export class Side {
  /** In logs, metrics and filter state; empty when the rule has no others. */
  name: View = View.empty();
  /** Null: the request is left to an upstream filter of the cluster. */
  provider: ProviderSource | null = null;
  /** In place of the provider's own, empty for that. */
  ownCluster: View = View.empty();
  /** In place of the provider's; null for that. */
  mapping: ModelMapping | null = null;
  /** The one model of that mapping. */
  model: View = View.empty();
  weight: i32 = 1;

  get cluster(): View {
    const provider = this.provider;
    return this.ownCluster.length != 0 || provider === null ? this.ownCluster : provider.cluster;
  }

  /** What `providerHeader` says. */
  get id(): View {
    const provider = this.provider;
    return provider !== null ? provider.id : this.ownCluster;
  }
}

/** Who keeps a side. */
export const enum SplitBy {
  Request,
  Consumer,
  Session,
  Header,
}

@final
export class Split {
  sides: Array<Side> = [];
  by: SplitBy = SplitBy.Request;
  /** With SplitBy.Header: its name in lower case. */
  header: View = View.empty();
  /** Of all weights. */
  total: u64 = 0;

  add(side: Side): void {
    this.sides.push(side);
    this.total += <u64>side.weight;
  }

  /** The side that has the number; numbers that are spread evenly give each side its part. */
  at(number: u64): Side {
    let left = this.total > 0 ? number % this.total : 0;
    for (let k = 0; k < this.sides.length; k++) {
      const weight = <u64>this.sides[k].weight;
      if (left < weight) return this.sides[k];
      left -= weight;
    }
    return this.sides[0];
  }
}
