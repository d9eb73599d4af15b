// What a client may ask for: one row of the matrix each. `more` is laid over the smallest request of the client, after `base`, which the
// provider's body is compared with.
import type { ClientName } from "../dialects/clients";
import type { Json } from "../dialects/answer";

export interface Fragment {
  base?: Json;
  more: Json;
}

export interface Asked {
  name: string;
  /** What must be found in the provider's body for the value to have arrived. */
  marks?: string[];
  of: Partial<Record<ClientName, Fragment>>;
}

const DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = "JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoK";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
const IMAGE_URL = "https://example.test/kite.png";
const PDF_URL = "https://example.test/kite.pdf";
const SCHEMA = {
  type: "object",
  properties: { "mark-of-schema": { type: "string" } },
  required: ["mark-of-schema"],
  additionalProperties: false,
};
const PARAMETERS = { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false };
const LOOK = { name: "look", description: "mark-of-tool", parameters: PARAMETERS };
const FIND = { name: "find", description: "finds", parameters: PARAMETERS };

const chatTools = (rest: object = {}) => ({ tools: [LOOK, FIND].map((one) => ({ type: "function", function: { ...one, ...rest } })) });
const responsesTools = (rest: object = {}) => ({ tools: [LOOK, FIND].map((one) => ({ type: "function", ...one, ...rest })) });
const messagesTools = (rest: object = {}) => ({
  tools: [LOOK, FIND].map(({ parameters, ...one }) => ({ ...one, input_schema: parameters, ...rest })),
});
const geminiTools = {
  tools: [{ functionDeclarations: [LOOK, FIND].map(({ parameters, ...one }) => ({ ...one, parametersJsonSchema: parameters })) }],
};
const mode = (functionCallingConfig: Json) => ({ toolConfig: { functionCallingConfig } });
const generation = (generationConfig: Json): Fragment => ({ more: { generationConfig } });

/** The user's turn with one more part. */
const chatPart = (part: Json): Fragment => ({ more: { messages: [{ role: "user", content: [{ type: "text", text: "Look." }, part] }] } });
const responsesPart = (part: Json): Fragment => ({
  more: { input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Look." }, part] }] },
});
const messagesPart = (part: Json): Fragment => ({
  more: { messages: [{ role: "user", content: [{ type: "text", text: "Look." }, part] }] },
});
const geminiPart = (part: Json): Fragment => ({ more: { contents: [{ role: "user", parts: [{ text: "Look." }, part] }] } });

/** A finished call whose result is `content`. */
const chatResult = (content: Json, rest: object = {}) => ({
  ...chatTools(),
  messages: [
    { role: "user", content: "Look." },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_abc1", type: "function", function: { name: "look", arguments: '{"q":"mark-of-call"}' } }],
    },
    { role: "tool", tool_call_id: "call_abc1", content, ...rest },
  ],
});
const responsesResult = (output: Json) => ({
  ...responsesTools(),
  input: [
    { role: "user", content: "Look." },
    { type: "function_call", call_id: "call_abc1", name: "look", arguments: '{"q":"mark-of-call"}' },
    { type: "function_call_output", call_id: "call_abc1", output },
  ],
});
const messagesResult = (content: Json, rest: object = {}) => ({
  ...messagesTools(),
  messages: [
    { role: "user", content: "Look." },
    { role: "assistant", content: [{ type: "tool_use", id: "call_abc1", name: "look", input: { q: "mark-of-call" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "call_abc1", content, ...rest }] },
  ],
});
const geminiResult = (response: Json, rest: object = {}) => ({
  ...geminiTools,
  contents: [
    { role: "user", parts: [{ text: "Look." }] },
    { role: "model", parts: [{ functionCall: { id: "call_abc1", name: "look", args: { q: "mark-of-call" } } }] },
    { role: "user", parts: [{ functionResponse: { id: "call_abc1", name: "look", response, ...rest } }] },
  ],
});

const TURNS = [
  ["user", "Hello."],
  ["assistant", "Hi."],
  ["user", "Go on."],
];
const turns = (later?: Json) => {
  const [first, second, third] = TURNS.map(([role, content]) => ({ role, content }));
  return [first, second, ...(later ? [later] : []), third];
};
const BASE64 = { type: "base64", media_type: "image/png", data: DATA };

const CONVERSATION: Asked[] = [
  {
    name: "instructions",
    marks: ["mark-of-system"],
    of: {
      chat: {
        more: {
          messages: [
            { role: "system", content: "mark-of-system" },
            { role: "user", content: "Hello there." },
          ],
        },
      },
      responses: { more: { instructions: "mark-of-system" } },
      messages: { more: { system: "mark-of-system" } },
      gemini: { more: { systemInstruction: { parts: [{ text: "mark-of-system" }] } } },
    },
  },
  {
    name: "instructions between turns",
    marks: ["mark-of-later"],
    of: {
      chat: { base: { messages: turns() }, more: { messages: turns({ role: "developer", content: "mark-of-later" }) } },
      responses: { base: { input: turns() }, more: { input: turns({ role: "developer", content: "mark-of-later" }) } },
      messages: { base: { messages: turns() }, more: { messages: turns({ role: "system", content: "mark-of-later" }) } },
    },
  },
  {
    name: "image, base64",
    marks: [DATA],
    of: {
      chat: chatPart({ type: "image_url", image_url: { url: `data:image/png;base64,${DATA}` } }),
      responses: responsesPart({ type: "input_image", image_url: `data:image/png;base64,${DATA}` }),
      messages: messagesPart({ type: "image", source: BASE64 }),
      gemini: geminiPart({ inlineData: { mimeType: "image/png", data: DATA } }),
    },
  },
  {
    name: "image, URL",
    marks: [IMAGE_URL],
    of: {
      chat: chatPart({ type: "image_url", image_url: { url: IMAGE_URL } }),
      responses: responsesPart({ type: "input_image", image_url: IMAGE_URL }),
      messages: messagesPart({ type: "image", source: { type: "url", url: IMAGE_URL } }),
      gemini: geminiPart({ fileData: { mimeType: "image/png", fileUri: IMAGE_URL } }),
    },
  },
  {
    name: "PDF, base64",
    marks: [PDF],
    of: {
      chat: chatPart({ type: "file", file: { filename: "kite.pdf", file_data: `data:application/pdf;base64,${PDF}` } }),
      responses: responsesPart({ type: "input_file", filename: "kite.pdf", file_data: `data:application/pdf;base64,${PDF}` }),
      messages: messagesPart({ type: "document", source: { type: "base64", media_type: "application/pdf", data: PDF } }),
      gemini: geminiPart({ inlineData: { mimeType: "application/pdf", data: PDF } }),
    },
  },
  {
    name: "PDF, URL",
    marks: [PDF_URL],
    of: {
      responses: responsesPart({ type: "input_file", file_url: PDF_URL }),
      messages: messagesPart({ type: "document", source: { type: "url", url: PDF_URL } }),
      gemini: geminiPart({ fileData: { mimeType: "application/pdf", fileUri: PDF_URL } }),
    },
  },
  {
    name: "audio",
    marks: [WAV],
    of: {
      chat: chatPart({ type: "input_audio", input_audio: { data: WAV, format: "wav" } }),
      gemini: geminiPart({ inlineData: { mimeType: "audio/wav", data: WAV } }),
    },
  },
];

const TOOLS: Asked[] = [
  {
    name: "tools",
    marks: ["mark-of-tool"],
    of: {
      chat: { more: chatTools() },
      responses: { more: responsesTools() },
      messages: { more: messagesTools() },
      gemini: { more: geminiTools },
    },
  },
  {
    name: "strict schema",
    of: {
      chat: { base: chatTools(), more: chatTools({ strict: true }) },
      responses: { base: responsesTools({ strict: false }), more: responsesTools({ strict: true }) },
      messages: { base: messagesTools(), more: messagesTools({ strict: true }) },
      gemini: { base: geminiTools, more: mode({ mode: "VALIDATED" }) },
    },
  },
  {
    name: "tool choice: auto",
    of: {
      chat: { base: { ...chatTools(), tool_choice: "none" }, more: { tool_choice: "auto" } },
      responses: { base: { ...responsesTools(), tool_choice: "none" }, more: { tool_choice: "auto" } },
      messages: { base: { ...messagesTools(), tool_choice: { type: "none" } }, more: { tool_choice: { type: "auto" } } },
      gemini: { base: { ...geminiTools, ...mode({ mode: "NONE" }) }, more: mode({ mode: "AUTO" }) },
    },
  },
  {
    name: "tool choice: none",
    of: {
      chat: { base: chatTools(), more: { tool_choice: "none" } },
      responses: { base: responsesTools(), more: { tool_choice: "none" } },
      messages: { base: messagesTools(), more: { tool_choice: { type: "none" } } },
      gemini: { base: geminiTools, more: mode({ mode: "NONE" }) },
    },
  },
  {
    name: "tool choice: required",
    of: {
      chat: { base: chatTools(), more: { tool_choice: "required" } },
      responses: { base: responsesTools(), more: { tool_choice: "required" } },
      messages: { base: messagesTools(), more: { tool_choice: { type: "any" } } },
      gemini: { base: geminiTools, more: mode({ mode: "ANY" }) },
    },
  },
  {
    name: "tool choice: one function",
    of: {
      chat: { base: chatTools(), more: { tool_choice: { type: "function", function: { name: "look" } } } },
      responses: { base: responsesTools(), more: { tool_choice: { type: "function", name: "look" } } },
      messages: { base: messagesTools(), more: { tool_choice: { type: "tool", name: "look" } } },
      gemini: { base: geminiTools, more: mode({ mode: "ANY", allowedFunctionNames: ["look"] }) },
    },
  },
  {
    name: "no parallel calls",
    of: {
      chat: { base: chatTools(), more: { parallel_tool_calls: false } },
      responses: { base: responsesTools(), more: { parallel_tool_calls: false } },
      messages: { base: messagesTools(), more: { tool_choice: { type: "auto", disable_parallel_tool_use: true } } },
    },
  },
  {
    name: "call and result",
    marks: ["mark-of-call", "mark-of-result"],
    of: {
      chat: { base: chatTools(), more: chatResult("mark-of-result") },
      responses: { base: responsesTools(), more: responsesResult("mark-of-result") },
      messages: { base: messagesTools(), more: messagesResult("mark-of-result") },
      gemini: { base: geminiTools, more: geminiResult({ output: "mark-of-result" }) },
    },
  },
  {
    name: "image in a result",
    marks: [DATA],
    of: {
      chat: {
        base: chatResult([{ type: "text", text: "r" }]),
        more: chatResult([
          { type: "text", text: "r" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${DATA}` } },
        ]),
      },
      responses: {
        base: responsesResult([{ type: "input_text", text: "r" }]),
        more: responsesResult([
          { type: "input_text", text: "r" },
          { type: "input_image", image_url: `data:image/png;base64,${DATA}` },
        ]),
      },
      messages: {
        base: messagesResult([{ type: "text", text: "r" }]),
        more: messagesResult([
          { type: "text", text: "r" },
          { type: "image", source: BASE64 },
        ]),
      },
      gemini: {
        base: geminiResult({ output: "r" }),
        more: geminiResult({ output: "r" }, { parts: [{ inlineData: { mimeType: "image/png", data: DATA } }] }),
      },
    },
  },
  {
    name: "error in a result",
    of: { messages: { base: messagesResult("r"), more: messagesResult("r", { is_error: true }) } },
  },
  {
    name: "web search",
    of: {
      chat: { more: { web_search_options: {} } },
      responses: { more: { tools: [{ type: "web_search" }] } },
      messages: { more: { tools: [{ type: "web_search_20250305", name: "web_search" }] } },
      gemini: { more: { tools: [{ googleSearch: {} }] } },
    },
  },
];

const SETTINGS: Asked[] = [
  {
    name: "JSON",
    of: {
      chat: { more: { response_format: { type: "json_object" } } },
      responses: { more: { text: { format: { type: "json_object" } } } },
      gemini: generation({ responseMimeType: "application/json" }),
    },
  },
  {
    name: "JSON by a schema",
    marks: ["mark-of-schema"],
    of: {
      chat: { more: { response_format: { type: "json_schema", json_schema: { name: "kite", strict: true, schema: SCHEMA } } } },
      responses: { more: { text: { format: { type: "json_schema", name: "kite", strict: true, schema: SCHEMA } } } },
      messages: { more: { output_config: { format: { type: "json_schema", schema: SCHEMA } } } },
      gemini: generation({ responseMimeType: "application/json", responseJsonSchema: SCHEMA }),
    },
  },
  {
    name: "temperature",
    of: {
      chat: { more: { temperature: 0.37 } },
      responses: { more: { temperature: 0.37 } },
      messages: { more: { temperature: 0.37 } },
      gemini: generation({ temperature: 0.37 }),
    },
  },
  {
    name: "temperature over 1",
    of: { chat: { more: { temperature: 1.73 } }, responses: { more: { temperature: 1.73 } }, gemini: generation({ temperature: 1.73 }) },
  },
  {
    name: "top_p",
    of: {
      chat: { more: { top_p: 0.41 } },
      responses: { more: { top_p: 0.41 } },
      messages: { more: { top_p: 0.41 } },
      gemini: generation({ topP: 0.41 }),
    },
  },
  { name: "top_k", of: { chat: { more: { top_k: 43 } }, messages: { more: { top_k: 43 } }, gemini: generation({ topK: 43 }) } },
  {
    name: "stop sequences",
    marks: ["mark-of-stop"],
    of: {
      chat: { more: { stop: ["mark-of-stop"] } },
      messages: { more: { stop_sequences: ["mark-of-stop"] } },
      gemini: generation({ stopSequences: ["mark-of-stop"] }),
    },
  },
  { name: "seed", of: { chat: { more: { seed: 4711 } }, gemini: generation({ seed: 4711 }) } },
  { name: "n", of: { chat: { more: { n: 3 } }, gemini: generation({ candidateCount: 3 }) } },
  {
    name: "penalties",
    of: {
      chat: { more: { frequency_penalty: 0.31, presence_penalty: 0.29 } },
      gemini: generation({ frequencyPenalty: 0.31, presencePenalty: 0.29 }),
    },
  },
  {
    name: "logprobs",
    of: {
      chat: { more: { logprobs: true, top_logprobs: 2 } },
      responses: { more: { include: ["message.output_text.logprobs"], top_logprobs: 2 } },
      gemini: generation({ responseLogprobs: true, logprobs: 2 }),
    },
  },
  {
    name: "most tokens",
    of: {
      chat: { more: { max_tokens: 777 } },
      responses: { more: { max_output_tokens: 777 } },
      messages: { more: { max_tokens: 777 } },
      gemini: generation({ maxOutputTokens: 777 }),
    },
  },
  {
    name: "effort of thinking",
    of: {
      chat: { more: { reasoning_effort: "high" } },
      responses: { more: { reasoning: { effort: "high" } } },
      messages: { more: { output_config: { effort: "high" } } },
      gemini: generation({ thinkingConfig: { thinkingLevel: "HIGH" } }),
    },
  },
  {
    name: "budget of thinking",
    of: {
      chat: { more: { thinking: { type: "enabled", budget_tokens: 4321 } } },
      messages: { more: { thinking: { type: "enabled", budget_tokens: 4321 } } },
      gemini: generation({ thinkingConfig: { thinkingBudget: 4321 } }),
    },
  },
  {
    name: "cache mark",
    of: {
      chat: {
        base: { messages: [{ role: "user", content: [{ type: "text", text: "Hello." }] }] },
        more: { messages: [{ role: "user", content: [{ type: "text", text: "Hello.", cache_control: { type: "ephemeral" } }] }] },
      },
      messages: {
        base: { messages: [{ role: "user", content: [{ type: "text", text: "Hello." }] }] },
        more: { messages: [{ role: "user", content: [{ type: "text", text: "Hello.", cache_control: { type: "ephemeral" } }] }] },
      },
    },
  },
  { name: "cache key", of: { chat: { more: { prompt_cache_key: "k-1" } }, responses: { more: { prompt_cache_key: "k-1" } } } },
  {
    name: "user",
    marks: ["mark-of-user"],
    of: {
      chat: { more: { user: "mark-of-user" } },
      responses: { more: { user: "mark-of-user" } },
      messages: { more: { metadata: { user_id: "mark-of-user" } } },
    },
  },
  {
    name: "metadata, labels",
    marks: ["mark-of-label"],
    of: {
      chat: { more: { metadata: { a: "mark-of-label" } } },
      responses: { more: { metadata: { a: "mark-of-label" } } },
      gemini: { more: { labels: { a: "mark-of-label" } } },
    },
  },
  {
    name: "service tier",
    of: {
      chat: { more: { service_tier: "priority" } },
      responses: { more: { service_tier: "priority" } },
      messages: { more: { service_tier: "standard_only" } },
    },
  },
  { name: "stored state", of: { responses: { more: { previous_response_id: "resp_1" } } } },
];

export const ASKED: Asked[] = [...CONVERSATION, ...TOOLS, ...SETTINGS];
