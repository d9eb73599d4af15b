// A provider as the rest of the plugin reads it. Filled once by read-provider.ts and never changed afterwards. Views keep
// the configuration's text alive and may be stored.

import { Secret } from "../auth/secret";
import { View } from "../bytes/view";
import { BodyEdits, NO_EDITS } from "./body-edits";
import { ModelMapping } from "../model/mapping";
import { NO_PRICES, PriceList } from "../model/price";
import { ReasoningMode } from "../model/reasoning-mode";
import { Settings } from "./settings";
import { StatusPatterns } from "./status-patterns";

/** Shared, as most fields of most providers are empty: a gateway may have hundreds of providers. */
const NOTHING: View = View.empty();
const NO_SECRET: Secret = Secret.none();
const NO_TEXTS: Array<View> = [];
const NO_SECRETS: Array<Secret> = [];
const NO_CAPABILITIES: Array<Capability> = [];
const NO_CUSTOM_SETTINGS: Array<CustomSetting> = [];
const NO_SETTINGS: Settings = new Settings();
const NO_PATTERNS: StatusPatterns = new StatusPatterns();
const NO_MAPPING: ModelMapping = ModelMapping.empty();

/** An upstream path that the operator gives one API. */
@final
export class Capability {
  constructor(
    /** Higress's API name, one of the schema's. */
    public api: string,
    /** Begins with a slash. */
    public path: View,
  ) {}
}

@final
export class CustomSetting {
  constructor(
    public name: View,
    /** Raw JSON. */
    public value: View,
    /** Mode `raw`: the name is a dotted path, written as it is. */
    public raw: bool,
    public overwrite: bool,
  ) {}
}

/** `context`: a text file that joins every chat. */
@final
export class ContextConfig {
  fileUrl: View = NOTHING;
  serviceName: View = NOTHING;
  servicePort: i32 = 0;
}

/** Who keeps a token from request to request. */
export const enum Affinity {
  /** Consumers, for the APIs that keep state; nobody for the others. */
  Stateful,
  None,
  Consumer,
  Header,
}

/** Which WebSocket sessions are served. */
export const enum WebSockets {
  /** Those of the Realtime API, and of paths that go on as they came. */
  Realtime,
  Forward,
  Refuse,
}

@final
export class FailoverConfig {
  enabled: bool = false;
  failureThreshold: i32 = 0;
  /** cooldownDuration in ms; 0: `firstCooldownMs`, doubled with each further failure. */
  cooldownMs: i64 = 0;
  firstCooldownMs: i64 = 0;
  onStatus: StatusPatterns = NO_PATTERNS;
  /** The operator says himself which statuses count; else what the provider says of its error counts, too (provider/blame.ts). */
  goesByStatus: bool = false;
}

@final
export class RetryConfig {
  enabled: bool = false;
  maxRetries: i32 = 0;
  timeoutMs: i32 = 0;
  onStatus: StatusPatterns = NO_PATTERNS;
}

/** Empty lists and mappings are shared, so what fills one makes it anew. */
@final
export class ProviderConfig {
  id: View = NOTHING;
  /** One of the schema's types; "" only while a configuration is refused. */
  type: string = "";
  apiTokens: Array<Secret> = NO_SECRETS;
  protocolOriginal: bool = false;
  modelMapping: ModelMapping = NO_MAPPING;
  /** A price without a currency is in the top level's. */
  prices: PriceList = NO_PRICES;
  edits: BodyEdits = NO_EDITS;
  capabilities: Array<Capability> = NO_CAPABILITIES;
  customSettings: Array<CustomSetting> = NO_CUSTOM_SETTINGS;
  providerDomain: View = NOTHING;
  providerBasePath: View = NOTHING;
  basePath: View = NOTHING;
  basePathPrepend: bool = false;
  /** Side calls, not the upstream call. */
  timeoutMs: i32 = 0;
  /** 0 is off. */
  firstByteTimeoutMs: i32 = 0;
  maxRequestBytes: i64 = 0;
  /** Of bodies that leave as other bytes; see pipeline/body-size.ts. */
  maxRewrittenBytes: i64 = 0;
  maxResponseEventBytes: i32 = 0;
  context: ContextConfig | null = null;
  affinity: Affinity = Affinity.Stateful;
  /** With Affinity.Header: its name in lower case. */
  affinityHeader: View = NOTHING;
  /** Headers of the client's identity that go on all the same; names in lower case. */
  forwardHeaders: Array<View> = NO_TEXTS;
  failover: FailoverConfig | null = null;
  retryOnFailure: RetryConfig | null = null;
  estimateUsage: bool = true;
  webSockets: WebSockets = WebSockets.Realtime;
  reasoningMode: ReasoningMode = ReasoningMode.Passthrough;
  contextCleanupCommands: Array<View> = NO_TEXTS;
  mergeConsecutiveMessages: bool = false;
  promoteThinkingOnEmpty: bool = false;
  /** Streams may be asked for their usage. */
  asksUsage: bool = true;
  logsErrors: bool = false;
  /** The fields that are for its type alone. */
  settings: Settings = NO_SETTINGS;
}
