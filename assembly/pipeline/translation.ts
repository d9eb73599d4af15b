// Which translator an exchange needs: decided by the client's API and the dialect that the provider speaks.

import { View } from "../bytes/view";
import { AnthropicTranslator } from "../dialect/anthropic/translator";
import { GeminiEmbeddings } from "../dialect/gemini/embeddings";
import { GeminiTranslator } from "../dialect/gemini/translator";
import { MessagesTranslator } from "../dialect/messages/translator";
import { TranslateContext, Translator } from "../dialect/translator";
import * as host from "../host/host";
import { Api, ApiMatch, matchApi } from "../model/api";
import { Dialect } from "../provider/provider";
import { nextRandom } from "../provider/token-pool";
import { Upstream } from "../provider/upstream";
import { Exchange } from "./exchange";

const NANOS_PER_SECOND: u64 = 1000000000;
const CHAT_PATH: View = View.utf8("/v1/chat/completions");
let chatMatch: ApiMatch | null = null;

/** Sets the exchange's translator when the provider can serve the API only through one; false when it cannot at all. */
export function startTranslation(exchange: Exchange, upstream: Upstream): bool {
  const translator = chooseTranslator(exchange, upstream);
  if (translator === null) return false;
  exchange.translator = translator;
  return true;
}

function chooseTranslator(exchange: Exchange, upstream: Upstream): Translator | null {
  const type = upstream.row.type;
  if (exchange.api == Api.ChatCompletions) {
    if (type == "claude") return new AnthropicTranslator(contextOf(upstream));
    if (type == "gemini") return new GeminiTranslator(contextOf(upstream));
    return null;
  }
  if (exchange.api == Api.Embeddings && type == "gemini") return new GeminiEmbeddings(contextOf(upstream));
  // An Anthropic client in front of a provider that has only chat completions.
  const speaksChat = upstream.serves(Api.ChatCompletions) && upstream.dialectOf(Api.ChatCompletions) == Dialect.OpenAI;
  if (exchange.api == Api.Messages && speaksChat) {
    exchange.targetApi = Api.ChatCompletions;
    return new MessagesTranslator(contextOf(upstream));
  }
  return null;
}

function contextOf(upstream: Upstream): TranslateContext {
  const context = new TranslateContext();
  context.now = <i64>(host.now() / NANOS_PER_SECOND);
  context.nonce = nextRandom();
  context.options = upstream.options;
  return context;
}

/** The path of a translated request that goes to the provider's chat completions. */
export function chatPath(): View {
  return CHAT_PATH;
}

/** Where the API stands in chatPath(). */
export function chatPathMatch(): ApiMatch {
  let match = chatMatch;
  if (match === null) {
    match = matchApi(CHAT_PATH);
    chatMatch = match;
  }
  return match;
}
