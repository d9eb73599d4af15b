// The configuration as the rest of the plugin reads it. Filled once by parse.ts and never changed afterwards. Views keep
// the configuration's text alive and may be stored.

import { View } from "../bytes/view";
import { isHigress } from "../host/attributes";
import { KeyRing } from "../consumer/key-ring";
import { Thresholds } from "../limit/abnormal";
import { Limit } from "../limit/limit";
import { NO_PRICES, PriceList } from "../model/price";
import { MetricsConfig } from "./metrics-config";
import { lowered } from "../bytes/lowered";
import { ModelPatterns } from "../model/patterns";
import { ProviderSource } from "./provider-source";
import { NOWHERE, RuleIndex } from "./rule-index";
import { Asked, NEEDS_MODEL, NO_RULE, OTHER_MODELS, RuleConfig } from "./rules";

/** Rules that are asked one by one. */
const MOST_ASKED: i32 = 64;

@final
export class PluginConfig {
  /** The provider when no rule matches; null: the plugin does nothing then. */
  provider: ProviderSource | null = null;
  rules: Array<RuleConfig> = [];
  /** Whether match() looks at the route's or the cluster's name. */
  needsRoute: bool = false;
  needsCluster: bool = false;
  /** The rules that are for all models, and those that are for certain ones. */
  plainRules: RuleIndex = new RuleIndex(this.rules);
  modelRules: RuleIndex = new RuleIndex(this.rules);
  /** Patterns of all rules that are for certain models; null: none is. */
  models: ModelPatterns | null = null;
  /** The plugin itself answers who asks for the list of models. */
  listsModels: bool = false;
  /** Its list holds the provider's, too. */
  mergesModels: bool = false;
  /** Requests name their provider and its cluster in headers, by which Envoy chooses the route. */
  namesRoutes: bool = false;
  /** Their names, in lower case. */
  providerHeader: View = View.empty();
  clusterHeader: View = View.empty();
  /** logFormat `escaped`, or `auto` where the host is Higress's. */
  logEscaped: bool = false;
  logAuto: bool = false;
  /** Headers of requests that the log tells; names in lower case. */
  logHeaders: Array<View> = [];
  /** requestHeaders is `continue`. */
  sendsAhead: bool = false;
  trustConsumerHeader: bool = true;
  /** What the exchanges of one VM may hold together. */
  maxHeldBytes: i64 = 0;
  /** unknownApis is `refuse`. */
  refusesUnknown: bool = false;
  metrics: MetricsConfig = new MetricsConfig();
  /** Null: nobody is asked for a key. */
  keyRing: KeyRing | null = null;
  /** Requests need a consumer's key although their rule has no `allow`. */
  authByDefault: bool = false;
  /** For all requests, those of rules too. */
  limits: Array<Limit> = [];
  /** One of them counts by route. */
  limitsNeedRoute: bool = false;
  /** Of models that neither the rule nor the provider has a price for. */
  prices: PriceList = NO_PRICES;
  /** Of prices that name none. */
  currency: View = View.empty();
  abnormal: Thresholds = new Thresholds();
  /** Bits `1 << Fact` (config/filter-state) of what is written to filter state, and to responses' headers. */
  filterState: i32 = 0;
  responseHeaders: i32 = 0;
  pluginId: View = View.empty();
  /** Rules and catalogue entries that are wrong and do not serve. */
  isolated: i32 = 0;

  /** The log's line is written as the inside of a JSON string. */
  get escapesLog(): bool {
    return this.logEscaped || (this.logAuto && isHigress());
  }

  /** Nothing is done with any request. */
  get doesNothing(): bool {
    if (this.provider !== null || this.authByDefault) return false;
    for (let k = 0; k < this.rules.length; k++) if (!this.rules[k].doesNothing) return false;
    return true;
  }

  /**
   * The number of the first rule whose conditions all hold, or what rules.ts has in its place. `model`: what the request names, empty
   * for nothing; null: not known yet.
   */
  match(route: View, authority: View, cluster: View, model: View | null): i32 {
    const models = this.models;
    const asked = new Asked(route, authority, cluster);
    const plain = this.plainRules.first(asked, null);
    let own = NOWHERE;
    if (models !== null && model === null) {
      if (this.modelRules.first(asked, null) < plain) return NEEDS_MODEL;
    } else if (models !== null && model !== null) {
      models.find(model);
      own = this.firstFound(models, asked);
      if (plain == NOWHERE && own == NOWHERE && this.modelRules.first(asked, null) != NOWHERE) return OTHER_MODELS;
    }
    const first = min(plain, own);
    return first == NOWHERE ? NO_RULE : first;
  }

  /** The first rule whose models they are: the few are asked, of many those that lie near. */
  private firstFound(models: ModelPatterns, asked: Asked): i32 {
    if (models.count > MOST_ASKED) return this.modelRules.first(asked, models);
    let best = NOWHERE;
    for (let list = 0; list < models.found.length; list++) {
      const found = models.found[list];
      for (let k = 0; k < found.length && found[k] < best; k++) if (asked.meets(this.rules[found[k]])) best = found[k];
    }
    return best;
  }
}
