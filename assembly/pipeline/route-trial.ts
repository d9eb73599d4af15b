// Where a request would go, found out before it goes. Envoy chooses the route again for a response that a filter gives itself: so the
// request is answered, the choice is looked at before that response leaves, and if it is the right one, the request is sent by a side
// call to the cluster by its name, whose response takes the place of the one that was held back. The next request of the kind goes as
// usual.

import { View } from "../bytes/view";
import { BufferType, DataAction, HeaderMapType, HeadersAction } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { HeaderWalker } from "../http/header-block";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { Api } from "../model/api";
import { Exchange, ResponseHandler, UNTOUCHED } from "./exchange";
import { Failure, failureStatus } from "./failure";
import { refuse } from "./refuse";
import { replaceResponse } from "./replaced-response";
import { onResponseBytes, onResponseHead } from "./response";
import { ResponseHead } from "./response-head";
import { ChosenRoute, SideDelivery } from "./route-guard";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;
const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;
const MESSAGE: string =
  "The gateway's routes lead this request to another cluster once the provider's path and host are set, so it was not sent. The gateway's log says what to change.";
const TRANSFER_ENCODING: View = View.utf8("transfer-encoding");
/** What the side call may take. */
const CALL_MILLISECONDS: i32 = 600_000;
/** All that there is of a body. */
const MAX_BYTES: i32 = 0x7fffffff;

/** The response that asks Envoy where the request would go, and is held back while the provider is asked. */
@final
export class RouteTrial extends ResponseHandler {
  private headers: View;
  private body: View;

  private constructor(
    exchange: Exchange,
    private chosen: ChosenRoute,
  ) {
    super();
    host.removeHeader(REQUEST, TRANSFER_ENCODING);
    const block = host.headerBlock(REQUEST);
    this.headers = block === null ? View.empty() : block.copy();
    const body = exchange.bodyBytes > 0 ? host.body(BufferType.RequestBody, 0, MAX_BYTES) : null;
    this.body = body === null ? View.empty() : body.copy();
  }

  /** Lets Envoy choose, for a request whose headers and body are as they are to leave. */
  static start(exchange: Exchange, chosen: ChosenRoute): void {
    exchange.handler = new RouteTrial(exchange, chosen);
    refuse(exchange, Failure.RouteChanged, MESSAGE, "", new HeaderList(), "route_trial");
  }

  get isTrial(): bool {
    return true;
  }

  get isBusy(): bool {
    return false;
  }

  onBytes(exchange: Exchange, _size: i32, _endOfStream: bool): DataAction {
    exchange.responseDone = false;
    return DataAction.StopIterationAndBuffer;
  }

  /** Envoy has chosen, and the response is on its way to the client. */
  onOwnHead(exchange: Exchange): HeadersAction {
    const upstream = exchange.upstream;
    const chosen = this.chosen;
    const cluster = attributes.clusterName();
    exchange.handler = UNTOUCHED;
    exchange.status = failureStatus(Failure.RouteChanged);
    if (!chosen.allows(upstream, cluster) || chosen.isBarred(upstream)) {
      const to = cluster.copy();
      chosen.guard.report(chosen.route, chosen.cluster, attributes.routeName(), to, upstream.host);
      return HeadersAction.Continue;
    }
    const name = cluster.copy();
    const path = exchange.untriedPath;
    chosen.learn(upstream, path, path.sameAs(exchange.sentPath), hasClientsId(exchange));
    const call = exchange.isUpgrade ? -1 : host.httpCall(chosen.guard.root, name, this.headers, this.body, CALL_MILLISECONDS);
    // The call was made in the plugin's name.
    host.actOn(exchange.context);
    this.headers = View.empty();
    this.body = View.empty();
    exchange.rejected = false;
    exchange.failure = Failure.None;
    if (call < 0) {
      replaceOwn(exchange, Failure.UpstreamUnavailable);
      return HeadersAction.Continue;
    }
    exchange.handler = this;
    chosen.guard.await(new TrialCall(exchange, call));
    return HeadersAction.StopIteration;
  }
}

/** The side call whose response takes the place of the one that is held back. */
@final
class TrialCall extends SideDelivery {
  constructor(
    private exchange: Exchange,
    call: i32,
  ) {
    super(call);
  }

  deliver(block: View | null, text: View): void {
    const exchange = this.exchange;
    if (exchange.finished) return;
    exchange.handler = UNTOUCHED;
    host.actOn(exchange.context);
    if (block === null) {
      replaceOwn(exchange, Failure.UpstreamUnreachable);
      onResponseBytes(exchange, 1, true);
    } else {
      exchange.isDelivered = true;
      putHeaders(block);
      host.replaceBody(BufferType.ResponseBody, text);
      const head = host.headerBlock(RESPONSE);
      if (head !== null) onResponseHead(exchange, head, false);
      onResponseBytes(exchange, text.length, true);
    }
    host.continueResponse();
  }
}

/** The route is fixed, and leads elsewhere than the provider's `cluster`. */
export function refuseRoute(exchange: Exchange, chosen: ChosenRoute): void {
  const cluster = attributes.clusterName().copy();
  chosen.guard.report(chosen.route, cluster, attributes.routeName(), cluster, exchange.upstream.host);
  refuse(exchange, Failure.RouteChanged, MESSAGE, "");
}

/** The response that is held back becomes an error. */
function replaceOwn(exchange: Exchange, failure: Failure): void {
  const block = host.headerBlock(RESPONSE);
  if (block !== null) replaceResponse(exchange, ResponseHead.read(block), failure);
}

/** The provider's headers take the place of those of the response that is held back. */
function putHeaders(block: View): void {
  host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
  host.removeHeader(RESPONSE, names.CONTENT_TYPE);
  const walker = new HeaderWalker(block);
  while (walker.next()) {
    if (walker.nameIs("transfer-encoding")) continue;
    host.replaceHeader(RESPONSE, block.slice(walker.nameStart, walker.nameEnd), walker.value());
  }
}

/** Paths with an id of the client's are without number; models, which Gemini's paths name, are few. */
function hasClientsId(exchange: Exchange): bool {
  const isGemini = exchange.api == Api.GeminiGenerate || exchange.api == Api.GeminiStreamGenerate;
  return exchange.match.idEnd != exchange.match.idStart && !isGemini;
}
