// Facts about a request for others (config/filter-state): for later filters, logs and traces of the gateway as filter state
// `wasm.ai_<name>`, by which Envoy's own rate limit filter counts over several gateways and its tracer names spans, and for the client in
// headers `x-ai-proxy-<name>`. Envoy ends a span before it tells a filter that the stream has ended, so what is known is set at once:
// the caller before the request goes on, the model with it, some at a stream's first token, the rest with the last byte. What is not
// known is not set.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { writeHexNumber } from "../bytes/hex";
import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { Fact, factName } from "../config/filter-state";
import { Digest } from "../consumer/key-ring";
import { HeaderMapType } from "../host/abi";
import * as attributes from "../host/attributes";
import { NANOSECONDS_PER_MICROSECOND } from "../host/clock";
import * as host from "../host/host";
import { isHeaderValue } from "../http/header-list";
import { MILLI, PICO, toNano, writeDecimal } from "../json/decimal";
import { operationOf, providerName } from "../telemetry/gen-ai";
import { takesOverhead } from "../telemetry/metrics";
import { PROVIDER_ERROR } from "../telemetry/record";
import { Arrival, NO_PROVIDER } from "./arrival";
import { RequestHead } from "./request-head";

/** With the request, at the first token of a stream, and at the end. */
const OF_REQUEST: i32 =
  (1 << Fact.Model) |
  (1 << Fact.Provider) |
  (1 << Fact.GenAiProvider) |
  (1 << Fact.Operation) |
  (1 << Fact.RequestModel) |
  (1 << Fact.Session);
const OF_FIRST_TOKEN: i32 =
  (1 << Fact.ResponseModel) | (1 << Fact.ResponseId) | (1 << Fact.InputTokens) | (1 << Fact.CachedTokens) | (1 << Fact.TimeToFirstToken);
const OF_USAGE: i32 =
  (1 << Fact.Tokens) |
  (1 << Fact.InputTokens) |
  (1 << Fact.OutputTokens) |
  (1 << Fact.CachedTokens) |
  (1 << Fact.CacheWriteTokens) |
  (1 << Fact.ReasoningTokens) |
  (1 << Fact.Cost) |
  (1 << Fact.CostMicros) |
  (1 << Fact.Currency);
const OF_END: i32 = OF_FIRST_TOKEN | OF_USAGE | (1 << Fact.Error) | (1 << Fact.OverheadUs) | (1 << Fact.FinishReason);
/** What only the end of a response's body tells. */
const OF_BODY: i32 = OF_USAGE | (1 << Fact.ResponseModel);

/** Envoy's rate limit filter takes no larger addend (MAX_HITS_ADDEND in its ratelimit_config.cc, Nov 2026). */
const MOST_MICROS: i64 = 1_000_000_000;
/** Bytes of a header's value. */
const MOST_SHOWN: i32 = 256;

/** What the request's headers tell. `head` is as the client sent it, but for a consumer's key. */
export function publishCaller(arrival: Arrival, head: RequestHead): void {
  const facts = arrival.gate.published;
  if ((facts & (1 << Fact.Consumer)) != 0) put(Fact.Consumer, head.consumer);
  if ((facts & (1 << Fact.Token)) != 0) put(Fact.Token, tokenAlias(arrival, head));
  if ((facts & (1 << Fact.Route)) != 0) put(Fact.Route, attributes.routeName());
}

/** The side of a split, once it is chosen. */
export function publishSplit(arrival: Arrival): void {
  publish(arrival, 1 << Fact.Split);
}

/** Whom the request goes to and for which model, once that is known. */
export function publishRequest(arrival: Arrival): void {
  publish(arrival, OF_REQUEST);
}

/** What a stream's first token tells, once. */
export function publishFirstToken(arrival: Arrival): void {
  if (arrival.isBegun || arrival.firstTokenAt == 0) return;
  arrival.isBegun = true;
  publish(arrival, OF_FIRST_TOKEN);
}

/** What the end tells, once. */
export function publishEnd(arrival: Arrival): void {
  if (arrival.isPublished) return;
  arrival.isPublished = true;
  publish(arrival, OF_END);
}

/** All that is known of a request that is refused. */
export function publishRefused(arrival: Arrival): void {
  publishRequest(arrival);
  publishEnd(arrival);
}

/** The time of a new stream is taken: as a sample, or because its overhead is to be told. */
export function takesTime(plugin: PluginConfig): bool {
  return takesOverhead() || ((plugin.filterState | plugin.responseHeaders) & (1 << Fact.OverheadUs)) != 0;
}

/** Something is to be told that the end of a response tells: to the gateway, or to the client. */
export function wantsEnd(arrival: Arrival): bool {
  return ((arrival.gate.published & OF_END) | (arrival.plugin.responseHeaders & OF_BODY)) != 0;
}

/** The head of a whole response waits for its body, which tells what the client is to be told. */
export function awaitsBody(plugin: PluginConfig): bool {
  return (plugin.responseHeaders & OF_BODY) != 0;
}

/** Writes what is known into the headers of the response, which are about to leave. */
export function tellClient(arrival: Arrival): void {
  const facts = arrival.plugin.responseHeaders;
  const out = new Buffer(64);
  for (let fact = 0; facts >> fact != 0; fact++) {
    if (((facts >> fact) & 1) == 0) continue;
    out.clear();
    write(out, fact, arrival);
    if (out.length == 0 || out.length > MOST_SHOWN || !isHeaderValue(out.toView())) continue;
    if (fact == Fact.Tokens && !arrival.usage.isKnown) continue;
    const name = new Buffer(32);
    name.ascii("x-ai-proxy-");
    const word = factName(fact);
    for (let k = 0; k < word.length; k++) name.byte(word.at(k) == Ascii.Underscore ? Ascii.Hyphen : word.at(k));
    host.replaceHeader(HeaderMapType.ResponseHeaders, name.toView(), out.toView());
  }
}

/** Puts those of `facts` that are asked for and known into filter state. */
function publish(arrival: Arrival, facts: i32): void {
  facts &= arrival.gate.published;
  if (facts == 0) return;
  const out = new Buffer(64);
  for (let fact = 0; facts >> fact != 0; fact++) {
    if (((facts >> fact) & 1) == 0) continue;
    out.clear();
    write(out, fact, arrival);
    put(fact, out.toView());
  }
}

function put(fact: Fact, value: View): void {
  if (value.length == 0) return;
  const name = new Buffer(32);
  name.put("ai_", factName(fact));
  host.setProperty(name.toView(), value);
}

/** The fact as text, nothing when it is not known. */
function write(out: Buffer, fact: Fact, arrival: Arrival): void {
  switch (fact) {
    case Fact.Split:
      return out.view(arrival.splitSide);
    case Fact.Model:
      return out.view(arrival.upstreamModel);
    case Fact.RequestModel:
      return out.view(arrival.clientModel);
    case Fact.ResponseModel:
      return out.view(arrival.responseModel);
    case Fact.ResponseId:
      return out.view(arrival.responseId);
    case Fact.Session:
      return out.view(arrival.session);
    case Fact.Provider:
      if (arrival.provider != NO_PROVIDER) out.ascii(arrival.provider);
      return;
    case Fact.GenAiProvider:
      if (arrival.provider != NO_PROVIDER) out.ascii(providerName(arrival.provider));
      return;
    case Fact.Operation:
      return out.ascii(operationOf(arrival.api));
    case Fact.FinishReason:
      return out.ascii(arrival.usage.finish);
    case Fact.Error:
      return writeError(out, arrival);
    case Fact.Cost:
      return writeNumber(out, arrival.cost, PICO);
    case Fact.CostMicros:
      return writeNumber(out, min((toNano(max<i64>(arrival.cost, 0)) + 999) / 1000, MOST_MICROS));
    case Fact.Currency:
      if (arrival.cost >= 0) out.view(arrival.currency);
      return;
    case Fact.TimeToFirstToken:
      return writeNumber(out, arrival.timeToFirstToken, MILLI);
    case Fact.OverheadUs:
      return writeNumber(out, <i64>(arrival.overhead + sinceEntered(arrival)) / NANOSECONDS_PER_MICROSECOND);
    default:
      return writeNumber(out, countOf(fact, arrival));
  }
}

/** A number of tokens, -1 when it is not known. */
function countOf(fact: Fact, arrival: Arrival): i64 {
  const usage = arrival.usage;
  switch (fact) {
    case Fact.InputTokens:
      return usage.input;
    case Fact.OutputTokens:
      return usage.output;
    case Fact.CachedTokens:
      return usage.cachedInput;
    case Fact.CacheWriteTokens:
      return usage.cacheWrite;
    case Fact.ReasoningTokens:
      return usage.reasoning;
    default:
      return usage.isKnown ? usage.totalOrSum : 0;
  }
}

function writeNumber(out: Buffer, value: i64, places: i32 = 0): void {
  if (value >= 0) writeDecimal(out, value, places);
}

/** OpenTelemetry wants the status itself where the provider has said what went wrong by nothing else. */
function writeError(out: Buffer, arrival: Arrival): void {
  const error = arrival.rejected ? arrival.failureWord : arrival.error;
  if (error == PROVIDER_ERROR && arrival.status >= 400) out.integer(arrival.status);
  else out.ascii(error);
}

/** The first 16 hexadecimal digits of the key's SHA-256: the same on every gateway, and no way back to the key. */
function tokenAlias(arrival: Arrival, head: RequestHead): View {
  let word = arrival.keyHash;
  const key = head.callerKey;
  if (word == 0 && key.length != 0) word = Digest.of(key).word(0);
  const out = new Buffer(16);
  if (word != 0) writeHexNumber(out, word);
  return out.toView();
}

/** Nanoseconds of this callback so far, if its time is taken. */
function sinceEntered(arrival: Arrival): u64 {
  return arrival.enteredAt > 0 ? host.now() - arrival.enteredAt : 0;
}
