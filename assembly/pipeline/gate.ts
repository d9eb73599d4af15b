// Who may send a request and how much, for one rule or for the top level: what consumers and limits say, ready for use; and what of a
// request is published.

import { View } from "../bytes/view";
import { BodyEdits, NO_EDITS } from "../config/body-edits";
import { KeyRing } from "../consumer/key-ring";
import { Thresholds } from "../limit/abnormal";
import { Limit } from "../limit/limit";
import { NO_PRICES, PriceList } from "../model/price";

@final
export class Gate {
  hasLimits: bool;
  needsRoute: bool = false;

  constructor(
    /** Null: no consumers are configured, and another plugin may have told the consumer. */
    public keyRing: KeyRing | null,
    /** Requests without a consumer are refused. */
    public requiresConsumer: bool,
    /** Names of the consumers that may pass; empty: all. */
    public allow: Array<View>,
    /** Of the top level; the rule's come after them. */
    global: Array<Limit>,
    readonly ownLimits: Array<Limit>,
    public abnormal: Thresholds,
    /** Bits of config/filter-state. */
    public published: i32,
    /** The rule's. */
    public prices: PriceList = NO_PRICES,
    public edits: BodyEdits = NO_EDITS,
  ) {
    this.hasLimits = global.length + ownLimits.length != 0;
    for (let k = 0; k < global.length; k++) if (global[k].needsRoute) this.needsRoute = true;
    for (let k = 0; k < ownLimits.length; k++) if (ownLimits[k].needsRoute) this.needsRoute = true;
  }
}
