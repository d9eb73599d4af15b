// The APIs that are known by name: the client's path decides which one a request is for.

import { View } from "../bytes/view";

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
  RetrieveResponse,
  CancelResponse,
  ResponseInputItems,
  Videos,
  RetrieveVideo,
  RetrieveVideoContent,
  RemixVideo,
  Moderations,
  Messages,
  CountTokens,
  Complete,
  Rerank,
  QwenReranks,
  QwenConversations,
  GeminiGenerate,
  GeminiStreamGenerate,
}

/** A path below `/v1`, `*` standing for one segment, with its API and the name that `capabilities` uses (as the peer). */
@final
class ApiPath {
  constructor(
    public pattern: string,
    public api: Api,
    public name: string,
  ) {}
}

/** Names are Higress's; those it lacks follow its style. */
const PATHS: StaticArray<ApiPath> = [
  new ApiPath("/chat/completions", Api.ChatCompletions, "openai/v1/chatcompletions"),
  new ApiPath("/completions", Api.Completions, "openai/v1/completions"),
  new ApiPath("/embeddings", Api.Embeddings, "openai/v1/embeddings"),
  new ApiPath("/audio/speech", Api.AudioSpeech, "openai/v1/audiospeech"),
  new ApiPath("/audio/transcriptions", Api.AudioTranscription, "openai/v1/audiotranscription"),
  new ApiPath("/audio/translations", Api.AudioTranslation, "openai/v1/audiotranslation"),
  new ApiPath("/realtime", Api.Realtime, "openai/v1/realtime"),
  new ApiPath("/images/generations", Api.ImageGeneration, "openai/v1/imagegeneration"),
  new ApiPath("/images/variations", Api.ImageVariation, "openai/v1/imagevariation"),
  new ApiPath("/images/edits", Api.ImageEdit, "openai/v1/imageedit"),
  new ApiPath("/batches", Api.Batches, "openai/v1/batches"),
  new ApiPath("/batches/*", Api.RetrieveBatch, "openai/v1/retrievebatch"),
  new ApiPath("/batches/*/cancel", Api.CancelBatch, "openai/v1/cancelbatch"),
  new ApiPath("/files", Api.Files, "openai/v1/files"),
  new ApiPath("/files/*", Api.RetrieveFile, "openai/v1/retrievefile"),
  new ApiPath("/files/*/content", Api.RetrieveFileContent, "openai/v1/retrievefilecontent"),
  new ApiPath("/models", Api.Models, "openai/v1/models"),
  new ApiPath("/models/*", Api.RetrieveModel, "openai/v1/retrievemodel"),
  new ApiPath("/fine_tuning/jobs", Api.FineTuningJobs, "openai/v1/fine-tuningjobs"),
  new ApiPath("/fine_tuning/jobs/*", Api.RetrieveFineTuningJob, "openai/v1/retrievefine-tuningjob"),
  new ApiPath("/fine_tuning/jobs/*/events", Api.FineTuningEvents, "openai/v1/fine-tuningjobsevents"),
  new ApiPath("/fine_tuning/jobs/*/checkpoints", Api.FineTuningCheckpoints, "openai/v1/fine-tuningjobcheckpoints"),
  new ApiPath("/fine_tuning/jobs/*/cancel", Api.CancelFineTuningJob, "openai/v1/cancelfine-tuningjob"),
  new ApiPath("/fine_tuning/jobs/*/resume", Api.ResumeFineTuningJob, "openai/v1/resumefine-tuningjob"),
  new ApiPath("/fine_tuning/jobs/*/pause", Api.PauseFineTuningJob, "openai/v1/pausefine-tuningjob"),
  new ApiPath(
    "/fine_tuning/checkpoints/*/permissions",
    Api.FineTuningPermissions,
    "openai/v1/fine-tuningjobcheckpointpermissions",
  ),
  new ApiPath(
    "/fine_tuning/checkpoints/*/permissions/*",
    Api.DeleteFineTuningPermission,
    "openai/v1/deletefine-tuningjobcheckpointpermission",
  ),
  new ApiPath("/responses", Api.Responses, "openai/v1/responses"),
  new ApiPath("/responses/*", Api.RetrieveResponse, "openai/v1/retrieveresponse"),
  new ApiPath("/responses/*/cancel", Api.CancelResponse, "openai/v1/cancelresponse"),
  new ApiPath("/responses/*/input_items", Api.ResponseInputItems, "openai/v1/responseinputitems"),
  new ApiPath("/videos", Api.Videos, "openai/v1/videos"),
  new ApiPath("/videos/*", Api.RetrieveVideo, "openai/v1/retrievevideo"),
  new ApiPath("/videos/*/content", Api.RetrieveVideoContent, "openai/v1/retrievevideocontent"),
  new ApiPath("/videos/*/remix", Api.RemixVideo, "openai/v1/videoremix"),
  new ApiPath("/moderations", Api.Moderations, "openai/v1/moderations"),
  new ApiPath("/messages", Api.Messages, "anthropic/v1/messages"),
  new ApiPath("/messages/count_tokens", Api.CountTokens, "anthropic/v1/counttokens"),
  new ApiPath("/complete", Api.Complete, "anthropic/v1/complete"),
  new ApiPath("/rerank", Api.Rerank, "cohere/v1/rerank"),
  new ApiPath("/reranks", Api.QwenReranks, "qwen/v1/rerank"),
  new ApiPath("/conversations", Api.QwenConversations, "qwen/v1/conversations"),
];

/** The Higress name of an API, or "-" for an unknown one. */
export function apiLabel(api: Api): string {
  if (api == Api.GeminiGenerate) return "gemini/v1beta/generatecontent";
  if (api == Api.GeminiStreamGenerate) return "gemini/v1beta/streamgeneratecontent";
  for (let k = 0; k < PATHS.length; k++) if (PATHS[k].api == api) return PATHS[k].name;
  return "-";
}

/** The API that a `capabilities` key names, or Unknown. */
export function apiByName(name: string): Api {
  if (name == "gemini/v1beta/generatecontent") return Api.GeminiGenerate;
  if (name == "gemini/v1beta/streamgeneratecontent") return Api.GeminiStreamGenerate;
  for (let k = 0; k < PATHS.length; k++) if (PATHS[k].name == name) return PATHS[k].api;
  return Api.Unknown;
}

/** The API's fixed path below `/v1`, or "" when it has none or holds an id. */
export function apiSuffix(api: Api): string {
  for (let k = 0; k < PATHS.length; k++) {
    if (PATHS[k].api == api) return PATHS[k].pattern.includes("*") ? "" : PATHS[k].pattern;
  }
  return "";
}

/** Where an API stands in a path. */
@final
export class ApiMatch {
  api: Api = Api.Unknown;
  /** Index of the first byte after `/v1`, so that `path[suffixStart…]` is the API's own part; 0 when unknown. */
  suffixStart: i32 = 0;
  /** Spans of the first two `*` segments, for placeholders in configured paths. */
  idStart: i32 = 0;
  idEnd: i32 = 0;
  secondIdStart: i32 = 0;
  secondIdEnd: i32 = 0;
}

/** Which API `path` (without query) is for. Any prefix may stand before `/v1`; a trailing slash does not match. */
export function matchApi(path: View): ApiMatch {
  const match = new ApiMatch();
  // The last "/v1/" decides, so that a prefix that holds /v1/ itself does no harm.
  for (let at = path.length - 4; at >= 0; at--) {
    if (path.at(at) != 0x2f || !path.startsWithAt(at, "/v1/")) continue;
    for (let k = 0; k < PATHS.length; k++) {
      if (matchPattern(path, at + 3, PATHS[k].pattern, match)) {
        match.api = PATHS[k].api;
        match.suffixStart = at + 3;
        return match;
      }
    }
  }
  matchGemini(path, match);
  return match;
}

function matchPattern(path: View, start: i32, pattern: string, match: ApiMatch): bool {
  let here = start;
  let ids = 0;
  for (let k = 0; k < pattern.length; k++) {
    const wanted = pattern.charCodeAt(k);
    if (wanted != 0x2a) {
      if (path.at(here) != wanted) return false;
      here++;
      continue;
    }
    const idStart = here;
    while (here < path.length && path.at(here) != 0x2f) here++;
    if (here == idStart) return false;
    if (ids == 0) {
      match.idStart = idStart;
      match.idEnd = here;
    } else {
      match.secondIdStart = idStart;
      match.secondIdEnd = here;
    }
    ids++;
  }
  return here == path.length;
}

/** Gemini's own form: `/{version}/models/{model}:generateContent` and `:streamGenerateContent`. */
function matchGemini(path: View, match: ApiMatch): void {
  const isStream = path.endsWith(":streamGenerateContent");
  if (!isStream && !path.endsWith(":generateContent")) return;
  for (let at = 0; at < path.length; at++) {
    if (path.at(at) != 0x2f || !path.startsWithAt(at, "/models/")) continue;
    match.api = isStream ? Api.GeminiStreamGenerate : Api.GeminiGenerate;
    match.suffixStart = at;
    match.idStart = at + 8;
    match.idEnd = path.length - (isStream ? 22 : 16);
    return;
  }
}

/** True when the request body is JSON that names a model to map. */
export function hasJsonModel(api: Api): bool {
  switch (api) {
    case Api.ChatCompletions:
    case Api.Completions:
    case Api.Embeddings:
    case Api.AudioSpeech:
    case Api.ImageGeneration:
    case Api.ImageEdit:
    case Api.ImageVariation:
    case Api.Responses:
    case Api.Videos:
    case Api.RemixVideo:
    case Api.FineTuningJobs:
    case Api.Moderations:
    case Api.Messages:
    case Api.CountTokens:
    case Api.Complete:
    case Api.Rerank:
    case Api.QwenReranks:
      return true;
    default:
      return false;
  }
}

/** True when a multipart body names a model to map. */
export function hasMultipartModel(api: Api): bool {
  switch (api) {
    case Api.ImageEdit:
    case Api.ImageVariation:
    case Api.AudioTranscription:
    case Api.AudioTranslation:
    case Api.Videos:
      return true;
    default:
      return false;
  }
}

/** True when the API cannot be called without a model. */
export function needsModel(api: Api): bool {
  return api == Api.ChatCompletions || api == Api.Completions || api == Api.Embeddings || api == Api.Messages;
}

/** True when a POST to the API means nothing without a body. */
export function needsBody(api: Api): bool {
  return hasJsonModel(api) || hasMultipartModel(api) || api == Api.GeminiGenerate || api == Api.GeminiStreamGenerate;
}

/**
 * True when a request without a model gets the mapping's `*`. Not for moderations, whose model is of another kind and
 * optional, nor for a remix, which has that of its video.
 */
export function takesDefaultModel(api: Api): bool {
  return (hasJsonModel(api) || hasMultipartModel(api)) && api != Api.Moderations && api != Api.RemixVideo;
}

/** True when the answer is text that a model writes, so that it costs tokens beside those of the request. */
export function answersText(api: Api): bool {
  if (api == Api.ChatCompletions || api == Api.Completions || api == Api.Responses) return true;
  return api == Api.Messages || api == Api.Complete || api == Api.GeminiGenerate || api == Api.GeminiStreamGenerate;
}

/**
 * False when what comes back was made by an earlier request, or is told by its number: its `usage` was counted then. All but
 * POST reads (`GET /v1/responses/{id}`, polls of a background response or a batch); to cancel a response returns it as well.
 */
export function makesAnswer(api: Api, method: View): bool {
  return method.equals("POST") && api != Api.CancelResponse && api != Api.RetrieveResponse && api != Api.ResponseInputItems;
}

/** True when later calls depend on earlier ones, so that one consumer should keep one token. */
export function isStateful(api: Api): bool {
  switch (api) {
    case Api.Responses:
    case Api.RetrieveResponse:
    case Api.CancelResponse:
    case Api.ResponseInputItems:
      return true;
    default:
      return api >= Api.Batches && api <= Api.RetrieveFileContent
        ? true
        : api >= Api.FineTuningJobs && api <= Api.DeleteFineTuningPermission;
  }
}
