// Reads `limits`, of the top level or of a rule, and the thresholds of `abnormal`.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { NONE } from "../json/document";
import { Thresholds } from "../limit/abnormal";
import { COUNTERS, Counted, Limit, LimitBy, Names, countedBy, hash64 } from "../limit/limit";
import { BY_HEADER } from "./formats";
import { Place, ROOT } from "./place";
import { NO_CURRENCY, currencyOf } from "./read-prices";
import { ObjectReader } from "./reader";
import { AbnormalField, LimitField, LimitMatchField, RootField, Table } from "./schema.gen";
import { checkConditions } from "./check-conditions";

/** Reads the list at `node` (NONE: there is none). `scope` tells rules apart, so that equal limits of two count apart. */
export function readLimits(reader: ObjectReader, node: i32, place: Place, scope: u64): Array<Limit> {
  const found: Array<Limit> = [];
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const at = place.item(index++);
    if (!reader.enter(Table.Limit, item, at)) continue;
    checkConditions(reader, Table.Limit, at);
    const limit = readLimit(reader, at, scope);
    found.push(limit);
    if (limit.needsCost && limit.currency.length == 0) reader.report.problem(at, NO_CURRENCY);
  }
  return found;
}

function readLimit(reader: ObjectReader, place: Place, scope: u64): Limit {
  const limit = new Limit();
  limit.name = reader.text(LimitField.NAME);
  const by = reader.text(LimitField.BY);
  limit.by = subjectOf(by);
  if (limit.by == LimitBy.Header) limit.header = lowered(by.slice(BY_HEADER.length, by.length));
  // The schema lists the counters in the order in which they are kept.
  for (let k = 0; k < COUNTERS; k++) {
    const field = LimitField.REQUESTS_PER_SECOND + k;
    if (reader.node(field) == NONE) continue;
    limit.most[k] = countedBy(k) == Counted.Cost ? reader.micros(field) * 1000 : <i64>reader.integer(field);
  }
  limit.finish();
  limit.currency = currencyOf(reader, LimitField.CURRENCY);
  const match = reader.node(LimitField.MATCH);
  if (match != NONE && reader.enter(Table.LimitMatch, match, place.at("match"))) {
    limit.consumers = new Names(reader.texts(LimitMatchField.CONSUMERS));
    limit.models = new Names(reader.texts(LimitMatchField.MODELS));
    limit.routes = new Names(reader.texts(LimitMatchField.ROUTES));
  }
  limit.space = limit.name.length != 0 ? hash64(limit.name) : spaceOf(limit, scope);
  return limit;
}

function subjectOf(by: View): LimitBy {
  if (by.startsWith(BY_HEADER)) return LimitBy.Header;
  if (by.equals("consumer")) return LimitBy.Consumer;
  if (by.equals("token")) return LimitBy.Token;
  if (by.equals("route")) return LimitBy.Route;
  return by.equals("model") ? LimitBy.Model : LimitBy.All;
}

/** Where a limit without a name counts: the same after every start, whatever the order of the members in the text. */
function spaceOf(limit: Limit, scope: u64): u64 {
  const out = new Buffer(128);
  out.integer(limit.by);
  out.view(limit.header);
  if (limit.needsCost) out.view(limit.currency);
  for (let k = 0; k < COUNTERS; k++) {
    out.byte(Ascii.Comma);
    out.integer(limit.most[k]);
  }
  return hashLists(limit.consumers.list, hashLists(limit.models.list, hashLists(limit.routes.list, hash64(out.toView(), scope))));
}

/** The hash of `seed` and all texts of a list, in order. */
export function hashLists(list: Array<View>, seed: u64): u64 {
  let value = seed * 31 + <u64>list.length;
  for (let k = 0; k < list.length; k++) value = hash64(list[k], value) * 31;
  return value;
}

/** The thresholds of the top level that `reader` has entered, or the schema's defaults. */
export function readThresholds(reader: ObjectReader): Thresholds {
  const found = new Thresholds();
  const node = reader.node(RootField.ABNORMAL);
  if (node == NONE || !reader.enter(Table.Abnormal, node, ROOT.at("abnormal"))) return found;
  found.refusalsPerMinute = reader.integer(AbnormalField.REFUSALS_PER_MINUTE);
  found.tokenFactor = reader.integer(AbnormalField.TOKEN_FACTOR);
  found.promptBytes = reader.integer(AbnormalField.PROMPT_BYTES);
  return found;
}
