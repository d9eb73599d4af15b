// Which models a configuration knows by name: those of rules, splits, mappings and prices, each where its requests would go.

import { View } from "../bytes/view";
import { tookTooLong } from "../model/mapping";
import { Consumer } from "../consumer/consumer";
import { PluginConfig } from "./config";
import { ProviderSource } from "./provider-source";
import { NO_RULE, OTHER_MODELS, RuleConfig } from "./rules";
import { Split } from "./split";

/** Of a name that no provider is known for. */
const NO_OWNER: string = "gateway";

/** In place of a rule's number: the expressions took too long. */
const UNDECIDED: i32 = -9;

@final
export class ModelName {
  /** What the provider tells of it, in the client's form; empty for nothing. */
  raw: View = View.empty();

  constructor(
    public name: View,
    /** The type of the provider. */
    public owner: string,
  ) {}

  isBefore(name: View): bool {
    return compared(this.name, name) < 0;
  }
}

/** Finds the names for one request. */
@final
export class ModelNames {
  private found: Array<ModelName> = [];

  /** `route`, `authority` and `cluster` are the request's; `consumer` is the name, `caller` the rights of who sends it. */
  constructor(
    private config: PluginConfig,
    private route: View,
    private authority: View,
    private cluster: View,
    private consumer: View,
    private caller: Consumer,
  ) {}

  /** The names that the consumer may use here, sorted, each once. */
  list(): Array<ModelName> {
    const config = this.config;
    const rules = config.rules;
    const only = config.models === null ? this.placeOf(View.empty()) : NO_RULE;
    for (let k = 0; k < rules.length; k++) {
      const rule = rules[k];
      if (!this.isUsable(k) || (config.models === null && k != only)) continue;
      const split = rule.split;
      const names: Array<View> = rule.modelNames.slice(0);
      rule.prices.listNames(names);
      this.addAll(names, k, ownerAt(rule));
      if (split !== null) this.addSplit(split, k);
      else this.addProvider(rule.provider, k);
    }
    if (config.provider !== null) this.addProvider(config.provider, NO_RULE);
    const priced: Array<View> = [];
    config.prices.listNames(priced);
    for (let k = 0; k < priced.length; k++) this.addAnywhere(priced[k]);
    return sorted(this.found);
  }

  /** The rule's requests go somewhere, and the consumer may send them. */
  private isUsable(index: i32): bool {
    const rule = this.config.rules[index];
    if (rule.problem.length != 0 || (rule.provider === null && rule.split === null)) return false;
    return rule.allow.texts.length == 0 || rule.allow.find(this.consumer) >= 0;
  }

  /** The number of the rule that a request for the model falls under, or below 0. */
  placeOf(model: View): i32 {
    const models = this.config.models;
    const place = this.config.match(this.route, this.authority, this.cluster, model);
    return models !== null && models.isUndecided ? UNDECIDED : place;
  }

  private add(name: View, owner: string): void {
    if (this.isFree(name)) this.found.push(new ModelName(name, owner));
  }

  /** The consumer may use it. */
  private isFree(name: View): bool {
    const isFree = this.caller.mayUse(name);
    // What took too long for one name says nothing of the next.
    if (!isFree) tookTooLong();
    return isFree;
  }

  /** The consumer may use the model, and its requests go to the rule `place`. */
  isAt(name: View, place: i32): bool {
    const found = this.placeOf(name);
    // Whatever no rule takes is the top level's.
    return (found == place || (place == NO_RULE && found == OTHER_MODELS)) && this.isFree(name);
  }

  /** Those whose requests go there. */
  private addAll(names: Array<View>, place: i32, owner: string): void {
    for (let k = 0; k < names.length; k++) if (this.isAt(names[k], place)) this.found.push(new ModelName(names[k], owner));
  }

  private addSplit(split: Split, place: i32): void {
    for (let k = 0; k < split.sides.length; k++) {
      const side = split.sides[k];
      if (side.weight == 0) continue;
      if (side.model.length != 0) this.addAll([side.model], place, ownerOf(side.provider));
      this.addProvider(side.provider, place);
    }
  }

  private addProvider(provider: ProviderSource | null, place: i32): void {
    if (provider !== null) this.addAll(provider.models.names, place, provider.models.owner);
  }

  /** A name that the top level has a price for, if its requests go anywhere. */
  private addAnywhere(name: View): void {
    const place = this.placeOf(name);
    const provider = this.config.provider;
    if (place >= 0) {
      if (this.isUsable(place)) this.add(name, ownerAt(this.config.rules[place]));
    } else if (place != UNDECIDED && provider !== null) this.add(name, provider.models.owner);
  }
}

function ownerAt(rule: RuleConfig): string {
  const split = rule.split;
  return ownerOf(split === null ? rule.provider : split.sides[0].provider);
}

function ownerOf(provider: ProviderSource | null): string {
  return provider === null ? NO_OWNER : provider.models.owner;
}

/** Below 0 when `left` stands before `right`, byte by byte. */
function compared(left: View, right: View): i32 {
  const size = min(left.length, right.length);
  for (let k = 0; k < size; k++) {
    const difference = left.at(k) - right.at(k);
    if (difference != 0) return difference;
  }
  return left.length - right.length;
}

/** By name; of equal ones one stays, which its provider tells something of if that does. */
export function sorted(list: Array<ModelName>): Array<ModelName> {
  list.sort((left: ModelName, right: ModelName): i32 => compared(left.name, right.name));
  const once: Array<ModelName> = [];
  for (let k = 0; k < list.length; k++) {
    const last = once.length - 1;
    if (last < 0 || !list[k].name.sameAs(once[last].name)) once.push(list[k]);
    else if (once[last].raw.length == 0 && list[k].raw.length != 0) once[last] = list[k];
  }
  return once;
}
