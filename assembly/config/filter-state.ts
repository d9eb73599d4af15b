// Facts about a request that the operator may have told: `filterState` to later filters, logs and traces of the gateway,
// `responseHeaders` to the client. In the order of filterState's words in the schema.

import { View } from "../bytes/view";
import { ObjectReader } from "./reader";
import { Column, LIST_STARTS, RootField } from "./schema.gen";
import { cellOf, indexInList, listValue } from "./table";

export const enum Fact {
  Consumer,
  /** The alias of the key that the client sent. */
  Token,
  Model,
  Route,
  /** How many were used. */
  Tokens,
  /** What it cost: a decimal, and whole 10^-6, rounded up. */
  Cost,
  CostMicros,
  /** The chosen side. */
  Split,
  /** Its type in the configuration, and as OpenTelemetry names it. */
  Provider,
  GenAiProvider,
  Operation,
  /** As the client named it, and as the provider says that it has answered. */
  RequestModel,
  ResponseModel,
  ResponseId,
  Session,
  InputTokens,
  OutputTokens,
  CachedTokens,
  CacheWriteTokens,
  ReasoningTokens,
  Currency,
  /** Of a stream, in seconds. */
  TimeToFirstToken,
  Error,
  /** Microseconds that the client has waited for the plugin. */
  OverheadUs,
  FinishReason,
}

/** The configuration's word for the fact. */
export function factName(fact: Fact): View {
  return listValue(LIST_STARTS[cellOf(RootField.FILTER_STATE, Column.Values)] + fact);
}

/** One bit `1 << Fact` for each fact that the list `field` of the root object names. */
export function readFacts(reader: ObjectReader, field: RootField): i32 {
  const words = reader.texts(field);
  const list = cellOf(RootField.FILTER_STATE, Column.Values);
  let bits = 0;
  for (let k = 0; k < words.length; k++) {
    const index = indexInList(words[k], list);
    if (index >= 0) bits |= 1 << (index - LIST_STARTS[list]);
  }
  return bits;
}
