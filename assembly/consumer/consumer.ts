// One entry of `consumers`: whose keys it has, what those may be used for, and until when.

import { View } from "../bytes/view";
import { ModelMapping } from "../model/mapping";

const ALL_MODELS: ModelMapping = ModelMapping.empty();

@final
export class Consumer {
  /** Patterns of the models that it may use; empty: all. */
  models: ModelMapping = ALL_MODELS;
  /** Seconds since 1970 from which on its keys are refused. */
  expires: i64 = i64.MAX_VALUE;
  /** What the log tells of it beside its name: a JSON object, empty for nothing. */
  metadata: View = View.empty();

  constructor(public name: View) {}

  /** It may not use every model. */
  get isLimited(): bool {
    return !this.models.isEmpty;
  }

  /** It may use the model of this name. As ModelMapping.map() this may give up (tookTooLong()), and says no then. */
  mayUse(model: View): bool {
    return !this.isLimited || this.models.indexOf(model) >= 0;
  }
}

/** Whoever sent no key. Never changed. */
export const NOBODY: Consumer = new Consumer(View.empty());
