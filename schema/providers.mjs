// docs/providers.md: a section for each provider type, out of the catalogue and the configuration's schema.

/** API name to the family that the table shows, and its name inside of that. */
const FAMILIES = [
  ["chat", { "openai/v1/chatcompletions": "" }],
  ["completions", { "openai/v1/completions": "" }],
  ["embeddings", { "openai/v1/embeddings": "" }],
  ["responses", /^openai\/v1\/.*response(?!inputtokens)/],
  ["models", /^openai\/v1\/(?:retrieve)?models?$/],
  [
    "audio",
    { "openai/v1/audiospeech": "speech", "openai/v1/audiotranscription": "transcription", "openai/v1/audiotranslation": "translation" },
  ],
  ["images", { "openai/v1/imagegeneration": "generation", "openai/v1/imageedit": "edit", "openai/v1/imagevariation": "variation" }],
  ["files", /^openai\/v1\/(?:retrieve)?file/],
  ["batches", /^openai\/v1\/.*batch/],
  ["fine-tuning", /fine-tuning/],
  ["videos", /^openai\/v1\/.*video/],
  ["moderations", { "openai/v1/moderations": "" }],
  ["realtime", { "openai/v1/realtime": "" }],
  ["rerank", { "cohere/v1/rerank": "", "qwen/v1/rerank": "" }],
  ["conversations", /^openai\/v1\/.*conversation/],
  ["messages", { "anthropic/v1/messages": "" }],
  ["complete", { "anthropic/v1/complete": "" }],
  ["generateContent", { "gemini/v1beta/generatecontent": "whole", "gemini/v1beta/streamgeneratecontent": "stream" }],
  [
    "token counts",
    {
      "anthropic/v1/counttokens": "count_tokens",
      "openai/v1/responseinputtokens": "input_tokens",
      "gemini/v1beta/counttokens": "countTokens",
    },
  ],
  ["embedContent", { "gemini/v1beta/embedcontent": "one", "gemini/v1beta/batchembedcontents": "batch" }],
  [
    "Google's other methods of models",
    {
      "gemini/v1beta/asyncbatchembedcontent": "asyncBatchEmbedContent",
      "gemini/v1beta/batchgeneratecontent": "batchGenerateContent",
      "gemini/v1beta/predict": "predict",
      "gemini/v1beta/predictlongrunning": "predictLongRunning",
      "vertex/v1/fetchpredictoperation": "fetchPredictOperation",
      "vertex/v1/computetokens": "computeTokens",
      "vertex/v1/rawpredict": "rawPredict",
      "vertex/v1/streamrawpredict": "streamRawPredict",
    },
  ],
];

/** Dialect to its page. */
const PAGES = {
  DashScope: "dashscope",
  Hunyuan: "hunyuan",
  MiniMaxPro: "minimax",
  Anthropic: "anthropic",
  Gemini: "gemini",
  Vertex: "vertex",
  Bedrock: "bedrock",
  Cohere: "cohere",
  Dify: "dify",
  Spark: "spark",
  DeepL: "deepl",
  Triton: "triton",
};

/** Dialects with embeddings; pipeline/translation.ts, compared in tests/conformance/providers-page.test.ts. */
const EMBEDDINGS = ["Gemini", "Bedrock", "Vertex", "Cohere"];

/** Dialects with pictures; the same. */
const IMAGES = ["Gemini", "Bedrock", "Vertex"];

/** Hosts that a dialect makes of several settings, or of the model. */
const HOSTS = {
  Bedrock: "`bedrock-runtime.<awsRegion>.amazonaws.com`",
  Vertex: "`<vertexRegion>-aiplatform.googleapis.com`; with apiTokens `aiplatform.googleapis.com`",
  DeepL: "`api-free.deepl.com` or `api.deepl.com`, by the model",
};

/** Dialects whose requests are signed. */
const SIGNED = ["Bedrock", "Hunyuan"];

const AUTH = {
  None: "no token",
  Bearer: "`authorization: Bearer`",
  Raw: "`authorization`, the bare token",
  ApiKey: "`api-key`",
  XApiKey: "`x-api-key`",
  GoogApiKey: "`x-goog-api-key`",
  DeepL: "`authorization: DeepL-Auth-Key`",
  AnthropicOauth: "`authorization: Bearer`, with Anthropic's beta for OAuth tokens",
};

/** Names in `capabilities` that no client's path is for. */
const NAMES_ONLY = ["kling/v1/image2video", "kling/v1/retrieveimagevideo"];

const contains = (members, label) => (members instanceof RegExp ? members.test(label) : label in members);

/** `chat, embeddings, audio (speech)`: families in order, their members where not all are there. */
export function familiesOf(labels, known) {
  return FAMILIES.flatMap(([name, members]) => {
    const mine = labels.filter((label) => contains(members, label));
    if (mine.length === 0) return [];
    const all = known.filter((label) => contains(members, label));
    const isWhole = mine.length === all.length || ["rerank", "models"].includes(name);
    const named =
      members instanceof RegExp
        ? mine.map((label) => (label.includes("/retrieve") ? "get" : "create"))
        : mine.map((label) => members[label]);
    return [isWhole ? name : `${name} (${named.join(", ")})`];
  }).join(", ");
}

/** Names of the APIs that a type serves itself, and of those that are translated for it. */
export function servedBy(row, { Api, Dialect, apiLabel }) {
  const own = [...new Set(row.paths.map((path) => apiLabel(path.api)))];
  const dialect = Dialect[row.dialect];
  const translated = [];
  if (dialect !== "OpenAI") translated.push(apiLabel(Api.ChatCompletions));
  if (EMBEDDINGS.includes(dialect)) translated.push(apiLabel(Api.Embeddings));
  if (IMAGES.includes(dialect)) translated.push(apiLabel(Api.ImageGeneration));
  const hasChat = translated.length > 0 || own.includes(apiLabel(Api.ChatCompletions));
  const counts = [Api.CountTokens, Api.ResponseInputTokens, Api.GeminiCountTokens];
  for (const api of [Api.Messages, Api.Responses, Api.GeminiGenerate, Api.GeminiStreamGenerate, ...counts]) {
    if (hasChat && !own.includes(apiLabel(api))) translated.push(apiLabel(api));
  }
  for (const api of [Api.GeminiEmbed, Api.GeminiBatchEmbed]) {
    const embeds = own.includes(apiLabel(Api.Embeddings)) || EMBEDDINGS.includes(dialect);
    if (embeds && !own.includes(apiLabel(api))) translated.push(apiLabel(api));
  }
  const isNamed = (label) => NAMES_ONLY.includes(label);
  return { own: own.filter((label) => !translated.includes(label) && !isNamed(label)), translated };
}

function credentials(row, { conditions }) {
  const mine = conditions.filter((one) => one.types?.includes(row.type) && !one.constant && one.alternatives.length > 0);
  const names = mine.map(({ alternatives }) => alternatives.map((keys) => keys.map((key) => `\`${key}\``).join(" + ")).join(" or "));
  const takesNone = row.needsTokens || row.hasOtherCredentials || row.authScheme === 0;
  return (takesNone ? names : ["`apiTokens`, not required", ...names]).join(", ");
}

const named = (names) => names.map((name) => `\`${name}\``).join(", ");
const paired = (pairs, word) => pairs.flatMap((from, index) => (index % 2 === 0 ? [`\`${from}\` ${word} \`${pairs[index + 1]}\``] : []));

/** `X: true` or, of a text, `with X`: when a condition of the row holds. */
function conditionText({ field, value, isNegated }, { Column, FIELD_CELLS, FIELD_NAMES, Kind }) {
  const isFlag = FIELD_CELLS[field * Column.Count + Column.Kind] === Kind.Boolean;
  if (isFlag || value !== "") return `\`${FIELD_NAMES[field]}: ${value || !isNegated}\``;
  return `${isNegated ? "without" : "with"} \`${FIELD_NAMES[field]}\``;
}

const dialectText = (name) => (PAGES[name] === undefined ? name : `[${name}](translation-${PAGES[name]}.md)`);

/** What settings of the type change: dialect, authentication, paths. */
function switches(row, catalog) {
  const { AuthScheme, Dialect, apiLabel } = catalog;
  const said = [];
  if (row.otherDialectWhen) {
    const name = Dialect[row.otherDialect];
    const host = row.otherHost === "" ? "" : ` at \`${row.otherHost}\``;
    said.push(
      `${conditionText(row.otherDialectWhen, catalog)} speaks ${dialectText(name)}${host}${SIGNED.includes(name) ? ", signed" : ""}`,
    );
  }
  if (row.otherAuthWhen) said.push(`${conditionText(row.otherAuthWhen, catalog)} sends ${AUTH[AuthScheme[row.otherAuth]]}`);
  for (const { api, path, when } of row.paths)
    if (when) said.push(`${conditionText(when, catalog)} sends ${familiesOf([apiLabel(api)], [apiLabel(api)])} below \`${path}\``);
  return said;
}

/** The host, and which settings replace it. */
function hostText(row, { Dialect, FIELD_NAMES }, model) {
  const field = (number) => `\`${FIELD_NAMES[number]}\``;
  const isNeeded = (number) => model.conditions.some(({ alternatives }) => alternatives.some((keys) => keys.includes(FIELD_NAMES[number])));
  const hasDefault = (number) => model.tables.some((table) => table.fields.some((one) => one.key === FIELD_NAMES[number] && one.default));
  if (row.azureUrlField >= 0) return `that of ${field(row.azureUrlField)}`;
  const own = row.hostName === "" ? HOSTS[Dialect[row.dialect]] : `\`${row.hostName}\``;
  const hosts = own === undefined ? [] : [own];
  if (row.hostField >= 0) hosts.push(field(row.hostField) + (row.portField < 0 ? "" : `:${field(row.portField)}`));
  if (row.customUrlField >= 0) hosts.push(`that of ${field(row.customUrlField)}`);
  if (hosts.length === 0) throw new Error(`the row of ${row.type} does not say where its host comes from`);
  const isSure = own !== undefined || isNeeded(row.hostField) || hasDefault(row.hostField);
  return hosts.join(", or ") + (isSure ? "" : "; without it the client's");
}

function notes(row, catalog) {
  const { ResponseEdit, Dialect, Quirk } = catalog;
  const has = (bit) => (row.quirks & bit) !== 0;
  const edits = (bits) => (row.responses & bits) === bits;
  // Of a type with two chat dialects they are said at the switch.
  const isChat = row.dialect === Dialect.OpenAI && !row.isUntouched;
  return [
    row.takesCallerKey && "without `apiTokens` the caller's own key is forwarded",
    row.isUntouched && "paths and bodies are forwarded unchanged, and nothing is mapped or counted in requests",
    !row.asksUsage && !row.isUntouched && "the plugin does not ask streams for usage, because they always report it",
    has(Quirk.EFFORT_TO_THINKING) && "`reasoning_effort` becomes `thinking`",
    has(Quirk.REASONING_BUDGET) && "`reasoning_max_tokens` moves under `reasoning`",
    has(Quirk.NO_WATERMARK) && "images have no watermark unless asked for",
    has(Quirk.DROP_RESPONSE_EXTRAS) && "drops parameters of Responses that it does not know",
    isChat && !has(Quirk.DEVELOPER_TO_SYSTEM) && "keeps the role `developer`",
    isChat && edits(ResponseEdit.CONTENT_LISTS) && "lists in responses become text and `reasoning_content`",
    isChat && edits(ResponseEdit.STREAMS) && "streams get the role, and calls the `index` and `type`, that they lack",
    isChat && edits(ResponseEdit.CHOICE_USAGE) && "`usage` moves out of a stream's choice",
    isChat && !has(Quirk.TEXT_CONTENT) && "keeps lists of texts",
    isChat && !has(Quirk.CALL_OBJECTS) && "keeps empty arguments",
    row.hasFamilies && "fits parameters to [the model's family](#models-of-openai)",
    ...paired(row.renames, "becomes"),
    row.refuses.length > 0 && `leaves out ${named(row.refuses)}`,
    row.refusesInMessages.length > 0 && `leaves out in messages ${named(row.refusesInMessages)}`,
    row.efforts.length > 0 && `\`reasoning_effort\`: ${paired(row.efforts, "becomes").join(", ")}`,
    row.effortModels.length > 0 && `only for models that begin with ${named(row.effortModels)} when it was meant for another model`,
    has(Quirk.IDS_OF_NINE) && "ids of tool calls become nine letters",
    has(Quirk.NO_USER_AFTER_TOOL) && "an assistant message `OK.` goes between a tool's result and a user message",
    ...switches(row, catalog),
    SIGNED.includes(Dialect[row.dialect]) && "keys sign, `apiTokens` do not",
  ].filter(Boolean);
}

function providerSection(row, catalog, model, known) {
  const dialect = catalog.Dialect[row.dialect];
  const { own, translated } = servedBy(row, catalog);
  const facts = {
    "Default host": hostText(row, catalog, model),
    "Chat dialect": dialectText(dialect),
    "Served as they are": row.isUntouched ? "every path" : familiesOf(own, known) || "none",
    Translated: row.isUntouched ? "none" : familiesOf(translated, known) || "none",
    Credentials: `${credentials(row, model)}; ${AUTH[catalog.AuthScheme[row.authScheme]]}`,
  };
  const said = notes(row, catalog);
  const lines = Object.entries(facts).map(([name, text]) => `- **${name}**: ${text}`);
  return [`### \`${row.type}\`\n`, ...lines, ...(said.length > 0 ? ["- **Notes**:", ...said.map((note) => `  - ${note}`)] : [])].join("\n");
}

const INTRODUCTION = `# Providers

Generated by \`node schema/generate.mjs\` from the rows of [assembly/provider/catalog.ts](../assembly/provider/catalog.ts) and
[schema/config.schema.json](../schema/config.schema.json). Do not edit this file. To add a row, see [adding-a-provider.md](adding-a-provider.md).

- **Chat dialect**: the dialect of its chat API. With OpenAI, requests pass with few edits. Others are translated, as their page says.
- **Served as they are**: APIs whose requests reach the provider in the client's own shape. An API that the row lacks can get a path in
  [\`capabilities\`](configuration.md#capabilities). Any other API gets 404 with code \`unsupported_api\`.
- **Translated**: APIs that clients can use and the provider does not have. \`messages\` is [Anthropic's Messages API](translation-messages.md),
  \`generateContent\` [Gemini's own API](translation-gemini-clients.md), streams included. \`token counts\` come from the provider where it
  [counts](counting-tokens.md), and are estimates elsewhere.
- **Credentials**: the fields that the type needs, and the header that carries a token. All of them may be [\`\${NAME}\`](secrets.md).

## Provider types

`;

const FITTING = `
## What is changed in chats

Chats that pass keep their bytes, except the client's model, the operator's settings, and parts that a server does not accept. The plugin assumes
three things of a server about which nothing else is known. It accepts the role \`system\` and not \`developer\`. It needs a string if a message
holds only texts (a list with images, or with a mark such as \`cache_control\`, is kept). It needs an object in the arguments of a call (\`""\` and
\`"null"\` become \`"{}"\`). The notes above name everything else that a type keeps, renames or leaves out. The sources are in
[catalog.ts](../assembly/provider/catalog.ts) and [mistral.ts](../assembly/provider/mistral.ts). The same applies to chats that are made from
requests of Anthropic's or Gemini's clients.

### Models of OpenAI

A request may have been meant for a model of another family, because \`modelMapping\` chose this model or because the client speaks another API. It is then
sent without the parameters that this model refuses. If the client itself names a model of the family, its parameters are passed unchanged, with one
exception: if the model refuses tools together with its default effort, \`reasoning_effort: none\` is added when the client sends no effort.
With \`openaiApi\` such requests, and reasoning beside tools, go to the Responses API, which takes them
([translation](translation-responses-upstream.md)). Sources: [family.ts](../assembly/model/family.ts).

`;

/** gpt-5.1 to gpt-5.3. */
function familyName(family) {
  const name = versionsOf(family);
  return family.word ? `${name} with \`-${family.word}\`` : name;
}

function versionsOf({ prefix, first, last }) {
  const version = (number) => `${prefix}${Math.floor(number / 100)}${number % 100 > 0 ? `.${number % 100}` : ""}`;
  if (last === 0) return `${prefix}…`;
  if (last === 999) return `${version(first)} and later`;
  if (first === last) return version(first);
  return `${version(first)} to ${version(last % 100 === 99 ? last - 99 : last)}`;
}

function familyRow(family, { Refuses }) {
  const has = (bit) => (family.refuses & bit) !== 0;
  const rests = has(Refuses.RESTS_BY_DEFAULT);
  const cells = [
    has(Refuses.MAX_TOKENS) && "`max_tokens` becomes `max_completion_tokens`",
    has(Refuses.SAMPLING) &&
      `no \`temperature\`, \`top_p\`, \`logprobs\`, \`top_logprobs\` unless the effort is none${rests ? " or not given" : ""}`,
    has(Refuses.PENALTIES) && "no penalties, no `logit_bias`",
    has(Refuses.STOP) && "no `stop`",
    has(Refuses.EFFORT) && "no `reasoning_effort`, no `verbosity`",
    has(Refuses.CHAT) && "the Responses API alone serves them (`openaiApi`)",
    has(Refuses.EFFORT_WITH_TOOLS) && `beside function tools \`reasoning_effort: none\`${rests ? " in place of another" : ""}`,
  ];
  return `| ${familyName(family)} | ${cells.filter(Boolean).join("; ")} |`;
}

export function writeProviders(catalog, model) {
  const rows = [...catalog.allProviders()].sort((one, other) => (one.type < other.type ? -1 : 1));
  const labels = Object.values(catalog.Api).filter((value) => typeof value === "number" && value > 0);
  const known = labels.map((api) => catalog.apiLabel(api));
  const sections = rows.map((row) => providerSection(row, catalog, model, known));
  const families = ["| Models | Changes |", "| --- | --- |", ...catalog.FAMILIES.map((one) => familyRow(one, catalog))];
  return `${INTRODUCTION}${sections.join("\n\n")}\n${FITTING}${families.join("\n")}\n`;
}
