// Responses in the client's own dialect, whose tokens are counted while their bytes pass.

import { View } from "../bytes/view";
import { DataAction } from "../host/abi";
import * as host from "../host/host";
import { releaseDocuments } from "../json/document";
import { EventEditor, UsageChunkFilter } from "../usage/filter";
import { UsageMeter } from "../usage/meter";
import { Usage } from "../usage/usage";
import { Exchange, ResponseHandler } from "./exchange";
import { hold, holdStream } from "./held";
import { holdMore, waitForMore } from "./held-response";
import { tellClient } from "./publish";
import { responseBytes, writeResponse } from "./response-bytes";
import { keepFaults } from "./token";

/** Those of finished responses, used again with their meters. */
const spareJson: Array<MeteredJson> = [];
const spareStreams: Array<MeteredStream> = [];
/** Of each kind. */
const MAX_SPARE: i32 = 64;

export abstract class Metered extends ResponseHandler {
  constructor(readonly meter: UsageMeter) {
    super();
  }

  get isCounted(): bool {
    return true;
  }

  get usage(): Usage {
    return this.meter.usage;
  }

  get textTokens(): i64 {
    return this.meter.reader.text.tokens;
  }

  get model(): View {
    return this.meter.model;
  }

  get id(): View {
    return this.meter.id;
  }

  get errorSeen(): bool {
    return this.meter.errorSeen;
  }

  readFaults(exchange: Exchange): void {
    const meter = this.meter;
    if (!meter.errorSeen) return;
    if (exchange.awaitsVerdict) exchange.fault = meter.reader.fault;
    keepFaults(exchange, meter.reader);
  }

  release(): void {
    this.meter.release();
  }
}

/** JSON is read as it passes; nothing is changed and nothing is kept. */
@final
export class MeteredJson extends Metered {
  static make(): MeteredJson {
    if (spareJson.length == 0) return new MeteredJson(UsageMeter.clean());
    const handler = spareJson.pop();
    handler.meter.clear();
    return handler;
  }

  onBytes(_exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    this.meter.feedJson(responseBytes(size));
    if (endOfStream) this.meter.finishJson();
    return DataAction.Continue;
  }

  release(): void {
    if (spareJson.length < MAX_SPARE) spareJson.push(this);
  }
}

/** Bytes of a response that waits only for what its head is to tell: half of what Envoy keeps by default. */
export const MOST_AWAITED: i32 = 512 << 10;

/** JSON that is read when it is whole: its headers wait for what it tells. Too much of it passes without. */
@final
export class HeldJson extends Metered {
  private waits: bool = true;

  constructor() {
    super(UsageMeter.clean());
  }

  get holdsBody(): bool {
    return this.waits;
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    if (!endOfStream && this.waits && size <= MOST_AWAITED && holdMore(exchange, size)) return waitForMore(exchange, size);
    this.meter.feedJson(responseBytes(size));
    if (endOfStream) this.meter.finishJson();
    else if (this.waits) {
      this.waits = false;
      exchange.keptResponseBytes = -1;
      tellClient(exchange);
    }
    hold(exchange, 0, 0);
    return DataAction.Continue;
  }
}

/** Events are read as they pass; nothing is changed and nothing is kept. */
@final
export class MeteredStream extends Metered {
  static make(): MeteredStream {
    if (spareStreams.length == 0) return new MeteredStream(UsageMeter.clean());
    const handler = spareStreams.pop();
    handler.meter.clear();
    return handler;
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    this.meter.feedSse(responseBytes(size));
    if (endOfStream) this.meter.finishSse();
    timeFirstToken(exchange, this.meter);
    return DataAction.Continue;
  }

  release(): void {
    if (spareStreams.length < MAX_SPARE) spareStreams.push(this);
  }
}

/** Events are read; the usage chunk that the client did not ask for is taken out, and events may be edited. */
@final
export class FilteredStream extends Metered {
  private filter: UsageChunkFilter;

  /** `editor`: null when nothing but the usage chunk changes. */
  constructor(exchange: Exchange, meter: UsageMeter, editor: EventEditor | null) {
    super(meter);
    this.filter = new UsageChunkFilter(meter, exchange.addedUsage, editor, exchange.config.maxResponseEventBytes);
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    const filter = this.filter;
    const out = filter.out;
    const bytes = responseBytes(size);
    let changed = filter.feed(bytes);
    if (endOfStream) {
      // What feed() let pass unchanged has to be in `out` too once finish() adds to it.
      const before = out.length;
      if (filter.finish() && !changed) {
        if (before == 0 && out.length != 0) {
          const tail = out.toView().copy();
          out.clear();
          out.view(bytes);
          out.view(tail);
        } else out.view(bytes);
        changed = true;
      }
    }
    // Without room to wait for the rest of a long event it passes as it is.
    if (!endOfStream && !holdStream(exchange, filter.heldBytes)) filter.letGo();
    if (changed) writeResponse(exchange, out.window());
    hold(exchange, 0, filter.heldBytes);
    if (filter.skipped > 0) exchange.skipped = "event_too_large";
    releaseDocuments();
    timeFirstToken(exchange, this.meter);
    return DataAction.Continue;
  }
}

function timeFirstToken(exchange: Exchange, meter: UsageMeter): void {
  if (exchange.firstTokenAt == 0 && meter.firstTokenSeen) exchange.firstTokenAt = host.now();
}
