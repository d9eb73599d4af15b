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
  /** Limits of the top level, then the rule's. */
  limits: Array<Limit>;
  needsRoute: bool = false;

  constructor(
    /** Null: no consumers are configured, and another plugin may have told the consumer. */
    public keyRing: KeyRing | null,
    /** Requests without a consumer are refused. */
    public requiresConsumer: bool,
    /** Names of the consumers that may pass; empty: all. */
    public allow: Array<View>,
    global: Array<Limit>,
    own: Array<Limit>,
    public abnormal: Thresholds,
    /** Bits of config/filter-state. */
    public published: i32,
    /** The rule's. */
    public prices: PriceList = NO_PRICES,
    public edits: BodyEdits = NO_EDITS,
  ) {
    this.limits = own.length == 0 ? global : global.concat(own);
    for (let k = 0; k < this.limits.length; k++) if (this.limits[k].needsRoute) this.needsRoute = true;
  }
}
