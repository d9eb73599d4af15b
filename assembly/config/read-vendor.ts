// Fills the fields that one provider type alone reads, and the nested settings of a provider.

import { Secret } from "../auth/secret";
import { View } from "../bytes/view";
import { NONE } from "../json/document";
import { ContextConfig, FailoverConfig, RetryConfig, VendorConfig } from "./provider-config";
import { ROOT } from "./place";
import { ObjectReader } from "./reader";
import { CachePointsField, ContextField, FailoverField, ProviderField, RetryOnFailureField, Table } from "./schema.gen";
import { StatusPatterns } from "./status-patterns";

/** Reads the vendor fields of the provider object that `reader` has entered. */
export function readVendor(reader: ObjectReader): VendorConfig {
  const vendor = new VendorConfig();
  readOpenaiAndAzure(reader, vendor);
  readChineseVendors(reader, vendor);
  readClouds(reader, vendor);
  readOthers(reader, vendor);
  readCachePoints(reader, vendor);
  return vendor;
}

function readOpenaiAndAzure(reader: ObjectReader, vendor: VendorConfig): void {
  vendor.openaiCustomUrl = reader.text(ProviderField.OPENAI_CUSTOM_URL);
  vendor.responseJsonSchema = reader.raw(ProviderField.RESPONSE_JSON_SCHEMA);
  vendor.azureServiceUrl = reader.text(ProviderField.AZURE_SERVICE_URL);
  vendor.genericHost = reader.text(ProviderField.GENERIC_HOST);
  vendor.vllmCustomUrl = reader.text(ProviderField.VLLM_CUSTOM_URL);
  vendor.vllmServerHost = reader.text(ProviderField.VLLM_SERVER_HOST);
  vendor.ollamaServerHost = reader.text(ProviderField.OLLAMA_SERVER_HOST);
  vendor.ollamaServerPort = reader.integer(ProviderField.OLLAMA_SERVER_PORT);
  vendor.tritonModelVersion = reader.text(ProviderField.TRITON_MODEL_VERSION);
  vendor.tritonDomain = reader.text(ProviderField.TRITON_DOMAIN);
}

function readChineseVendors(reader: ObjectReader, vendor: VendorConfig): void {
  vendor.moonshotFileId = reader.text(ProviderField.MOONSHOT_FILE_ID);
  vendor.qwenFileIds = reader.texts(ProviderField.QWEN_FILE_IDS);
  vendor.qwenEnableSearch = reader.flag(ProviderField.QWEN_ENABLE_SEARCH);
  vendor.qwenEnableCompatible = reader.flag(ProviderField.QWEN_ENABLE_COMPATIBLE);
  vendor.qwenDomain = reader.text(ProviderField.QWEN_DOMAIN);
  vendor.hunyuanAuthId = reader.text(ProviderField.HUNYUAN_AUTH_ID);
  vendor.hunyuanAuthKey = readSecret(reader, ProviderField.HUNYUAN_AUTH_KEY, vendor.hunyuanAuthKey);
  vendor.minimaxPro = reader.textIs(ProviderField.MINIMAX_API_TYPE, "pro");
  vendor.minimaxGroupId = reader.text(ProviderField.MINIMAX_GROUP_ID);
  vendor.doubaoDomain = reader.text(ProviderField.DOUBAO_DOMAIN);
  vendor.zhipuDomain = reader.text(ProviderField.ZHIPU_DOMAIN);
  vendor.zhipuCodePlanMode = reader.flag(ProviderField.ZHIPU_CODE_PLAN_MODE);
}

function readClouds(reader: ObjectReader, vendor: VendorConfig): void {
  vendor.awsAccessKey = readSecret(reader, ProviderField.AWS_ACCESS_KEY, vendor.awsAccessKey);
  vendor.awsSecretKey = readSecret(reader, ProviderField.AWS_SECRET_KEY, vendor.awsSecretKey);
  vendor.awsRegion = reader.text(ProviderField.AWS_REGION);
  vendor.bedrockAdditionalFields = reader.raw(ProviderField.BEDROCK_ADDITIONAL_FIELDS);
  vendor.promptCacheRetention = reader.text(ProviderField.PROMPT_CACHE_RETENTION);
  vendor.vertexRegion = reader.text(ProviderField.VERTEX_REGION);
  vendor.vertexProjectId = reader.text(ProviderField.VERTEX_PROJECT_ID);
  vendor.vertexAuthKey = readSecret(reader, ProviderField.VERTEX_AUTH_KEY, vendor.vertexAuthKey);
  vendor.vertexAuthServiceName = reader.text(ProviderField.VERTEX_AUTH_SERVICE_NAME);
  vendor.vertexTokenRefreshAheadSeconds = reader.integer(ProviderField.VERTEX_TOKEN_REFRESH_AHEAD);
  vendor.vertexOpenAICompatible = reader.flag(ProviderField.VERTEX_OPEN_AI_COMPATIBLE);
  vendor.cloudflareAccountId = reader.text(ProviderField.CLOUDFLARE_ACCOUNT_ID);
}

function readOthers(reader: ObjectReader, vendor: VendorConfig): void {
  vendor.claudeVersion = reader.text(ProviderField.CLAUDE_VERSION);
  vendor.claudeCodeMode = reader.flag(ProviderField.CLAUDE_CODE_MODE);
  vendor.apiVersion = reader.text(ProviderField.API_VERSION);
  vendor.geminiSafetySetting = readPairs(reader, ProviderField.GEMINI_SAFETY_SETTING);
  if (reader.node(ProviderField.GEMINI_THINKING_BUDGET) != NONE) {
    vendor.geminiThinkingBudget = reader.integer(ProviderField.GEMINI_THINKING_BUDGET);
  }
  vendor.targetLang = reader.text(ProviderField.TARGET_LANG);
  vendor.difyApiUrl = reader.text(ProviderField.DIFY_API_URL);
  vendor.botType = reader.text(ProviderField.BOT_TYPE);
  vendor.inputVariable = reader.text(ProviderField.INPUT_VARIABLE);
  vendor.outputVariable = reader.text(ProviderField.OUTPUT_VARIABLE);
}

/** The field as a secret, or `absent`. */
function readSecret(reader: ObjectReader, field: i32, absent: Secret): Secret {
  return reader.isGiven(field) && !reader.isWrong(field) ? new Secret(reader.text(field)) : absent;
}

/** The members of an object of strings: key, value, key, value… */
function readPairs(reader: ObjectReader, field: i32): Array<View> {
  const pairs: Array<View> = [];
  const doc = reader.doc;
  for (let item = doc.first(reader.node(field)); item != NONE; item = doc.next(item)) {
    pairs.push(doc.key(item));
    pairs.push(doc.text(item));
  }
  return pairs;
}

function readCachePoints(reader: ObjectReader, vendor: VendorConfig): void {
  const node = reader.node(ProviderField.BEDROCK_PROMPT_CACHE_POINT_POSITIONS);
  if (node == NONE) return;
  reader.enter(Table.CachePoints, node, ROOT);
  vendor.cacheSystemPrompt = reader.flag(CachePointsField.SYSTEM_PROMPT);
  vendor.cacheLastUserMessage = reader.flag(CachePointsField.LAST_USER_MESSAGE);
  vendor.cacheLastMessage = reader.flag(CachePointsField.LAST_MESSAGE);
}

/** `context`, or null. */
export function readContext(reader: ObjectReader): ContextConfig | null {
  const node = reader.node(ProviderField.CONTEXT);
  if (node == NONE) return null;
  reader.enter(Table.Context, node, ROOT);
  const context = new ContextConfig();
  context.fileUrl = reader.text(ContextField.FILE_URL);
  context.serviceName = reader.text(ContextField.SERVICE_NAME);
  context.servicePort = reader.integer(ContextField.SERVICE_PORT);
  return context;
}

/** `failover`, or null. */
export function readFailover(reader: ObjectReader): FailoverConfig | null {
  const node = reader.node(ProviderField.FAILOVER);
  if (node == NONE) return null;
  reader.enter(Table.Failover, node, ROOT);
  const failover = new FailoverConfig();
  failover.enabled = reader.flag(FailoverField.ENABLED);
  failover.failureThreshold = reader.integer(FailoverField.FAILURE_THRESHOLD);
  failover.cooldownMs = reader.integer(FailoverField.COOLDOWN_DURATION);
  const interval = <i64>reader.integer(FailoverField.HEALTH_CHECK_INTERVAL);
  failover.firstCooldownMs = interval * <i64>reader.integer(FailoverField.SUCCESS_THRESHOLD);
  failover.goesByStatus = reader.node(FailoverField.FAILOVER_ON_STATUS) != NONE;
  failover.onStatus = readPatterns(reader, FailoverField.FAILOVER_ON_STATUS);
  return failover;
}

/** `retryOnFailure`, or null. */
export function readRetry(reader: ObjectReader): RetryConfig | null {
  const node = reader.node(ProviderField.RETRY_ON_FAILURE);
  if (node == NONE) return null;
  reader.enter(Table.RetryOnFailure, node, ROOT);
  const retry = new RetryConfig();
  retry.enabled = reader.flag(RetryOnFailureField.ENABLED);
  retry.maxRetries = reader.integer(RetryOnFailureField.MAX_RETRIES);
  retry.timeoutMs = reader.integer(RetryOnFailureField.RETRY_TIMEOUT);
  retry.onStatus = readPatterns(reader, RetryOnFailureField.RETRY_ON_STATUS);
  return retry;
}

function readPatterns(reader: ObjectReader, field: i32): StatusPatterns {
  const patterns = new StatusPatterns();
  const texts = reader.texts(field);
  for (let k = 0; k < texts.length; k++) patterns.add(texts[k]);
  return patterns;
}
