// The dialects that providers speak: one line each. Who tests pairs of clients and dialects takes this list.
import type { Speaker } from "./answer";
import { chat, spark } from "./chat";
import { converse } from "./converse";
import { gemini } from "./gemini";
import { framedMessages, messages } from "./messages";
import { cohere, dashscope, deepl, dify, hunyuan, minimax, triton } from "./others";
import { responses } from "./responses";

export type { Answer, Json, Speaker } from "./answer";

export interface Dialect {
  /** As a table's column is called. */
  name: string;
  /** The provider's configuration, beside its tokens and the model's name. */
  config: object;
  model: string;
  /** What it says where no API of a client's own form is asked. */
  speaker: Speaker;
}

const HUNYUAN = { hunyuanAuthId: "AKIDexampleexampleexampleexample0123", hunyuanAuthKey: "exampleexampleexampleexample0123" };
const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const BEDROCK = { type: "bedrock", awsRegion: "us-east-1" };

export const DIALECTS: Dialect[] = [
  { name: "openai", config: { type: "openai" }, model: "gpt-4.1", speaker: chat("none") },
  {
    ...{ name: "openai responses", config: { type: "openai", openaiApi: "responses" } },
    ...{ model: "gpt-5.3-codex", speaker: responses },
  },
  { name: "deepseek", config: { type: "deepseek" }, model: "deepseek-chat", speaker: chat("member") },
  { name: "mistral", config: { type: "mistral" }, model: "magistral-medium-latest", speaker: chat("parts") },
  { name: "openrouter", config: { type: "openrouter" }, model: "anthropic/claude-sonnet-4.5", speaker: chat("details") },
  { name: "claude", config: { type: "claude" }, model: "claude-sonnet-4-5", speaker: messages },
  { name: "vertex claude", config: { type: "vertex" }, model: "claude-sonnet-4-5", speaker: messages },
  { name: "bedrock claude", config: BEDROCK, model: SONNET, speaker: converse },
  { name: "bedrock invoke", config: { ...BEDROCK, bedrockMessagesApi: "invoke" }, model: SONNET, speaker: converse },
  { name: "bedrock nova", config: BEDROCK, model: "amazon.nova-pro-v1:0", speaker: converse },
  { name: "gemini", config: { type: "gemini" }, model: "gemini-3-pro-preview", speaker: gemini },
  { name: "vertex gemini", config: { type: "vertex" }, model: "gemini-3-pro-preview", speaker: gemini },
  { name: "qwen", config: { type: "qwen", qwenEnableCompatible: false }, model: "qwen-plus", speaker: dashscope },
  { name: "cohere", config: { type: "cohere" }, model: "command-a-reasoning-08-2025", speaker: cohere },
  { name: "hunyuan", config: { type: "hunyuan", ...HUNYUAN }, model: "hunyuan-turbos-latest", speaker: hunyuan },
  { name: "dify", config: { type: "dify", botType: "Chat" }, model: "app", speaker: dify },
  { name: "minimax", config: { type: "minimax", minimaxApiType: "pro", minimaxGroupId: "g" }, model: "abab6.5s-chat", speaker: minimax },
  { name: "spark", config: { type: "spark" }, model: "4.0Ultra", speaker: spark },
  { name: "triton", config: { type: "triton", tritonDomain: "triton.test" }, model: "m", speaker: triton },
  { name: "deepl", config: { type: "deepl", targetLang: "DE" }, model: "Free", speaker: deepl },
];

/** Who answers at a provider's path: a provider may serve more APIs than that of its dialect. */
export function speakerAt({ speaker }: Dialect, path: string): Speaker {
  if (/:(?:r|streamR)awPredict\b/.test(path) || /\/messages$/.test(path) || /\/invoke$/.test(path)) return messages;
  if (/\/invoke-with-response-stream$/.test(path)) return framedMessages;
  return /\/responses$/.test(path) ? responses : speaker;
}

/** The plugin's configuration in front of one provider; the rule says that there may be others. */
export const configFor = ({ config, model }: Dialect) => ({
  provider: { apiTokens: ["sk-1"], ...config, modelMapping: { "*": model } },
  _rules_: [{ _match_domain_: ["other.test"], provider: { type: "generic", genericHost: "other.test" } }],
});
