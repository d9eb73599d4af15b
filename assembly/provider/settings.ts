// What follows for an upstream from its row in the catalogue and its configuration: dialect, host, auth, options of translators.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { withoutPort } from "../config/rules";
import { HOST as HUNYUAN_HOST } from "../dialect/to-hunyuan/service";
import { TranslateOptions } from "../dialect/options";
import { writeVertexHost } from "../dialect/to-vertex/paths";
import { Url } from "../http/url";
import { AuthScheme, Dialect, ProviderRow } from "./provider";

/** Some types have an API of their own beside the OpenAI-compatible one; the configuration chooses. */
export function dialectFor(config: ProviderConfig, row: ProviderRow): Dialect {
  if (row.type == "qwen" && !config.vendor.qwenEnableCompatible) return Dialect.DashScope;
  if (row.type == "hunyuan" && config.vendor.hunyuanAuthId.length > 0) return Dialect.Hunyuan;
  if (row.type == "minimax" && config.vendor.minimaxPro) return Dialect.MiniMaxPro;
  if (row.type == "vertex" && config.vendor.vertexOpenAICompatible) return Dialect.OpenAI;
  return row.dialect;
}

/** The limit of side calls in milliseconds. */
export function sideTimeout(config: ProviderConfig): i32 {
  return config.timeoutMs > 0 ? config.timeoutMs : 120000;
}

/** Claude Code's OAuth tokens are bearer tokens; signing providers and service accounts have no token to send. */
export function authFor(config: ProviderConfig, row: ProviderRow): AuthScheme {
  if (row.type == "claude" && config.vendor.claudeCodeMode) return AuthScheme.Bearer;
  return row.authScheme;
}

/** The host that the row names, or the setting that replaces it for this provider type. */
export function hostOf(config: ProviderConfig, row: ProviderRow): View {
  const vendor = config.vendor;
  const type = row.type;
  if (type == "vllm") return vendor.vllmServerHost;
  if (type == "generic") return vendor.genericHost;
  if (type == "doubao" && vendor.doubaoDomain.length > 0) return vendor.doubaoDomain;
  if (type == "zhipuai" && vendor.zhipuDomain.length > 0) return vendor.zhipuDomain;
  if (type == "qwen" && vendor.qwenDomain.length > 0) return vendor.qwenDomain;
  if (type == "triton") return vendor.tritonDomain;
  if (type == "dify" && vendor.difyApiUrl.length > 0) return Url.parse(vendor.difyApiUrl).host;
  if (dialectFor(config, row) == Dialect.Hunyuan) return View.utf8(HUNYUAN_HOST);
  if (type == "vertex") {
    const out = new Buffer(64);
    writeVertexHost(config.apiTokens.length > 0 ? View.empty() : vendor.vertexRegion, out);
    return out.toView();
  }
  if (type == "bedrock") {
    const out = new Buffer(64);
    out.ascii("bedrock-runtime.");
    out.view(vendor.awsRegion);
    out.ascii(".amazonaws.com");
    return out.toView();
  }
  if (type == "ollama") {
    const host = vendor.ollamaServerHost;
    // A port behind the host is meant more than the default of the other field.
    if (withoutPort(host).length < host.length) return host;
    const out = new Buffer(64);
    out.view(host);
    out.byte(Ascii.Colon);
    out.integer(vendor.ollamaServerPort);
    return out.toView();
  }
  return View.utf8(row.hostName);
}

/** The part of the configuration that translators may read. */
export function optionsOf(config: ProviderConfig, row: ProviderRow): TranslateOptions {
  const options = new TranslateOptions();
  const vendor = config.vendor;
  options.reasoningMode = config.reasoningMode;
  options.responseEdits = row.responses;
  options.apiVersion = config.type == "claude" ? vendor.claudeVersion : vendor.apiVersion;
  options.safetySettings = vendor.geminiSafetySetting;
  options.thinkingBudget = vendor.geminiThinkingBudget;
  // With API keys Vertex is called in express mode, which knows neither.
  if (config.apiTokens.length == 0) {
    options.projectId = vendor.vertexProjectId;
    options.region = vendor.vertexRegion;
  }
  options.additionalFields = vendor.bedrockAdditionalFields;
  options.enableSearch = vendor.qwenEnableSearch;
  options.cacheRetention = vendor.promptCacheRetention;
  options.cacheSystemPrompt = vendor.cacheSystemPrompt;
  options.cacheLastUserMessage = vendor.cacheLastUserMessage;
  options.cacheLastMessage = vendor.cacheLastMessage;
  return options;
}
