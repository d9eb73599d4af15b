// A request from the moment it comes: who sends it, and what was said to it if it may not go on. Nothing more is known of a request that
// was refused before its provider was asked for, and of one that the plugin only asks for a key. exchange.ts has the others.

import { View } from "../bytes/view";
import { PluginConfig } from "../config/config";
import { NO_CONDITIONS } from "../config/rules";
import { Side } from "../config/split";
import { Consumer, NOBODY } from "../consumer/consumer";
import { now } from "../host/host";
import { Record } from "../telemetry/record";
import { Usage } from "../usage/usage";
import { Failure, failureCode } from "./failure";
import { Gate } from "./gate";
import { ModelMerge } from "./model-writer";

/** The provider's name in logs and metrics of a request that belongs to none. */
export const NO_PROVIDER: string = "none";
/** Of a request that no provider has answered. Never changed. */
export const NO_USAGE: Usage = new Usage();

export class Arrival extends Record {
  /** `context`: the stream's id at the host. */
  constructor(
    readonly context: u32,
    readonly plugin: PluginConfig,
    /** Who may pass and how much. */
    readonly gate: Gate,
    startedAt: u64,
    /** Its overhead is one of those that are taken (telemetry/metrics.ts). */
    readonly isTimed: bool,
  ) {
    super(startedAt);
  }

  /** It asks the provider for its list of models, which this joins. */
  merge: ModelMerge | null = null;
  /** Of its rule's split, null without one. */
  side: Side | null = null;
  /** Whose key it has. */
  caller: Consumer = NOBODY;
  /** It names no model, and whether the caller may use the one that it gets is to be asked. */
  owesRight: bool = false;
  /** Tells consumers' keys apart, 0 without one. */
  keyHash: u64 = 0;
  /** The plugin answered the request itself. */
  rejected: bool = false;
  failure: Failure = Failure.None;
  finished: bool = false;
  /** The request's headers wait for its body, of which `sawBody` says whether any came. */
  holdsHeaders: bool = false;
  sawBody: bool = false;
  headBytes: i32 = 0;
  /** Nothing of the request is waited for any more. */
  requestDone: bool = false;
  /** Bytes that are counted for it, and those of them in this VM; held.ts alone sets them. */
  held: i64 = 0;
  heldInside: i64 = 0;
  /** Nanoseconds in callbacks that keep the client waiting: see Exchange.delaysResponse. */
  overhead: u64 = 0;
  /** When the callback began that is being handled, 0 when its time is not taken. */
  enteredAt: u64 = 0;
  /** What a stream's first token tells is published, and what the end tells. */
  isBegun: bool = false;
  isPublished: bool = false;

  /** True when no later step takes this header out of the request. */
  keepsHeader(_name: View): bool {
    return true;
  }

  /** A callback whose time is taken begins: the time. */
  enter(): u64 {
    this.enteredAt = now();
    return this.enteredAt;
  }

  endRequest(): void {
    this.requestDone = true;
  }

  /** All of the response has come. */
  endResponse(): void {
    if (!this.finished) this.responseDone = true;
  }

  get splitSide(): View {
    const side = this.side;
    return side === null ? View.empty() : side.name;
  }

  get failureWord(): string {
    return this.failure == Failure.None ? "" : failureCode(this.failure);
  }

  get provider(): string {
    return NO_PROVIDER;
  }

  knowsModel(_name: View): bool {
    return false;
  }

  get usage(): Usage {
    return NO_USAGE;
  }

  get responseModel(): View {
    return View.empty();
  }

  get responseId(): View {
    return View.empty();
  }
}

/** Stands for a request that the plugin has nothing to do with: there is nothing to finish. */
export const PASSING: Arrival = new Arrival(0, new PluginConfig(), new Gate(new PluginConfig(), NO_CONDITIONS), 0, false);
PASSING.finished = true;
