// Checks a provider object and all that lies in it, and makes nothing of it: that is left to the first request that needs the
// provider (ProviderSource), since a gateway may have hundreds of them.

import { View } from "../bytes/view";
import { JsonKind } from "../json/cursor";
import { NONE } from "../json/document";
import { keyMistake } from "../model/mapping";
import { Place } from "./place";
import { readEdits } from "./read-edits";
import { readPrices } from "./read-prices";
import { ObjectReader } from "./reader";
import { Column, FIELD_NAMES, FailoverField, ProviderField, RetryOnFailureField, Table } from "./schema.gen";
import { patternMistake } from "./status-patterns";
import { cellOf, kindName, listText } from "./table";
import { checkConditions } from "./check-conditions";

/** For looks at keys that are not kept. */
const window: View = new View(0, 0);

/** Reports all that is wrong with the provider at `node`. False when it is no object. The reader has entered it then. */
export function checkProvider(reader: ObjectReader, node: i32, place: Place): bool {
  if (!reader.enter(Table.Provider, node, place)) return false;
  checkConditions(reader, Table.Provider, place);
  warnOfForeignFields(reader, place);
  checkModelMapping(reader, place);
  readPrices(reader, reader.node(ProviderField.PRICES), place.at("prices"));
  readEdits(reader, reader.node(ProviderField.PROMPTS), reader.node(ProviderField.PARAMETER_RULES), place);
  const hasPrompts = !isDefined(CORE_BUILD) && reader.node(ProviderField.PROMPTS) != NONE;
  if (hasPrompts && reader.textIs(ProviderField.PROTOCOL, "original"))
    reader.report.warnOnce("prompts", place.at("prompts"), "has no effect with protocol original: nobody knows where messages stand");
  checkCustomSettings(reader, place);
  checkObject(reader, ProviderField.CONTEXT, Table.Context, place);
  if (checkObject(reader, ProviderField.FAILOVER, Table.Failover, place)) {
    checkPatterns(reader, FailoverField.FAILOVER_ON_STATUS, ProviderField.FAILOVER, place);
  }
  if (checkObject(reader, ProviderField.RETRY_ON_FAILURE, Table.RetryOnFailure, place)) {
    checkPatterns(reader, RetryOnFailureField.RETRY_ON_STATUS, ProviderField.RETRY_ON_FAILURE, place);
    if (reader.flag(RetryOnFailureField.ENABLED)) warnOfRetry(reader, place.at("retryOnFailure"));
  }
  checkObject(reader, ProviderField.BEDROCK_PROMPT_CACHE_POINT_POSITIONS, Table.CachePoints, place);
  return true;
}

/** Checks the object in a field; false when there is none. */
function checkObject(reader: ObjectReader, field: i32, table: Table, place: Place): bool {
  const node = reader.node(field);
  if (node == NONE) return false;
  const at = place.at(FIELD_NAMES[field]);
  if (!reader.enter(table, node, at)) return false;
  checkConditions(reader, table, at);
  return true;
}

function warnOfRetry(reader: ObjectReader, place: Place): void {
  const message =
    "has no effect: the plugin cannot repeat a request. Put it into the cluster's upstream http_filters and give the route a retry_policy, as deploy/envoy/fallback.yaml does";
  reader.report.warnOnce("retry", place, message);
}

/** `field`: one of the object in the provider's field `parent`. */
function checkPatterns(reader: ObjectReader, field: i32, parent: i32, place: Place): void {
  if (reader.node(field) == NONE) return;
  const texts = reader.texts(field);
  for (let k = 0; k < texts.length; k++) {
    const mistake = patternMistake(texts[k]);
    if (mistake.length != 0) reader.report.problem(place.at(FIELD_NAMES[parent]).at(FIELD_NAMES[field]).item(k), mistake);
  }
}

function checkModelMapping(reader: ObjectReader, place: Place): void {
  const node = reader.node(ProviderField.MODEL_MAPPING);
  if (node == NONE) return;
  const doc = reader.doc;
  const at = place.at("modelMapping");
  if (doc.isObject(node)) checkMappings(reader, node, at);
  else {
    let index = 0;
    for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
      const here = at.item(index++);
      if (doc.isObject(item) && doc.size(item) == 1) checkMappings(reader, item, here);
      else reader.report.problem(here, "must be an object with one entry, the client's model name and the provider's");
    }
  }
}

function checkMappings(reader: ObjectReader, node: i32, place: Place): void {
  const doc = reader.doc;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const kind = doc.kind(item);
    const mistake =
      kind == JsonKind.String
        ? keyMistake(doc.glanceKey(item, window))
        : "must be a string, the provider's model name, not " + kindName(kind);
    if (mistake.length != 0) reader.report.problem(place.member(doc.key(item)), mistake);
  }
}

function checkCustomSettings(reader: ObjectReader, place: Place): void {
  const doc = reader.doc;
  const node = reader.node(ProviderField.CUSTOM_SETTINGS);
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    reader.enter(Table.CustomSetting, item, place.at("customSettings").item(index++));
  }
}

function warnOfForeignFields(reader: ObjectReader, place: Place): void {
  if (reader.node(ProviderField.TYPE) == NONE) return;
  for (let k = 0; k < reader.size(Table.Provider); k++) {
    const field = reader.fieldAt(Table.Provider, k);
    const users = cellOf(field, Column.Providers);
    if (users < 0 || !reader.isPresent(field) || reader.place(ProviderField.TYPE, users) >= 0) continue;
    const name = FIELD_NAMES[field];
    const message =
      '"' + name + '" has no effect with type ' + reader.text(ProviderField.TYPE).toString() + "; it is for " + listText(users);
    reader.report.warnOnce("foreign/" + name, place.at(name), message);
  }
}
