// OpenTelemetry's GenAI metrics (semantic conventions, Nov 2026), as far as Envoy's histograms of whole numbers allow:
//   gen_ai.client.token.usage                          tokens,        labels below and token (input, output)
//   gen_ai.server.request.duration_milliseconds        milliseconds,  and error when it failed
//   gen_ai.server.time_to_first_token_milliseconds     milliseconds,  streams that went well
//   gen_ai.server.time_per_output_token_microseconds   microseconds,  streams that went well
// In Envoy's names the labels stand before these: gen_ai.~route.<R>.~consumer.<K>.~request_model.<M>[.~response_model.<M>]
// .~provider.<P>.~operation.<O>[.~token.<T>][.~error.<E>].server.…; the stats_tags of deploy/envoy take them out.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricType } from "../host/abi";
import * as host from "../host/host";
import { Api, apiLabel } from "../model/api";
import { findProvider } from "../provider/catalog";
import { writeLabel } from "./labels";
import { PROVIDER_ERROR, Record } from "./record";
import { askedLabel } from "./series";
import { GenAiIds, Series, UNDEFINED, writePart } from "./series-ids";

/** Names asked for that one series keeps apart. */
const MAX_ASKED: i32 = 64;
const OTHER: View = View.utf8("other");

const enum Slot {
  Input,
  Output,
  Duration,
  FirstToken,
  PerToken,
}

/** Records the exchange in this family. */
export function recordGenAi(series: Series, record: Record): void {
  const error = record.error;
  const usage = record.usage;
  const hasFailed = error.length != 0;
  const duration = ".server.request.duration_milliseconds";
  // OpenTelemetry wants the status itself where the provider has said what went wrong by nothing else.
  const status = error == PROVIDER_ERROR && record.status >= 400 ? record.status : 0;
  if (hasFailed) put(Slot.Duration, find(series, record, error, status), series, duration, "", record.duration);
  if (hasFailed && !usage.isKnown) return;
  const ids = find(series, record, "", 0);
  if (!hasFailed) put(Slot.Duration, ids, series, duration, "", record.duration);
  if (usage.isKnown) {
    put(Slot.Input, ids, series, ".client.token.usage", ".~token.input", usage.inputOrZero);
    put(Slot.Output, ids, series, ".client.token.usage", ".~token.output", usage.outputOrZero);
  }
  const timeToFirstToken = record.timeToFirstToken;
  if (timeToFirstToken < 0 || hasFailed) return;
  put(Slot.FirstToken, ids, series, ".server.time_to_first_token_milliseconds", "", timeToFirstToken);
  if (usage.output < 2) return;
  const perToken = ((record.duration - timeToFirstToken) * 1000) / (usage.output - 1);
  put(Slot.PerToken, ids, series, ".server.time_per_output_token_microseconds", "", perToken);
}

function put(slot: Slot, ids: GenAiIds, series: Series, name: string, token: string, value: i64): void {
  if (ids.ids[slot] == UNDEFINED) ids.ids[slot] = define(ids, series, name, token);
  if (value >= 0) host.record(ids.ids[slot], <u64>value);
}

function find(series: Series, record: Record, error: string, status: i32): GenAiIds {
  const asked = series.genAi.length < MAX_ASKED ? askedLabel(record) : OTHER;
  const operation = operationOf(record.api);
  for (let k = 0; k < series.genAi.length; k++) {
    const one = series.genAi[k];
    if (one.error != error || one.status != status || one.operation != operation || one.provider != record.provider) continue;
    if (one.asked.sameAs(record.askedModel) || one.asked.sameAs(asked)) return one;
  }
  const made = new GenAiIds(operation, record.provider, asked.copy(), error, status);
  series.genAi.push(made);
  return made;
}

function define(ids: GenAiIds, series: Series, name: string, token: string): i32 {
  const out = new Buffer(512);
  out.ascii("gen_ai.~route.");
  writeLabel(out, series.route);
  writePart(out, "~", "consumer.", series.consumer);
  writePart(out, "~", "request_model.", ids.asked);
  if (ids.error.length == 0 && series.model.length != 0) writePart(out, "~", "response_model.", series.model);
  out.ascii(".~provider.");
  out.ascii(providerName(ids.provider));
  out.ascii(".~operation.");
  out.ascii(ids.operation);
  if (ids.error.length != 0) {
    out.ascii(".~error.");
    if (ids.status > 0) out.integer(ids.status);
    else out.ascii(ids.error);
  }
  out.ascii(token);
  out.ascii(name);
  return host.defineMetric(MetricType.Histogram, out.toView());
}

/** `gen_ai.operation.name`: OpenTelemetry's where it has one, else the end of the API's own name. */
export function operationOf(api: Api): string {
  switch (api) {
    case Api.ChatCompletions:
    case Api.Messages:
    case Api.Responses:
      return "chat";
    case Api.Completions:
    case Api.Complete:
      return "text_completion";
    case Api.Embeddings:
      return "embeddings";
    case Api.GeminiGenerate:
    case Api.GeminiStreamGenerate:
      return "generate_content";
    default: {
      const name = apiLabel(api);
      return name.slice(name.lastIndexOf("/") + 1);
    }
  }
}

/** `gen_ai.provider.name` of a provider type, as its row says. */
export function providerName(type: string): string {
  const row = findProvider(type);
  return row === null ? type : row.genAiProvider;
}
