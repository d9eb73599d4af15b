// What a provider is, as data: a row of the catalogue, and the words that it is written in.

import { Buffer } from "../bytes/buffer";
import { ProviderField } from "../config/schema.gen";
import { TranslateOptions } from "../dialect/options";
import { Api } from "../model/api";
import { Condition, given } from "./condition";
import { AuthScheme, Dialect, Quirk } from "./provider";

/** One way of reaching some APIs: a prefix that replaces `/v1`, or a whole path. */
@final
export class ProviderPath {
  constructor(
    public api: Api,
    /** With `isWhole` the upstream path itself, else what stands in place of `/v1`. */
    public path: string,
    public isWhole: bool,
    public dialect: Dialect,
    /** It is there only when this holds; null: always. */
    public when: Condition | null,
  ) {}
}

/** Writes the host that the provider's settings make. */
type HostWriter = (options: TranslateOptions, out: Buffer) => void;

const NO_NAMES: StaticArray<string> = [];
/** OpenAI's names of what customSettings know, each with the provider's own. */
export const OPENAI_SETTINGS: StaticArray<string> = [
  "max_tokens",
  "max_tokens",
  "temperature",
  "temperature",
  "top_p",
  "top_p",
  "seed",
  "seed",
];

@final
export class ProviderRow {
  hostName: string = "";
  /** Another host, when `otherHostWhen` holds. */
  otherHost: string = "";
  otherHostWhen: Condition | null = null;
  /** The setting that replaces the host, a host or a URL; -1: none. */
  hostField: i32 = -1;
  /** The setting with the port of the host in `hostField`; -1: none. */
  portField: i32 = -1;
  /** Makes the host of several settings; null: it stands above. */
  hostWriter: HostWriter | null = null;
  /** The setting with a URL of the operator's, for a server that is not known. -1: none. */
  customUrlField: i32 = -1;
  /** Quirks that such a server is taken to have beside the row's. */
  customUrlQuirks: i32 = 0;
  /** The setting with a URL in one of Azure's forms; -1: none. */
  azureUrlField: i32 = -1;
  authScheme: AuthScheme = AuthScheme.Bearer;
  /** Another scheme, when `otherAuthWhen` holds. */
  otherAuth: AuthScheme = AuthScheme.Bearer;
  otherAuthWhen: Condition | null = null;
  /** It has credentials that are no API tokens, with conditions of their own in the schema. */
  hasOtherCredentials: bool = false;
  paths: Array<ProviderPath> = [];
  quirks: i32 = Quirk.UNKNOWN_SERVER | Quirk.FOREIGN_SEALS;
  /** The member of messages in which its own seals come and go; "" where it has none. */
  ownSeals: string = "";
  /** Chat parameters with the names that they have there, in pairs. */
  renames: StaticArray<string> = NO_NAMES;
  /** Chat parameters that it refuses: they are left out. */
  refuses: StaticArray<string> = NO_NAMES;
  /** Members of messages that it refuses. */
  refusesInMessages: StaticArray<string> = NO_NAMES;
  /** Words of reasoning_effort with the ones that it knows, in pairs. */
  efforts: StaticArray<string> = NO_NAMES;
  /** Beginnings of the names of models that take an effort at all; none: all may. */
  effortModels: StaticArray<string> = NO_NAMES;
  /** Beginnings of the names of models that take thinking of earlier turns; none: all do. */
  thinkers: StaticArray<string> = NO_NAMES;
  /** Its models are those of model/family.ts. */
  hasFamilies: bool = false;
  /** Sends every path as the client wrote it and never reads a body. */
  isUntouched: bool = false;
  /** Streamed chats ask for `stream_options.include_usage`. */
  asksUsage: bool = true;
  /** Without a configured token the caller's own key is used. */
  takesCallerKey: bool = false;
  /** The path at which it counts the tokens of a chat as vLLM does; "": nowhere. */
  tokenizer: string = "";
  /** It refuses fields that it does not know, such as Anthropic's cache_control. */
  isStrict: bool = false;
  /** What its own chat responses lack: bits of ResponseEdit (dialect/options.ts). The others pass unread but for their counts. */
  responses: i32 = 0;
  /** What its chat speaks: requests of OpenAI clients are translated unless it is OpenAI. */
  dialect: Dialect = Dialect.OpenAI;
  /** Another one, when `otherDialectWhen` holds. */
  otherDialect: Dialect = Dialect.OpenAI;
  otherDialectWhen: Condition | null = null;
  /** Names of customSettings in its own API: OpenAI's and its own, in pairs. It does not have the others. */
  settingNames: StaticArray<string> = OPENAI_SETTINGS;
  /** The object that they stand in, in both spellings that the API takes; "": the body itself. */
  settingParent: string = "";
  otherSettingParent: string = "";
  /** The type in OpenTelemetry's attribute `gen_ai.provider.name`. */
  genAiProvider: string;

  constructor(public type: string) {
    this.genAiProvider = type;
  }

  /** True when nothing can be sent without one of `apiTokens`. */
  get needsTokens(): bool {
    return this.authScheme != AuthScheme.None && !this.takesCallerKey && !this.isUntouched && !this.hasOtherCredentials;
  }

  host(name: string, when: Condition | null = null): ProviderRow {
    if (when === null) this.hostName = name;
    else {
      this.otherHost = name;
      this.otherHostWhen = when;
    }
    return this;
  }

  /** A setting, a host or a URL, goes before the host that the row names. `port`: the setting with its port. */
  hostFrom(field: i32, port: i32 = -1): ProviderRow {
    this.hostField = field;
    this.portField = port;
    return this;
  }

  /** The host depends on several settings. */
  hostBy(writer: HostWriter): ProviderRow {
    this.hostWriter = writer;
    return this;
  }

  /** A setting may hold the URL of another server, which is taken to have these quirks as well. */
  customUrl(field: i32, quirks: i32 = 0): ProviderRow {
    this.customUrlField = field;
    this.customUrlQuirks = quirks;
    return this;
  }

  /** Host and paths are those of a URL in one of Azure's forms (provider/azure.ts). */
  azureUrl(field: i32): ProviderRow {
    this.azureUrlField = field;
    return this;
  }

  auth(scheme: AuthScheme, when: Condition | null = null): ProviderRow {
    if (when === null) this.authScheme = scheme;
    else {
      this.otherAuth = scheme;
      this.otherAuthWhen = when;
    }
    return this;
  }

  /** It takes other credentials than API tokens, too; the schema says which fields they need. */
  otherCredentials(): ProviderRow {
    this.hasOtherCredentials = true;
    return this;
  }

  /** Envoy's own filters may add its credentials: then the plugin sends none. */
  orByEnvoy(): ProviderRow {
    return this.otherCredentials().auth(AuthScheme.None, given(ProviderField.ENVOY_CREDENTIALS));
  }

  /** These APIs are served below `prefix`, which stands in place of `/v1`. Of several entries for an API the first counts. */
  apis(prefix: string, list: Array<Api>, when: Condition | null = null): ProviderRow {
    for (let k = 0; k < list.length; k++) {
      this.paths.push(new ProviderPath(list[k], prefix, false, Dialect.OpenAI, when));
    }
    return this;
  }

  /** One API at a path of its own. */
  at(api: Api, path: string, dialect: Dialect = Dialect.OpenAI): ProviderRow {
    this.paths.push(new ProviderPath(api, path, true, dialect, null));
    return this;
  }

  /** Methods of models in Google's own API: the client's path stays but for the model in it. */
  native(list: Array<Api>): ProviderRow {
    for (let k = 0; k < list.length; k++) this.at(list[k], "", Dialect.Gemini);
    return this;
  }

  /** Adds quirks. */
  quirk(bits: i32): ProviderRow {
    this.quirks |= bits;
    return this;
  }

  /** Lists of texts are understood there. */
  takesLists(): ProviderRow {
    this.quirks &= ~Quirk.TEXT_CONTENT;
    return this;
  }

  /** It is OpenAI's own server: it takes what OpenAI's clients send, and refuses what OpenAI's models refuse. */
  servesOpenAI(): ProviderRow {
    this.quirks &= ~Quirk.UNKNOWN_SERVER;
    this.hasFamilies = true;
    return this;
  }

  renaming(pairs: StaticArray<string>): ProviderRow {
    this.renames = pairs;
    return this;
  }

  refusing(names: StaticArray<string>, inMessages: StaticArray<string>): ProviderRow {
    this.refuses = names;
    this.refusesInMessages = inMessages;
    return this;
  }

  knowsEfforts(pairs: StaticArray<string>, models: StaticArray<string>): ProviderRow {
    this.efforts = pairs;
    this.effortModels = models;
    return this;
  }

  /** How it takes the thinking of earlier turns: a bit of Quirk.THINKING; and which models do. */
  takesThinking(bit: i32, models: StaticArray<string> = NO_NAMES): ProviderRow {
    this.quirks |= bit;
    this.thinkers = models;
    return this;
  }

  /** Its own seals stand in this member of messages: one of SEAL_MEMBERS. */
  seals(member: string): ProviderRow {
    this.ownSeals = member;
    return this;
  }

  strict(): ProviderRow {
    this.isStrict = true;
    return this;
  }

  /** Its own chat responses need edits. */
  edits(bits: i32): ProviderRow {
    this.responses |= bits;
    return this;
  }

  /** Chat is translated to this dialect. */
  speaks(dialect: Dialect, when: Condition | null = null): ProviderRow {
    if (when === null) this.dialect = dialect;
    else {
      this.otherDialect = dialect;
      this.otherDialectWhen = when;
    }
    return this;
  }

  /** customSettings have these names in its own API, inside of an object that may be spelt in two ways. */
  settings(names: StaticArray<string>, parent: string = "", otherParent: string = ""): ProviderRow {
    this.settingNames = names;
    this.settingParent = parent;
    this.otherSettingParent = otherParent;
    return this;
  }

  /** OpenTelemetry has a well-known name for it (https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/, Nov 2026). */
  genAiName(name: string): ProviderRow {
    this.genAiProvider = name;
    return this;
  }

  untouched(): ProviderRow {
    this.isUntouched = true;
    this.asksUsage = false;
    return this;
  }

  refusesUsageOption(): ProviderRow {
    this.asksUsage = false;
    return this;
  }

  tokenizesAt(path: string): ProviderRow {
    this.tokenizer = path;
    return this;
  }

  callerKey(): ProviderRow {
    this.takesCallerKey = true;
    return this;
  }
}
