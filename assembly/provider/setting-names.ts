// What customSettings are called in APIs that are not OpenAI's: OpenAI's name, then the provider's own. Names that are missing are not
// known there, and are dropped. After Higress's table (https://github.com/alibaba/higress, plugins/wasm-go/extensions/ai-proxy, Nov 2026).

export const CLAUDE_SETTINGS: StaticArray<string> = [
  "max_tokens",
  "max_tokens",
  "temperature",
  "temperature",
  "top_p",
  "top_p",
  "top_k",
  "top_k",
  "seed",
  "seed",
];

export const SPARK_SETTINGS: StaticArray<string> = CLAUDE_SETTINGS;

export const GEMINI_SETTINGS: StaticArray<string> = [
  "max_tokens",
  "maxOutputTokens",
  "temperature",
  "temperature",
  "top_p",
  "topP",
  "top_k",
  "topK",
  "seed",
  "seed",
];

export const HUNYUAN_SETTINGS: StaticArray<string> = ["temperature", "Temperature", "top_p", "TopP"];

export const MINIMAX_SETTINGS: StaticArray<string> = [
  "max_tokens",
  "tokens_to_generate",
  "temperature",
  "temperature",
  "top_p",
  "top_p",
  "seed",
  "seed",
];

export const BAIDU_SETTINGS: StaticArray<string> = [
  "max_tokens",
  "max_output_tokens",
  "temperature",
  "temperature",
  "top_p",
  "top_p",
  "seed",
  "seed",
];
