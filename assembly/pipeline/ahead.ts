// requestHeaders `continue`: the headers of a request leave before its body has come, for gateways in which Envoy does not call the body's
// callback while headers are held (EnvoyExtensionPolicy, WasmPlugin of Istio). Nothing that is written into them may depend on the body.
// The body is read, checked and rewritten as always; whom it makes the gateway refuse gets its error, and the provider half a request.
// Such gateways call no body's callback while headers of a response are held either: those leave at once, too, with the status that the
// provider gave.

import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { ProviderField } from "../config/schema.gen";
import { HeadersAction } from "../host/abi";
import { Api, countsOnly } from "../model/api";
import { Dialect } from "../provider/provider";
import { Upstream } from "../provider/upstream";
import { Exchange } from "./exchange";
import { awaitsBody } from "./publish";
import { dropLength } from "./send-body";
import { startTranslation } from "./translation";
import { sendHeaders } from "./upstream-head";

/** Of these dialects no path and no header depends on the request's body. */
const FIXED_HEADS: i32 =
  (1 << Dialect.OpenAI) |
  (1 << Dialect.Anthropic) |
  (1 << Dialect.Cohere) |
  (1 << Dialect.Dify) |
  (1 << Dialect.Spark) |
  (1 << Dialect.MiniMaxPro);

/** Why the configuration has to hold headers; "" when they may go ahead. `upstream`: the provider, null for none. */
export function needsHeld(config: PluginConfig, isGuarded: bool, upstream: Upstream | null): string {
  if (isGuarded) return "several providers, cluster, split or rules by model";
  const ring = config.keyRing;
  if (ring !== null && ring.limitsModels) return "consumers[].models";
  if (config.mergesModels) return "models: both";
  if (awaitsBody(config)) return "these responseHeaders";
  return upstream !== null && variesByBody(upstream) ? "a provider whose address or signature depends on the body" : "";
}

/** What is written into the headers of a chat depends on it. */
function variesByBody(upstream: Upstream): bool {
  const settings = upstream.config.settings;
  const choosesApi = settings.textIs(ProviderField.OPENAI_API, "auto") || settings.textIs(ProviderField.OPENAI_API, "responses");
  if (upstream.signs || choosesApi) return true;
  const isFixed = ((FIXED_HEADS >> upstream.dialect) & 1) != 0 && !upstream.namesModel(Api.ChatCompletions);
  return !isFixed && !upstream.config.protocolOriginal;
}

/** What the request is written to depends on its body all the same. */
export function isAddressedByBody(exchange: Exchange): bool {
  if (exchange.isTranslated) return countsOnly(exchange.api);
  return !exchange.keepsPath && exchange.upstream.namesModel(exchange.api);
}

/** Sends the headers of a request whose body is read later. */
export function goAhead(exchange: Exchange): HeadersAction {
  if (exchange.isTranslated) startTranslation(exchange);
  dropLength(exchange);
  exchange.hasContentLength = false;
  exchange.isAhead = true;
  if (sendHeaders(exchange, exchange.upstreamModel, View.empty())) return HeadersAction.Continue;
  return exchange.isWaiting ? HeadersAction.StopAll : HeadersAction.StopIteration;
}
