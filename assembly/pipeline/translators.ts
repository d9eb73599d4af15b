// The translators of each dialect that a provider may speak, one new object for each exchange. The core build (`npm run build:core`,
// where CORE_BUILD is defined) has none, and a build of one's own choice (`npm run build -- --with …`) some: the compiler then leaves the
// other dialects out.

import { AnthropicTranslator } from "../dialect/to-anthropic/translator";
import { BedrockClaude } from "../dialect/to-bedrock/claude";
import { BedrockEmbeddings } from "../dialect/to-bedrock/embeddings";
import { BedrockImages } from "../dialect/to-bedrock/images";
import { BedrockTranslator } from "../dialect/to-bedrock/translator";
import { CohereEmbeddings } from "../dialect/to-cohere/embeddings";
import { CohereTranslator } from "../dialect/to-cohere/translator";
import { DashScopeEmbeddings } from "../dialect/to-dashscope/embeddings";
import { DashScopeTranslator } from "../dialect/to-dashscope/translator";
import { DeepLTranslator } from "../dialect/to-deepl/translator";
import { DifyTranslator } from "../dialect/to-dify/translator";
import { GeminiEmbeddings } from "../dialect/to-gemini/embeddings";
import { GeminiImages, writeGeminiMethod } from "../dialect/to-gemini/images";
import { GeminiTranslator } from "../dialect/to-gemini/translator";
import { HunyuanEmbeddings } from "../dialect/to-hunyuan/embeddings";
import { HunyuanTranslator } from "../dialect/to-hunyuan/translator";
import { MiniMaxTranslator } from "../dialect/to-minimax/translator";
import { SparkTranslator } from "../dialect/to-spark/translator";
import { TritonTranslator } from "../dialect/to-triton/translator";
import { VertexClaude } from "../dialect/to-vertex/claude";
import { VertexEmbeddings } from "../dialect/to-vertex/embeddings";
import { VertexTranslator } from "../dialect/to-vertex/translator";
import { TranslateContext, Translator } from "../dialect/translator";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { Family, familyOf } from "../dialect/to-bedrock/model";
import { isClaude, writeVertexMethod } from "../dialect/to-vertex/paths";
import { Api } from "../model/api";
import { Dialect } from "../provider/provider";

/** False when the build was made without the dialect (`npm run build -- --with`, tools/build.mjs). */
export function isBuiltIn(dialect: Dialect): bool {
  switch (dialect) {
    case Dialect.Anthropic:
      return !isDefined(WITHOUT_ANTHROPIC);
    case Dialect.Gemini:
      return !isDefined(WITHOUT_GEMINI);
    case Dialect.Bedrock:
      return !isDefined(WITHOUT_BEDROCK);
    case Dialect.DashScope:
      return !isDefined(WITHOUT_DASHSCOPE);
    case Dialect.Vertex:
      return !isDefined(WITHOUT_VERTEX);
    case Dialect.Cohere:
      return !isDefined(WITHOUT_COHERE);
    case Dialect.Dify:
      return !isDefined(WITHOUT_DIFY);
    case Dialect.Spark:
      return !isDefined(WITHOUT_SPARK);
    case Dialect.MiniMaxPro:
      return !isDefined(WITHOUT_MINIMAX);
    case Dialect.Hunyuan:
      return !isDefined(WITHOUT_HUNYUAN);
    case Dialect.DeepL:
      return !isDefined(WITHOUT_DEEPL);
    case Dialect.Triton:
      return !isDefined(WITHOUT_TRITON);
    default:
      return true;
  }
}

/** True when OpenAI's embeddings can be translated to the dialect. */
export function hasEmbeddings(dialect: Dialect): bool {
  if (!isBuiltIn(dialect)) return false;
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

/**
 * A new translator for a Messages client in front of a cloud that serves the model in Anthropic's own form, null for any other. The
 * model decides: clouds have models of others, too.
 */
export function messagesPass(dialect: Dialect, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  if (dialect == Dialect.Vertex && !isDefined(WITHOUT_VERTEX)) return isClaude(context.model) ? new VertexClaude(context) : null;
  if (isDefined(WITHOUT_BEDROCK) || dialect != Dialect.Bedrock || familyOf(context.model) != Family.Claude) return null;
  const settings = context.options.settings;
  if (settings.textIs(ProviderField.BEDROCK_MESSAGES_API, "invoke")) return new BedrockClaude(context, true);
  if (!settings.textIs(ProviderField.BEDROCK_MESSAGES_API, "messages")) return null;
  // bedrock-runtime counts by CountTokens alone (https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html, Nov 2026).
  return new BedrockClaude(context, context.counts && !context.options.host.startsWith("bedrock-mantle"));
}

/**
 * True when a model is not to be had by the API although its provider serves that: Vertex has Gemini's methods for Google's models, and
 * for Claude only rawPredict (https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude, Nov 2026).
 */
export function lacksModel(dialect: Dialect, api: Api, model: View): bool {
  if (isDefined(CORE_BUILD) || dialect != Dialect.Vertex) return false;
  const isGemini = api == Api.GeminiGenerate || api == Api.GeminiStreamGenerate || api == Api.GeminiCountTokens;
  return isGemini && isClaude(model);
}

/** A new translator from the conversation form to the dialect; null for OpenAI's, which needs none. */
export function chatTranslator(dialect: Dialect, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  switch (dialect) {
    case Dialect.Anthropic:
      return isDefined(WITHOUT_ANTHROPIC) ? null : new AnthropicTranslator(context);
    case Dialect.Gemini:
      return isDefined(WITHOUT_GEMINI) ? null : new GeminiTranslator(context);
    case Dialect.Bedrock:
      return isDefined(WITHOUT_BEDROCK) ? null : new BedrockTranslator(context);
    case Dialect.DashScope:
      return isDefined(WITHOUT_DASHSCOPE) ? null : new DashScopeTranslator(context);
    case Dialect.Vertex:
      return isDefined(WITHOUT_VERTEX) ? null : new VertexTranslator(context);
    case Dialect.Cohere:
      return isDefined(WITHOUT_COHERE) ? null : new CohereTranslator(context);
    case Dialect.Dify:
      return isDefined(WITHOUT_DIFY) ? null : new DifyTranslator(context);
    case Dialect.Spark:
      return isDefined(WITHOUT_SPARK) ? null : new SparkTranslator(context);
    case Dialect.MiniMaxPro:
      return isDefined(WITHOUT_MINIMAX) ? null : new MiniMaxTranslator(context);
    case Dialect.Hunyuan:
      return isDefined(WITHOUT_HUNYUAN) ? null : new HunyuanTranslator(context);
    case Dialect.DeepL:
      return isDefined(WITHOUT_DEEPL) ? null : new DeepLTranslator(context);
    case Dialect.Triton:
      return isDefined(WITHOUT_TRITON) ? null : new TritonTranslator(context);
    default:
      return null;
  }
}

/** A new translator of OpenAI's embeddings to the dialect; null where hasEmbeddings() is false. */
export function embeddingsTranslator(dialect: Dialect, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  switch (dialect) {
    case Dialect.Gemini:
      return isDefined(WITHOUT_GEMINI) ? null : new GeminiEmbeddings(context);
    case Dialect.Bedrock:
      return isDefined(WITHOUT_BEDROCK) ? null : new BedrockEmbeddings(context);
    case Dialect.DashScope:
      return isDefined(WITHOUT_DASHSCOPE) ? null : new DashScopeEmbeddings(context);
    case Dialect.Vertex:
      return isDefined(WITHOUT_VERTEX) ? null : new VertexEmbeddings(context);
    case Dialect.Hunyuan:
      return isDefined(WITHOUT_HUNYUAN) ? null : new HunyuanEmbeddings(context);
    case Dialect.Cohere:
      return isDefined(WITHOUT_COHERE) ? null : new CohereEmbeddings(context);
    default:
      return null;
  }
}

/** True when OpenAI's pictures can be translated to the dialect. */
export function hasImages(dialect: Dialect): bool {
  return isBuiltIn(dialect) && (dialect == Dialect.Gemini || dialect == Dialect.Vertex || dialect == Dialect.Bedrock);
}

/** A new translator of OpenAI's pictures to the dialect; null where hasImages() is false. */
export function imagesTranslator(dialect: Dialect, context: TranslateContext): Translator | null {
  if (isDefined(CORE_BUILD)) return null;
  switch (dialect) {
    case Dialect.Gemini:
      return isDefined(WITHOUT_GEMINI) ? null : new GeminiImages(context, writeGeminiMethod);
    case Dialect.Vertex:
      return isDefined(WITHOUT_VERTEX) ? null : new GeminiImages(context, writeVertexMethod);
    case Dialect.Bedrock:
      return isDefined(WITHOUT_BEDROCK) ? null : new BedrockImages(context);
    default:
      return null;
  }
}
