// Bytes to configuration: checks everything, reports all that is wrong at once, and has no other effect (Envoy configures
// every worker's VM with the same bytes).

import { Ascii } from "../bytes/ascii";
import { countAllocated } from "../bytes/allocated";
import { needRoute } from "../limit/limit";
import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { describeFault } from "../json/cursor";
import { removableHeader } from "../http/credentials";
import { JsonDocument, NONE } from "../json/document";
import { Catalogue, chooseProvider, readCatalogue } from "./catalogue";
import { PluginConfig } from "./config";
import { readFacts } from "./filter-state";
import { ROOT, quoted } from "./place";
import { Problem, Report } from "./problems";
import { readConsumers } from "./read-consumers";
import { ProviderSource } from "./provider-source";
import { readLimits, readThresholds } from "./read-limits";
import { readMetrics } from "./read-metrics";
import { readPrices } from "./read-prices";
import { readRules } from "./read-rules";
import { ObjectReader } from "./reader";
import { RootField, Table } from "./schema.gen";

/** Headers that the log may tell. */
const MAX_LOG_HEADERS: i32 = 8;

@final
class ParseResult {
  constructor(
    /** Null when the start must be refused. */
    public config: PluginConfig | null,
    /** Why, all reasons; empty when the configuration is good. */
    public problems: Array<Problem>,
    /** What is doubtful, and (isError) what is wrong with single rules and catalogue entries that were isolated. */
    public warnings: Array<Problem>,
  ) {}
}

/**
 * Strings and small objects that reading makes are not counted one by one; this much is, so that they are collected at the
 * end of the callback and not only when many configurations have filled the memory.
 */
const GARBAGE: i32 = 1 << 20;

/** In memory a configuration takes up to 46 times its bytes (measured, Nov 2026), and a new one is read while the old one serves. */
const MAX_BYTES: i32 = 4 << 20;

/** Reads the plugin's configuration. Copies `text`; linear in its size. */
export function parseConfig(text: View): ParseResult {
  const report = new Report();
  const config = new PluginConfig();
  const doc = new JsonDocument();
  if (text.length > MAX_BYTES) report.problem(ROOT, "is larger than 4 MiB; give the gateways parts of it");
  else if (isBlank(text)) report.warnOnce("empty", ROOT, "is empty, so the plugin does nothing");
  else if (doc.parse(text.copy())) readRoot(new ObjectReader(doc, report), config);
  else report.problem(ROOT, "is not valid JSON: " + describeFault(doc.fault) + position(text, doc.faultAt));
  report.finish();
  countAllocated(GARBAGE);
  return new ParseResult(report.problems.length != 0 ? null : config, report.problems, report.warnings);
}

/** Envoy hands over no bytes when the plugin has no configuration. */
function isBlank(text: View): bool {
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k);
    if (byte != Ascii.Space && byte != Ascii.Tab && byte != Ascii.LineFeed && byte != Ascii.CarriageReturn) return false;
  }
  return true;
}

/** ` at line 3, column 7`, counted from 1 in bytes. The text itself is not shown: it may be a secret. */
function position(text: View, offset: i32): string {
  let line = 1;
  let lineStart = 0;
  for (let k = 0; k < offset && k < text.length; k++) {
    if (text.at(k) != Ascii.LineFeed) continue;
    line++;
    lineStart = k + 1;
  }
  return " at line " + line.toString() + ", column " + (offset - lineStart + 1).toString();
}

function readRoot(reader: ObjectReader, config: PluginConfig): void {
  if (!reader.enter(Table.Root, 0, ROOT)) return;
  config.logEscaped = reader.textIs(RootField.LOG_FORMAT, "escaped");
  config.logHeaders = readLogHeaders(reader);
  config.logAuto = reader.textIs(RootField.LOG_FORMAT, "auto");
  config.sendsAhead = reader.textIs(RootField.REQUEST_HEADERS, "continue");
  config.trustConsumerHeader = reader.flag(RootField.TRUST_CONSUMER_HEADER);
  config.pluginId = reader.text(RootField.PLUGIN_ID);
  config.maxHeldBytes = reader.integer(RootField.MAX_HELD_BYTES);
  config.refusesUnknown = reader.textIs(RootField.UNKNOWN_APIS, "refuse");
  const single = reader.node(RootField.PROVIDER);
  const catalogue = readCatalogue(reader, reader.node(RootField.PROVIDERS), ROOT.at("providers"));
  const provider = chooseProvider(reader, single, reader.text(RootField.ACTIVE_PROVIDER_ID), catalogue, ROOT);
  // A rule may name the single provider by its id too.
  if (single != NONE && provider !== null) catalogue.add(provider);
  config.provider = provider;
  config.keyRing = readConsumers(reader);
  config.limits = readLimits(reader, reader.node(RootField.LIMITS), ROOT.at("limits"), 0);
  config.limitsNeedRoute = needRoute(config.limits);
  config.currency = reader.text(RootField.CURRENCY);
  config.prices = readPrices(reader, reader.node(RootField.PRICES), ROOT.at("prices"));
  config.filterState = readFacts(reader, RootField.FILTER_STATE);
  config.responseHeaders = readFacts(reader, RootField.RESPONSE_HEADERS);
  config.abnormal = readThresholds(reader);
  readRules(reader, reader.node(RootField.RULES), ROOT.at("_rules_"), config, catalogue);
  readRouting(reader, config);
  if (catalogue.size > 0 && catalogue.sound == 0 && provider === null && !hasSoundRule(config)) {
    reader.report.problem(ROOT.at("providers"), "no provider is valid, so nothing could be served");
  }
  config.isolated = reader.report.isolated;
  config.metrics = readMetrics(reader, reader.node(RootField.METRICS));
  config.authByDefault = config.keyRing !== null && asksByDefault(reader, config);
  if (config.doesNothing) warnOfNothing(reader.report, catalogue);
}

/** `logHeaders`: a few, and none of those that hold credentials or say who the client is, those of consumers' keys among them. */
function readLogHeaders(reader: ObjectReader): Array<View> {
  const names = reader.texts(RootField.LOG_HEADERS);
  const place = ROOT.at("logHeaders");
  const keys = reader.texts(RootField.KEYS);
  if (names.length > MAX_LOG_HEADERS) reader.report.problem(place, "must have at most " + MAX_LOG_HEADERS.toString() + " names");
  const found: Array<View> = [];
  for (let k = 0; k < names.length; k++) {
    const name = lowered(names[k]);
    let isSecret = removableHeader(name, 0, name.length) != -1 && !name.equals("accept-encoding");
    for (let i = 0; i < keys.length; i++) if (lowered(keys[i]).sameAs(name)) isSecret = true;
    if (isSecret)
      reader.report.problem(place.item(k), quoted(name) + " may hold a credential or say who the client is, and is never logged");
    found.push(name);
  }
  return found;
}

/** By what Envoy is to choose the route. */
function readRouting(reader: ObjectReader, config: PluginConfig): void {
  const models = config.models;
  config.providerHeader = lowered(reader.text(RootField.PROVIDER_HEADER));
  config.clusterHeader = lowered(reader.text(RootField.CLUSTER_HEADER));
  const isAsked = reader.isPresent(RootField.PROVIDER_HEADER) || reader.isPresent(RootField.CLUSTER_HEADER);
  config.mergesModels = reader.textIs(RootField.MODELS, "both");
  config.listsModels = reader.isPresent(RootField.MODELS) ? !reader.textIs(RootField.MODELS, "upstream") : models !== null;
  if (isDefined(CORE_BUILD) && config.mergesModels) reader.report.problem(ROOT.at("models"), "both needs the full build of the plugin");
  config.namesRoutes = models !== null || isAsked || namesCluster(config);
}

/** A provider that may be chosen says which cluster leads to it. */
function namesCluster(config: PluginConfig): bool {
  if (hasCluster(config.provider)) return true;
  for (let k = 0; k < config.rules.length; k++) if (config.rules[k].split !== null || hasCluster(config.rules[k].provider)) return true;
  return false;
}

function hasCluster(provider: ProviderSource | null): bool {
  return provider !== null && provider.cluster.length != 0;
}

/** Looks right and does nothing: requests go on without a key, to wherever their route leads. */
function warnOfNothing(report: Report, catalogue: Catalogue): void {
  if (report.problems.length != 0) return;
  if (catalogue.size > 0) {
    const message =
      "none of them is chosen, so the plugin does nothing; name one by its id as activeProviderId, at the top level or in a rule";
    report.warnOnce("idle", ROOT.at("providers"), message);
  } else {
    report.warnOnce("idle", ROOT, "no provider is chosen, so the plugin does nothing; give provider, or providers and activeProviderId");
  }
}

/** True when a rule has a provider that works. */
function hasSoundRule(config: PluginConfig): bool {
  for (let k = 0; k < config.rules.length; k++) {
    if ((config.rules[k].provider !== null || config.rules[k].split !== null) && config.rules[k].problem.length == 0) return true;
  }
  return false;
}

/** `global_auth`; without it everybody is asked unless a rule says who may use it (as Higress's key-auth). */
function asksByDefault(reader: ObjectReader, config: PluginConfig): bool {
  if (reader.isPresent(RootField.GLOBAL_AUTH)) return reader.flag(RootField.GLOBAL_AUTH);
  for (let k = 0; k < config.rules.length; k++) if (config.rules[k].allow.texts.length != 0) return false;
  return true;
}
