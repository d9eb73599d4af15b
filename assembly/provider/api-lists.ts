// Lists of APIs that many rows of the catalogue have in common.

import { Api } from "../model/api";

const ALL_OPENAI: StaticArray<Api> = [
  Api.ChatCompletions,
  Api.Completions,
  Api.Embeddings,
  Api.AudioSpeech,
  Api.AudioTranscription,
  Api.AudioTranslation,
  Api.Realtime,
  Api.ImageGeneration,
  Api.ImageVariation,
  Api.ImageEdit,
  Api.Batches,
  Api.RetrieveBatch,
  Api.CancelBatch,
  Api.Files,
  Api.RetrieveFile,
  Api.RetrieveFileContent,
  Api.Models,
  Api.RetrieveModel,
  Api.FineTuningJobs,
  Api.RetrieveFineTuningJob,
  Api.FineTuningEvents,
  Api.FineTuningCheckpoints,
  Api.CancelFineTuningJob,
  Api.ResumeFineTuningJob,
  Api.PauseFineTuningJob,
  Api.FineTuningPermissions,
  Api.DeleteFineTuningPermission,
  Api.Responses,
  Api.RetrieveResponse,
  Api.CancelResponse,
  Api.ResponseInputItems,
  Api.CompactResponse,
  Api.ResponseInputTokens,
  Api.Conversations,
  Api.RetrieveConversation,
  Api.ConversationItems,
  Api.RetrieveConversationItem,
  Api.Videos,
  Api.RetrieveVideo,
  Api.RetrieveVideoContent,
  Api.RemixVideo,
  Api.VideoEdit,
  Api.VideoExtension,
  Api.VideoCharacters,
  Api.RetrieveVideoCharacter,
  Api.Moderations,
];

/** Methods of models that Gemini's API and Vertex AI both have (their REST references, 2026-11). */
const GEMINI_METHODS: StaticArray<Api> = [
  Api.GeminiGenerate,
  Api.GeminiStreamGenerate,
  Api.GeminiCountTokens,
  Api.GeminiEmbed,
  Api.GeminiPredict,
  Api.GeminiPredictLong,
];

/** All of OpenAI's APIs that the plugin knows. */
export function allOpenAI(): Array<Api> {
  return ALL_OPENAI.slice<Array<Api>>();
}

/** Methods of models that Gemini's API and Vertex AI both have. */
export function geminiMethods(): Array<Api> {
  return GEMINI_METHODS.slice<Array<Api>>();
}

/** Chat, legacy completions, embeddings and the model list: what most compatible services have. */
export function textApis(): Array<Api> {
  return [Api.ChatCompletions, Api.Completions, Api.Embeddings, Api.Models, Api.RetrieveModel];
}

/** Chat and the model list. */
export function chatApis(): Array<Api> {
  return [Api.ChatCompletions, Api.Models, Api.RetrieveModel];
}

/** Chat, embeddings and the model list. */
export function chatAndEmbeddings(): Array<Api> {
  return [Api.ChatCompletions, Api.Embeddings, Api.Models, Api.RetrieveModel];
}
