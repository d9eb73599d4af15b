// The only file that knows the fields of `ai_log`, the JSON object in filter state `wasm.ai_log`
// (`%FILTER_STATE(wasm.ai_log:PLAIN)%`). Names are Higress's; usage_source, status and the like are ours.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import * as names from "../http/names";
import { writeInner } from "../json/text";
import { signalWords } from "../limit/abnormal";
import { apiLabel } from "../model/api";
import { validUtf8 } from "../model/regex/code-point";
import { Usage, UsageSource } from "../usage/usage";
import { Record } from "./record";

/** Written for one host call and then again for the next exchange. */
const buffer: Buffer = new Buffer(1024);
/** Memory of it that is kept for the next. */
const KEPT_BYTES: i32 = 4096;

function sourceName(source: UsageSource): string {
  switch (source) {
    case UsageSource.Reported:
      return "reported";
    case UsageSource.Partial:
      return "partial";
    case UsageSource.Estimated:
      return "estimate";
    default:
      return "none";
  }
}

/** The request has an entry already, by another instance of the plugin. */
export function hasLog(): bool {
  const found = host.property(names.AI_LOG);
  return found !== null && found.length > 0;
}

/** Writes the record into filter state; with `escaped`, as the inside of a JSON string for Higress's log format. */
export function writeLog(record: Record, escaped: bool): void {
  const out = buffer;
  out.clear(KEPT_BYTES);
  writeEntry(out, record);
  if (escaped) {
    const twice = new Buffer(out.length * 2);
    writeInner(twice, out.toView());
    host.setProperty(names.AI_LOG, twice.toView());
  } else host.setProperty(names.AI_LOG, out.window());
}

/** The object without its filter-state wrapping. */
function writeEntry(out: Buffer, record: Record): void {
  const responded = record.responseModel;
  out.byte(Ascii.LeftBrace);
  if (record.routeApi.length > 0) text(out, "api", record.routeApi);
  else word(out, "api", apiLabel(record.api));
  textIfAny(out, "model", responded.length > 0 ? responded : record.askedModel);
  textIfAny(out, "request_model", record.clientModel);
  word(out, "provider", record.provider);
  textIfAny(out, "consumer", record.consumer);
  word(out, "response_type", record.isStream ? "stream" : "normal");
  number(out, "status", record.status);
  word(out, "outcome", record.outcome);
  if (record.failureWord.length > 0) word(out, "error", record.failureWord);
  if (record.abnormal != 0) text(out, "abnormal", signalWords(record.abnormal));
  textIfAny(out, "chat_id", record.responseId);
  textIfAny(out, "session_id", record.session);
  numberIfAny(out, "chat_round", record.chatRound);
  writeUsage(out, record.usage);
  word(out, "usage_source", sourceName(record.usageSource));
  numberIfAny(out, "llm_first_token_duration", record.timeToFirstToken);
  numberIfAny(out, "llm_service_duration", record.duration);
  out.byte(Ascii.RightBrace);
}

function writeUsage(out: Buffer, usage: Usage): void {
  if (!usage.isKnown) return;
  number(out, "input_token", usage.inputOrZero);
  number(out, "output_token", usage.outputOrZero);
  number(out, "total_token", usage.totalOrSum);
  numberIfAny(out, "cached_tokens", usage.cachedInput);
  numberIfAny(out, "cache_write_tokens", usage.cacheWrite);
  numberIfAny(out, "reasoning_tokens", usage.reasoning);
}

function key(out: Buffer, name: string): void {
  if (out.length > 1) out.byte(Ascii.Comma);
  out.byte(Ascii.Quote);
  out.ascii(name);
  out.ascii('":');
}

function number(out: Buffer, name: string, value: i64): void {
  key(out, name);
  out.integer(value);
}

/** -1 is written nowhere. */
function numberIfAny(out: Buffer, name: string, value: i64): void {
  if (value >= 0) number(out, name, value);
}

function word(out: Buffer, name: string, value: string): void {
  key(out, name);
  out.byte(Ascii.Quote);
  out.ascii(value);
  out.byte(Ascii.Quote);
}

/** A value that the client or the provider chose: escaped, its bytes made valid UTF-8. */
function text(out: Buffer, name: string, value: View): void {
  key(out, name);
  out.byte(Ascii.Quote);
  writeInner(out, validUtf8(value));
  out.byte(Ascii.Quote);
}

function textIfAny(out: Buffer, name: string, value: View): void {
  if (value.length > 0) text(out, name, value);
}
