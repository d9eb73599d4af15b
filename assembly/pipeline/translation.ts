// Which translator an exchange needs: decided by the client's API and the dialect that the provider speaks. The core build
// (`npm run build:core`, where CORE_BUILD is defined) has none: the compiler then leaves all dialects out.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { ChainedTranslator } from "../dialect/chain";
import { ToResponses } from "../dialect/to-responses/translator";
import { GeminiClientEmbeddings } from "../dialect/from-gemini/embeddings";
import { GeminiClientSettings } from "../dialect/from-gemini/settings";
import { GeminiClientTranslator } from "../dialect/from-gemini/translator";
import { MessagesSettings } from "../dialect/from-messages/settings";
import { MessagesTranslator } from "../dialect/from-messages/translator";
import { ResponsesTranslator } from "../dialect/from-responses/translator";
import { KlingTranslator } from "../dialect/to-kling/translator";
import { ResponseEditor } from "../dialect/conversation/response-editor";
import { ThinkingPromoter } from "../dialect/conversation/promote-thinking";
import { Effects } from "../dialect/effects";
import { ReasoningMode } from "../model/reasoning-mode";
import { TranslateContext, Translator } from "../dialect/translator";
import { secondsNow } from "../host/clock";
import { parameterOf } from "../http/url";
import { Api, countedApi, countsOnly, hasPathModel } from "../model/api";
import { ApiMatch } from "../model/match";
import { validUtf8 } from "../json/code-point";
import { Dialect, Quirk } from "../provider/provider";
import { nextRandom } from "../provider/token-pool";
import { Upstream } from "../provider/upstream";
import { ChatEdit } from "./chat-edits";
import { countTranslator } from "./count";
import { Exchange } from "./exchange";
import { chatTranslator, embeddingsTranslator, hasEmbeddings, hasImages, imagesTranslator, isBuiltIn, messagesPass } from "./translators";

const CHAT_PATH: View = View.utf8("/v1/chat/completions");
const EMBEDDINGS_PATH: View = View.utf8("/v1/embeddings");
const RESPONSES_PATH: View = View.utf8("/v1/responses");
const INPUT_TOKENS_PATH: View = View.utf8("/v1/responses/input_tokens");
const targetMatch: ApiMatch = new ApiMatch();

/** True when the provider can serve the API through a translator. */
export function canTranslate(api: Api, upstream: Upstream): bool {
  if (isDefined(CORE_BUILD) || !isBuiltIn(upstream.dialect) || !hasClient(api)) return false;
  switch (api) {
    case Api.ChatCompletions:
      return upstream.dialect != Dialect.OpenAI;
    case Api.Embeddings:
      return hasEmbeddings(upstream.dialect);
    case Api.ImageGeneration:
      return hasImages(upstream.dialect);
    case Api.Messages:
    case Api.GeminiGenerate:
    case Api.GeminiStreamGenerate:
    case Api.Responses:
      return upstream.dialect != Dialect.OpenAI || upstream.serves(Api.ChatCompletions);
    case Api.CountTokens:
    case Api.ResponseInputTokens:
    case Api.GeminiCountTokens:
      return canTranslate(countedApi(api), upstream);
    case Api.GeminiEmbed:
    case Api.GeminiBatchEmbed:
      return upstream.serves(Api.Embeddings) || hasEmbeddings(upstream.dialect);
    default:
      return false;
  }
}

/** False when the build was made without the translator of the client's API (`npm run build -- --with`). */
function hasClient(api: Api): bool {
  if (isDefined(WITHOUT_ANTHROPIC) && countedApi(api) == Api.Messages) return false;
  if (isDefined(WITHOUT_RESPONSES) && countedApi(api) == Api.Responses) return false;
  return !isDefined(WITHOUT_GEMINI) || !hasPathModel(api);
}

/** Makes the exchange's translator once its model is known. */
export function startTranslation(exchange: Exchange): void {
  if (isDefined(CORE_BUILD)) return;
  const upstream = exchange.upstream;
  const context = contextOf(exchange, upstream);
  const api = countedApi(exchange.api);
  let made: Translator | null;
  if (api == Api.Embeddings) made = embeddingsTranslator(upstream.dialect, context);
  else if (api == Api.ImageGeneration) made = imagesTranslator(upstream.dialect, context);
  else if (api == Api.Videos) made = new KlingTranslator(context);
  else if (api == Api.Messages) made = messagesTranslator(exchange, upstream, context);
  else if (api == Api.GeminiEmbed || api == Api.GeminiBatchEmbed) made = geminiClientEmbeddings(exchange, upstream, context);
  else if (hasPathModel(api)) made = geminiClientTranslator(exchange, upstream, context);
  else if (api == Api.Responses) made = responsesTranslator(exchange, upstream, context);
  else made = promoted(upstream, innerTranslator(exchange, upstream, context));
  exchange.translator = made !== null && context.counts ? countTranslator(exchange, made) : made;
}

/** A new translator from chat, or the conversation form, to what the exchange's provider is asked in; null where that is chat. */
function innerTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  if (isDefined(WITHOUT_RESPONSES) || exchange.targetApi != Api.Responses) return chatTranslator(upstream.dialect, context);
  context.model = validUtf8(upstream.deployedModel(context.model));
  return new ToResponses(context);
}

/** With promoteThinkingOnEmpty the response passes one translator more, which speaks OpenAI's dialect on both sides. */
function promoted(upstream: Upstream, inner: Translator | null): Translator | null {
  if (isDefined(CORE_BUILD) || inner === null || !upstream.config.promoteThinkingOnEmpty) return inner;
  return new ChainedTranslator(new ThinkingPromoter(inner.context), inner);
}

/** `effects`: those of the translator in front, in a chain. */
function contextOf(exchange: Exchange, upstream: Upstream, effects: Effects = new Effects()): TranslateContext {
  const context = new TranslateContext(effects, upstream.options);
  context.now = secondsNow();
  context.nonce = nextRandom();
  context.conversationId = exchange.conversationId;
  context.betas = exchange.anthropicBeta;
  context.counts = countsOnly(exchange.api);
  context.stream = exchange.wantsStream;
  context.includeUsage = exchange.wantsUsage;
  // It goes into the body, and into the response where the provider names none: a client's bytes that are not UTF-8 must not.
  context.model = validUtf8(exchange.upstreamModel);
  return context;
}

function messagesTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD) || isDefined(WITHOUT_ANTHROPIC)) return null;
  const pass = messagesPass(upstream.dialect, context);
  if (pass !== null) return pass;
  const outer = new MessagesTranslator(context);
  outer.settings = messagesSettings(upstream, context.model);
  return byWayOfChat(exchange, upstream, outer);
}

function geminiClientTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD) || isDefined(WITHOUT_GEMINI)) return null;
  const outer = new GeminiClientTranslator(context);
  outer.settings = geminiClientSettings(exchange, upstream);
  return byWayOfChat(exchange, upstream, outer);
}

function geminiClientEmbeddings(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD) || isDefined(WITHOUT_GEMINI)) return null;
  const outer = new GeminiClientEmbeddings(context, exchange.api == Api.GeminiBatchEmbed);
  if (upstream.serves(Api.Embeddings)) {
    exchange.targetApi = Api.Embeddings;
    return outer;
  }
  const inner = embeddingsTranslator(upstream.dialect, contextOf(exchange, upstream, context.effects));
  return inner === null ? null : new ChainedTranslator(outer, inner);
}

/** What the provider takes beyond OpenAI's reference, and how the client reads its stream. */
function geminiClientSettings(exchange: Exchange, upstream: Upstream): GeminiClientSettings {
  const settings = new GeminiClientSettings();
  const row = upstream.row;
  const speaksChat = upstream.dialect == Dialect.OpenAI || upstream.serves(Api.ChatCompletions);
  const toResponses = exchange.targetApi == Api.Responses;
  settings.streamsList = exchange.api == Api.GeminiStreamGenerate && !parameterOf(exchange.query, "alt").equals("sse");
  settings.isChat = speaksChat && !toResponses;
  settings.keepExtras = !speaksChat || !row.isStrict;
  settings.keepReasoning = takesReasoning(upstream);
  settings.takesAllowedTools = !speaksChat || row.hasFamilies;
  settings.takesBudget = !speaksChat || (upstream.quirks & Quirk.REASONING_BUDGET) != 0;
  settings.takesNoEffort = !speaksChat || row.hasFamilies || (upstream.quirks & Quirk.EFFORT_TO_THINKING) != 0;
  return settings;
}

/** A client of another API, whose requests `outer` makes chats: the provider speaks those, or they are translated once more. */
function byWayOfChat(exchange: Exchange, upstream: Upstream, outer: Translator): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  const toResponses = exchange.targetApi == Api.Responses;
  if (!toResponses && (upstream.dialect == Dialect.OpenAI || upstream.serves(Api.ChatCompletions))) {
    exchange.targetApi = Api.ChatCompletions;
    if (!upstream.config.promoteThinkingOnEmpty) return outer;
    const promoter = new ThinkingPromoter(contextOf(exchange, upstream, outer.context.effects));
    // The outer one knows all forms of a chat, and the reasoning mode; this one must find the thinking.
    if (upstream.options.responseEdits != 0)
      promoter.editor = new ResponseEditor(upstream.options.responseEdits, ReasoningMode.Passthrough);
    return new ChainedTranslator(outer, promoter);
  }
  const innerContext = contextOf(exchange, upstream, outer.context.effects);
  innerContext.includeUsage = true;
  const chat = innerTranslator(exchange, upstream, innerContext);
  const inner = promoted(upstream, chat);
  if (chat === null || inner === null) return null;
  // Promoted thinking is looked for in chat's own places, and messages that the operator joins lose their order.
  const isPlain = inner !== chat || (toResponses && upstream.config.mergeConsecutiveMessages);
  const isConversation = outer.knowsConversation && chat.knowsConversation && !isPlain;
  outer.context.isConversation = isConversation;
  innerContext.isConversation = isConversation;
  const chain = new ChainedTranslator(outer, inner);
  if (toResponses) chain.middle = new ChatEdit(exchange);
  return chain;
}

function responsesTranslator(exchange: Exchange, upstream: Upstream, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD) || isDefined(WITHOUT_RESPONSES)) return null;
  const outer = new ResponsesTranslator(context);
  const settings = outer.settings;
  const isChat = upstream.dialect == Dialect.OpenAI || upstream.serves(Api.ChatCompletions);
  settings.keepExtras = !isChat;
  settings.keepCacheKey = (upstream.quirks & Quirk.CACHE_KEY) != 0;
  if (isChat && upstream.row.isStrict) {
    settings.keepReasoning = takesReasoning(upstream);
    settings.maxCompletionTokens = takesCompletionTokens(context.model);
  }
  return byWayOfChat(exchange, upstream, outer);
}

/** Thinking of earlier turns may go out as reasoning_content; where it has another form, the provider's quirks give it that. */
function takesReasoning(upstream: Upstream): bool {
  return !upstream.row.isStrict || (upstream.quirks & Quirk.THINKING) != 0;
}

/** o1, o3, gpt-5 and later refuse max_tokens; every other server knows nothing else. */
function takesCompletionTokens(model: View): bool {
  const isNumbered = model.at(0) == Ascii.LowerO && <u32>(model.at(1) - Ascii.Digit0) < 10;
  return isNumbered || model.startsWith("gpt-5");
}

/** What the provider takes of Anthropic's extras. */
function messagesSettings(upstream: Upstream, model: View): MessagesSettings {
  const settings = new MessagesSettings();
  settings.takesBudget = (upstream.quirks & Quirk.REASONING_BUDGET) != 0;
  settings.takesDetails = settings.takesBudget;
  if (upstream.dialect != Dialect.OpenAI || !upstream.row.isStrict) return settings;
  settings.keepCacheControl = false;
  settings.keepReasoning = takesReasoning(upstream);
  settings.maxCompletionTokens = takesCompletionTokens(model);
  return settings;
}

/** The path of a translated request for an API that the provider serves itself: chats, embeddings or responses. */
export function targetPath(api: Api): View {
  if (api == Api.ResponseInputTokens) return INPUT_TOKENS_PATH;
  return api == Api.Embeddings ? EMBEDDINGS_PATH : api == Api.Responses ? RESPONSES_PATH : CHAT_PATH;
}

/** Where the API stands in targetPath(). */
export function targetPathMatch(api: Api): ApiMatch {
  targetMatch.api = api;
  targetMatch.suffixStart = 3;
  return targetMatch;
}
