// Which translator an exchange needs: decided by the client's API and the dialect that the provider speaks. The core build
// (`npm run build:core`, where CORE_BUILD is defined) has none: the compiler then leaves all dialects out.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { AnthropicTranslator } from "../dialect/to-anthropic/translator";
import { BedrockEmbeddings } from "../dialect/to-bedrock/embeddings";
import { BedrockTranslator } from "../dialect/to-bedrock/translator";
import { ChainedTranslator } from "../dialect/chain";
import { CohereEmbeddings } from "../dialect/to-cohere/embeddings";
import { CohereTranslator } from "../dialect/to-cohere/translator";
import { DashScopeEmbeddings } from "../dialect/to-dashscope/embeddings";
import { DashScopeTranslator } from "../dialect/to-dashscope/translator";
import { DeepLTranslator } from "../dialect/to-deepl/translator";
import { DifyTranslator } from "../dialect/to-dify/translator";
import { GeminiEmbeddings } from "../dialect/to-gemini/embeddings";
import { GeminiTranslator } from "../dialect/to-gemini/translator";
import { HunyuanEmbeddings } from "../dialect/to-hunyuan/embeddings";
import { HunyuanTranslator } from "../dialect/to-hunyuan/translator";
import { MessagesSettings } from "../dialect/from-messages/settings";
import { MessagesTranslator } from "../dialect/from-messages/translator";
import { MiniMaxTranslator } from "../dialect/to-minimax/translator";
import { ResponseEditor } from "../dialect/conversation/response-editor";
import { ThinkingPromoter } from "../dialect/conversation/promote-thinking";
import { ReasoningMode } from "../dialect/options";
import { TranslateContext, Translator } from "../dialect/translator";
import { SparkTranslator } from "../dialect/to-spark/translator";
import { TritonTranslator } from "../dialect/to-triton/translator";
import { VertexEmbeddings } from "../dialect/to-vertex/embeddings";
import { VertexTranslator } from "../dialect/to-vertex/translator";
import { secondsNow } from "../host/clock";
import { Url, trimSlashes } from "../http/url";
import { Api } from "../model/api";
import { ApiMatch, matchApi } from "../model/match";
import { validUtf8 } from "../model/regex/code-point";
import { Dialect, Quirk } from "../provider/provider";
import { nextRandom } from "../provider/token-pool";
import { Upstream } from "../provider/upstream";
import { Exchange } from "./exchange";

const CHAT_PATH: View = View.utf8("/v1/chat/completions");
let chatMatch: ApiMatch | null = null;

/** True when the provider can serve the API through a translator. */
export function canTranslate(api: Api, upstream: Upstream): bool {
  if (isDefined(CORE_BUILD)) return false;
  switch (api) {
    case Api.ChatCompletions:
      return upstream.dialect != Dialect.OpenAI;
    case Api.Embeddings:
      return hasEmbeddings(upstream.dialect);
    case Api.Messages:
      return upstream.dialect != Dialect.OpenAI || upstream.serves(Api.ChatCompletions);
    default:
      return false;
  }
}

function hasEmbeddings(dialect: Dialect): bool {
  switch (dialect) {
    case Dialect.Gemini:
    case Dialect.Bedrock:
    case Dialect.DashScope:
    case Dialect.Vertex:
    case Dialect.Hunyuan:
    case Dialect.Cohere:
      return true;
    default:
      return false;
  }
}

/** Makes the exchange's translator once its model is known. */
export function startTranslation(exchange: Exchange): void {
  const upstream = exchange.upstream;
  const context = contextOf(exchange, upstream);
  if (exchange.api == Api.Embeddings) exchange.translator = embeddingsTranslator(upstream.dialect, context);
  else if (exchange.api == Api.Messages) exchange.translator = messagesTranslator(exchange, upstream, context);
  else exchange.translator = promoted(upstream, chatTranslator(exchange, upstream, context));
}

/** With promoteThinkingOnEmpty the response passes one translator more, which speaks OpenAI's dialect on both sides. */
function promoted(upstream: Upstream, inner: Translator | null): Translator | null {
  if (isDefined(CORE_BUILD) || inner === null || !upstream.config.promoteThinkingOnEmpty) return inner;
  return new ChainedTranslator(new ThinkingPromoter(inner.context), inner);
}

function contextOf(exchange: Exchange, upstream: Upstream): TranslateContext {
  const context = new TranslateContext();
  context.now = secondsNow();
  context.nonce = nextRandom();
  context.options = upstream.options;
  context.stream = exchange.wantsStream;
  context.includeUsage = exchange.wantsUsage;
  // It goes into the body, and into the response where the provider names none: a client's bytes that are not UTF-8 must not.
  context.model = validUtf8(exchange.upstreamModel);
  return context;
}

/** An Anthropic client: by way of chat completions, which the provider speaks or which are translated once more. */
function messagesTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  const outer = new MessagesTranslator(context);
  outer.settings = messagesSettings(upstream, context.model);
  if (upstream.dialect == Dialect.OpenAI || upstream.serves(Api.ChatCompletions)) {
    exchange.targetApi = Api.ChatCompletions;
    if (!upstream.config.promoteThinkingOnEmpty) return outer;
    const promoter = new ThinkingPromoter(contextOf(exchange, upstream));
    // The outer one knows all forms of a chat, and the reasoning mode; this one must find the thinking.
    if (upstream.options.responseEdits != 0)
      promoter.editor = new ResponseEditor(upstream.options.responseEdits, ReasoningMode.Passthrough);
    return new ChainedTranslator(outer, promoter);
  }
  const innerContext = contextOf(exchange, upstream);
  innerContext.includeUsage = true;
  const inner = promoted(upstream, chatTranslator(exchange, upstream, innerContext));
  return inner === null ? null : new ChainedTranslator(outer, inner);
}

/** What the provider takes of Anthropic's extras. */
function messagesSettings(upstream: Upstream, model: View): MessagesSettings {
  const settings = new MessagesSettings();
  settings.takesBudget = (upstream.quirks & Quirk.REASONING_BUDGET) != 0;
  if (upstream.dialect != Dialect.OpenAI || !upstream.row.isStrict) return settings;
  settings.keepCacheControl = false;
  settings.keepReasoning = false;
  // o1, o3, gpt-5 and later refuse max_tokens; every other server knows nothing else.
  const isNumbered = model.at(0) == Ascii.LowerO && <u32>(model.at(1) - Ascii.Digit0) < 10;
  settings.maxCompletionTokens = isNumbered || model.startsWith("gpt-5");
  return settings;
}

function chatTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  const vendor = upstream.config.vendor;
  switch (upstream.dialect) {
    case Dialect.Anthropic:
      return new AnthropicTranslator(context);
    case Dialect.Gemini:
      return new GeminiTranslator(context);
    case Dialect.Bedrock:
      return new BedrockTranslator(context);
    case Dialect.DashScope:
      return new DashScopeTranslator(context);
    case Dialect.Vertex:
      return new VertexTranslator(context);
    case Dialect.Cohere:
      return new CohereTranslator(context);
    case Dialect.Dify:
      const dify = new DifyTranslator(context);
      dify.botType = vendor.botType;
      dify.inputVariable = vendor.inputVariable;
      dify.outputVariable = vendor.outputVariable;
      dify.basePath = trimSlashes(Url.parse(vendor.difyApiUrl).path);
      dify.conversationId = exchange.conversationId;
      return dify;
    case Dialect.Spark:
      return new SparkTranslator(context);
    case Dialect.MiniMaxPro:
      const minimax = new MiniMaxTranslator(context);
      minimax.groupId = vendor.minimaxGroupId;
      return minimax;
    case Dialect.Hunyuan:
      return new HunyuanTranslator(context);
    case Dialect.DeepL:
      const deepl = new DeepLTranslator(context);
      deepl.targetLang = vendor.targetLang;
      return deepl;
    case Dialect.Triton:
      const triton = new TritonTranslator(context);
      triton.modelVersion = vendor.tritonModelVersion;
      return triton;
    default:
      return null;
  }
}

function embeddingsTranslator(dialect: Dialect, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  switch (dialect) {
    case Dialect.Gemini:
      return new GeminiEmbeddings(context);
    case Dialect.Bedrock:
      return new BedrockEmbeddings(context);
    case Dialect.DashScope:
      return new DashScopeEmbeddings(context);
    case Dialect.Vertex:
      return new VertexEmbeddings(context);
    case Dialect.Hunyuan:
      return new HunyuanEmbeddings(context);
    case Dialect.Cohere:
      return new CohereEmbeddings(context);
    default:
      return null;
  }
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
