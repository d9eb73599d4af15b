// One request for a provider and its response: everything that is known of them and nothing that outlives them.

import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { ProviderConfig } from "../config/provider-config";
import { Translator } from "../dialect/translator";
import { DataAction, HeadersAction } from "../host/abi";
import { queryStart } from "../http/url";
import { Ledger } from "../limit/ledger";
import { Api, generates } from "../model/api";
import { ModelMapping } from "../model/mapping";
import { ApiMatch } from "../model/match";
import { Upstream } from "../provider/upstream";
import { Usage } from "../usage/usage";
import { Arrival, NO_USAGE } from "./arrival";
import { Attempt, NO_ATTEMPT } from "./attempt";
import { Gate } from "./gate";
import { ChosenRoute } from "./route-guard";

/** How the bytes of a response are handled. There is one object for each way; response.ts chooses it by the response's headers. */
export abstract class ResponseHandler {
  /** `size` bytes are there, those included that Envoy kept of callbacks before. */
  abstract onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction;

  /** The response that comes is one of the plugin's own, whose headers onOwnHead() wants (route-trial.ts). */
  get isTrial(): bool {
    return false;
  }

  onOwnHead(_exchange: Exchange): HeadersAction {
    return HeadersAction.Continue;
  }

  /** Something is done with the bytes. */
  get isBusy(): bool {
    return true;
  }

  /** The body is held until it is whole. */
  get holdsBody(): bool {
    return false;
  }

  /** Tokens of one response are counted. */
  get isCounted(): bool {
    return false;
  }

  get usage(): Usage {
    return NO_USAGE;
  }

  /** Estimated tokens of the response's text. */
  get textTokens(): i64 {
    return 0;
  }

  /** Model and id that the provider named, empty until seen. */
  get model(): View {
    return View.empty();
  }

  get id(): View {
    return View.empty();
  }

  /** The response, or an event of it, was an error object that passed as it is. */
  get errorSeen(): bool {
    return false;
  }

  /** At the end: keeps in the exchange what such an error stands for. */
  readFaults(_exchange: Exchange): void {}

  /** The exchange has ended, or is handled otherwise: the object may be used for another. */
  release(): void {}
}

/** Nothing is read: there is no response yet, or it is another filter's, an encoded one, an upgrade. */
@final
class Untouched extends ResponseHandler {
  onBytes(_exchange: Exchange, _size: i32, _endOfStream: bool): DataAction {
    return DataAction.Continue;
  }

  get isBusy(): bool {
    return false;
  }
}

export const UNTOUCHED: ResponseHandler = new Untouched();
const NO_NAMES: Array<View> = [];
const NO_MATCH: ApiMatch = new ApiMatch();
/** Of an exchange that no limit concerns. Never changed. */
export const NO_LEDGER: Ledger = new Ledger();

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
  /** The deployment that an Azure client's path names: the model of a body that names none. Owned. */
  deployment: View = View.empty();
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
  /** Index of the token in use, -1 for none. */
  token: i32 = -1;
  attempt: Attempt = NO_ATTEMPT;
  /** Not empty when it waits for its body before that: the path that it will leave with. Owned. */
  untriedPath: View = View.empty();
  /** Its body was not to be read, and streams. */
  streamsBody: bool = false;
  /** It was sent by a side call, so that the response is the provider's although the gateway takes it for a filter's. */
  isDelivered: bool = false;
  isUpgrade: bool = false;
  /** Its headers do not wait for its body (requestHeaders `continue`). */
  isAhead: bool = false;

  /** The provider has answered without its body. */
  get isAnswered(): bool {
    return this.isAhead && this.status >= 200;
  }

  /** A response whose body is held has sent its headers already, as those of such a request do. */
  get hasSentHead(): bool {
    return this.isAhead && this.handler.holdsBody;
  }

  /** Held until something was fetched (provider/side-fetch.ts). */
  isWaiting: bool = false;
  private toTranslate: bool = false;
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

  handler: ResponseHandler = UNTOUCHED;
  /** Bytes of the response that Envoy keeps from one callback to the next, -1 when it keeps none. */
  keptResponseBytes: i32 = -1;
  /** The response's trailers have come. */
  endsByTrailers: bool = false;
  /** The token's health waits for the body: a provider may report an error under a status of success. */
  awaitsVerdict: bool = false;
  /** What its response used is known, and what that cost. */
  isCounted: bool = false;
  /** The status of an error whose body tells whether the token is to blame, 0 without one; and what its code and type stand for. */
  refusal: i32 = 0;
  codeFault: i32 = 0;
  typeFault: i32 = 0;
  /** A header with which the client names the account goes to the provider. */
  hasClientsAccount: bool = false;
  /** The status that such an error deserves (usage/fault.ts), 0 without one. */
  fault: i32 = 0;
  /** What its body says is to be in Envoy's log. */
  logsError: bool = false;
  /** It is among the streams in flight. */
  isCountedStream: bool = false;
  /** An error event went to the client in a stream that had begun with status 200. */
  streamFailed: bool = false;
  private ownTranslator: Translator | null = null;
  /** With a translator: the provider's API that is called, Unknown when the translator writes the path itself. */
  targetApi: Api = Api.Unknown;
  /** The client sent `anthropic-version`. */
  sentAnthropicVersion: bool = false;
  /** The client's `anthropic-beta`. Owned. */
  anthropicBeta: View = View.empty();
  /** The client's `ConversationId` (Dify). Owned. */
  conversationId: View = View.empty();
  /** Tokens of the prompt as they are estimated, -1 when they are not. */
  promptTokens: i64 = -1;

  /** The client's path without its query. */
  get sentPath(): View {
    return this.target.slice(0, queryStart(this.target));
  }

  /** From the client's names of models to the provider's. */
  get mapping(): ModelMapping {
    const side = this.side;
    if (side !== null) {
      const own = side.mapping;
      if (own !== null) return own;
    }
    return this.upstream.config.modelMapping;
  }

  get config(): ProviderConfig {
    return this.upstream.config;
  }

  /**
   * The provider serves the API only in its own dialect: the body is written anew once its model is known. Never in the core build, for
   * which the compiler leaves out what depends on it.
   */
  get isTranslated(): bool {
    if (isDefined(CORE_BUILD)) return false;
    return this.toTranslate;
  }

  set isTranslated(value: bool) {
    this.toTranslate = value;
  }

  /** What translates request and response, once it is made; null in the core build. */
  get translator(): Translator | null {
    if (isDefined(CORE_BUILD)) return null;
    return this.ownTranslator;
  }

  set translator(value: Translator | null) {
    this.ownTranslator = value;
  }

  /** See Arrival: `forwardHeaders` names it. */
  keepsHeader(name: View): bool {
    const kept = this.upstream.config.forwardHeaders;
    for (let k = 0; k < kept.length; k++) if (kept[k].sameAs(name)) return true;
    return false;
  }

  get provider(): string {
    return this.upstream.row.type;
  }

  /** What is done now with the response's bytes keeps the client waiting: a whole response, or a stream before its first token. */
  delaysResponse(endOfStream: bool): bool {
    if (!this.handler.isBusy) return false;
    if (this.isStreamResponse) return this.firstTokenAt == 0;
    return endOfStream || !this.handler.holdsBody;
  }

  /** Nothing when the response is a stored one that is read again. */
  get usage(): Usage {
    const handler = this.handler;
    if (handler.isCounted && !generates(this.api, this.method, this.path)) return NO_USAGE;
    return handler.usage;
  }

  get responseModel(): View {
    return this.handler.model;
  }

  get responseId(): View {
    return this.handler.id;
  }

  get failedLate(): bool {
    return this.streamFailed || this.fault != 0 || (this.isStreamResponse && this.handler.errorSeen);
  }

  knowsModel(name: View): bool {
    return this.mapping.knows(name);
  }
}
