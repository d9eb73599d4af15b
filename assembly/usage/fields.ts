// Where providers report tokens, models and ids: the paths that the meter watches. Every source of a count is one line.

import { WatchTable } from "../json/watch-table";

export namespace Field {
  export const MODEL: i32 = 0;
  export const ID: i32 = 1;
  export const PROMPT: i32 = 2;
  export const COMPLETION: i32 = 3;
  export const INPUT: i32 = 4;
  export const OUTPUT: i32 = 5;
  export const TOTAL: i32 = 6;
  export const CACHED: i32 = 7;
  export const CACHE_READ: i32 = 8;
  export const CACHE_WRITE: i32 = 9;
  export const REASONING: i32 = 10;
  export const CANDIDATES: i32 = 11;
  export const THOUGHTS: i32 = 12;
  export const TOOL_PROMPT: i32 = 13;
  /** Number of the fields above that hold counts or names. */
  export const COUNTS: i32 = 14;
  /** Differs from event to event and means nothing here. */
  export const VARYING: i32 = 19;
  /** The top-level `usage` itself, `choices`, one choice. */
  export const USAGE: i32 = 20;
  export const CHOICES: i32 = 21;
  export const CHOICE: i32 = 22;
  /** Text of the answer: its first byte is the first token. */
  export const CONTENT: i32 = 23;
  /** A container that stands for content (a tool call). */
  export const CONTENT_OBJECT: i32 = 24;
  export const ERROR: i32 = 25;
  /** What kind of error: code or status, type, MiniMax's number. */
  export const ERROR_CODE: i32 = 26;
  export const ERROR_TYPE: i32 = 27;
  export const BASE_RESP: i32 = 28;
}

let shared: WatchTable | null = null;

/** The table, made on first use and shared. */
export function usageTable(): WatchTable {
  let table = shared;
  if (table !== null) return table;
  table = new WatchTable();
  shared = table;
  names(table);
  openai(table, "usage.");
  openai(table, "response.usage.");
  openai(table, "x_groq.usage."); // 2026-11: Groq's streams.
  openai(table, "choices[].usage."); // 2026-11: Moonshot's last chunk.
  others(table);
  content(table);
  return table;
}

function names(table: WatchTable): void {
  table.add("model", Field.MODEL);
  table.add("response.model", Field.MODEL);
  table.add("message.model", Field.MODEL);
  table.add("modelVersion", Field.MODEL);
  table.add("id", Field.ID);
  table.add("response.id", Field.ID);
  table.add("message.id", Field.ID);
  table.add("responseId", Field.ID);
  table.add("request_id", Field.ID);
  table.add("usage", Field.USAGE);
  table.add("choices", Field.CHOICES);
  table.add("choices[]", Field.CHOICE);
  errors(table, "error");
  errors(table, "response.error"); // The Responses API's event response.failed.
  table.add("base_resp.status_code", Field.BASE_RESP);
}

function errors(table: WatchTable, at: string): void {
  table.add(at, Field.ERROR);
  table.add(at + ".code", Field.ERROR_CODE);
  table.add(at + ".status", Field.ERROR_CODE); // Google: beside the number, the word.
  table.add(at + ".type", Field.ERROR_TYPE);
}

/** OpenAI's chat (`prompt_tokens`) and Responses (`input_tokens`) forms; Anthropic's shares the second. */
function openai(table: WatchTable, at: string): void {
  table.add(at + "prompt_tokens", Field.PROMPT);
  table.add(at + "completion_tokens", Field.COMPLETION);
  table.add(at + "total_tokens", Field.TOTAL);
  table.add(at + "input_tokens", Field.INPUT);
  table.add(at + "output_tokens", Field.OUTPUT);
  table.add(at + "prompt_tokens_details.cached_tokens", Field.CACHED);
  table.add(at + "input_tokens_details.cached_tokens", Field.CACHED);
  table.add(at + "prompt_cache_hit_tokens", Field.CACHED); // DeepSeek.
  table.add(at + "cached_tokens", Field.CACHED); // Moonshot.
  table.add(at + "completion_tokens_details.reasoning_tokens", Field.REASONING);
  table.add(at + "output_tokens_details.reasoning_tokens", Field.REASONING);
  table.add(at + "cache_read_input_tokens", Field.CACHE_READ);
  table.add(at + "cache_creation_input_tokens", Field.CACHE_WRITE);
}

function others(table: WatchTable): void {
  // Anthropic's message_start.
  table.add("message.usage.input_tokens", Field.INPUT);
  table.add("message.usage.output_tokens", Field.OUTPUT);
  table.add("message.usage.cache_read_input_tokens", Field.CACHE_READ);
  table.add("message.usage.cache_creation_input_tokens", Field.CACHE_WRITE);
  // Gemini.
  table.add("usageMetadata.promptTokenCount", Field.PROMPT);
  table.add("usageMetadata.candidatesTokenCount", Field.CANDIDATES);
  table.add("usageMetadata.thoughtsTokenCount", Field.THOUGHTS);
  table.add("usageMetadata.toolUsePromptTokenCount", Field.TOOL_PROMPT);
  table.add("usageMetadata.cachedContentTokenCount", Field.CACHED);
  table.add("usageMetadata.totalTokenCount", Field.TOTAL);
  // Bedrock Converse.
  table.add("usage.inputTokens", Field.INPUT);
  table.add("usage.outputTokens", Field.OUTPUT);
  table.add("usage.totalTokens", Field.TOTAL);
  table.add("usage.cacheReadInputTokens", Field.CACHE_READ);
  table.add("usage.cacheWriteInputTokens", Field.CACHE_WRITE);
  // Cohere v2, Ollama's own API.
  table.add("usage.tokens.input_tokens", Field.INPUT);
  table.add("usage.tokens.output_tokens", Field.OUTPUT);
  table.add("prompt_eval_count", Field.PROMPT);
  table.add("eval_count", Field.COMPLETION);
  table.acceptLists();
}

function content(table: WatchTable): void {
  // 2026-11: OpenAI's padding against guesses from the length of events, and the count of the Responses API.
  table.add("obfuscation", Field.VARYING, true);
  table.add("sequence_number", Field.VARYING);
  table.add("choices[].delta.content", Field.CONTENT, true);
  table.add("choices[].delta.reasoning_content", Field.CONTENT, true);
  table.add("choices[].delta.reasoning", Field.CONTENT, true);
  table.add("choices[].delta.refusal", Field.CONTENT, true);
  table.add("choices[].delta.tool_calls[]", Field.CONTENT_OBJECT);
  table.add("choices[].delta.tool_calls[].function.arguments", Field.CONTENT, true);
  table.add("choices[].message.tool_calls[].function.arguments", Field.CONTENT, true);
  table.add("choices[].message.reasoning_content", Field.CONTENT, true);
  table.add("choices[].text", Field.CONTENT, true);
  table.add("choices[].message.content", Field.CONTENT, true);
  // Whole answers of the Responses and the Messages API.
  table.add("output[].content[].text", Field.CONTENT, true);
  table.add("content[].text", Field.CONTENT, true);
  // Responses: `delta` is a string; Anthropic: an object.
  table.add("delta", Field.CONTENT, true);
  table.add("delta.text", Field.CONTENT, true);
  table.add("delta.thinking", Field.CONTENT, true);
  table.add("delta.partial_json", Field.CONTENT, true);
  table.add("candidates[].content.parts[].text", Field.CONTENT, true);
  table.add("candidates[].content.parts[].functionCall", Field.CONTENT_OBJECT);
}
