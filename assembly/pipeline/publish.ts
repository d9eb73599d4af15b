// Facts about a request for later filters of the gateway, as filter state `wasm.ai_<name>`: Envoy's own rate limit filter counts
// by them over several gateways. The consumer, the token and the route are there before the request goes on, the model with
// it, the tokens at the end. What is not known is not set.

import { Buffer } from "../bytes/buffer";
import { writeHexNumber } from "../bytes/hex";
import { View } from "../bytes/view";
import { Fact } from "../config/filter-state";
import { Digest } from "../consumer/key-ring";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { PICO, toNano, writeDecimal } from "../json/decimal";
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { RequestHead } from "./request-head";

const CONSUMER: View = View.utf8("ai_consumer");
const TOKEN: View = View.utf8("ai_token");
const MODEL: View = View.utf8("ai_model");
const ROUTE: View = View.utf8("ai_route");
const SPLIT: View = View.utf8("ai_split");
const TOKENS: View = View.utf8("ai_tokens");
const COST: View = View.utf8("ai_cost");
const COST_MICROS: View = View.utf8("ai_cost_micros");
/** Envoy's rate limit filter takes no larger addend (MAX_HITS_ADDEND in its ratelimit_config.cc, Nov 2026). */
const MOST_MICROS: i64 = 1_000_000_000;

/** What the request's headers tell. `head` is as the client sent it, but for a consumer's key. */
export function publishCaller(arrival: Arrival, head: RequestHead): void {
  const facts = arrival.gate.published;
  if ((facts & (1 << Fact.Consumer)) != 0) publish(CONSUMER, head.consumer);
  if ((facts & (1 << Fact.Token)) != 0) publish(TOKEN, tokenAlias(arrival, head));
  if ((facts & (1 << Fact.Route)) != 0) publish(ROUTE, attributes.routeName());
}

/** The side of a split, once it is chosen. */
export function publishSplit(arrival: Arrival): void {
  if ((arrival.gate.published & (1 << Fact.Split)) != 0) publish(SPLIT, arrival.splitSide);
}

/** The provider's name of the model, once it is known. */
export function publishModel(exchange: Exchange): void {
  if ((exchange.gate.published & (1 << Fact.Model)) != 0) publish(MODEL, exchange.upstreamModel);
}

/** At the end: how many tokens were used, in decimal digits, and what they cost. */
export function publishUsage(arrival: Arrival): void {
  const facts = arrival.gate.published;
  if ((facts & (1 << Fact.Tokens)) != 0) publishNumber(TOKENS, arrival.usage.isKnown ? arrival.usage.totalOrSum : 0, 0);
  if ((facts & (1 << Fact.Cost)) != 0 && arrival.cost >= 0) publishNumber(COST, arrival.cost, PICO);
  if ((facts & (1 << Fact.CostMicros)) != 0) {
    const micros = (toNano(max<i64>(arrival.cost, 0)) + 999) / 1000;
    publishNumber(COST_MICROS, min(micros, MOST_MICROS), 0);
  }
}

function publishNumber(name: View, value: i64, places: i32): void {
  const out = new Buffer(24);
  writeDecimal(out, value, places);
  publish(name, out.toView());
}

function publish(name: View, value: View): void {
  if (value.length > 0) host.setProperty(name, value);
}

/** The first 16 hexadecimal digits of the key's SHA-256: the same on every gateway, and no way back to the key. */
function tokenAlias(arrival: Arrival, head: RequestHead): View {
  let word = arrival.keyHash;
  const key = head.callerKey;
  if (word == 0 && key.length > 0) word = Digest.of(key).word(0);
  const out = new Buffer(16);
  if (word != 0) writeHexNumber(out, word);
  return out.toView();
}
