// **The table: one row per provider.** A provider that speaks a known dialect is one row here and nothing else.
// Hosts, paths and auth are the providers' own API references, compared with Higress's table on 2026-11-24. Who takes lists of
// texts as content: OpenAI's and Mistral's API references, xAI's, OpenRouter's and DashScope's guides to images and prompt caching,
// vLLM's OpenAI-compatible server (2026-11). Groq and DeepSeek have refused them (OpenHands/OpenHands#4643, gptme/gptme#314); the
// others do not say.

import { ProviderField } from "../config/schema.gen";
import { ResponseEdit } from "../dialect/options";
import { writeBedrockHost } from "../dialect/to-bedrock/paths";
import { writeVertexHost } from "../dialect/to-vertex/paths";
import { Api } from "../model/api";
import { allOpenAI, chatAndEmbeddings, chatApis, geminiMethods, textApis } from "./api-lists";
import { equals, given, unless } from "./condition";
import {
  MISTRAL_EFFORTS,
  MISTRAL_REASONERS,
  MISTRAL_REFUSES,
  MISTRAL_REFUSES_IN_MESSAGES,
  MISTRAL_RENAMES,
  MISTRAL_THINKERS,
} from "./mistral";
import { AuthScheme, Dialect, Quirk } from "./provider";
import { ProviderRow } from "./row";
import { BAIDU_SETTINGS, CLAUDE_SETTINGS, GEMINI_SETTINGS, HUNYUAN_SETTINGS, MINIMAX_SETTINGS, SPARK_SETTINGS } from "./setting-names";

let rows: Array<ProviderRow> = [];
const GROQ_THINKERS: StaticArray<string> = ["openai/gpt-oss", "qwen/"];

function row(type: string): ProviderRow {
  const made = new ProviderRow(type);
  rows.push(made);
  return made;
}

function openaiFamily(): void {
  // Only api.openai.com itself is known to take all that its clients send.
  row("openai")
    .host("api.openai.com")
    .customUrl(ProviderField.OPENAI_CUSTOM_URL, Quirk.UNKNOWN_SERVER)
    .apis("/v1", allOpenAI())
    .servesOpenAI()
    .callerKey()
    .strict();
  row("azure")
    .azureUrl(ProviderField.AZURE_SERVICE_URL)
    .auth(AuthScheme.ApiKey)
    .orByEnvoy()
    .apis("/openai", allOpenAI())
    .servesOpenAI()
    .strict()
    .genAiName("azure.ai.openai");
  row("vllm")
    .hostFrom(ProviderField.VLLM_SERVER_HOST)
    .customUrl(ProviderField.VLLM_CUSTOM_URL)
    .apis("/v1", textApis())
    .apis("/v1", [Api.Rerank, Api.Responses, Api.AudioTranscription, Api.AudioTranslation])
    .tokenizesAt("/tokenize")
    .takesLists()
    .callerKey()
    // It reads nothing else since it renamed the member (vllm-project/vllm#33402 and #38488, Nov 2026).
    .takesThinking(Quirk.REASONING_NAME)
    .edits(ResponseEdit.STREAMS);
  // Its compatible API names thinking `reasoning` in both directions (ollama/ollama, openai/openai.go, Nov 2026).
  row("ollama")
    .hostFrom(ProviderField.OLLAMA_SERVER_HOST, ProviderField.OLLAMA_SERVER_PORT)
    .auth(AuthScheme.None)
    .apis("/v1", textApis())
    .takesThinking(Quirk.REASONING_NAME)
    .edits(ResponseEdit.STREAMS);
  row("generic").hostFrom(ProviderField.GENERIC_HOST).untouched().callerKey();
  row("galadriel").host("api.galadriel.com").apis("/v1", chatApis());
  row("coze").host("api.coze.cn").untouched();
}

function westernServices(): void {
  row("deepseek").host("api.deepseek.com").apis("/v1", textApis()).at(Api.Messages, "/anthropic/v1/messages", Dialect.Anthropic);
  // Groq's streams of some models never name the role (recorded 2026-11); OpenAI's stream helpers refuse those.
  // It answers 400 to reasoning_content, and to `reasoning` for a model that does not reason (agentjido/req_llm#772, vercel/ai#8057).
  row("groq")
    .host("api.groq.com")
    .takesThinking(Quirk.REASONING_NAME, GROQ_THINKERS)
    .edits(ResponseEdit.STREAMS)
    .apis("/openai/v1", textApis())
    .apis("/openai/v1", [Api.Responses, Api.AudioTranscription, Api.AudioTranslation, Api.AudioSpeech]);
  row("grok")
    .host("api.x.ai")
    .apis("/v1", textApis())
    .apis("/v1", [Api.Responses, Api.RetrieveResponse, Api.ImageGeneration])
    .takesLists()
    .genAiName("x_ai");
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
    .quirk(Quirk.IDS_OF_NINE | Quirk.NO_USER_AFTER_TOOL | Quirk.CACHE_KEY)
    .takesThinking(Quirk.THINKING_PARTS, MISTRAL_THINKERS)
    .strict()
    .genAiName("mistral_ai");
  row("together-ai").host("api.together.xyz").apis("/v1", textApis()).apis("/v1", [Api.ImageGeneration, Api.Rerank, Api.AudioSpeech]);
  row("fireworks").host("api.fireworks.ai").apis("/inference/v1", textApis()).apis("/inference/v1", [Api.Responses]);
  row("github").host("models.inference.ai.azure.com").auth(AuthScheme.Raw).apis("", [Api.ChatCompletions, Api.Embeddings, Api.Models]);
  // The account id stands in the path: `{account_id}` is filled from cloudflareAccountId. Thinking as vLLM reads it (the notes of
  // workers-ai-provider 3.1.5, Mar 2026).
  row("cloudflare")
    .takesThinking(Quirk.REASONING_NAME)
    .host("api.cloudflare.com")
    .apis("/client/v4/accounts/{account_id}/ai/v1", [Api.ChatCompletions, Api.Completions, Api.Embeddings, Api.Responses]);
  row("openrouter")
    .host("openrouter.ai")
    .apis("/api/v1", textApis())
    .apis("/api/v1", [Api.Responses])
    .takesLists()
    .seals("reasoning_details")
    .quirk(Quirk.REASONING_BUDGET);
}

function chineseServices(): void {
  row("kling")
    .host("api-singapore.klingai.com")
    .at(Api.Videos, "/v1/videos/text2video", Dialect.Kling)
    .at(Api.KlingImageToVideo, "/v1/videos/image2video")
    .at(Api.RetrieveVideo, "/v1/videos/text2video/{video_id}")
    .at(Api.KlingRetrieveImageVideo, "/v1/videos/image2video/{video_id}")
    .otherCredentials();
  // Its streams report usage inside the choice of the last chunk (2026-11).
  row("moonshot")
    .host("api.moonshot.cn")
    .edits(ResponseEdit.CHOICE_USAGE)
    .quirk(Quirk.CACHE_KEY)
    .apis("/v1", chatApis())
    .apis("/v1", [Api.Files, Api.RetrieveFile, Api.RetrieveFileContent]);
  row("yi").host("api.lingyiwanwu.com").apis("/v1", chatApis());
  row("stepfun")
    .host("api.stepfun.com")
    .apis("/v1", chatApis())
    .apis("/v1", [Api.AudioSpeech, Api.AudioTranscription, Api.ImageGeneration, Api.Files, Api.RetrieveFile]);
  row("baichuan").host("api.baichuan-ai.com").apis("/v1", chatAndEmbeddings());
  row("ai360").host("api.360.cn").auth(AuthScheme.Raw).apis("/v1", chatAndEmbeddings());
  row("baidu")
    .host("qianfan.baidubce.com")
    .apis("/v2", chatAndEmbeddings())
    .apis("/v2", [Api.ImageGeneration, Api.Rerank])
    .settings(BAIDU_SETTINGS);
  row("longcat").host("api.longcat.chat").apis("/v1", chatApis()).at(Api.Messages, "/anthropic/v1/messages", Dialect.Anthropic);
  row("minimax")
    .host("api.minimax.chat")
    .at(Api.ChatCompletions, "/v1/text/chatcompletion_v2")
    // M2 with reasoning_split (https://platform.minimax.io/docs/guides/text-m2-function-call, Nov 2026).
    .seals("reasoning_details")
    .apis("/v1", [Api.Embeddings, Api.Models])
    .speaks(Dialect.MiniMaxPro, equals(ProviderField.MINIMAX_API_TYPE, "pro"))
    .settings(MINIMAX_SETTINGS);
  // Keys in place of tokens: its API of before, whose requests are signed.
  row("hunyuan")
    .host("api.hunyuan.cloud.tencent.com")
    .host("hunyuan.tencentcloudapi.com", given(ProviderField.HUNYUAN_AUTH_ID))
    .apis("/v1", chatAndEmbeddings())
    .speaks(Dialect.Hunyuan, given(ProviderField.HUNYUAN_AUTH_ID))
    .otherCredentials()
    .settings(HUNYUAN_SETTINGS);
}

/** Those of Volcengine, Zhipu and Alibaba Cloud, which have more than chat. */
function chineseClouds(): void {
  row("doubao")
    .host("ark.cn-beijing.volces.com")
    .hostFrom(ProviderField.DOUBAO_DOMAIN)
    .apis("/api/v3", chatAndEmbeddings())
    .apis("/api/v3", [Api.ImageGeneration, Api.Responses, Api.RetrieveResponse])
    .quirk(Quirk.NO_WATERMARK | Quirk.DROP_RESPONSE_EXTRAS);
  row("zhipuai")
    .host("open.bigmodel.cn")
    .hostFrom(ProviderField.ZHIPU_DOMAIN)
    // The plan has chat alone.
    .apis("/api/coding/paas/v4", [Api.ChatCompletions], given(ProviderField.ZHIPU_CODE_PLAN_MODE))
    .apis("/api/paas/v4", chatAndEmbeddings())
    .apis("/api/paas/v4", [Api.ImageGeneration, Api.AudioSpeech, Api.AudioTranscription, Api.Rerank])
    .at(Api.Messages, "/api/anthropic/v1/messages", Dialect.Anthropic)
    .quirk(Quirk.EFFORT_TO_THINKING);
  row("qwen")
    .host("dashscope.aliyuncs.com")
    .hostFrom(ProviderField.QWEN_DOMAIN)
    .speaks(Dialect.DashScope, unless(ProviderField.QWEN_ENABLE_COMPATIBLE))
    .apis("/compatible-mode/v1", textApis())
    .apis("/compatible-mode/v1", [Api.Files, Api.RetrieveFile, Api.RetrieveFileContent, Api.Batches])
    .apis("/compatible-mode/v1", [Api.RetrieveBatch, Api.CancelBatch])
    // Alibaba Cloud's "Compatibility with OpenAI Responses API" (Nov 2026) deprecates the paths below /api/v2/apps/protocols.
    .at(Api.Responses, "/compatible-mode/v1/responses")
    .at(Api.Conversations, "/compatible-mode/v1/conversations")
    .at(Api.QwenReranks, "/compatible-api/v1/reranks")
    .at(Api.Messages, "/apps/anthropic/v1/messages", Dialect.Anthropic)
    .quirk(Quirk.PRESERVE_THINKING)
    .takesLists();
}

/** Providers whose chat speaks a dialect of its own; translation is in dialect/. */
function translatedServices(): void {
  row("claude")
    .host("api.anthropic.com")
    .auth(AuthScheme.XApiKey)
    .auth(AuthScheme.AnthropicOauth, given(ProviderField.CLAUDE_CODE_MODE))
    .speaks(Dialect.Anthropic)
    .at(Api.Messages, "/v1/messages", Dialect.Anthropic)
    .at(Api.CountTokens, "/v1/messages/count_tokens", Dialect.Anthropic)
    .at(Api.Complete, "/v1/complete", Dialect.Anthropic)
    .apis("/v1", [Api.Models, Api.RetrieveModel, Api.Files, Api.RetrieveFile, Api.RetrieveFileContent])
    .settings(CLAUDE_SETTINGS)
    .genAiName("anthropic");
  row("gemini")
    .host("generativelanguage.googleapis.com")
    .auth(AuthScheme.GoogApiKey)
    .speaks(Dialect.Gemini)
    // Gemini's own API keeps the client's path; the model in it is mapped.
    .native(geminiMethods())
    .native([Api.GeminiBatchEmbed, Api.GeminiAsyncEmbed, Api.GeminiBatchGenerate])
    // Google's APIs take both spellings, but not both in one body.
    .settings(GEMINI_SETTINGS, "generationConfig", "generation_config")
    .genAiName("gcp.gemini");
  row("bedrock").hostBy(writeBedrockHost).speaks(Dialect.Bedrock).orByEnvoy().genAiName("aws.bedrock");
  // Paths depend on project, region and model (dialect/to-vertex/paths.ts).
  row("vertex")
    .hostBy(writeVertexHost)
    .auth(AuthScheme.GoogApiKey)
    .orByEnvoy()
    .speaks(Dialect.Vertex)
    .speaks(Dialect.OpenAI, given(ProviderField.VERTEX_OPEN_AI_COMPATIBLE))
    .seals("extra_content")
    .at(Api.ChatCompletions, "")
    // Of its compatible API: calls come without an index (2026-11).
    .edits(ResponseEdit.STREAMS)
    .native(geminiMethods())
    .native([Api.VertexFetchOperation, Api.VertexComputeTokens, Api.VertexRawPredict, Api.VertexStreamRawPredict])
    .genAiName("gcp.vertex_ai");
  row("spark").host("spark-api-open.xf-yun.com").speaks(Dialect.Spark).settings(SPARK_SETTINGS);
  row("cohere").host("api.cohere.com").speaks(Dialect.Cohere).apis("/v1", [Api.Rerank]);
  // The model (Free or Pro) decides the host.
  row("deepl").auth(AuthScheme.DeepL).speaks(Dialect.DeepL);
  row("dify").host("api.dify.ai").hostFrom(ProviderField.DIFY_API_URL).speaks(Dialect.Dify);
  row("triton").hostFrom(ProviderField.TRITON_DOMAIN).speaks(Dialect.Triton);
}

/** The row of a provider type, or null. Rows are made on the first look-up. */
export function findProvider(type: string): ProviderRow | null {
  if (rows.length == 0) {
    openaiFamily();
    westernServices();
    chineseServices();
    chineseClouds();
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
