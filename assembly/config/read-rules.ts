// Reads `_rules_`. A rule whose conditions are wrong refuses the start, because nobody can say whom it is for; a rule
// that is wrong otherwise, or names a provider that is, is isolated: its own requests are refused, all others are served.

import { Ascii } from "../bytes/ascii";
import { lowered } from "../bytes/lowered";
import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { ModelPatterns } from "../model/patterns";
import { KeyRing } from "../consumer/key-ring";
import { NONE } from "../json/document";
import { Catalogue, chooseProvider, readCatalogue } from "./catalogue";
import { PluginConfig } from "./config";
import { Place, quoted } from "./place";
import { ProviderSource } from "./provider-source";
import { hashLists, readLimits } from "./read-limits";
import { arePatterns } from "./patterns";
import { readEdits } from "./read-edits";
import { readPrices } from "./read-prices";
import { ObjectReader } from "./reader";
import { RuleConfig } from "./rules";
import { readSplit } from "./read-split";
import { Side, Split } from "./split";
import { RuleField, Table } from "./schema.gen";
import { checkConditions } from "./check-conditions";

/** Reads the list at `node` (NONE: there is none) into `config`; `catalogue` is the global one. */
export function readRules(reader: ObjectReader, node: i32, place: Place, config: PluginConfig, catalogue: Catalogue): void {
  const doc = reader.doc;
  let index = 0;
  let catchAll: Place | null = null;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const at = place.item(index++);
    if (catchAll !== null) {
      reader.report.warnOnce("shadowed", at, "never applies, nor do the rules after it: " + catchAll.toString() + " matches every request");
    }
    const rule = readRule(reader, item, at, catalogue, config);
    if (rule.allow.texts.length != 0) checkNames(reader, rule.allow.texts, config.keyRing, at.at("allow"));
    if (rule.routes.length != 0 || rule.routePrefixes.length != 0) config.needsRoute = true;
    if (rule.services.length != 0) config.needsCluster = true;
    if (catchAll === null && matchesAll(reader, rule)) catchAll = at;
    const number = config.rules.push(rule) - 1;
    if (rule.hasModels) config.modelRules.add(number);
    else config.plainRules.add(number);
  }
}

function readRule(reader: ObjectReader, node: i32, place: Place, catalogue: Catalogue, config: PluginConfig): RuleConfig {
  const rule = new RuleConfig();
  const mark = reader.report.mark();
  if (!reader.enter(Table.Rule, node, place)) return rule;
  rule.routes = reader.texts(RuleField.MATCH_ROUTE);
  rule.routePrefixes = reader.texts(RuleField.MATCH_ROUTE_PREFIX);
  rule.services = reader.texts(RuleField.MATCH_SERVICE);
  rule.domains = reader.texts(RuleField.MATCH_DOMAIN);
  for (let k = 0; k < rule.domains.length; k++) rule.domains[k] = lowered(rule.domains[k]);
  const models = reader.texts(RuleField.MATCH_MODEL);
  const arePlain = arePatterns(reader, models, place.at("_match_model_"));
  rule.hasModels = arePlain && addModels(config, models);
  if (arePlain) rule.modelNames = namesIn(models);
  const isSound = checkConditions(reader, Table.Rule, place) && !isWrongMatch(reader) && arePlain;
  rule.provider = readRuleProvider(reader, place, catalogue, rule);
  const allow = reader.texts(RuleField.ALLOW);
  if (allow.length != 0) rule.allow = new TextIndex();
  for (let k = 0; k < allow.length; k++) rule.allow.add(allow[k]);
  // As it was before rules had models: what was counted goes on.
  const seed = models.length == 0 ? 1 : hashLists(models, 1);
  const scope = hashLists(rule.routes, hashLists(rule.routePrefixes, hashLists(rule.domains, hashLists(rule.services, seed))));
  const limits = reader.node(RuleField.LIMITS);
  if (limits != NONE) rule.limits = readLimits(reader, limits, place.at("limits"), scope);
  rule.edits = readEdits(reader, reader.node(RuleField.PROMPTS), reader.node(RuleField.PARAMETER_RULES), place);
  rule.prices = readPrices(reader, reader.node(RuleField.PRICES), place.at("prices"));
  if (isSound) rule.problem = reader.report.isolate(mark);
  return rule;
}

/** Those that are no patterns. */
function namesIn(patterns: Array<View>): Array<View> {
  const names: Array<View> = [];
  for (let k = 0; k < patterns.length; k++) if (patterns[k].at(0) != Ascii.Tilde && !patterns[k].endsWith("*")) names.push(patterns[k]);
  return names;
}

/** Adds the patterns of the next rule. True when it is for certain models only. */
function addModels(config: PluginConfig, patterns: Array<View>): bool {
  for (let k = 0; k < patterns.length; k++) if (patterns[k].equals("*")) return false;
  if (patterns.length == 0) return false;
  let models = config.models;
  if (models === null) models = new ModelPatterns();
  config.models = models;
  for (let k = 0; k < patterns.length; k++) models.add(patterns[k], config.rules.length);
  return true;
}

/** A name that no consumer has is probably a slip: nobody can use it. */
function checkNames(reader: ObjectReader, names: Array<View>, ring: KeyRing | null, place: Place): void {
  if (ring === null) return;
  for (let k = 0; k < names.length; k++) {
    if (ring.knows(names[k])) continue;
    const at = place.item(k);
    reader.report.warnOnce(at.toString(), at, "no consumer is called " + quoted(names[k]));
  }
}

function isWrongMatch(reader: ObjectReader): bool {
  return (
    reader.isWrong(RuleField.MATCH_ROUTE) ||
    reader.isWrong(RuleField.MATCH_ROUTE_PREFIX) ||
    reader.isWrong(RuleField.MATCH_DOMAIN) ||
    reader.isWrong(RuleField.MATCH_SERVICE) ||
    reader.isWrong(RuleField.MATCH_MODEL)
  );
}

function readRuleProvider(reader: ObjectReader, place: Place, inherited: Catalogue, rule: RuleConfig): ProviderSource | null {
  const single = reader.node(RuleField.PROVIDER);
  const list = reader.node(RuleField.PROVIDERS);
  const catalogue = list == NONE ? inherited : readCatalogue(reader, list, place.at("providers"));
  const activeId = reader.text(RuleField.ACTIVE_PROVIDER_ID);
  if (reader.isPresent(RuleField.SPLIT)) {
    if (single != NONE || activeId.length != 0 || reader.isGiven(RuleField.CLUSTER))
      reader.report.problem(place.at("split"), "cannot stand beside provider, activeProviderId and cluster; put them into its sides");
    rule.split = readSplit(reader, catalogue, place.at("split"));
    return null;
  }
  const cluster = reader.text(RuleField.CLUSTER);
  const provider = chooseProvider(reader, single, activeId, catalogue, place);
  if (cluster.length == 0) return provider;
  const split = new Split();
  const side = new Side();
  side.provider = provider;
  side.ownCluster = cluster;
  split.add(side);
  rule.split = split;
  return provider;
}

/** True for the lone domain `*`, and for the lone model `*`. */
function matchesAll(reader: ObjectReader, rule: RuleConfig): bool {
  if (rule.routes.length != 0 || rule.routePrefixes.length != 0 || rule.services.length != 0 || rule.hasModels) return false;
  if (rule.domains.length == 0) return reader.isGiven(RuleField.MATCH_MODEL);
  for (let k = 0; k < rule.domains.length; k++) if (rule.domains[k].equals("*")) return true;
  return false;
}
