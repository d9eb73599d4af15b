// How a token fares, in data that all workers of the process share and that survives new configurations. It is kept under
// a hash of the token: the token itself never leaves its Secret.

import { Secret } from "../auth/secret";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { FailoverConfig } from "../config/provider-config";
import { sha256 } from "../crypto/sha256";
import { Status } from "../host/abi";
import { NEW_KEY, getShared, setShared, sharedCas } from "../host/shared-data";

const PREFIX: string = "ai-proxy.token.";
/** Bytes of the hash that are used. */
const HASH_BYTES: i32 = 16;
/** Stores that may fail because another worker was faster; after that the response is not counted. */
const MAX_TRIES: i32 = 10;
/** Milliseconds: the longest Retry-After that is believed, and the longest cooldown that doubling makes. */
const MAX_COOLDOWN: i64 = 3600000;
/** ms: the longest cooldownDuration. */
const MAX_REST: i64 = 86400000;
/** Doublings of the first cooldown. */
const MAX_DOUBLINGS: i64 = 6;
const MAX_COUNT: i64 = 0x3fffffff;

/** Key of a token's state. The same token at another host (`place`) is another one. */
export function healthKey(token: Secret, place: View): View {
  const text = new Buffer(128);
  text.view(place);
  text.byte(0);
  token.writeInto(text);
  const hash = new Buffer(32);
  sha256(text.toView(), hash);
  text.clear();
  text.ascii(PREFIX);
  text.range(hash.toView(), 0, HASH_BYTES);
  return text.toView();
}

/** The state of one token; milliseconds since 1970. */
@final
export class TokenHealth {
  /** Failures in a row. */
  failures: i64 = 0;
  /** When it was last taken out of use, 0 for never since its last success. */
  since: i64 = 0;
  /** Until when it is out of use. */
  until: i64 = 0;
  private cas: u32 = NEW_KEY;

  /** ms until it comes back, 0 when it is in use. A time too far away is not believed: a clock may have been set back. */
  rest(now: i64): i64 {
    const rest = this.until - now;
    return rest > 0 && rest <= MAX_REST ? rest : 0;
  }

  static read(key: View): TokenHealth {
    const health = new TokenHealth();
    const found = getShared(key);
    if (found === null) return health;
    health.cas = sharedCas();
    health.failures = numberAt(found, 0);
    health.since = numberAt(found, 8);
    health.until = numberAt(found, 16);
    return health;
  }

  private write(key: View): Status {
    const out = new Buffer(24);
    putNumber(out, this.failures);
    putNumber(out, this.since);
    putNumber(out, this.until);
    return setShared(key, out.toView(), this.cas);
  }

  /** A request that began at `startedAt` went well. True when the state changes. */
  private succeed(startedAt: i64): bool {
    // One that was under way when the token was taken out of use says nothing about it now.
    if (startedAt < this.since || (this.failures == 0 && this.until == 0)) return false;
    this.failures = 0;
    this.since = 0;
    this.until = 0;
    return true;
  }

  /** `retryAfter`: ms that the provider asks to wait, 0 for nothing said. True when the state changes. */
  private fail(config: FailoverConfig, now: i64, retryAfter: i64): bool {
    if (this.rest(now) > 0) {
      // Requests that were under way, or that nothing else could serve: only a longer wait is news.
      if (now + retryAfter <= this.until) return false;
      this.until = now + retryAfter;
      return true;
    }
    if (this.failures < MAX_COUNT) this.failures++;
    let wait = retryAfter;
    if (this.failures >= <i64>config.failureThreshold) {
      const cooldown = cooldownAfter(config, this.failures - <i64>config.failureThreshold);
      if (cooldown > wait) wait = cooldown;
    }
    if (wait > 0) {
      this.since = now;
      this.until = now + wait;
    }
    return true;
  }

  /**
   * Counts a response: `isSuccess`, or a failure. Returns the milliseconds for which the token is now out of use, 0 when it
   * was not taken out by this response. `retryAfter` in ms.
   */
  static count(key: View, config: FailoverConfig, isSuccess: bool, startedAt: i64, now: i64, retryAfter: i64): i64 {
    if (retryAfter > MAX_COOLDOWN) retryAfter = MAX_COOLDOWN;
    for (let k = 0; k < MAX_TRIES; k++) {
      const health = TokenHealth.read(key);
      const wasOut = health.rest(now) > 0;
      const changed = isSuccess ? health.succeed(startedAt) : health.fail(config, now, retryAfter);
      if (!changed) return 0;
      const status = health.write(key);
      if (status == Status.CasMismatch) continue;
      return wasOut || isSuccess ? 0 : health.rest(now);
    }
    return 0;
  }
}

/** `further`: failures past the threshold. A token that comes back and fails at once is out again. */
function cooldownAfter(config: FailoverConfig, further: i64): i64 {
  if (config.cooldownMs > 0) return config.cooldownMs;
  const wait = config.firstCooldownMs << (further > MAX_DOUBLINGS ? MAX_DOUBLINGS : further);
  return wait > MAX_COOLDOWN ? MAX_COOLDOWN : wait;
}

/** 8 bytes, the highest first. */
function putNumber(out: Buffer, value: i64): void {
  for (let shift: i64 = 56; shift >= 0; shift -= 8) out.byte(<i32>((value >> shift) & 0xff));
}

/** The number at `start`, 0 when the bytes are too few. */
function numberAt(bytes: View, start: i32): i64 {
  let value: i64 = 0;
  for (let k = 0; k < 8; k++) {
    const byte = bytes.at(start + k);
    if (byte < 0) return 0;
    value = (value << 8) | (<i64>byte);
  }
  return value;
}
