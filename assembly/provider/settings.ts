// What follows for an upstream from its row in the catalogue and its configuration: dialect, host, auth, options of translators.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { withoutPort } from "../config/rules";
import { ProviderField } from "../config/schema.gen";
import { HOST as HUNYUAN_HOST } from "../dialect/to-hunyuan/service";
import { TranslateOptions } from "../dialect/options";
import { writeVertexHost } from "../dialect/to-vertex/paths";
import { Url } from "../http/url";
import { AuthScheme, Dialect, ProviderRow } from "./provider";

/** Some types have an API of their own beside the OpenAI-compatible one; the configuration chooses. */
export function dialectFor(config: ProviderConfig, row: ProviderRow): Dialect {
  if (row.type == "qwen" && !config.settings.flag(ProviderField.QWEN_ENABLE_COMPATIBLE)) return Dialect.DashScope;
  if (row.type == "hunyuan" && config.settings.text(ProviderField.HUNYUAN_AUTH_ID).length > 0) return Dialect.Hunyuan;
  if (row.type == "minimax" && config.settings.textIs(ProviderField.MINIMAX_API_TYPE, "pro")) return Dialect.MiniMaxPro;
  if (row.type == "vertex" && config.settings.flag(ProviderField.VERTEX_OPEN_AI_COMPATIBLE)) return Dialect.OpenAI;
  return row.dialect;
}

/** The limit of side calls in milliseconds. */
export function sideTimeout(config: ProviderConfig): i32 {
  return config.timeoutMs > 0 ? config.timeoutMs : 120000;
}

/** Claude Code's OAuth tokens are bearer tokens; signing providers and service accounts have no token to send. */
export function authFor(config: ProviderConfig, row: ProviderRow): AuthScheme {
  if (row.type == "claude" && config.settings.flag(ProviderField.CLAUDE_CODE_MODE)) return AuthScheme.Bearer;
  return row.authScheme;
}

/** The host that the row names, or the setting that replaces it for this provider type. */
export function hostOf(config: ProviderConfig, row: ProviderRow): View {
  const settings = config.settings;
  const type = row.type;
  if (type == "vllm") return settings.text(ProviderField.VLLM_SERVER_HOST);
  if (type == "generic") return settings.text(ProviderField.GENERIC_HOST);
  if (type == "doubao" && settings.text(ProviderField.DOUBAO_DOMAIN).length > 0) return settings.text(ProviderField.DOUBAO_DOMAIN);
  if (type == "zhipuai" && settings.text(ProviderField.ZHIPU_DOMAIN).length > 0) return settings.text(ProviderField.ZHIPU_DOMAIN);
  if (type == "qwen" && settings.text(ProviderField.QWEN_DOMAIN).length > 0) return settings.text(ProviderField.QWEN_DOMAIN);
  if (type == "triton") return settings.text(ProviderField.TRITON_DOMAIN);
  if (type == "dify" && settings.text(ProviderField.DIFY_API_URL).length > 0)
    return Url.parse(settings.text(ProviderField.DIFY_API_URL)).host;
  if (dialectFor(config, row) == Dialect.Hunyuan) return View.utf8(HUNYUAN_HOST);
  if (type == "vertex") {
    const out = new Buffer(64);
    writeVertexHost(config.apiTokens.length > 0 ? View.empty() : settings.text(ProviderField.VERTEX_REGION), out);
    return out.toView();
  }
  if (type == "bedrock") {
    const out = new Buffer(64);
    out.ascii("bedrock-runtime.");
    out.view(settings.text(ProviderField.AWS_REGION));
    out.ascii(".amazonaws.com");
    return out.toView();
  }
  if (type == "ollama") {
    const host = settings.text(ProviderField.OLLAMA_SERVER_HOST);
    // A port behind the host is meant more than the default of the other field.
    if (withoutPort(host).length < host.length) return host;
    const out = new Buffer(64);
    out.view(host);
    out.byte(Ascii.Colon);
    out.integer(settings.integer(ProviderField.OLLAMA_SERVER_PORT));
    return out.toView();
  }
  return View.utf8(row.hostName);
}

/** What translators are told of the provider. */
export function optionsOf(config: ProviderConfig, row: ProviderRow): TranslateOptions {
  const options = new TranslateOptions();
  options.reasoningMode = config.reasoningMode;
  options.responseEdits = row.responses;
  options.hasTokens = config.apiTokens.length > 0;
  options.settings = config.settings;
  return options;
}
