// Who may send a request and how much, for one rule or for the top level: what consumers and limits say, ready for use; and what of a
// request is published.

import { View } from "../bytes/view";
import { TextIndex } from "../bytes/text-index";
import { BodyEdits } from "../config/body-edits";
import { PluginConfig } from "../config/config";
import { RuleConfig } from "../config/rules";
import { KeyRing } from "../consumer/key-ring";
import { Thresholds } from "../limit/abnormal";
import { Limit, needRoute } from "../limit/limit";
import { PriceList } from "../model/price";

@final
export class Gate {
  /** Null: no consumers are configured, and another plugin may have told the consumer. */
  keyRing: KeyRing | null;
  /** Requests without a consumer are refused. */
  requiresConsumer: bool;
  /** Names of the consumers that may pass; none: all. */
  allow: TextIndex;
  /** The rule's, which come after those of the top level. */
  ownLimits: Array<Limit>;
  hasLimits: bool;
  /** A limit counts by route. */
  needsRoute: bool;
  abnormal: Thresholds;
  /** Bits of config/filter-state. */
  published: i32;
  /** The rule's. */
  prices: PriceList;
  edits: BodyEdits;

  constructor(config: PluginConfig, rule: RuleConfig) {
    this.keyRing = config.keyRing;
    this.requiresConsumer = config.authByDefault || rule.allow.texts.length != 0;
    this.allow = rule.allow;
    this.ownLimits = rule.limits;
    this.hasLimits = config.limits.length + rule.limits.length != 0;
    this.needsRoute = config.limitsNeedRoute || needRoute(rule.limits);
    this.abnormal = config.abnormal;
    this.published = config.filterState;
    this.prices = rule.prices;
    this.edits = rule.edits;
  }

  /** The consumer is among those that may pass, or all may. */
  allows(consumer: View): bool {
    return this.allow.texts.length == 0 || this.allow.find(consumer) >= 0;
  }
}
