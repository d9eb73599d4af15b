// Where a configured provider is reached: host, path of each API, auth. Built once, with the first request for it, and not changed
// afterwards.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderConfig } from "../config/provider-config";
import { ProviderField } from "../config/schema.gen";
import { ResponseEdit, TranslateOptions } from "../dialect/options";
import { writeVertexChatModel, writeVertexChatPath } from "../dialect/to-vertex/paths";
import { appendQuery, appendSegment, isBelow, trimSlashes } from "../http/url";
import { Api, apiByName } from "../model/api";
import { ApiMatch, matchBelow } from "../model/match";
import { AzureUrl } from "./azure";
import { findProvider } from "./catalog";
import { ContextFile } from "./context-file";
import { CustomUrl } from "./custom-url";
import { GoogleAccess } from "./google-access";
import { KlingAccess } from "./kling-access";
import { writeNativePath } from "./native-path";
import { AuthScheme, Dialect, Quirk } from "./provider";
import { authFor, dialectFor, hostOf, optionsOf, pathsFor, sideTimeout } from "./resolve";
import { ProviderPath, ProviderRow } from "./row";
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

@final
export class Upstream {
  row: ProviderRow;
  host: View = View.empty();
  authScheme: AuthScheme;
  /** Of the operator's, in place of host and paths. */
  private customUrl: CustomUrl | null = null;
  /** Those of the row that are there with these settings. */
  private paths: Array<ProviderPath>;
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
    this.paths = pathsFor(config, row);
    this.host = hostOf(this.options, row);
    this.readUrls();
    const capabilities = config.capabilities;
    if (capabilities.length != 0) this.overrides = [];
    for (let k = 0; k < capabilities.length; k++) {
      this.overrides.push(new PathOverride(apiByName(capabilities[k].api), capabilities[k].path));
    }
    if (config.providerDomain.length != 0) this.host = config.providerDomain;
    this.options.host = this.host;
    this.tokens.watch(config, this.host.length != 0 ? this.host : View.utf8(row.type));
    const context = config.context;
    if (context !== null) this.contextFile = new ContextFile(root, context, sideTimeout(config));
    if (!isDefined(CORE_BUILD) && !isDefined(WITHOUT_VERTEX) && row.dialect == Dialect.Vertex && this.makesCredentials) {
      this.access = new GoogleAccess(root, config.settings, sideTimeout(config));
    }
    if (!isDefined(CORE_BUILD) && !config.settings.secret(ProviderField.KLING_SECRET_KEY).isEmpty) {
      this.access = new KlingAccess(config.settings);
    }
  }

  /** Settings that hold a URL of the operator's. */
  private readUrls(): void {
    const row = this.row;
    const settings = this.config.settings;
    if (row.azureUrlField >= 0) {
      const azure = new AzureUrl(settings.text(row.azureUrlField));
      this.azure = azure;
      this.host = azure.host;
    }
    const text = row.customUrlField < 0 ? View.empty() : settings.text(row.customUrlField);
    if (text.length == 0) return;
    const url = new CustomUrl(text);
    this.customUrl = url;
    this.host = url.host;
    // The server behind it is not known.
    this.options.responseEdits |= ResponseEdit.STREAMS;
    this.quirks |= row.customUrlQuirks;
    // It may be a gateway that has made such seals.
    this.quirks &= ~Quirk.FOREIGN_SEALS;
  }

  private configuredPath(api: Api): View | null {
    for (let k = 0; k < this.overrides.length; k++) if (this.overrides[k].api == api) return this.overrides[k].path;
    return null;
  }

  /** The row's entry for an API, or null when the provider does not have it. */
  private pathOf(api: Api): ProviderPath | null {
    for (let k = 0; k < this.paths.length; k++) if (this.paths[k].api == api) return this.paths[k];
    return null;
  }

  /** True when the provider serves the API itself, by its row or by `capabilities`. */
  serves(api: Api): bool {
    if (this.configuredPath(api) !== null) return true;
    // The row of a provider with two chat APIs is that of the OpenAI-compatible one.
    const isTranslated = this.dialect != Dialect.OpenAI && (api == Api.ChatCompletions || api == Api.Embeddings);
    return !isTranslated && this.pathOf(api) !== null;
  }

  /** The provider serves the API at its own path, but in a form of its own. */
  hasOwnForm(api: Api): bool {
    const entry = this.pathOf(api);
    return entry !== null && entry.dialect == Dialect.Kling;
  }

  /** It may be asked for OpenAI's Responses API in place of chat completions: its models are OpenAI's, and so are its APIs. */
  get canServeResponses(): bool {
    const azure = this.azure;
    return this.row.hasFamilies && this.serves(Api.Responses) && (azure === null || azure.hasResponses);
  }

  /** A URL of the operator's stands in place of the provider's own server. */
  get hasCustomUrl(): bool {
    return this.customUrl !== null;
  }

  /** The name that the provider knows the model by: Azure's deployment, where the URL names it. */
  deployedModel(model: View): View {
    const azure = this.azure;
    return azure !== null && azure.deployment.length != 0 ? azure.deployment : model;
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
    const custom = this.customUrl;
    if (custom !== null && custom.findApi(path, match)) return;
    const paths = this.paths;
    for (let k = 0; k < paths.length; k++) {
      const own = paths[k].path;
      if (!paths[k].isWhole) {
        if (own.length != 0 && path.startsWith(own) && matchBelow(path, own.length, false, match)) return;
      } else if (own.length != 0 && path.equals(own)) {
        match.api = paths[k].api;
        return;
      }
    }
  }

  /** The path at which it counts the tokens of a chat, beside its `/v1`; empty when it does not. */
  tokenizer(): View {
    const out = new Buffer(16);
    const custom = this.customUrl;
    if (custom !== null && this.row.tokenizer.length != 0) custom.writeRoot(out);
    out.ascii(this.row.tokenizer);
    return out.toView();
  }

  /** The path of the API names a model that the client's path may not name. */
  namesModel(api: Api): bool {
    const configured = this.configuredPath(api);
    const azure = this.azure;
    if (configured !== null) return configured.toString().includes("{model}");
    return azure !== null && azure.wantsModel(api);
  }

  /** The model's name as the provider's API wants it: Vertex' compatible one asks for the publisher in front. */
  modelName(model: View): View {
    if (this.row.dialect != Dialect.Vertex || this.dialect != Dialect.OpenAI || model.length == 0) return model;
    const out = new Buffer(64);
    writeVertexChatModel(model, out);
    return out.toView();
  }

  /** The plugin makes them of other secrets than API tokens; Envoy's own filters do not add them. */
  private get makesCredentials(): bool {
    return this.config.apiTokens.length == 0 && this.authScheme != AuthScheme.None;
  }

  /** Requests are signed with keys instead of carrying a token. */
  get signs(): bool {
    if (this.dialect == Dialect.Hunyuan) return true;
    return this.dialect == Dialect.Bedrock && this.makesCredentials;
  }

  /**
   * Writes the upstream request target. `path` is the client's path without query, matched by `match`; `query` the
   * client's query; `model` the mapped model (Azure puts it in the path).
   */
  writeTarget(out: Buffer, api: Api, path: View, match: ApiMatch, query: View, model: View): void {
    const configured = this.configuredPath(api);
    const azure = this.azure;
    const custom = this.customUrl;
    if (configured !== null) {
      this.fillPlaceholders(out, configured, path, match, model);
      appendQuery(out, query);
      if (azure !== null) azure.appendVersion(out);
    } else if (azure !== null) {
      azure.writeTarget(out, api, path.slice(match.suffixStart, path.length), query, model);
    } else if (custom !== null) {
      custom.writeTarget(out, api, path.slice(match.suffixStart, path.length), query);
    } else {
      const entry = this.pathOf(api);
      if (entry === null) out.view(path);
      else if (entry.dialect == Dialect.Gemini) writeNativePath(out, this.options, this.row.dialect == Dialect.Gemini, path, match, model);
      else if (this.row.dialect == Dialect.Vertex) writeVertexChatPath(this.options, out);
      else {
        if (entry.path.includes("{")) this.fillPlaceholders(out, View.utf8(entry.path), path, match, model);
        else out.ascii(entry.path);
        if (!entry.isWhole) out.range(path, match.suffixStart, path.length);
      }
      appendQuery(out, query);
    }
    this.addBasePath(out);
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

/** The upstream of a provider configuration; the type is known, as the configuration was checked. */
export function makeUpstream(config: ProviderConfig, root: u32): Upstream | null {
  const row = findProvider(config.type);
  return row === null ? null : new Upstream(config, row, root);
}
