// The words that rows of the catalogue are written in: schemes of authentication, dialects, quirks.

/** How the token reaches the provider. */
export const enum AuthScheme {
  None,
  /** `Authorization: Bearer <token>` */
  Bearer,
  /** `Authorization: <token>` */
  Raw,
  /** `api-key: <token>` (Azure) */
  ApiKey,
  /** `x-api-key: <token>` (Anthropic) */
  XApiKey,
  /** `x-goog-api-key: <token>` (Gemini, Vertex AI in express mode: in the query, as others send it, access logs show it) */
  GoogApiKey,
  /** `Authorization: DeepL-Auth-Key <token>` */
  DeepL,
  /** `Authorization: Bearer <token>`, and the beta that Anthropic takes such tokens with. */
  AnthropicOauth,
}

/** Which wire API a path of the provider speaks. */
export const enum Dialect {
  OpenAI,
  Anthropic,
  Gemini,
  Bedrock,
  DashScope,
  Vertex,
  Cohere,
  Dify,
  Spark,
  MiniMaxPro,
  Hunyuan,
  DeepL,
  Triton,
  /** OpenAI's videos as Kling has them. */
  Kling,
}

/** Small changes to an OpenAI request that one provider needs; bits of ProviderRow.quirks. */
export namespace Quirk {
  /** The developer role is unknown there: it becomes system. */
  export const DEVELOPER_TO_SYSTEM: i32 = 1;
  /** Zhipu: reasoning_effort becomes thinking.type. */
  export const EFFORT_TO_THINKING: i32 = 2;
  /** OpenRouter: reasoning_max_tokens moves under reasoning. */
  export const REASONING_BUDGET: i32 = 4;
  /** Doubao images: watermark defaults to false. */
  export const NO_WATERMARK: i32 = 8;
  /** Doubao responses: two parameters are unknown there. */
  export const DROP_RESPONSE_EXTRAS: i32 = 16;
  /** It is not known to take a list of texts as the content of a message: it becomes a string. */
  export const TEXT_CONTENT: i32 = 32;
  /** The arguments of a call must be an object's text there: an empty one, or null, becomes `{}`. */
  export const CALL_OBJECTS: i32 = 64;
  /** Ids of tool calls have nine letters and digits. */
  export const IDS_OF_NINE: i32 = 128;
  /** A message of the user right after a tool's result is refused. */
  export const NO_USER_AFTER_TOOL: i32 = 256;
  /** Thinking of earlier turns is called `reasoning`, not `reasoning_content`. */
  export const REASONING_NAME: i32 = 512;
  /** Mistral: thinking of earlier turns is a part of the content. */
  export const THINKING_PARTS: i32 = 1024;
  /** Qwen: thinking of earlier turns is read with preserve_thinking. */
  export const PRESERVE_THINKING: i32 = 2048;
  /** What other APIs have sealed does not go into its messages: SEAL_MEMBERS but its row's own. */
  export const FOREIGN_SEALS: i32 = 4096;
  /**
   * Chats may have a prompt_cache_key (https://docs.mistral.ai/studio-api/conversations/advanced/prompt-caching and
   * https://platform.kimi.ai/docs/api/chat, Nov 2026).
   */
  export const CACHE_KEY: i32 = 8192;

  /** How a provider takes the thinking of earlier turns, where that is not `reasoning_content` as it is. */
  export const THINKING: i32 = REASONING_NAME | THINKING_PARTS;
  /** Those that concern messages. */
  export const MESSAGES: i32 =
    DEVELOPER_TO_SYSTEM | TEXT_CONTENT | CALL_OBJECTS | IDS_OF_NINE | NO_USER_AFTER_TOOL | THINKING | FOREIGN_SEALS;
  /** What a server is taken for of which nothing is known but that it speaks OpenAI's API. */
  export const UNKNOWN_SERVER: i32 = DEVELOPER_TO_SYSTEM | TEXT_CONTENT | CALL_OBJECTS;
}
