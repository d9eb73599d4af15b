// Lets requests in: identifies the consumer before anything else, looks at the limits, and takes from them before anything
// leaves. What was taken is settled at the end (settle.ts).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Consumer, NOBODY } from "../consumer/consumer";
import { Identity } from "../consumer/identify";
import { HeaderMapType } from "../host/abi";
import * as attributes from "../host/attributes";
import { secondsNow, secondsOf } from "../host/clock";
import * as host from "../host/host";
import { removableHeader } from "../http/credentials";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { queryStart } from "../http/url";
import { estimatePromptTokens, estimateResponseTokens } from "../limit/estimate";
import { Ledger } from "../limit/ledger";
import { Counted, Limit, LimitBy, countedBy, hash64 } from "../limit/limit";
import { writeRateHeaders } from "../limit/rate-headers";
import { countsOnly, generatesText } from "../model/api";
import { matchApi } from "../model/match";
import { Arrival } from "./arrival";
import { estimateCost, findPrice } from "./cost";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { publishCaller } from "./publish";
import { refuse } from "./refuse";
import { keepLogHeaders } from "./log-headers";
import { RequestHead } from "./request-head";
import { headerIn } from "./split";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;
const WWW_AUTHENTICATE: View = View.utf8("www-authenticate");
const BEARER: View = View.utf8('Bearer realm="ai-gateway"');

/**
 * Lets the request in or refuses it (false), and keeps and publishes what its headers tell. `asksForKey`: its consumer is to be found
 * out, and must be allowed.
 */
export function admit(arrival: Arrival, head: RequestHead, block: View, asksForKey: bool): bool {
  keepLogHeaders(arrival, block);
  if (!arrival.plugin.trustConsumerHeader) head.consumer = View.empty();
  const isAdmitted = !asksForKey || admitConsumer(arrival, head, block);
  if (arrival.gate.published != 0) publishCaller(arrival, head);
  return isAdmitted;
}

/** Finds out who sends the request and puts it into `head.consumer`; the key leaves the request. False: refused. */
function admitConsumer(arrival: Arrival, head: RequestHead, block: View): bool {
  const gate = arrival.gate;
  const ring = gate.keyRing;
  if (ring !== null) {
    const identity = Identity.read(ring, block, head.path);
    // A provider is told the name only where it is wanted: the request then has it from here on, as without a provider.
    const isShown = arrival.keepsHeader(names.X_MSE_CONSUMER);
    if (identity.claimsName && isShown) host.removeHeader(REQUEST, names.X_MSE_CONSUMER);
    if (identity.hasKey) removeKey(arrival, identity, head);
    const consumer = identity.consumer;
    setCaller(arrival, head, consumer, identity.keyHash);
    if (secondsOf(arrival.startedAt) >= consumer.expires) {
      keepCaller(arrival, head);
      refuseKey(arrival, Failure.KeyExpired, "This API key has expired.");
      return false;
    }
    if (consumer.name.length != 0 && isShown) host.replaceHeader(REQUEST, names.X_MSE_CONSUMER, consumer.name);
  }
  return passes(arrival, head);
}

function setCaller(arrival: Arrival, head: RequestHead, caller: Consumer, keyHash: u64): void {
  head.consumer = caller.name;
  arrival.caller = caller;
  arrival.keyHash = keyHash;
  arrival.metadata = caller.metadata;
}

/** The same for a request that was let in by its headers (`waited`), and whose rule is known now. */
export function readmit(arrival: Arrival, waited: Arrival, head: RequestHead): bool {
  if (waited.caller !== NOBODY) setCaller(arrival, head, waited.caller, waited.keyHash);
  else head.consumer = waited.consumer;
  arrival.overhead = waited.overhead;
  arrival.headers = waited.headers;
  arrival.merge = waited.merge;
  return passes(arrival, head);
}

/** The consumer may use the rule. False: refused. */
function passes(arrival: Arrival, head: RequestHead): bool {
  const gate = arrival.gate;
  if (!gate.requiresConsumer) return true;
  const consumer = head.consumer;
  if (consumer.length != 0 && gate.allows(consumer)) return true;
  keepCaller(arrival, head);
  if (consumer.length != 0) {
    refuse(arrival, Failure.ConsumerNotAllowed, "This API key may not be used here.", "");
  } else {
    const message = "No valid API key was sent. Send the gateway's key, for instance as Authorization: Bearer <key>.";
    refuseKey(arrival, Failure.InvalidApiKey, message);
  }
  return false;
}

function refuseKey(arrival: Arrival, failure: Failure, message: string): void {
  refuse(arrival, failure, message, "", new HeaderList().add(WWW_AUTHENTICATE, BEARER));
}

/** Keeps who calls what, of a request for which no provider is asked: the log tells it. */
export function keepCaller(arrival: Arrival, head: RequestHead): void {
  arrival.consumer = head.consumer.copy();
  arrival.api = matchApi(head.path.slice(0, queryStart(head.path))).api;
}

/** A consumer's key is the gateway's: no provider gets it. */
function removeKey(arrival: Arrival, identity: Identity, head: RequestHead): void {
  const headers = identity.headers;
  for (let k = 0; k < headers.length; k++) {
    // Those that every provider's request loses are taken out later, with one call less.
    const isUsual = removableHeader(headers[k], 0, headers[k].length) != -1;
    if (!isUsual || arrival.keepsHeader(headers[k])) host.removeHeader(REQUEST, headers[k]);
  }
  const path = identity.cleanPath(head.path);
  if (path !== head.path) {
    head.path = path;
    host.replaceHeader(REQUEST, names.PATH, path);
  }
  head.forgetKeys(identity);
}

/** Lists the limits that concern the request, as far as its headers tell. */
export function openLedger(exchange: Exchange, head: RequestHead, block: View): void {
  const gate = exchange.gate;
  if (!gate.hasLimits) return;
  const route = gate.needsRoute ? attributes.routeName() : View.empty();
  lastHeader = View.empty();
  lastSubject = hash64(lastHeader);
  addLimits(exchange, exchange.plugin.limits, head, route, block);
  addLimits(exchange, gate.ownLimits, head, route, block);
}

function addLimits(exchange: Exchange, limits: Array<Limit>, head: RequestHead, route: View, block: View): void {
  for (let k = 0; k < limits.length; k++) {
    const limit = limits[k];
    if (!limit.consumers.has(head.consumer) || !limit.routes.has(route)) continue;
    if (exchange.ledger.isEmpty) exchange.ledger = Ledger.take();
    exchange.ledger.add(limit, subjectOf(exchange, limit, head, route, block));
  }
}

/** The header that was looked for last in this request, and what its value is counted under: many limits may ask for one. */
let lastHeader: View = View.empty();
let lastSubject: u64 = 0;

/** The subject that a limit counts; those that have none of its kind are counted together. */
function subjectOf(exchange: Exchange, limit: Limit, head: RequestHead, route: View, block: View): u64 {
  switch (limit.by) {
    case LimitBy.Consumer:
      return hash64(head.consumer);
    case LimitBy.Token:
      return exchange.keyHash != 0 ? exchange.keyHash : hash64(head.callerKey);
    case LimitBy.Route:
      return hash64(route);
    case LimitBy.Header: {
      if (limit.header.sameAs(lastHeader)) return lastSubject;
      lastHeader = limit.header;
      lastSubject = hash64(headerIn(block, limit.header));
      return lastSubject;
    }
    default:
      return 0;
  }
}

/** Checks that the limits leave anything, before a body is waited for. False: refused. */
export function checkLimits(exchange: Exchange, hasBody: bool, contentLength: i64): bool {
  exchange.bodyBytes = !hasBody ? -1 : contentLength < 0 ? 0 : contentLength;
  const ledger = exchange.ledger;
  if (ledger.isEmpty || ledger.look(secondsNow(), hasBody && !countsOnly(exchange.api))) return true;
  refuseLimit(exchange, ledger);
  return false;
}

/** Takes the request, and the tokens and the money that it may need, from its limits. False: refused. */
export function reserveLimits(exchange: Exchange): bool {
  const ledger = exchange.ledger;
  if (ledger.isEmpty) return true;
  // A count is free.
  const hasBody = exchange.bodyBytes >= 0 && !countsOnly(exchange.api);
  const prompt = hasBody ? estimatePromptTokens(exchange.bodyBytes) : 0;
  const response = hasBody ? estimateResponseTokens(generatesText(exchange.api) ? exchange.outputLimit : 0) : 0;
  let cost: i64 = 0;
  if (hasBody && ledger.needsCost) {
    findPrice(exchange);
    cost = estimateCost(exchange, prompt, response);
  }
  if (ledger.reserve(secondsNow(), prompt + response, cost, exchange.currency, exchange.upstreamModel)) return true;
  refuseLimit(exchange, ledger);
  return false;
}

function refuseLimit(exchange: Exchange, ledger: Ledger): void {
  const limit = ledger.refusing;
  if (limit === null) return;
  const out = new Buffer(128);
  const counted = countedBy(ledger.counter);
  out.ascii(counted == Counted.Cost ? "Budget used up" : "Rate limit reached");
  if (limit.name.length != 0) {
    out.put(" (", limit.name);
    out.byte(Ascii.RightParenthesis);
  }
  out.ascii(": ");
  limit.describe(ledger.counter, out);
  out.ascii(". Try again in ");
  out.integer(ledger.retryAfter);
  out.ascii(" s.");
  const headers = new HeaderList();
  writeRateHeaders(ledger, headers);
  refuse(exchange, Failure.RequestLimit + counted, out.toView().toString(), "", headers);
}
