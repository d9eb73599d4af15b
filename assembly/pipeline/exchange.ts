// One request for a provider and its response: everything that is known of them and nothing that outlives them.

import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { ProviderConfig } from "../config/provider-config";
import { Translator } from "../dialect/translator";
import { queryStart } from "../http/url";
import { Ledger } from "../limit/ledger";
import { Api, generates } from "../model/api";
import { ApiMatch } from "../model/match";
import { Upstream } from "../provider/upstream";
import { Usage } from "../usage/usage";
import { UsageChunkFilter } from "../usage/filter";
import { FrameMeter } from "../usage/frames";
import { TextTally } from "../usage/estimate";
import { UsageMeter } from "../usage/meter";
import { TranslatingSink } from "./translating-sink";
import { Arrival, NO_USAGE } from "./arrival";
import { Attempt, NO_ATTEMPT } from "./attempt";
import { Gate } from "./gate";
import { ChosenRoute } from "./route-guard";
import { RouteTrial } from "./route-trial";

/** What happens to the response's bytes. */
export const enum ResponseMode {
  /** Nothing is read: another filter's response, an encoded body, an upgrade. */
  Untouched,
  /** JSON is read as it passes. */
  MeterJson,
  /** SSE is read as it passes. */
  MeterStream,
  /** SSE is read; the usage chunk that the client did not ask for is taken out, and events may be edited. */
  FilterStream,
  /** A whole body is held, read and edited. */
  EditBody,
  /** A whole body is held and translated. */
  TranslateBody,
  /** The frames of a WebSocket session are read as they pass. */
  MeterFrames,
  /** Events are translated as they come. */
  TranslateStream,
  /** A response of Envoy itself becomes an OpenAI error. */
  ReplaceByError,
  /** What still comes of a response that was replaced. */
  Discard,
}

const NO_NAMES: Array<View> = [];
const NO_MATCH: ApiMatch = new ApiMatch();
/** Of an exchange that no limit concerns. Never changed. */
const NO_LEDGER: Ledger = new Ledger();

@final
export class Exchange extends Arrival {
  constructor(
    context: u32,
    plugin: PluginConfig,
    gate: Gate,
    startedAt: u64,
    isTimed: bool,
    /** The provider that the configuration chose. */
    readonly upstream: Upstream,
    /** Null: there is but one provider, so that no cluster is a wrong one. */
    public chosenRoute: ChosenRoute | null,
  ) {
    super(context, plugin, gate, startedAt, isTimed);
  }

  match: ApiMatch = NO_MATCH;
  /** The request target as the client sent it. Owned. */
  target: View = View.empty();
  /** Client's path without query, basePath handled; and its query. Owned. */
  path: View = View.empty();
  query: View = View.empty();
  method: View = View.empty();
  isMultipart: bool = false;
  /** The body's content type is none that the API takes. */
  isForeignType: bool = false;
  boundary: View = View.empty();
  /** Credentials and headers that the client sent and that must not reach the provider: bits of http/credentials. */
  sentHeaders: i32 = 0;
  /** The names of those that have no bit. Owned. */
  otherHeaders: Array<View> = NO_NAMES;
  /** The client's `sec-websocket-protocol`. Owned. */
  protocols: View = View.empty();
  callerKey: View = View.empty();
  hasContentLength: bool = false;
  /** What is counted against limits. */
  ledger: Ledger = NO_LEDGER;
  /** Bytes of the request's body, as declared until they are known; -1 without a body. */
  bodyBytes: i64 = -1;
  /** The request's max_tokens, -1 without one; read for limits only. */
  outputLimit: i64 = -1;
  /** Bytes that are counted for it, and those of them in this VM; held.ts alone sets them. */
  held: i64 = 0;
  heldInside: i64 = 0;
  /** Index of the token in use, -1 for none. */
  token: i32 = -1;
  attempt: Attempt = NO_ATTEMPT;
  /** Not null while it is being found out where the request would go. */
  trial: RouteTrial | null = null;
  /** Not empty when it waits for its body before that: the path that it will leave with. Owned. */
  untriedPath: View = View.empty();
  /** Its body was not to be read, and streams. */
  streamsBody: bool = false;
  /** It was sent by a side call, so that the response is the provider's although the gateway takes it for a filter's. */
  isDelivered: bool = false;
  isUpgrade: bool = false;
  /** The request's headers wait for its body, of which `sawBody` says whether any came. */
  holdsHeaders: bool = false;
  sawBody: bool = false;
  headBytes: i32 = 0;
  requestDone: bool = false;
  /** Held until something was fetched (provider/side-fetch.ts). */
  isWaiting: bool = false;
  /** The provider serves the API only in its own dialect: the body is written anew once its model is known. */
  isTranslated: bool = false;
  /** The client asks for a WebSocket session. */
  isWebSocket: bool = false;
  /** Path and body go on as they came (protocol original, unknown APIs). */
  keepsPath: bool = false;
  /** Of the body nothing is read, but all of it is signed. */
  isOpaque: bool = false;

  /** The client asked for usage itself. */
  wantsUsage: bool = false;
  /** We asked for usage on the client's behalf. */
  addedUsage: bool = false;

  responseMode: ResponseMode = ResponseMode.Untouched;
  /** Bytes of the response that Envoy keeps from one callback to the next, -1 when it keeps none. */
  keptResponseBytes: i32 = -1;
  /** The response's trailers have come. */
  endsByTrailers: bool = false;
  /** The token's health waits for the body: a provider may report an error under a status of success. */
  awaitsVerdict: bool = false;
  /** The status of an error whose body tells whether the token is to blame, 0 without one; and what its code and type stand for. */
  refusal: i32 = 0;
  codeFault: i32 = 0;
  typeFault: i32 = 0;
  /** A header with which the client names the account goes to the provider. */
  hasClientsAccount: bool = false;
  /** The status that such an error deserves (usage/fault.ts), 0 without one. */
  fault: i32 = 0;
  /** It is among the streams in flight. */
  isCountedStream: bool = false;
  /** An error event went to the client in a stream that had begun with status 200. */
  streamFailed: bool = false;
  translator: Translator | null = null;
  /** With a translator: the provider's API that is called, Unknown when the translator writes the path itself. */
  targetApi: Api = Api.Unknown;
  /** The client sent `anthropic-version`. */
  sentAnthropicVersion: bool = false;
  /** The client's `anthropic-beta`. Owned. */
  anthropicBeta: View = View.empty();
  /** The client's `ConversationId` (Dify). Owned. */
  conversationId: View = View.empty();
  meter: UsageMeter | null = null;
  chunkFilter: UsageChunkFilter | null = null;
  frames: FrameMeter | null = null;
  sink: TranslatingSink | null = null;
  private tally: TextTally | null = null;
  /** Tokens of the prompt as they are estimated, -1 when they are not. */
  promptTokens: i64 = -1;

  /** With a translator: the response's text. */
  get text(): TextTally {
    let tally = this.tally;
    if (tally === null) {
      tally = new TextTally();
      this.tally = tally;
    }
    return tally;
  }

  /** The client's path without its query. */
  get sentPath(): View {
    return this.target.slice(0, queryStart(this.target));
  }

  get config(): ProviderConfig {
    return this.upstream.config;
  }

  /** See Arrival: `forwardHeaders` names it. */
  keepsHeader(name: View): bool {
    const kept = this.upstream.config.forwardHeaders;
    for (let k = 0; k < kept.length; k++) if (kept[k].sameAs(name)) return true;
    return false;
  }

  endRequest(): void {
    this.requestDone = true;
  }

  get provider(): string {
    return this.upstream.row.type;
  }

  /** What is done now with the response's bytes keeps the client waiting: a whole response, or a stream before its first token. */
  delaysResponse(endOfStream: bool): bool {
    if (this.responseMode == ResponseMode.Untouched) return false;
    if (this.isStreamResponse) return this.firstTokenAt == 0;
    return endOfStream || !this.holdsResponse;
  }

  /** The response's body is held until it is whole. */
  get holdsResponse(): bool {
    return this.responseMode == ResponseMode.TranslateBody || this.responseMode == ResponseMode.EditBody;
  }

  /** Nothing when the response is a stored one that is read again. */
  get usage(): Usage {
    const frames = this.frames;
    if (frames !== null) return frames.usage;
    if (!generates(this.api, this.method, this.path)) return NO_USAGE;
    const translator = this.translator;
    if (translator !== null) return translator.usage;
    const meter = this.meter;
    return meter === null ? NO_USAGE : meter.usage;
  }

  get responseModel(): View {
    const translator = this.translator;
    if (translator !== null && translator.responseModel.length > 0) return translator.responseModel;
    const frames = this.frames;
    if (frames !== null) return frames.reader.model;
    const meter = this.meter;
    return meter === null ? View.empty() : meter.model;
  }

  get responseId(): View {
    const translator = this.translator;
    if (translator !== null) return translator.responseId;
    const meter = this.meter;
    return meter === null ? View.empty() : meter.id;
  }

  get failedLate(): bool {
    const meter = this.meter;
    return this.streamFailed || this.fault != 0 || (this.isStreamResponse && meter !== null && meter.errorSeen);
  }

  knowsModel(name: View): bool {
    return this.upstream.config.modelMapping.knows(name);
  }
}
