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
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { RequestHead } from "./request-head";

const CONSUMER: View = View.utf8("ai_consumer");
const TOKEN: View = View.utf8("ai_token");
const MODEL: View = View.utf8("ai_model");
const ROUTE: View = View.utf8("ai_route");
const TOKENS: View = View.utf8("ai_tokens");

/** What the request's headers tell. `head` is as the client sent it, but for a consumer's key. */
export function publishCaller(arrival: Arrival, head: RequestHead): void {
  const facts = arrival.gate.published;
  if ((facts & (1 << Fact.Consumer)) != 0) publish(CONSUMER, head.consumer);
  if ((facts & (1 << Fact.Token)) != 0) publish(TOKEN, tokenAlias(arrival, head));
  if ((facts & (1 << Fact.Route)) != 0) publish(ROUTE, attributes.routeName());
}

/** The provider's name of the model, once it is known. */
export function publishModel(exchange: Exchange): void {
  if ((exchange.gate.published & (1 << Fact.Model)) != 0) publish(MODEL, exchange.upstreamModel);
}

/** At the end: how many tokens were used, in decimal digits. */
export function publishTokens(arrival: Arrival): void {
  if ((arrival.gate.published & (1 << Fact.Tokens)) == 0) return;
  const out = new Buffer(24);
  out.integer(arrival.usage.isKnown ? arrival.usage.totalOrSum : 0);
  publish(TOKENS, out.toView());
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
