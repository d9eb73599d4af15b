// The only file that knows the fields of `ai_log`, the JSON object in filter state `wasm.ai_log`
// (`%FILTER_STATE(wasm.ai_log:PLAIN)%`). Names are Higress's; usage_source, status and the like are ours.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import * as names from "../http/names";
import { writeInner } from "../json/text";
import { validUtf8 } from "../model/regex/code-point";
import { Usage, UsageSource } from "../usage/usage";

const NO_USAGE: Usage = new Usage();
/** Written for one host call and then again for the next exchange. */
const buffer: Buffer = new Buffer(1024);

/** What one finished exchange logs. Durations in milliseconds, -1 when they do not apply. */
@final
export class LogEntry {
  /** The API by its route's name, or empty; then by its own. */
  api: View = View.empty();
  apiName: string = "";
  model: View = View.empty();
  requestModel: View = View.empty();
  provider: string = "";
  consumer: View = View.empty();
  chatId: View = View.empty();
  chatRound: i32 = -1;
  /** Of the agent's conversation. */
  session: View = View.empty();
  isStream: bool = false;
  status: i32 = 0;
  /** `completed`, `aborted` or `error`. */
  outcome: string = "";
  error: string = "";
  /** What is not usual about it: words with commas between, or nothing. */
  abnormal: View = View.empty();
  usage: Usage = NO_USAGE;
  source: UsageSource = UsageSource.None;
  serviceDuration: i64 = -1;
  firstTokenDuration: i64 = -1;
}

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

/** Writes the entry into filter state; with `escaped`, as the inside of a JSON string for Higress's log format. */
export function writeLog(entry: LogEntry, escaped: bool): void {
  const out = buffer;
  out.clear(4096);
  writeEntry(out, entry);
  if (escaped) {
    const twice = new Buffer(out.length * 2);
    writeInner(twice, out.toView());
    host.setProperty(names.AI_LOG, twice.toView());
  } else host.setProperty(names.AI_LOG, out.window());
}

/** The object without its filter-state wrapping. */
export function writeEntry(out: Buffer, entry: LogEntry): void {
  out.byte(Ascii.LeftBrace);
  if (entry.api.length > 0) text(out, "api", entry.api);
  else word(out, "api", entry.apiName);
  if (entry.model.length > 0) text(out, "model", entry.model);
  if (entry.requestModel.length > 0) text(out, "request_model", entry.requestModel);
  word(out, "provider", entry.provider);
  if (entry.consumer.length > 0) text(out, "consumer", entry.consumer);
  word(out, "response_type", entry.isStream ? "stream" : "normal");
  number(out, "status", entry.status);
  word(out, "outcome", entry.outcome);
  if (entry.error.length > 0) word(out, "error", entry.error);
  if (entry.abnormal.length > 0) text(out, "abnormal", entry.abnormal);
  if (entry.chatId.length > 0) text(out, "chat_id", entry.chatId);
  if (entry.session.length > 0) text(out, "session_id", entry.session);
  if (entry.chatRound >= 0) number(out, "chat_round", entry.chatRound);
  writeUsage(out, entry.usage);
  word(out, "usage_source", sourceName(entry.source));
  if (entry.firstTokenDuration >= 0) number(out, "llm_first_token_duration", entry.firstTokenDuration);
  if (entry.serviceDuration >= 0) number(out, "llm_service_duration", entry.serviceDuration);
  out.byte(Ascii.RightBrace);
}

function writeUsage(out: Buffer, usage: Usage): void {
  if (!usage.isKnown) return;
  number(out, "input_token", usage.input < 0 ? 0 : usage.input);
  number(out, "output_token", usage.output < 0 ? 0 : usage.output);
  number(out, "total_token", usage.totalOrSum);
  if (usage.cachedInput >= 0) number(out, "cached_tokens", usage.cachedInput);
  if (usage.cacheWrite >= 0) number(out, "cache_write_tokens", usage.cacheWrite);
  if (usage.reasoning >= 0) number(out, "reasoning_tokens", usage.reasoning);
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
