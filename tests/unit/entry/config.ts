// Exports of the configuration layer for tests/unit/config.test.ts: bytes in, JSON out.

import { StatusPatterns } from "../../../assembly/config/status-patterns";
import "../../../assembly/host/abort";
import { Secret } from "../../../assembly/auth/secret";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { PluginConfig } from "../../../assembly/config/config";
import { ProviderConfig } from "../../../assembly/config/provider-config";
import { hasFormat } from "../../../assembly/config/formats";
import { parseConfig } from "../../../assembly/config/parse";
import { ProviderSource } from "../../../assembly/config/provider-source";
import { Problem } from "../../../assembly/config/problems";
import { CachePointsField, Format, ProviderField } from "../../../assembly/config/schema.gen";
import { writeString } from "../../../assembly/json/text";
import { Api, apiByName } from "../../../assembly/model/api";

let last: PluginConfig | null = null;

function bytesOf(out: Buffer): ArrayBuffer {
  const owner = out.toView().copy().owner;
  return owner === null ? new ArrayBuffer(0) : owner;
}

/** Writes `,"key":` (without the comma after an opening brace). */
function key(out: Buffer, name: string): void {
  if (out.at(out.length - 1) != 0x7b) out.byte(0x2c);
  writeString(out, View.utf8(name));
  out.byte(0x3a);
}

function text(out: Buffer, name: string, value: View): void {
  key(out, name);
  writeString(out, value);
}

function number(out: Buffer, name: string, value: i64): void {
  key(out, name);
  out.integer(value);
}

function flag(out: Buffer, name: string, value: bool): void {
  key(out, name);
  out.ascii(value ? "true" : "false");
}

function texts(out: Buffer, name: string, values: Array<View>): void {
  key(out, name);
  out.byte(0x5b);
  for (let k = 0; k < values.length; k++) {
    if (k > 0) out.byte(0x2c);
    writeString(out, values[k]);
  }
  out.byte(0x5d);
}

/** Secrets are shown by their hash. */
function secret(out: Buffer, name: string, value: Secret): void {
  number(out, name, value.isEmpty ? -1 : <i64>value.hash());
}

function problems(out: Buffer, name: string, list: Array<Problem>): void {
  key(out, name);
  out.byte(0x5b);
  for (let k = 0; k < list.length; k++) {
    if (k > 0) out.byte(0x2c);
    out.byte(0x7b);
    text(out, "pointer", View.utf8(list[k].pointer));
    text(out, "message", View.utf8(list[k].message));
    flag(out, "isError", list[k].isError);
    out.byte(0x7d);
  }
  out.byte(0x5d);
}

function provider(out: Buffer, name: string, source: ProviderSource | null): void {
  key(out, name);
  if (source === null) {
    out.ascii("null");
    return;
  }
  const it = source.read();
  out.byte(0x7b);
  text(out, "id", it.id);
  text(out, "type", View.utf8(it.type));
  key(out, "tokens");
  out.byte(0x7b);
  for (let k = 0; k < it.apiTokens.length; k++) secret(out, k.toString(), it.apiTokens[k]);
  out.byte(0x7d);
  flag(out, "protocolOriginal", it.protocolOriginal);
  key(out, "capabilities");
  out.byte(0x7b);
  for (let k = 0; k < it.capabilities.length; k++) text(out, it.capabilities[k].api, it.capabilities[k].path);
  out.byte(0x7d);
  key(out, "customSettings");
  out.byte(0x7b);
  for (let k = 0; k < it.customSettings.length; k++) {
    const setting = it.customSettings[k];
    text(out, setting.name.toString(), setting.value);
    flag(out, setting.name.toString() + ".raw", setting.raw);
    flag(out, setting.name.toString() + ".overwrite", setting.overwrite);
  }
  out.byte(0x7d);
  common(out, it);
  vendor(out, it);
  out.byte(0x7d);
}

function common(out: Buffer, it: ProviderConfig): void {
  text(out, "providerDomain", it.providerDomain);
  text(out, "providerBasePath", it.providerBasePath);
  text(out, "basePath", it.basePath);
  flag(out, "basePathPrepend", it.basePathPrepend);
  number(out, "timeoutMs", it.timeoutMs);
  number(out, "firstByteTimeoutMs", it.firstByteTimeoutMs);
  number(out, "maxRequestBytes", it.maxRequestBytes);
  number(out, "maxResponseEventBytes", it.maxResponseEventBytes);
  number(out, "affinity", it.affinity);
  text(out, "affinityHeader", it.affinityHeader);
  flag(out, "estimateUsage", it.estimateUsage);
  number(out, "reasoningMode", it.reasoningMode);
  texts(out, "contextCleanupCommands", it.contextCleanupCommands);
  flag(out, "mergeConsecutiveMessages", it.mergeConsecutiveMessages);
  flag(out, "promoteThinkingOnEmpty", it.promoteThinkingOnEmpty);
  const context = it.context;
  if (context !== null) {
    text(out, "fileUrl", context.fileUrl);
    text(out, "serviceName", context.serviceName);
    number(out, "servicePort", context.servicePort);
  }
  const failover = it.failover;
  if (failover !== null) {
    flag(out, "failover.enabled", failover.enabled);
    number(out, "failover.failureThreshold", failover.failureThreshold);
    number(out, "failover.cooldownMs", failover.cooldownMs);
    number(out, "failover.firstCooldownMs", failover.firstCooldownMs);
    statuses(out, "failover.onStatus", failover.onStatus);
  }
  const retry = it.retryOnFailure;
  if (retry !== null) {
    number(out, "retry.maxRetries", retry.maxRetries);
    number(out, "retry.timeoutMs", retry.timeoutMs);
    statuses(out, "retry.onStatus", retry.onStatus);
  }
}

/** The statuses from 400 to 599 that the patterns name. */
function statuses(out: Buffer, name: string, patterns: StatusPatterns): void {
  const found: Array<View> = [];
  for (let status = 400; status < 600; status++) if (patterns.has(status)) found.push(View.utf8(status.toString()));
  texts(out, name, found);
}

function vendor(out: Buffer, it: ProviderConfig): void {
  const own = it.settings;
  text(out, "openaiCustomUrl", own.text(ProviderField.OPENAI_CUSTOM_URL));
  text(out, "responseJsonSchema", own.text(ProviderField.RESPONSE_JSON_SCHEMA));
  text(out, "azureServiceUrl", own.text(ProviderField.AZURE_SERVICE_URL));
  text(out, "vllmServerHost", own.text(ProviderField.VLLM_SERVER_HOST));
  text(out, "ollamaServerHost", own.text(ProviderField.OLLAMA_SERVER_HOST));
  number(out, "ollamaServerPort", own.integer(ProviderField.OLLAMA_SERVER_PORT));
  flag(out, "qwenEnableCompatible", own.flag(ProviderField.QWEN_ENABLE_COMPATIBLE));
  texts(out, "geminiSafetySetting", own.texts(ProviderField.GEMINI_SAFETY_SETTING));
  const hasBudget = own.has(ProviderField.GEMINI_THINKING_BUDGET);
  number(out, "geminiThinkingBudget", hasBudget ? own.integer(ProviderField.GEMINI_THINKING_BUDGET) : i64.MIN_VALUE);
  secret(out, "awsSecretKey", own.secret(ProviderField.AWS_SECRET_KEY));
  const hasPoints = own.has(ProviderField.BEDROCK_PROMPT_CACHE_POINT_POSITIONS);
  flag(out, "cacheSystemPrompt", !hasPoints || own.flag(CachePointsField.SYSTEM_PROMPT));
  flag(out, "cacheLastMessage", own.flag(CachePointsField.LAST_MESSAGE));
  flag(out, "minimaxPro", own.textIs(ProviderField.MINIMAX_API_TYPE, "pro"));
  text(out, "botType", own.text(ProviderField.BOT_TYPE));
  number(out, "vertexTokenRefreshAheadSeconds", own.integer(ProviderField.VERTEX_TOKEN_REFRESH_AHEAD));
}

/** Parses a configuration and keeps it for `match`; returns what came of it as JSON. */
export function parse(bytes: ArrayBuffer): ArrayBuffer {
  const result = parseConfig(View.of(bytes));
  const config = result.config;
  last = config;
  const out = new Buffer(1024);
  out.byte(0x7b);
  flag(out, "started", config !== null);
  problems(out, "problems", result.problems);
  problems(out, "warnings", result.warnings);
  if (config !== null) {
    flag(out, "needsRoute", config.needsRoute);
    flag(out, "needsCluster", config.needsCluster);
    flag(out, "logEscaped", config.logEscaped);
    flag(out, "trustConsumerHeader", config.trustConsumerHeader);
    text(out, "pluginId", config.pluginId);
    provider(out, "provider", config.provider);
    key(out, "rules");
    out.byte(0x7b);
    for (let k = 0; k < config.rules.length; k++) {
      key(out, k.toString());
      out.byte(0x7b);
      text(out, "problem", View.utf8(config.rules[k].problem));
      provider(out, "provider", config.rules[k].provider);
      out.byte(0x7d);
    }
    out.byte(0x7d);
  }
  out.byte(0x7d);
  return bytesOf(out);
}

/** True when the configuration starts; without the JSON, for timing. */
export function starts(bytes: ArrayBuffer): bool {
  return parseConfig(View.of(bytes)).config !== null;
}

/** Index of the rule of the last configuration that a request falls under, -1 for none. */
export function match(route: ArrayBuffer, authority: ArrayBuffer, cluster: ArrayBuffer): i32 {
  const config = last;
  if (config === null) return -2;
  return config.match(View.of(route), View.of(authority), View.of(cluster), View.empty());
}

/** The same for a request that names `model`, or whose model is not known yet; below -1 for what rules.ts has in place of a rule. */
export function matchModel(route: ArrayBuffer, authority: ArrayBuffer, cluster: ArrayBuffer, model: ArrayBuffer, isKnown: bool): i32 {
  const config = last;
  if (config === null) return -9;
  return config.match(View.of(route), View.of(authority), View.of(cluster), isKnown ? View.of(model) : null);
}

export function formatHolds(bytes: ArrayBuffer, format: i32): bool {
  return hasFormat(View.of(bytes), <Format>format);
}

export function isKnownApi(name: ArrayBuffer): bool {
  return apiByName(View.of(name).toString()) != Api.Unknown;
}

/** What writeInto gives, to see that it is the secret itself. */
export function secretInto(bytes: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(32);
  out.ascii("Bearer ");
  new Secret(View.of(bytes)).writeInto(out);
  return bytesOf(out);
}
