// **The table: one row per provider.** A provider that speaks a known dialect is one row here and nothing else.
// Hosts, paths and auth are the providers' own API references, compared with Higress's table on 2026-11-24. Who takes lists of
// texts as content: OpenAI's and Mistral's API references, xAI's, OpenRouter's and DashScope's guides to images and prompt caching,
// vLLM's OpenAI-compatible server (2026-11). Groq and DeepSeek have refused them (OpenHands/OpenHands#4643, gptme/gptme#314); the
// others do not say.

import { ResponseEdit } from "../dialect/options";
import { Api } from "../model/api";
import { MISTRAL_EFFORTS, MISTRAL_REASONERS, MISTRAL_REFUSES, MISTRAL_REFUSES_IN_MESSAGES, MISTRAL_RENAMES } from "./mistral";
import { AuthScheme, Dialect, ProviderRow, Quirk } from "./provider";

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

function list(apis: StaticArray<Api>): Array<Api> {
  return apis.slice<Array<Api>>();
}

let rows: Array<ProviderRow> = [];

function row(type: string): ProviderRow {
  const made = new ProviderRow(type);
  rows.push(made);
  return made;
}

/** Chat, legacy completions, embeddings and the model list: what most compatible services have. */
function textApis(): Array<Api> {
  return [Api.ChatCompletions, Api.Completions, Api.Embeddings, Api.Models, Api.RetrieveModel];
}

function chatApis(): Array<Api> {
  return [Api.ChatCompletions, Api.Models, Api.RetrieveModel];
}

function chatAndEmbeddings(): Array<Api> {
  return [Api.ChatCompletions, Api.Embeddings, Api.Models, Api.RetrieveModel];
}

function openaiFamily(): void {
  row("openai").host("api.openai.com").apis("/v1", list(ALL_OPENAI)).servesOpenAI().callerKey().strict();
  // Azure's host and deployment come from azureServiceUrl (provider/azure.ts).
  row("azure").auth(AuthScheme.ApiKey).apis("/openai", list(ALL_OPENAI)).servesOpenAI().strict();
  row("vllm")
    .apis("/v1", textApis())
    .apis("/v1", [Api.Rerank, Api.Responses, Api.AudioTranscription, Api.AudioTranslation])
    .takesLists()
    .callerKey()
    .edits(ResponseEdit.STREAMS);
  row("ollama").auth(AuthScheme.None).apis("/v1", textApis()).edits(ResponseEdit.STREAMS);
  row("generic").untouched().callerKey();
  row("coze").host("api.coze.cn").untouched();
}

function westernServices(): void {
  row("deepseek").host("api.deepseek.com").apis("/v1", textApis()).at(Api.Messages, "/anthropic/v1/messages", Dialect.Anthropic);
  // Groq's streams of some models never name the role (recorded 2026-11); OpenAI's stream helpers refuse those.
  row("groq")
    .host("api.groq.com")
    .edits(ResponseEdit.STREAMS)
    .apis("/openai/v1", textApis())
    .apis("/openai/v1", [Api.Responses, Api.AudioTranscription, Api.AudioTranslation, Api.AudioSpeech]);
  row("grok").host("api.x.ai").apis("/v1", textApis()).apis("/v1", [Api.Responses, Api.RetrieveResponse, Api.ImageGeneration]).takesLists();
  // Mistral reports the usage of a stream without being asked. What it refuses is in provider/mistral.ts. Its content may be a list of
  // text and thinking parts (its reasoning guide), a call needs neither index nor type, and streams need not name the role (recorded
  // 2026-11).
  row("mistral")
    .edits(ResponseEdit.CONTENT_LISTS | ResponseEdit.STREAMS)
    .host("api.mistral.ai")
    .apis("/v1", chatAndEmbeddings())
    .apis("/v1", [Api.Files, Api.RetrieveFile, Api.RetrieveFileContent, Api.Moderations])
    .refusesUsageOption()
    .takesLists()
    .renaming(MISTRAL_RENAMES)
    .refusing(MISTRAL_REFUSES, MISTRAL_REFUSES_IN_MESSAGES)
    .knowsEfforts(MISTRAL_EFFORTS, MISTRAL_REASONERS)
    .quirk(Quirk.IDS_OF_NINE | Quirk.NO_USER_AFTER_TOOL)
    .strict();
  row("together-ai").host("api.together.xyz").apis("/v1", textApis()).apis("/v1", [Api.ImageGeneration, Api.Rerank, Api.AudioSpeech]);
  row("fireworks").host("api.fireworks.ai").apis("/inference/v1", textApis()).apis("/inference/v1", [Api.Responses]);
  row("github").host("models.inference.ai.azure.com").auth(AuthScheme.Raw).apis("", [Api.ChatCompletions, Api.Embeddings, Api.Models]);
  // The account id stands in the path: `{account_id}` is filled from cloudflareAccountId.
  row("cloudflare")
    .host("api.cloudflare.com")
    .apis("/client/v4/accounts/{account_id}/ai/v1", [Api.ChatCompletions, Api.Completions, Api.Embeddings, Api.Responses]);
  row("openrouter")
    .host("openrouter.ai")
    .apis("/api/v1", textApis())
    .apis("/api/v1", [Api.Responses])
    .takesLists()
    .quirk(Quirk.REASONING_BUDGET);
}

function chineseServices(): void {
  // Its streams report usage inside the choice of the last chunk (2026-11).
  row("moonshot")
    .host("api.moonshot.cn")
    .edits(ResponseEdit.CHOICE_USAGE)
    .apis("/v1", chatApis())
    .apis("/v1", [Api.Files, Api.RetrieveFile, Api.RetrieveFileContent]);
  row("yi").host("api.lingyiwanwu.com").apis("/v1", chatApis());
  row("stepfun")
    .host("api.stepfun.com")
    .apis("/v1", chatApis())
    .apis("/v1", [Api.AudioSpeech, Api.AudioTranscription, Api.ImageGeneration, Api.Files, Api.RetrieveFile]);
  row("baichuan").host("api.baichuan-ai.com").apis("/v1", chatAndEmbeddings());
  row("ai360").host("api.360.cn").auth(AuthScheme.Raw).apis("/v1", chatAndEmbeddings());
  row("baidu").host("qianfan.baidubce.com").apis("/v2", chatAndEmbeddings()).apis("/v2", [Api.ImageGeneration, Api.Rerank]);
  row("longcat").host("api.longcat.chat").apis("/v1", chatApis()).at(Api.Messages, "/anthropic/v1/messages", Dialect.Anthropic);
  row("minimax").host("api.minimax.chat").at(Api.ChatCompletions, "/v1/text/chatcompletion_v2").apis("/v1", [Api.Embeddings, Api.Models]);
  row("hunyuan").host("api.hunyuan.cloud.tencent.com").apis("/v1", chatAndEmbeddings());
  row("doubao")
    .host("ark.cn-beijing.volces.com")
    .apis("/api/v3", chatAndEmbeddings())
    .apis("/api/v3", [Api.ImageGeneration, Api.Responses, Api.RetrieveResponse])
    .quirk(Quirk.NO_WATERMARK | Quirk.DROP_RESPONSE_EXTRAS);
  row("zhipuai")
    .host("open.bigmodel.cn")
    .apis("/api/paas/v4", chatAndEmbeddings())
    .apis("/api/paas/v4", [Api.ImageGeneration, Api.AudioSpeech, Api.AudioTranscription, Api.Rerank])
    .at(Api.Messages, "/api/anthropic/v1/messages", Dialect.Anthropic)
    .quirk(Quirk.EFFORT_TO_THINKING);
  row("qwen")
    .host("dashscope.aliyuncs.com")
    .apis("/compatible-mode/v1", textApis())
    .apis("/compatible-mode/v1", [Api.Files, Api.RetrieveFile, Api.RetrieveFileContent, Api.Batches])
    .apis("/compatible-mode/v1", [Api.RetrieveBatch, Api.CancelBatch])
    // Alibaba Cloud's "Compatibility with OpenAI Responses API" (Nov 2026) deprecates the paths below /api/v2/apps/protocols.
    .at(Api.Responses, "/compatible-mode/v1/responses")
    .at(Api.Conversations, "/compatible-mode/v1/conversations")
    .at(Api.QwenReranks, "/compatible-api/v1/reranks")
    .at(Api.Messages, "/apps/anthropic/v1/messages", Dialect.Anthropic)
    .takesLists();
}

/** Providers whose chat speaks a dialect of its own; translation is in dialect/. */
function translatedServices(): void {
  row("claude")
    .host("api.anthropic.com")
    .auth(AuthScheme.XApiKey)
    .speaks(Dialect.Anthropic)
    .at(Api.Messages, "/v1/messages", Dialect.Anthropic)
    .at(Api.CountTokens, "/v1/messages/count_tokens", Dialect.Anthropic)
    .at(Api.Complete, "/v1/complete", Dialect.Anthropic)
    .apis("/v1", [Api.Models, Api.RetrieveModel, Api.Files, Api.RetrieveFile, Api.RetrieveFileContent]);
  row("gemini")
    .host("generativelanguage.googleapis.com")
    .auth(AuthScheme.GoogApiKey)
    .speaks(Dialect.Gemini)
    // Gemini's own API keeps the client's path; the model in it is mapped.
    .native(list(GEMINI_METHODS))
    .native([Api.GeminiBatchEmbed, Api.GeminiAsyncEmbed, Api.GeminiBatchGenerate]);
  row("bedrock").speaks(Dialect.Bedrock);
  // Host and paths depend on project, region and model (dialect/to-vertex/paths.ts).
  row("vertex")
    .auth(AuthScheme.GoogApiKey)
    .speaks(Dialect.Vertex)
    .at(Api.ChatCompletions, "")
    // Of its compatible API: calls come without an index (2026-11).
    .edits(ResponseEdit.STREAMS)
    .native(list(GEMINI_METHODS))
    .native([Api.VertexFetchOperation, Api.VertexComputeTokens, Api.VertexRawPredict, Api.VertexStreamRawPredict]);
  row("spark").host("spark-api-open.xf-yun.com").speaks(Dialect.Spark);
  row("cohere").host("api.cohere.com").speaks(Dialect.Cohere).apis("/v1", [Api.Rerank]);
  // The model (Free or Pro) decides the host.
  row("deepl").auth(AuthScheme.DeepL).speaks(Dialect.DeepL);
  row("dify").host("api.dify.ai").speaks(Dialect.Dify);
  row("triton").speaks(Dialect.Triton);
}

/** The row of a provider type, or null. Rows are made on the first look-up. */
export function findProvider(type: string): ProviderRow | null {
  if (rows.length == 0) {
    openaiFamily();
    westernServices();
    chineseServices();
    translatedServices();
  }
  for (let k = 0; k < rows.length; k++) if (rows[k].type == type) return rows[k];
  return null;
}

/** All rows, for the conformance tests and the generated docs. */
export function allProviders(): Array<ProviderRow> {
  findProvider("");
  return rows;
}
