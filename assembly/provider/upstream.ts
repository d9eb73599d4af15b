// Where a configured provider is reached: host, path of each API, auth. Built once, with the first request for it, and not changed
// afterwards.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { ProviderField } from "../config/schema.gen";
import { ResponseEdit, TranslateOptions } from "../dialect/options";
import { writeModelResource } from "../dialect/to-gemini/paths";
import { writeVertexChatModel, writeVertexChatPath, writeVertexPath } from "../dialect/to-vertex/paths";
import { decoded } from "../http/path";
import { Url, appendQuery, appendSegment, isBelow, trimSlashes } from "../http/url";
import { Api, apiByName, apiSuffix } from "../model/api";
import { ApiMatch, matchBelow } from "../model/match";
import { AzureUrl } from "./azure";
import { findProvider } from "./catalog";
import { ContextFile } from "./context-file";
import { GoogleAccess } from "./google-access";
import { AuthScheme, Dialect, ProviderPath, ProviderRow, Quirk } from "./provider";
import { authFor, dialectFor, hostOf, optionsOf, sideTimeout } from "./settings";
import { TokenFetch } from "./side-fetch";
import { TokenPool } from "./token-pool";

/** A path that the operator configured for one API. */
@final
class PathOverride {
  constructor(
    public api: Api,
    public path: View,
  ) {}
}

const NO_OVERRIDES: Array<PathOverride> = [];

/** The longest API suffixes that a custom URL may end in, so that its base can be told from its API. */
const URL_SUFFIXES: StaticArray<Api> = [
  Api.ChatCompletions,
  Api.Completions,
  Api.Embeddings,
  Api.ImageGeneration,
  Api.ImageEdit,
  Api.ImageVariation,
  Api.AudioSpeech,
  Api.AudioTranscription,
  Api.AudioTranslation,
  Api.Responses,
  Api.Models,
  Api.Realtime,
  Api.Videos,
  Api.FineTuningJobs,
  Api.Rerank,
  Api.Messages,
];

@final
export class Upstream {
  row: ProviderRow;
  host: View = View.empty();
  authScheme: AuthScheme;
  /** With a custom URL: what stands in place of `/v1`, and its query. */
  private customBase: View | null = null;
  private customQuery: View = View.empty();
  /** The API that the custom URL names itself, used verbatim for it. */
  private customApi: Api = Api.Unknown;
  private customPath: View = View.empty();
  private overrides: Array<PathOverride> = NO_OVERRIDES;
  azure: AzureUrl | null = null;
  /** What translators read of the configuration. */
  options: TranslateOptions;
  tokens: TokenPool;
  /** Fetched before requests can go on: Google's access token, the context file. */
  access: TokenFetch | null = null;
  contextFile: ContextFile | null = null;
  /** What its chat speaks, as the row and the configuration say. */
  dialect: Dialect;
  /** The row's, and those of an unknown server behind a custom URL. */
  quirks: i32;

  /** `root`: the plugin's context, which side calls answer to. */
  constructor(
    public config: ProviderConfig,
    row: ProviderRow,
    root: u32,
  ) {
    this.row = row;
    this.tokens = new TokenPool(config);
    this.authScheme = authFor(config, row);
    this.dialect = dialectFor(config, row);
    this.quirks = row.quirks;
    this.options = optionsOf(config, row);
    this.host = hostOf(config, row);
    this.readCustomUrl();
    const capabilities = config.capabilities;
    if (capabilities.length > 0) this.overrides = [];
    for (let k = 0; k < capabilities.length; k++) {
      this.overrides.push(new PathOverride(apiByName(capabilities[k].api), capabilities[k].path));
    }
    if (config.providerDomain.length > 0) this.host = config.providerDomain;
    this.tokens.watch(config, this.host.length > 0 ? this.host : View.utf8(row.type));
    const context = config.context;
    if (context !== null) this.contextFile = new ContextFile(root, context, sideTimeout(config));
    if (!isDefined(CORE_BUILD) && row.dialect == Dialect.Vertex && config.apiTokens.length == 0) {
      this.access = new GoogleAccess(root, config.settings, sideTimeout(config));
    }
  }

  private readCustomUrl(): void {
    const settings = this.config.settings;
    if (this.row.type == "azure") {
      const azure = new AzureUrl(settings.text(ProviderField.AZURE_SERVICE_URL));
      this.azure = azure;
      this.host = azure.host;
      return;
    }
    const text = this.row.type == "openai" ? settings.text(ProviderField.OPENAI_CUSTOM_URL) : settings.text(ProviderField.VLLM_CUSTOM_URL);
    if (text.length == 0 || (this.row.type != "openai" && this.row.type != "vllm")) return;
    const url = Url.parse(text);
    this.host = url.host;
    this.customQuery = url.query;
    // Behind a URL of the operator's stands a server that is not known.
    this.options.responseEdits |= ResponseEdit.STREAMS;
    // Only api.openai.com itself is known to take all that its clients send.
    if (this.row.type == "openai") this.quirks |= Quirk.UNKNOWN_SERVER;
    const path = trimSlashes(url.path);
    for (let k = 0; k < URL_SUFFIXES.length; k++) {
      const suffix = apiSuffix(URL_SUFFIXES[k]);
      if (!path.endsWith(suffix)) continue;
      this.customApi = URL_SUFFIXES[k];
      this.customPath = path;
      this.customBase = path.slice(0, path.length - suffix.length);
      return;
    }
    // A host alone names no other base, and compatible servers have their APIs below /v1.
    this.customBase = path.length > 0 ? path : View.utf8("/v1");
  }

  private configuredPath(api: Api): View | null {
    for (let k = 0; k < this.overrides.length; k++) if (this.overrides[k].api == api) return this.overrides[k].path;
    return null;
  }

  /** The plan has chat alone. */
  private zhipuPrefix(entry: ProviderPath): string {
    const isPlan =
      this.row.type == "zhipuai" && this.config.settings.flag(ProviderField.ZHIPU_CODE_PLAN_MODE) && entry.api == Api.ChatCompletions;
    return isPlan && entry.path == "/api/paas/v4" ? "/api/coding/paas/v4" : entry.path;
  }

  /** True when the provider serves the API itself, by its row or by `capabilities`. */
  serves(api: Api): bool {
    if (this.configuredPath(api) !== null) return true;
    // The row of a provider with two chat APIs is that of the OpenAI-compatible one.
    const isTranslated = this.dialect != Dialect.OpenAI && (api == Api.ChatCompletions || api == Api.Embeddings);
    return !isTranslated && this.row.find(api) !== null;
  }

  /**
   * Finds the API of a path that is not like OpenAI's but one that the provider itself has: as `capabilities` or its row say, or below
   * the prefix that stands there in place of `/v1`.
   */
  findOwnApi(path: View, match: ApiMatch): void {
    for (let k = 0; k < this.overrides.length; k++) {
      if (!path.sameAs(this.overrides[k].path)) continue;
      match.api = this.overrides[k].api;
      return;
    }
    const base = this.customBase;
    if (base !== null && base.length > 0 && isBelow(path, base) && matchBelow(path, base.length, false, match)) return;
    const paths = this.row.paths;
    for (let k = 0; k < paths.length; k++) {
      const own = paths[k].path;
      if (!paths[k].isWhole) {
        if (own.length > 0 && path.startsWith(own) && matchBelow(path, own.length, false, match)) return;
      } else if (own.length > 0 && path.equals(own)) {
        match.api = paths[k].api;
        return;
      }
    }
  }

  /** The model's name as the provider's API wants it: Vertex' compatible one asks for the publisher in front. */
  modelName(model: View): View {
    if (this.row.dialect != Dialect.Vertex || this.dialect != Dialect.OpenAI || model.length == 0) return model;
    const out = new Buffer(64);
    writeVertexChatModel(model, out);
    return out.toView();
  }

  /** Requests are signed with keys instead of carrying a token. */
  get signs(): bool {
    if (this.dialect == Dialect.Hunyuan) return true;
    return this.dialect == Dialect.Bedrock && this.config.apiTokens.length == 0;
  }

  /**
   * Writes the upstream request target. `path` is the client's path without query, matched by `match`; `query` the
   * client's query; `model` the mapped model (Azure puts it in the path).
   */
  writeTarget(out: Buffer, api: Api, path: View, match: ApiMatch, query: View, model: View): void {
    const custom = this.configuredPath(api);
    const azure = this.azure;
    if (custom !== null) {
      this.fillPlaceholders(out, custom, path, match, model);
      appendQuery(out, query);
      if (azure !== null) azure.appendVersion(out);
    } else if (azure !== null) {
      azure.writeTarget(out, api, path.slice(match.suffixStart, path.length), query, model);
    } else if (this.customBase !== null) {
      this.writeCustom(out, api, path, match, query);
    } else {
      const entry = this.row.find(api);
      if (entry === null) out.view(path);
      else if (entry.dialect == Dialect.Gemini) this.writeNative(out, path, match, model);
      else if (this.row.dialect == Dialect.Vertex) writeVertexChatPath(this.options, out);
      else {
        const prefix = this.zhipuPrefix(entry);
        if (prefix.includes("{")) this.fillPlaceholders(out, View.utf8(prefix), path, match, model);
        else out.ascii(prefix);
        if (!entry.isWhole) out.range(path, match.suffixStart, path.length);
      }
      appendQuery(out, query);
    }
    this.addBasePath(out);
  }

  /**
   * A method of a model in Google's API: the client's version and method and the mapped model. A path of Gemini's API (`/v1beta/models/…`)
   * becomes Vertex's, which has the publisher before the model and, without an API key, project and location; Vertex's own paths stay.
   */
  private writeNative(out: Buffer, path: View, match: ApiMatch, model: View): void {
    const start = match.suffixStart;
    const method = path.slice(match.idEnd, path.length);
    const isGemini = this.row.dialect == Dialect.Gemini;
    if (!isGemini && !namesPublisher(path, start)) {
      writeVertexPath(this.options, decoded(model.length > 0 ? model : path.slice(match.idStart, match.idEnd)), "", out);
    } else {
      // A prefix before the version is the gateway's.
      let version = isGemini ? start - 1 : 0;
      while (version > 0 && path.at(version) != Ascii.Slash) version--;
      if (start == 0) out.ascii("/v1beta");
      out.range(path, version < 0 ? 0 : version, start);
      const sent = path.slice(match.idStart, match.idEnd);
      if (model.length > 0 && !model.sameAs(decoded(sent))) writeModelResource(model, out);
      else out.range(path, start, match.idEnd);
    }
    out.view(method);
  }

  private writeCustom(out: Buffer, api: Api, path: View, match: ApiMatch, query: View): void {
    if (api == this.customApi) out.view(this.customPath);
    else {
      const base = this.customBase;
      if (base !== null) out.view(base);
      out.range(path, match.suffixStart, path.length);
    }
    appendQuery(out, this.customQuery);
    appendQuery(out, query);
  }

  /** `{model}`, `{account_id}`, and any other `{name}` for the ids of the client's path in order. */
  private fillPlaceholders(out: Buffer, pattern: View, path: View, match: ApiMatch, model: View): void {
    let here = 0;
    let ids = 0;
    while (here < pattern.length) {
      const open = pattern.indexOf(Ascii.LeftBrace, here);
      const close = open < 0 ? -1 : pattern.indexOf(Ascii.RightBrace, open);
      if (close < 0) {
        out.range(pattern, here, pattern.length);
        return;
      }
      out.range(pattern, here, open);
      const name = pattern.slice(open + 1, close);
      if (name.equals("model")) appendSegment(out, model);
      else if (name.equals("account_id")) appendSegment(out, this.config.settings.text(ProviderField.CLOUDFLARE_ACCOUNT_ID));
      else {
        if (ids == 0) out.range(path, match.idStart, match.idEnd);
        else out.range(path, match.secondIdStart, match.secondIdEnd);
        ids++;
      }
      here = close + 1;
    }
  }

  /** basePath, when it is to be prepended, and providerBasePath go in front unless the path is below them already. */
  addBasePath(out: Buffer): void {
    if (this.config.basePathPrepend) prepend(out, this.config.basePath);
    prepend(out, this.config.providerBasePath);
  }
}

function prepend(out: Buffer, base: View): void {
  const prefix = trimSlashes(base);
  if (prefix.length == 0 || isBelow(out.toView(), prefix)) return;
  const target = out.toView().copy();
  out.clear();
  out.view(prefix);
  out.view(target);
}

/** True when `/publishers/` stands before `end`: the path is Vertex AI's own. */
function namesPublisher(path: View, end: i32): bool {
  for (let at = 0; at < end; at++) if (path.at(at) == Ascii.Slash && path.startsWithAt(at, "/publishers/")) return true;
  return false;
}

/** The upstream of a provider configuration; the type is known, as the configuration was checked. */
export function makeUpstream(config: ProviderConfig, root: u32): Upstream | null {
  const row = findProvider(config.type);
  return row === null ? null : new Upstream(config, row, root);
}
