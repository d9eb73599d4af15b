// What an exchange costs. Prices are the operator's: the rule's, then the provider's, then those of the top level.

import { View } from "../bytes/view";
import { plus, toNano } from "../json/decimal";
import { countsOnly } from "../model/api";
import { Price, Rate } from "../model/price";
import { partsOf } from "../usage/parts";
import { UsageSource } from "../usage/usage";
import { Exchange } from "./exchange";

/** Finds the price of the model, once: by the name that the provider is asked for, else by the client's. */
export function findPrice(exchange: Exchange): void {
  const plugin = exchange.plugin;
  if (exchange.isPriced || exchange.askedModel.length == 0) return;
  if (exchange.gate.prices.isEmpty && exchange.config.prices.isEmpty && plugin.prices.isEmpty) return;
  exchange.isPriced = true;
  let price = priceOf(exchange, exchange.upstreamModel);
  if (price === null) price = priceOf(exchange, exchange.clientModel);
  exchange.price = price;
  if (price !== null) exchange.currency = price.currency.length != 0 ? price.currency : plugin.currency;
}

function priceOf(exchange: Exchange, model: View): Price | null {
  let price = exchange.gate.prices.find(model);
  if (price === null) price = exchange.config.prices.find(model);
  return price === null ? exchange.plugin.prices.find(model) : price;
}

/** What so many tokens will cost at most as a rule, in 10^-9: no part of them comes from a cache or is dearer than others. */
export function estimateCost(exchange: Exchange, prompt: i64, response: i64): i64 {
  const price = exchange.price;
  if (price === null) return 0;
  return toNano(plus(plus(price.of(Rate.Input, prompt), price.of(Rate.Output, response)), price.of(Rate.Request, 1)));
}

/** At the end: sets the cost of the exchange, if its model has a price and there is anything to pay for. */
export function priceExchange(exchange: Exchange): void {
  findPrice(exchange);
  const price = exchange.price;
  // What the plugin answers itself costs nothing, and neither does a count of tokens.
  if (price === null || exchange.rejected || countsOnly(exchange.api)) return;
  const isKnown = exchange.usage.isKnown;
  if (!isKnown && !exchange.isGood) return;
  const cost = price.sum(partsOf(exchange.usage));
  const isWhole = isKnown || !price.countsTokens;
  if (cost == 0 && !isWhole) return;
  exchange.cost = cost;
  exchange.costSource = isKnown ? exchange.usageSource : isWhole ? UsageSource.Reported : UsageSource.Partial;
}
