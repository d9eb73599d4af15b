// Where providers report tokens, models and ids: the paths that the meter watches, and at which translators read the counts of
// a parsed response. Every source of a count is one line; what the counts make together is report.ts's business.

import { WatchTable } from "../json/watch-table";
import { FINISH_PLACES } from "./finish";

/** What a watched path holds. Slots below COUNTS are indexes of a report's counts. */
export const enum Field {
  MODEL = 0,
  ID = 1,
  /** Input and output; cached tokens and, as a rule, reasoning are inside. */
  PROMPT = 2,
  COMPLETION = 3,
  /** The other spelling: OpenAI's Responses API, and Anthropic, where cached tokens stand beside. */
  INPUT = 4,
  OUTPUT = 5,
  TOTAL = 6,
  /** Tokens read from a cache and written to one, inside the input. */
  CACHED = 7,
  WRITTEN = 8,
  /** The same beside INPUT. */
  CACHE_READ = 9,
  CACHE_WRITE = 10,
  REASONING = 11,
  /** Parts that add up: Gemini's output is candidates and thoughts, its input the prompt and what tools fed back. */
  CANDIDATES = 12,
  THOUGHTS = 13,
  TOOL_PROMPT = 14,
  /** Stand in where nothing better is told. */
  BILLED_INPUT = 15,
  BILLED_IMAGES = 16,
  BILLED_OUTPUT = 17,
  WORKFLOW_TOTAL = 18,
  /** Of one entry of Anthropic's `iterations`. */
  PART_INPUT = 19,
  PART_READ = 20,
  PART_WRITE = 21,
  PART_OUTPUT = 22,
  /** Kinds that have prices of their own: written for an hour, inside WRITTEN; the others inside input and output. */
  WRITTEN_HOUR = 23,
  IMAGE_INPUT = 24,
  AUDIO_INPUT = 25,
  CACHED_AUDIO = 26,
  IMAGE_OUTPUT = 27,
  AUDIO_OUTPUT = 28,
  /** Of one entry of a list of such kinds. */
  DETAIL_COUNT = 29,
  /** Number of the fields above that hold counts or names. */
  COUNTS = 30,
  /** Containers that counts stand in: a report that restates every count, the list of iterations, one of them, its kind. */
  RESTATED,
  PARTS,
  PART,
  PART_TYPE,
  /** Entries of lists of kinds, by the count that they are inside of; the word that names the kind. */
  INPUT_DETAIL,
  CACHED_DETAIL,
  OUTPUT_DETAIL,
  WRITTEN_DETAIL,
  DETAIL_KIND,
  /** A picture that was made. */
  IMAGE,
  /** Why the response ended; the status of one in the Responses API, which says it only of those that are complete. */
  FINISH,
  STATUS,
  /** Differs from event to event and means nothing here. */
  VARYING,
  /** The top-level `usage` itself, `choices`, one choice. */
  USAGE,
  CHOICES,
  CHOICE,
  /** Text of the response: its first byte is the first token. */
  CONTENT,
  /** A container that stands for content (a tool call). */
  CONTENT_OBJECT,
  ERROR,
  /** What kind of error: code or status, type, MiniMax's number. */
  ERROR_CODE,
  ERROR_TYPE,
  BASE_RESP,
}

let ofCounts: WatchTable | null = null;

/** The counts alone, for documents that are parsed anyway; made on first use and shared. */
export function countTable(): WatchTable {
  let table = ofCounts;
  if (table !== null) return table;
  table = new WatchTable();
  ofCounts = table;
  addCounts(table);
  return table;
}

/** Adds all places of counts, and of the reason why a response ended, to a table. */
export function addCounts(table: WatchTable): void {
  const places = FINISH_PLACES.split(" ");
  for (let k = 0; k < places.length; k++) table.add(places[k], Field.FINISH);
  table.add("status", Field.STATUS);
  table.add("response.status", Field.STATUS);
  openai(table, "usage.");
  openai(table, "response.usage.");
  openai(table, "message.usage."); // Anthropic's message_start.
  openai(table, "x_groq.usage."); // Groq's streams (Nov 2026).
  openai(table, "choices[].usage."); // Moonshot's last chunk (Nov 2026).
  openai(table, "metadata.usage."); // Dify.
  table.add("data.total_tokens", Field.WORKFLOW_TOTAL); // Dify's workflows: one number for all nodes.
  iterations(table, "usage.");
  iterations(table, "message.usage.");
  google(table);
  cohere(table, "usage.");
  cohere(table, "delta.usage.");
  cohere(table, "meta.");
  cohere(table, "response.meta.");
  // Bedrock Converse; invoked models of Amazon.
  table.add("usage.inputTokens", Field.INPUT);
  table.add("usage.outputTokens", Field.OUTPUT);
  table.add("usage.totalTokens", Field.TOTAL);
  table.add("usage.cacheReadInputTokens", Field.CACHE_READ);
  table.add("usage.cacheWriteInputTokens", Field.CACHE_WRITE);
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CacheDetail.html, Nov 2026.
  details(table, "usage.cacheDetails[]", "ttl", "inputTokens", Field.WRITTEN_DETAIL);
  table.add("inputTextTokenCount", Field.PROMPT);
  hunyuan(table, "Usage.");
  hunyuan(table, "Response.Usage.");
  // Ollama's own API.
  table.add("prompt_eval_count", Field.PROMPT);
  table.add("eval_count", Field.COMPLETION);
}

/**
 * OpenAI's chat (`prompt_tokens`) and Responses (`input_tokens`) forms; Anthropic's and DashScope's share the second. Tokens
 * written to a cache: `cache_write_tokens` is OpenAI's (openai-node 6, resources/responses) and OpenRouter's,
 * `cache_creation_input_tokens` below the details Qwen's, `cached_creation_tokens` new-api's (dto/openai_response.go), Nov 2026.
 */
function openai(table: WatchTable, at: string): void {
  table.add(at + "prompt_tokens", Field.PROMPT);
  table.add(at + "completion_tokens", Field.COMPLETION);
  table.add(at + "total_tokens", Field.TOTAL);
  table.add(at + "input_tokens", Field.INPUT);
  table.add(at + "output_tokens", Field.OUTPUT);
  inputDetails(table, at + "prompt_tokens_details.");
  inputDetails(table, at + "input_tokens_details.");
  inputDetails(table, at + "input_token_details."); // OpenAI's Realtime API (its reference, response.done, Nov 2026).
  table.add(at + "prompt_cache_hit_tokens", Field.CACHED); // DeepSeek.
  table.add(at + "cached_tokens", Field.CACHED); // Moonshot, Cohere, older models of DashScope.
  outputDetails(table, at + "completion_tokens_details.");
  outputDetails(table, at + "output_tokens_details.");
  outputDetails(table, at + "output_token_details."); // OpenAI's Realtime API.
  table.add(at + "output_tokens_details.thinking_tokens", Field.REASONING); // Anthropic (its SDK 1.12, OutputTokensDetails).
  table.add(at + "cache_creation.ephemeral_1h_input_tokens", Field.WRITTEN_HOUR); // Anthropic (its SDK 1.12, CacheCreation).
  table.add(at + "cache_read_input_tokens", Field.CACHE_READ);
  table.add(at + "cache_creation_input_tokens", Field.CACHE_WRITE);
}

function inputDetails(table: WatchTable, at: string): void {
  table.add(at + "cached_tokens", Field.CACHED);
  table.add(at + "cache_write_tokens", Field.WRITTEN);
  table.add(at + "cache_creation_input_tokens", Field.WRITTEN);
  table.add(at + "cached_creation_tokens", Field.WRITTEN);
  // openai-node 6: CompletionUsage.PromptTokensDetails, ImagesResponse.Usage, RealtimeResponseUsage.
  table.add(at + "audio_tokens", Field.AUDIO_INPUT);
  table.add(at + "image_tokens", Field.IMAGE_INPUT);
  table.add(at + "cached_tokens_details.audio_tokens", Field.CACHED_AUDIO);
}

function outputDetails(table: WatchTable, at: string): void {
  table.add(at + "reasoning_tokens", Field.REASONING);
  table.add(at + "audio_tokens", Field.AUDIO_OUTPUT);
  table.add(at + "image_tokens", Field.IMAGE_OUTPUT);
}

/** A list whose entries have a word for their kind and a count. */
function details(table: WatchTable, at: string, kind: string, count: string, field: i32): void {
  table.add(at, field);
  table.add(at + "." + kind, Field.DETAIL_KIND);
  table.add(at + "." + count, Field.DETAIL_COUNT);
}

/** Anthropic's list of what the model was asked in between (its SDK 1.12, BetaIterationsUsage). */
function iterations(table: WatchTable, at: string): void {
  table.add(at + "iterations", Field.PARTS);
  table.add(at + "iterations[]", Field.PART);
  table.add(at + "iterations[].type", Field.PART_TYPE);
  table.add(at + "iterations[].input_tokens", Field.PART_INPUT);
  table.add(at + "iterations[].cache_read_input_tokens", Field.PART_READ);
  table.add(at + "iterations[].cache_creation_input_tokens", Field.PART_WRITE);
  table.add(at + "iterations[].output_tokens", Field.PART_OUTPUT);
}

/**
 * Gemini: generateContent (https://ai.google.dev/api/generate-content#UsageMetadata, Nov 2026), the Live API's
 * responseTokenCount, and the Interactions API (recorded Nov 2026).
 */
function google(table: WatchTable): void {
  table.add("usageMetadata", Field.RESTATED);
  table.add("usageMetadata.promptTokenCount", Field.PROMPT);
  table.add("usageMetadata.candidatesTokenCount", Field.CANDIDATES);
  table.add("usageMetadata.responseTokenCount", Field.CANDIDATES);
  table.add("usageMetadata.thoughtsTokenCount", Field.THOUGHTS);
  table.add("usageMetadata.toolUsePromptTokenCount", Field.TOOL_PROMPT);
  table.add("usageMetadata.cachedContentTokenCount", Field.CACHED);
  table.add("usageMetadata.totalTokenCount", Field.TOTAL);
  modalities(table, "prompt", Field.INPUT_DETAIL);
  modalities(table, "cache", Field.CACHED_DETAIL);
  modalities(table, "candidates", Field.OUTPUT_DETAIL);
  modalities(table, "response", Field.OUTPUT_DETAIL);
  interaction(table, "usage.");
  interaction(table, "interaction.usage.");
}

/** https://ai.google.dev/api/generate-content#ModalityTokenCount, Nov 2026. */
function modalities(table: WatchTable, whose: string, field: i32): void {
  details(table, "usageMetadata." + whose + "TokensDetails[]", "modality", "tokenCount", field);
}

function interaction(table: WatchTable, at: string): void {
  table.add(at + "total_input_tokens", Field.PROMPT);
  table.add(at + "total_output_tokens", Field.CANDIDATES);
  table.add(at + "total_thought_tokens", Field.THOUGHTS);
  table.add(at + "total_tool_use_tokens", Field.TOOL_PROMPT);
  table.add(at + "total_cached_tokens", Field.CACHED);
  table.add(at + "total_tokens", Field.TOTAL);
}

/**
 * `tokens` is what the model read and wrote; `billed_units` leaves out Cohere's own preamble, and stands in where `tokens` is
 * missing: embed has nothing else. Cohere API v2, "Usage" (https://docs.cohere.com/reference/chat, Nov 2026).
 */
function cohere(table: WatchTable, at: string): void {
  table.add(at + "tokens.input_tokens", Field.INPUT);
  table.add(at + "tokens.output_tokens", Field.OUTPUT);
  table.add(at + "billed_units.input_tokens", Field.BILLED_INPUT);
  table.add(at + "billed_units.image_tokens", Field.BILLED_IMAGES);
  table.add(at + "billed_units.output_tokens", Field.BILLED_OUTPUT);
  table.add(at + "cached_tokens", Field.CACHED);
}

function hunyuan(table: WatchTable, at: string): void {
  table.add(at + "PromptTokens", Field.PROMPT);
  table.add(at + "CompletionTokens", Field.COMPLETION);
  table.add(at + "TotalTokens", Field.TOTAL);
}
