// What a provider is, as data: the row type of the catalogue and the words that rows are written in.

import { Api } from "../model/api";

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

  /** Those that concern messages. */
  export const MESSAGES: i32 = DEVELOPER_TO_SYSTEM | TEXT_CONTENT | CALL_OBJECTS | IDS_OF_NINE | NO_USER_AFTER_TOOL;
  /** What a server is taken for of which nothing is known but that it speaks OpenAI's API. */
  export const UNKNOWN_SERVER: i32 = DEVELOPER_TO_SYSTEM | TEXT_CONTENT | CALL_OBJECTS;
}

/** One way of reaching some APIs: a prefix that replaces `/v1`, or a whole path. */
@final
export class ProviderPath {
  constructor(
    public api: Api,
    /** With `isWhole` the upstream path itself, else what stands in place of `/v1`. */
    public path: string,
    public isWhole: bool,
    public dialect: Dialect,
  ) {}
}

const NO_NAMES: StaticArray<string> = [];

@final
export class ProviderRow {
  hostName: string = "";
  authScheme: AuthScheme = AuthScheme.Bearer;
  paths: Array<ProviderPath> = [];
  quirks: i32 = Quirk.UNKNOWN_SERVER;
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
  /** Its models are those of model/family.ts. */
  hasFamilies: bool = false;
  /** Sends every path as the client wrote it and never reads a body. */
  isUntouched: bool = false;
  /** Streamed chats ask for `stream_options.include_usage`. */
  asksUsage: bool = true;
  /** Without a configured token the caller's own key is used. */
  takesCallerKey: bool = false;
  /** It refuses fields that it does not know, such as Anthropic's cache_control. */
  isStrict: bool = false;
  /** What its own chat responses lack: bits of ResponseEdit (dialect/options.ts). The others pass unread but for their counts. */
  responses: i32 = 0;
  /** What its chat speaks: requests of OpenAI clients are translated unless it is OpenAI. */
  dialect: Dialect = Dialect.OpenAI;

  constructor(public type: string) {}

  host(name: string): ProviderRow {
    this.hostName = name;
    return this;
  }

  auth(scheme: AuthScheme): ProviderRow {
    this.authScheme = scheme;
    return this;
  }

  /** These APIs are served below `prefix`, which stands in place of `/v1`. */
  apis(prefix: string, list: Array<Api>): ProviderRow {
    for (let k = 0; k < list.length; k++) {
      this.paths.push(new ProviderPath(list[k], prefix, false, Dialect.OpenAI));
    }
    return this;
  }

  /** One API at a path of its own. */
  at(api: Api, path: string, dialect: Dialect = Dialect.OpenAI): ProviderRow {
    this.paths.push(new ProviderPath(api, path, true, dialect));
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
  speaks(dialect: Dialect): ProviderRow {
    this.dialect = dialect;
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

  callerKey(): ProviderRow {
    this.takesCallerKey = true;
    return this;
  }

  /** The entry for an API, or null when the provider does not have it. */
  find(api: Api): ProviderPath | null {
    for (let k = 0; k < this.paths.length; k++) if (this.paths[k].api == api) return this.paths[k];
    return null;
  }
}
