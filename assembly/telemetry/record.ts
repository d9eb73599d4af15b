// What logs and metrics tell of one request and its response, and the log's names for it. The pipeline's own objects (arrival.ts,
// exchange.ts) extend this class: a fact stands in one field from where it becomes known, and the log's line and the metrics read it there.

import { View } from "../bytes/view";
import { NANOSECONDS_PER_MILLISECOND } from "../host/clock";
import { signalWords } from "../limit/abnormal";
import { Api, apiLabel } from "../model/api";
import { Price } from "../model/price";
import { Usage, UsageSource } from "../usage/usage";
import { LogLine } from "./log-line";

const NOTHING: View = View.empty();
/** The error of an exchange that failed by the provider's own word. */
export const PROVIDER_ERROR: string = "provider_error";

/** Views are owned unless it is said. Durations are milliseconds. */
export abstract class Record {
  /** `startedAt`: nanoseconds since 1970. */
  constructor(readonly startedAt: u64) {}

  api: Api = Api.Unknown;
  consumer: View = View.empty();
  /** What else the operator says of it: a JSON object, empty for nothing. */
  metadata: View = NOTHING;
  /** Headers of the request that the operator wants to see: a JSON object, empty for nothing. */
  headers: View = NOTHING;
  /** Of the agent's conversation. */
  session: View = View.empty();
  /** User messages of a chat, -1 where that is not counted. */
  chatRound: i32 = -1;
  /** The model's name as the client sent it, and as the provider was asked for it; empty until known. */
  clientModel: View = View.empty();
  upstreamModel: View = View.empty();
  wantsStream: bool = false;

  /** 0 until a response comes. */
  status: i32 = 0;
  isStreamResponse: bool = false;
  responseDone: bool = false;
  /** Nanoseconds since 1970 when the first token came, 0 before. */
  firstTokenAt: u64 = 0;
  /** Why the response was not read (`encoding`), or "". */
  skipped: string = "";
  /** The usage has counts that nobody reported. */
  isEstimated: bool = false;
  /** There are prices, and the one that holds, if any; its currency. */
  isPriced: bool = false;
  price: Price | null = null;
  currency: View = NOTHING;
  /** At the end: in 10^-12 of the currency, -1 when there is nothing to pay for; and where the counts come from. */
  cost: i64 = -1;
  costSource: UsageSource = UsageSource.None;

  /** At the end: nanoseconds since 1970, and bits of limit/abnormal. */
  endedAt: u64 = 0;
  abnormal: i32 = 0;
  /** Where it went, at the end, as Envoy and Higress name it; valid until the callback ends. */
  route: View = View.empty();
  cluster: View = View.empty();
  /** The API by its route's name where Higress names routes so, else empty; valid as `route`. */
  routeApi: View = View.empty();

  /** The provider's type, or `none`. */
  abstract get provider(): string;

  /** The configuration holds this model's name. */
  abstract knowsModel(name: View): bool;

  /** The side of a split that it took, empty without one. */
  abstract get splitSide(): View;

  /** What the response cost. */
  abstract get usage(): Usage;

  /** What the provider says has answered, and its id of the response; empty until it has. */
  abstract get responseModel(): View;
  abstract get responseId(): View;

  /** The plugin's word for what it found wrong (pipeline/failure.ts), or "". */
  abstract get failureWord(): string;

  /** The provider has failed although the status is one of success. */
  get failedLate(): bool {
    return false;
  }

  /** What the provider was asked for; the client's own name when there is no mapping. */
  get askedModel(): View {
    return this.upstreamModel.length != 0 ? this.upstreamModel : this.clientModel;
  }

  /** A stream came, or was asked for and nothing came. */
  get isStream(): bool {
    return this.isStreamResponse || (this.status == 0 && this.wantsStream);
  }

  /** `completed`, `aborted` or `error`. */
  get outcome(): string {
    if (this.failedLate || this.failureWord.length != 0 || this.status >= 400) return "error";
    return this.responseDone ? "completed" : "aborted";
  }

  /** What went wrong: a failure's word, `provider_error`, `stream_error`, `aborted`, or "". */
  get error(): string {
    const outcome = this.outcome;
    if (outcome == "completed") return "";
    if (outcome == "aborted") return outcome;
    const word = this.failureWord;
    if (word.length != 0) return word;
    return this.status >= 400 || !this.isStreamResponse ? PROVIDER_ERROR : "stream_error";
  }

  /** The provider has answered well. */
  get isGood(): bool {
    return this.status >= 200 && this.status < 300 && this.error != PROVIDER_ERROR;
  }

  /** Where the counts come from; a stream that was cut short has partial ones. */
  get usageSource(): UsageSource {
    if (!this.usage.isKnown) return UsageSource.None;
    if (this.isEstimated) return UsageSource.Estimated;
    return this.responseDone ? UsageSource.Reported : UsageSource.Partial;
  }

  get duration(): i64 {
    return <i64>((this.endedAt - this.startedAt) / NANOSECONDS_PER_MILLISECOND);
  }

  /** Until the first token of a stream, -1 when none came. */
  get timeToFirstToken(): i64 {
    if (!this.isStreamResponse || this.firstTokenAt == 0) return -1;
    return <i64>((this.firstTokenAt - this.startedAt) / NANOSECONDS_PER_MILLISECOND);
  }

  /** Writes the fields of `ai_log`. The names are Higress's; usage_source, status and the like are ours. */
  writeTo(line: LogLine): void {
    const responded = this.responseModel;
    if (this.routeApi.length != 0) line.text("api", this.routeApi);
    else line.word("api", apiLabel(this.api));
    line.textIfAny("model", responded.length != 0 ? responded : this.askedModel);
    line.textIfAny("request_model", this.clientModel);
    line.word("provider", this.provider);
    line.textIfAny("split", this.splitSide);
    line.textIfAny("consumer", this.consumer);
    if (this.metadata.length != 0) line.json("consumer_metadata", this.metadata);
    if (this.headers.length != 0) line.json("request_headers", this.headers);
    line.word("response_type", this.isStream ? "stream" : "normal");
    line.number("status", this.status);
    line.word("outcome", this.outcome);
    if (this.failureWord.length != 0) line.word("error", this.failureWord);
    if (this.abnormal != 0) line.text("abnormal", signalWords(this.abnormal));
    if (this.usage.finish.length != 0) line.word("finish_reason", this.usage.finish);
    line.textIfAny("chat_id", this.responseId);
    line.textIfAny("session_id", this.session);
    line.numberIfAny("chat_round", this.chatRound);
    writeUsage(line, this.usage);
    line.word("usage_source", sourceName(this.usageSource));
    if (this.isPriced) this.writeCost(line);
    line.numberIfAny("llm_first_token_duration", this.timeToFirstToken);
    line.numberIfAny("llm_service_duration", this.duration);
  }

  private writeCost(line: LogLine): void {
    if (this.cost >= 0) line.amount("cost", this.cost);
    if (this.price !== null) line.text("currency", this.currency);
    line.word("cost_source", this.price === null ? "no_price" : sourceName(this.costSource));
  }
}

function writeUsage(line: LogLine, usage: Usage): void {
  if (!usage.isKnown) return;
  line.number("input_token", usage.inputOrZero);
  line.number("output_token", usage.outputOrZero);
  line.number("total_token", usage.totalOrSum);
  line.numberIfAny("cached_tokens", usage.cachedInput);
  line.numberIfAny("cache_write_tokens", usage.cacheWrite);
  line.numberIfAny("reasoning_tokens", usage.reasoning);
  // Prices may differ by these; most providers tell zeros.
  if (usage.cacheWriteHour > 0) line.number("cache_write_1h_tokens", usage.cacheWriteHour);
  if (usage.imageInput > 0) line.number("image_input_tokens", usage.imageInput);
  if (usage.audioInput > 0) line.number("audio_input_tokens", usage.audioInput);
  if (usage.imageOutput > 0) line.number("image_output_tokens", usage.imageOutput);
  if (usage.audioOutput > 0) line.number("audio_output_tokens", usage.audioOutput);
}

function sourceName(source: UsageSource): string {
  switch (source) {
    case UsageSource.Reported:
      return "reported";
    case UsageSource.Partial:
      return "partial";
    case UsageSource.Estimated:
      return "estimate";
    default:
      return "none";
  }
}
