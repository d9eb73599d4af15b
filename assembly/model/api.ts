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
  /** Those below are but names for `capabilities`: no path of a client's is for them. */
  KlingImageToVideo,
  KlingRetrieveImageVideo,
}

/**
 * What may be true of an API. Json: the body is JSON that names a model to map. Form: a multipart body does. Needed: it cannot
 * be called without a model. OwnDefault: without a model it does not get the mapping's `*`, because it has another kind of
 * model, or that of something stored. Text: the response is text that a model writes, so that it costs tokens beside those of
 * the request. Stateful: later calls depend on earlier ones. InPath: the path names the model (Google's APIs). Stored: what
 * comes back was made by an earlier request, whose tokens were counted then. Twice: the body may name the model of the path
 * once more.
 */
namespace Trait {
  export const Json: string = "json";
  export const Form: string = "form";
  export const Needed: string = "needed";
  export const OwnDefault: string = "own_default";
  export const Text: string = "text";
  export const Stateful: string = "stateful";
  export const InPath: string = "in_path";
  export const Stored: string = "stored";
  export const Twice: string = "twice";
}

/** What a row of APIS consists of. */
const enum Column {
  Pattern,
  Name,
  Traits,
  Count,
}

/**
 * For each API, in the order of Api: a path below `/v1`, `*` standing for one segment, or `:method` of a model in the path; the
 * name that `capabilities` uses; words for what is true of it (Trait). Texts alone, because they need no code to be made. Names
 * are Higress's; those it lacks follow its style. A fixed path stands before a pattern that it fits. Sources: the resource
 * files of the packages openai 6.49, @anthropic-ai/sdk 1.12 and @google/genai 2.32, which tests/conformance/sdk-paths.test.ts
 * walks.
 */
// prettier-ignore
const APIS: StaticArray<string> = [
  "/chat/completions", "openai/v1/chatcompletions", "json needed text",
  "/completions", "openai/v1/completions", "json needed text",
  "/embeddings", "openai/v1/embeddings", "json needed",
  "/audio/speech", "openai/v1/audiospeech", "json",
  "/audio/transcriptions", "openai/v1/audiotranscription", "form",
  "/audio/translations", "openai/v1/audiotranslation", "form",
  "/realtime", "openai/v1/realtime", "",
  "/images/generations", "openai/v1/imagegeneration", "json",
  "/images/variations", "openai/v1/imagevariation", "json form",
  "/images/edits", "openai/v1/imageedit", "json form",
  "/batches", "openai/v1/batches", "stateful",
  "/batches/*", "openai/v1/retrievebatch", "stateful stored",
  "/batches/*/cancel", "openai/v1/cancelbatch", "stateful stored",
  "/files", "openai/v1/files", "stateful",
  "/files/*", "openai/v1/retrievefile", "stateful",
  "/files/*/content", "openai/v1/retrievefilecontent", "stateful",
  "/models", "openai/v1/models", "",
  "/models/*", "openai/v1/retrievemodel", "",
  "/fine_tuning/jobs", "openai/v1/fine-tuningjobs", "json stateful",
  "/fine_tuning/jobs/*", "openai/v1/retrievefine-tuningjob", "stateful",
  "/fine_tuning/jobs/*/events", "openai/v1/fine-tuningjobsevents", "stateful",
  "/fine_tuning/jobs/*/checkpoints", "openai/v1/fine-tuningjobcheckpoints", "stateful",
  "/fine_tuning/jobs/*/cancel", "openai/v1/cancelfine-tuningjob", "stateful",
  "/fine_tuning/jobs/*/resume", "openai/v1/resumefine-tuningjob", "stateful",
  "/fine_tuning/jobs/*/pause", "openai/v1/pausefine-tuningjob", "stateful",
  "/fine_tuning/checkpoints/*/permissions", "openai/v1/fine-tuningjobcheckpointpermissions", "stateful",
  "/fine_tuning/checkpoints/*/permissions/*", "openai/v1/deletefine-tuningjobcheckpointpermission", "stateful",
  "/responses", "openai/v1/responses", "json text stateful",
  "/responses/compact", "openai/v1/responsecompact", "json text stateful",
  "/responses/input_tokens", "openai/v1/responseinputtokens", "json stateful",
  "/responses/*", "openai/v1/retrieveresponse", "stateful stored",
  "/responses/*/cancel", "openai/v1/cancelresponse", "stateful stored",
  "/responses/*/input_items", "openai/v1/responseinputitems", "stateful stored",
  "/conversations", "openai/v1/conversations", "stateful",
  "/conversations/*", "openai/v1/retrieveconversation", "stateful",
  "/conversations/*/items", "openai/v1/conversationitems", "stateful",
  "/conversations/*/items/*", "openai/v1/retrieveconversationitem", "stateful",
  "/videos", "openai/v1/videos", "json form",
  "/videos/edits", "openai/v1/videoedit", "json form own_default",
  "/videos/extensions", "openai/v1/videoextension", "json form own_default",
  "/videos/characters", "openai/v1/videocharacters", "",
  "/videos/characters/*", "openai/v1/retrievevideocharacter", "",
  "/videos/*", "openai/v1/retrievevideo", "",
  "/videos/*/content", "openai/v1/retrievevideocontent", "",
  "/videos/*/remix", "openai/v1/videoremix", "json form own_default",
  "/moderations", "openai/v1/moderations", "json own_default",
  "/messages", "anthropic/v1/messages", "json needed text",
  "/messages/count_tokens", "anthropic/v1/counttokens", "json",
  "/complete", "anthropic/v1/complete", "json text",
  "/rerank", "cohere/v1/rerank", "json",
  "/reranks", "qwen/v1/rerank", "json",
  ":generateContent", "gemini/v1beta/generatecontent", "in_path text",
  ":streamGenerateContent", "gemini/v1beta/streamgeneratecontent", "in_path text",
  ":countTokens", "gemini/v1beta/counttokens", "in_path twice",
  ":embedContent", "gemini/v1beta/embedcontent", "in_path twice",
  ":batchEmbedContents", "gemini/v1beta/batchembedcontents", "in_path twice",
  ":asyncBatchEmbedContent", "gemini/v1beta/asyncbatchembedcontent", "in_path",
  ":batchGenerateContent", "gemini/v1beta/batchgeneratecontent", "in_path",
  ":predict", "gemini/v1beta/predict", "in_path",
  ":predictLongRunning", "gemini/v1beta/predictlongrunning", "in_path",
  ":fetchPredictOperation", "vertex/v1/fetchpredictoperation", "in_path",
  ":computeTokens", "vertex/v1/computetokens", "in_path",
  ":rawPredict", "vertex/v1/rawpredict", "in_path text",
  ":streamRawPredict", "vertex/v1/streamrawpredict", "in_path text",
  "", "kling/v1/image2video", "",
  "", "kling/v1/retrieveimagevideo", "",
];

/** How many APIs there are; their numbers begin with 1. */
export const API_COUNT: i32 = APIS.length / Column.Count;

function cellOf(api: Api, column: Column): string {
  return api > Api.Unknown && api <= API_COUNT ? APIS[(api - 1) * Column.Count + column] : "";
}

function has(api: Api, trait: string): bool {
  return cellOf(api, Column.Traits).includes(trait);
}

/** The API's path below `/v1` or its method, as its row has it; "" for an unknown one. */
export function apiPattern(api: Api): string {
  return cellOf(api, Column.Pattern);
}

/** The Higress name of an API, or "-" for an unknown one. */
export function apiLabel(api: Api): string {
  return api == Api.Unknown ? "-" : cellOf(api, Column.Name);
}

/** The API that a `capabilities` key names, or Unknown: two of Higress's names are for paths of DashScope that go on as they come. */
export function apiByName(name: string): Api {
  // Higress's names for APIs that have another here.
  if (name == "qwen/v1/conversations") return Api.Conversations;
  if (name == "anthropic/v1/messages/count_tokens") return Api.CountTokens;
  if (name == "vertex/raw") return Api.VertexRawPredict;
  for (let api = 1; api <= API_COUNT; api++) if (cellOf(api, Column.Name) == name) return api;
  return Api.Unknown;
}

/** The API's fixed path below `/v1`, or "" when it has none or holds an id. */
export function apiSuffix(api: Api): string {
  const pattern = apiPattern(api);
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
  return has(api, Trait.Json);
}

/** True when a multipart body names a model to map. */
export function hasMultipartModel(api: Api): bool {
  return has(api, Trait.Form);
}

/** True when the path names the model. */
export function hasPathModel(api: Api): bool {
  return has(api, Trait.InPath);
}

/** True when the path names the model, and the body may name it once more. */
export function namesModelTwice(api: Api): bool {
  return has(api, Trait.Twice);
}

/** True when the API cannot be called without a model. */
export function needsModel(api: Api): bool {
  return has(api, Trait.Needed);
}

/** True when a POST to the API means nothing without a body. */
export function needsBody(api: Api): bool {
  return has(api, Trait.Json) || has(api, Trait.Form) || has(api, Trait.InPath);
}

/** True when a request without a model gets the mapping's `*`. */
export function takesDefaultModel(api: Api): bool {
  return (has(api, Trait.Json) || has(api, Trait.Form)) && !has(api, Trait.OwnDefault);
}

/** True when the response is text that a model writes, so that it costs tokens beside those of the request. */
export function generatesText(api: Api): bool {
  return has(api, Trait.Text);
}

/**
 * False when what comes back was made by an earlier request, so that its `usage` was counted then. All but POST reads (polls of a
 * background response or a batch among it); a POST to a stored response cancels it or changes its metadata, and returns it.
 */
export function generates(api: Api, method: View, path: View): bool {
  if (!method.equals("POST") || has(api, Trait.Stored)) return false;
  // A stored chat has no entry in the list.
  for (let at = 0; at < path.length && api == Api.Unknown; at++) {
    if (path.at(at) == Ascii.Slash && path.startsWithAt(at, "/chat/completions/")) return false;
  }
  return true;
}

/** True when later calls depend on earlier ones, so that one consumer should keep one token. */
export function isStateful(api: Api): bool {
  return has(api, Trait.Stateful);
}
