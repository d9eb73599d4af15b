// What has to be fetched before requests can go on (an access token, a context file): one call for all who wait, the response
// kept for all who come later. Lives as long as its configuration in one VM.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";

/** Requests that may wait for one response; more are refused. */
const MAX_WAITING: i32 = 10000;
/** Seconds after a failure in which it is not tried again: a signature and a call are not free. */
const PAUSE: i64 = 2;

/** A held request. */
export abstract class Waiter {
  /** Called once, in a callback of the plugin: `fetched` says whether what was waited for is there now. */
  abstract resume(fetched: bool): void;
}

export const enum FetchState {
  Ready,
  /** The waiter will be called. */
  Waiting,
  /** It cannot be fetched: no such cluster, or too many wait. */
  Failed,
}

export abstract class SideFetch {
  private call: i32 = -1;
  private waiting: Array<Waiter> = [];
  private pausedUntil: i64 = 0;

  /** `root`: the context that the response comes to. */
  constructor(protected root: u32) {}

  /** True while what was fetched can be used; seconds since 1970. */
  abstract isUsable(now: i64): bool;

  /** True while it need not be fetched anew. */
  abstract isFresh(now: i64): bool;

  /** Starts the call by send(); its id or -1. */
  abstract start(now: i64): i32;

  /** Takes over a response; `status` 0 when none came. */
  abstract take(status: i32, body: View, now: i64): void;

  /** Ready, or the waiter is kept until it is. Fetches in the background what is still usable but no longer fresh. */
  demand(now: i64, waiter: Waiter): FetchState {
    if (this.call < 0 && now >= this.pausedUntil && !this.isFresh(now)) {
      this.call = this.start(now);
      if (this.call < 0) this.pausedUntil = now + PAUSE;
    }
    if (this.isUsable(now)) return FetchState.Ready;
    if (this.call < 0 || this.waiting.length >= MAX_WAITING) return FetchState.Failed;
    this.waiting.push(waiter);
    return FetchState.Waiting;
  }

  /** False when the call is not this one's. Otherwise the response is taken over and everybody who waits goes on. */
  responded(call: i32, status: i32, body: View, now: i64): bool {
    if (call != this.call) return false;
    this.call = -1;
    this.take(status, body, now);
    if (!this.isFresh(now)) this.pausedUntil = now + PAUSE;
    const waiting = this.waiting;
    this.waiting = [];
    const fetched = this.isUsable(now);
    for (let k = 0; k < waiting.length; k++) waiting[k].resume(fetched);
    return true;
  }

  /**
   * Calls the gateway's service `service`: a cluster of that name or, in Higress and Istio, the one that they make of a
   * service's name and port.
   */
  protected send(service: View, port: i32, headers: HeaderList, body: View, timeoutMs: i32): i32 {
    const block = headers.write();
    const call = host.httpCall(this.root, service, block, body, timeoutMs);
    if (call >= 0 || service.indexOf(Ascii.Pipe) >= 0) return call;
    const name = View.utf8("outbound|" + port.toString() + "||" + service.toString());
    return host.httpCall(this.root, name, block, body, timeoutMs);
  }
}

/** A fetch for a credential. Named apart from those that there are, so that the core build has none of them in it. */
export abstract class TokenFetch extends SideFetch {
  /** Appends what stands in the authorization header. */
  abstract writeInto(out: Buffer): void;
}
