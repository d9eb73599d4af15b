// The APIs that are known by name, as one list: path, name, and what a request for them holds. The client's path decides which one a
// request is for (match.ts).

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** In the order of APIS. */
export const enum Api {
  Unknown,
  ChatCompletions,
  Completions,
  Embeddings,
  AudioSpeech,
  AudioTranscription,
  AudioTranslation,
  Realtime,
  ImageGeneration,
  ImageVariation,
  ImageEdit,
  Batches,
  RetrieveBatch,
  CancelBatch,
  Files,
  RetrieveFile,
  RetrieveFileContent,
  Models,
  RetrieveModel,
  FineTuningJobs,
  RetrieveFineTuningJob,
  FineTuningEvents,
  FineTuningCheckpoints,
  CancelFineTuningJob,
  ResumeFineTuningJob,
  PauseFineTuningJob,
  FineTuningPermissions,
  DeleteFineTuningPermission,
  Responses,
  CompactResponse,
  ResponseInputTokens,
  RetrieveResponse,
  CancelResponse,
  ResponseInputItems,
  Conversations,
  RetrieveConversation,
  ConversationItems,
  RetrieveConversationItem,
  Videos,
  VideoEdit,
  VideoExtension,
  VideoCharacters,
  RetrieveVideoCharacter,
  RetrieveVideo,
  RetrieveVideoContent,
  RemixVideo,
  Moderations,
  Messages,
  CountTokens,
  Complete,
  Rerank,
  QwenReranks,
  GeminiGenerate,
  GeminiStreamGenerate,
  GeminiCountTokens,
  GeminiEmbed,
  GeminiBatchEmbed,
  GeminiAsyncEmbed,
  GeminiBatchGenerate,
  GeminiPredict,
  GeminiPredictLong,
  VertexFetchOperation,
  VertexComputeTokens,
  VertexRawPredict,
  VertexStreamRawPredict,
}

/** What is true of an API; bits of ApiEntry.traits. */
namespace Trait {
  /** The body is JSON that names a model to map. */
  export const JSON: i32 = 1;
  /** A multipart body names a model to map. */
  export const FORM: i32 = 2;
  /** It cannot be called without a model. */
  export const NEEDED: i32 = 4;
  /** Without a model it does not get the mapping's `*`: it has another kind of model, or that of something stored. */
  export const OWN_DEFAULT: i32 = 8;
  /** The response is text that a model writes, so that it costs tokens beside those of the request. */
  export const TEXT: i32 = 16;
  /** Later calls depend on earlier ones. */
  export const STATEFUL: i32 = 32;
  /** The path names the model (Google's APIs). */
  export const IN_PATH: i32 = 64;
  /** What comes back was made by an earlier request, whose tokens were counted then. */
  export const STORED: i32 = 128;
  /** The body may name the model of the path once more. */
  export const TWICE: i32 = 256;
}

/**
 * A path below `/v1`, `*` standing for one segment, or `:method` of a model in the path, with its API and the name that
 * `capabilities` uses.
 */
@final
class ApiEntry {
  /** It is told by more than its last word, so that anything may stand before it. */
  isTelling: bool;

  constructor(
    public pattern: string,
    public api: Api,
    public name: string,
    public traits: i32 = 0,
  ) {
    this.isTelling = !pattern.includes("*") && pattern.lastIndexOf("/") > 0;
  }
}

/**
 * Names are Higress's; those it lacks follow its style. A fixed path stands before a pattern that it fits. Sources: the resource files
 * of the packages openai 6.49, @anthropic-ai/sdk 1.12 and @google/genai 2.32, which tests/conformance/sdk-paths.test.ts walks.
 */
export const APIS: StaticArray<ApiEntry> = [
  new ApiEntry("/chat/completions", Api.ChatCompletions, "openai/v1/chatcompletions", Trait.JSON | Trait.NEEDED | Trait.TEXT),
  new ApiEntry("/completions", Api.Completions, "openai/v1/completions", Trait.JSON | Trait.NEEDED | Trait.TEXT),
  new ApiEntry("/embeddings", Api.Embeddings, "openai/v1/embeddings", Trait.JSON | Trait.NEEDED),
  new ApiEntry("/audio/speech", Api.AudioSpeech, "openai/v1/audiospeech", Trait.JSON),
  new ApiEntry("/audio/transcriptions", Api.AudioTranscription, "openai/v1/audiotranscription", Trait.FORM),
  new ApiEntry("/audio/translations", Api.AudioTranslation, "openai/v1/audiotranslation", Trait.FORM),
  new ApiEntry("/realtime", Api.Realtime, "openai/v1/realtime"),
  new ApiEntry("/images/generations", Api.ImageGeneration, "openai/v1/imagegeneration", Trait.JSON),
  new ApiEntry("/images/variations", Api.ImageVariation, "openai/v1/imagevariation", Trait.JSON | Trait.FORM),
  new ApiEntry("/images/edits", Api.ImageEdit, "openai/v1/imageedit", Trait.JSON | Trait.FORM),
  new ApiEntry("/batches", Api.Batches, "openai/v1/batches", Trait.STATEFUL),
  new ApiEntry("/batches/*", Api.RetrieveBatch, "openai/v1/retrievebatch", Trait.STATEFUL | Trait.STORED),
  new ApiEntry("/batches/*/cancel", Api.CancelBatch, "openai/v1/cancelbatch", Trait.STATEFUL | Trait.STORED),
  new ApiEntry("/files", Api.Files, "openai/v1/files", Trait.STATEFUL),
  new ApiEntry("/files/*", Api.RetrieveFile, "openai/v1/retrievefile", Trait.STATEFUL),
  new ApiEntry("/files/*/content", Api.RetrieveFileContent, "openai/v1/retrievefilecontent", Trait.STATEFUL),
  new ApiEntry("/models", Api.Models, "openai/v1/models"),
  new ApiEntry("/models/*", Api.RetrieveModel, "openai/v1/retrievemodel"),
  new ApiEntry("/fine_tuning/jobs", Api.FineTuningJobs, "openai/v1/fine-tuningjobs", Trait.JSON | Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*", Api.RetrieveFineTuningJob, "openai/v1/retrievefine-tuningjob", Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*/events", Api.FineTuningEvents, "openai/v1/fine-tuningjobsevents", Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*/checkpoints", Api.FineTuningCheckpoints, "openai/v1/fine-tuningjobcheckpoints", Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*/cancel", Api.CancelFineTuningJob, "openai/v1/cancelfine-tuningjob", Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*/resume", Api.ResumeFineTuningJob, "openai/v1/resumefine-tuningjob", Trait.STATEFUL),
  new ApiEntry("/fine_tuning/jobs/*/pause", Api.PauseFineTuningJob, "openai/v1/pausefine-tuningjob", Trait.STATEFUL),
  new ApiEntry(
    "/fine_tuning/checkpoints/*/permissions",
    Api.FineTuningPermissions,
    "openai/v1/fine-tuningjobcheckpointpermissions",
    Trait.STATEFUL,
  ),
  new ApiEntry(
    "/fine_tuning/checkpoints/*/permissions/*",
    Api.DeleteFineTuningPermission,
    "openai/v1/deletefine-tuningjobcheckpointpermission",
    Trait.STATEFUL,
  ),
  new ApiEntry("/responses", Api.Responses, "openai/v1/responses", Trait.JSON | Trait.TEXT | Trait.STATEFUL),
  new ApiEntry("/responses/compact", Api.CompactResponse, "openai/v1/responsecompact", Trait.JSON | Trait.TEXT | Trait.STATEFUL),
  new ApiEntry("/responses/input_tokens", Api.ResponseInputTokens, "openai/v1/responseinputtokens", Trait.JSON | Trait.STATEFUL),
  new ApiEntry("/responses/*", Api.RetrieveResponse, "openai/v1/retrieveresponse", Trait.STATEFUL | Trait.STORED),
  new ApiEntry("/responses/*/cancel", Api.CancelResponse, "openai/v1/cancelresponse", Trait.STATEFUL | Trait.STORED),
  new ApiEntry("/responses/*/input_items", Api.ResponseInputItems, "openai/v1/responseinputitems", Trait.STATEFUL | Trait.STORED),
  new ApiEntry("/conversations", Api.Conversations, "openai/v1/conversations", Trait.STATEFUL),
  new ApiEntry("/conversations/*", Api.RetrieveConversation, "openai/v1/retrieveconversation", Trait.STATEFUL),
  new ApiEntry("/conversations/*/items", Api.ConversationItems, "openai/v1/conversationitems", Trait.STATEFUL),
  new ApiEntry("/conversations/*/items/*", Api.RetrieveConversationItem, "openai/v1/retrieveconversationitem", Trait.STATEFUL),
  new ApiEntry("/videos", Api.Videos, "openai/v1/videos", Trait.JSON | Trait.FORM),
  new ApiEntry("/videos/edits", Api.VideoEdit, "openai/v1/videoedit", Trait.JSON | Trait.FORM | Trait.OWN_DEFAULT),
  new ApiEntry("/videos/extensions", Api.VideoExtension, "openai/v1/videoextension", Trait.JSON | Trait.FORM | Trait.OWN_DEFAULT),
  new ApiEntry("/videos/characters", Api.VideoCharacters, "openai/v1/videocharacters"),
  new ApiEntry("/videos/characters/*", Api.RetrieveVideoCharacter, "openai/v1/retrievevideocharacter"),
  new ApiEntry("/videos/*", Api.RetrieveVideo, "openai/v1/retrievevideo"),
  new ApiEntry("/videos/*/content", Api.RetrieveVideoContent, "openai/v1/retrievevideocontent"),
  new ApiEntry("/videos/*/remix", Api.RemixVideo, "openai/v1/videoremix", Trait.JSON | Trait.FORM | Trait.OWN_DEFAULT),
  new ApiEntry("/moderations", Api.Moderations, "openai/v1/moderations", Trait.JSON | Trait.OWN_DEFAULT),
  new ApiEntry("/messages", Api.Messages, "anthropic/v1/messages", Trait.JSON | Trait.NEEDED | Trait.TEXT),
  new ApiEntry("/messages/count_tokens", Api.CountTokens, "anthropic/v1/counttokens", Trait.JSON),
  new ApiEntry("/complete", Api.Complete, "anthropic/v1/complete", Trait.JSON | Trait.TEXT),
  new ApiEntry("/rerank", Api.Rerank, "cohere/v1/rerank", Trait.JSON),
  new ApiEntry("/reranks", Api.QwenReranks, "qwen/v1/rerank", Trait.JSON),
  new ApiEntry(":generateContent", Api.GeminiGenerate, "gemini/v1beta/generatecontent", Trait.IN_PATH | Trait.TEXT),
  new ApiEntry(":streamGenerateContent", Api.GeminiStreamGenerate, "gemini/v1beta/streamgeneratecontent", Trait.IN_PATH | Trait.TEXT),
  new ApiEntry(":countTokens", Api.GeminiCountTokens, "gemini/v1beta/counttokens", Trait.IN_PATH | Trait.TWICE),
  new ApiEntry(":embedContent", Api.GeminiEmbed, "gemini/v1beta/embedcontent", Trait.IN_PATH | Trait.TWICE),
  new ApiEntry(":batchEmbedContents", Api.GeminiBatchEmbed, "gemini/v1beta/batchembedcontents", Trait.IN_PATH | Trait.TWICE),
  new ApiEntry(":asyncBatchEmbedContent", Api.GeminiAsyncEmbed, "gemini/v1beta/asyncbatchembedcontent", Trait.IN_PATH),
  new ApiEntry(":batchGenerateContent", Api.GeminiBatchGenerate, "gemini/v1beta/batchgeneratecontent", Trait.IN_PATH),
  new ApiEntry(":predict", Api.GeminiPredict, "gemini/v1beta/predict", Trait.IN_PATH),
  new ApiEntry(":predictLongRunning", Api.GeminiPredictLong, "gemini/v1beta/predictlongrunning", Trait.IN_PATH),
  new ApiEntry(":fetchPredictOperation", Api.VertexFetchOperation, "vertex/v1/fetchpredictoperation", Trait.IN_PATH),
  new ApiEntry(":computeTokens", Api.VertexComputeTokens, "vertex/v1/computetokens", Trait.IN_PATH),
  new ApiEntry(":rawPredict", Api.VertexRawPredict, "vertex/v1/rawpredict", Trait.IN_PATH | Trait.TEXT),
  new ApiEntry(":streamRawPredict", Api.VertexStreamRawPredict, "vertex/v1/streamrawpredict", Trait.IN_PATH | Trait.TEXT),
];

function traitsOf(api: Api): i32 {
  return api > Api.Unknown && api <= APIS.length ? APIS[api - 1].traits : 0;
}

/** The Higress name of an API, or "-" for an unknown one. */
export function apiLabel(api: Api): string {
  return api > Api.Unknown && api <= APIS.length ? APIS[api - 1].name : "-";
}

/** The API that a `capabilities` key names, or Unknown. */
export function apiByName(name: string): Api {
  // Higress's name for what is OpenAI's API.
  if (name == "qwen/v1/conversations") return Api.Conversations;
  for (let k = 0; k < APIS.length; k++) if (APIS[k].name == name) return APIS[k].api;
  return Api.Unknown;
}

/** The API's fixed path below `/v1`, or "" when it has none or holds an id. */
export function apiSuffix(api: Api): string {
  const pattern = api > Api.Unknown && api <= APIS.length ? APIS[api - 1].pattern : "";
  return pattern.includes("*") || pattern.startsWith(":") ? "" : pattern;
}

/** The API of the request whose tokens the API counts before it is sent; itself when it does something else. */
export function countedApi(api: Api): Api {
  if (api == Api.CountTokens) return Api.Messages;
  if (api == Api.ResponseInputTokens) return Api.Responses;
  return api == Api.GeminiCountTokens ? Api.GeminiGenerate : api;
}

/** True when the API counts the tokens of a request that is not sent. */
export function countsOnly(api: Api): bool {
  return countedApi(api) != api;
}

/** True when the request body is JSON that names a model to map. */
export function hasJsonModel(api: Api): bool {
  return (traitsOf(api) & Trait.JSON) != 0;
}

/** True when a multipart body names a model to map. */
export function hasMultipartModel(api: Api): bool {
  return (traitsOf(api) & Trait.FORM) != 0;
}

/** True when the path names the model. */
export function hasPathModel(api: Api): bool {
  return (traitsOf(api) & Trait.IN_PATH) != 0;
}

/** True when the path names the model, and the body may name it once more. */
export function namesModelTwice(api: Api): bool {
  return (traitsOf(api) & Trait.TWICE) != 0;
}

/** True when the API cannot be called without a model. */
export function needsModel(api: Api): bool {
  return (traitsOf(api) & Trait.NEEDED) != 0;
}

/** True when a POST to the API means nothing without a body. */
export function needsBody(api: Api): bool {
  return (traitsOf(api) & (Trait.JSON | Trait.FORM | Trait.IN_PATH)) != 0;
}

/** True when a request without a model gets the mapping's `*`. */
export function takesDefaultModel(api: Api): bool {
  return (traitsOf(api) & (Trait.JSON | Trait.FORM)) != 0 && (traitsOf(api) & Trait.OWN_DEFAULT) == 0;
}

/** True when the response is text that a model writes, so that it costs tokens beside those of the request. */
export function generatesText(api: Api): bool {
  return (traitsOf(api) & Trait.TEXT) != 0;
}

/**
 * False when what comes back was made by an earlier request, so that its `usage` was counted then. All but POST reads (polls of a
 * background response or a batch among it); a POST to a stored response cancels it or changes its metadata, and returns it.
 */
export function generates(api: Api, method: View, path: View): bool {
  if (!method.equals("POST") || (traitsOf(api) & Trait.STORED) != 0) return false;
  // A stored chat has no entry in the list.
  for (let at = 0; at < path.length && api == Api.Unknown; at++) {
    if (path.at(at) == Ascii.Slash && path.startsWithAt(at, "/chat/completions/")) return false;
  }
  return true;
}

/** True when later calls depend on earlier ones, so that one consumer should keep one token. */
export function isStateful(api: Api): bool {
  return (traitsOf(api) & Trait.STATEFUL) != 0;
}
