// Which of a provider's tokens a request uses: anyone's choice, the one that its sender keeps, never one that is out of use
// while another is not. Made once for each configuration.

import { View } from "../bytes/view";
import { FailoverConfig, ProviderConfig } from "../config/provider-config";
import { LogLevel } from "../host/abi";
import * as host from "../host/host";
import { TokenHealth, healthKey } from "./token-health";

const NANOS: u64 = 1000000;
/** The request has used all tokens. */
export const USED_UP: i32 = -2;
const NO_KEYS: Array<View | null> = [];
let state: u64 = 0;
let pools: i32 = 0;

/** A number that no two exchanges of this VM share, and that tells nothing of the clock: splitmix64. */
export function nextRandom(): u64 {
  if (state == 0) state = host.now() ^ 0x9e3779b97f4a7c15;
  state += 0x9e3779b97f4a7c15;
  return mixed(state);
}

/** The bits of a number spread over all of another: one for one. */
export function mixed(number: u64): u64 {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

@final
export class TokenPool {
  /** Tells the pools of a VM apart. */
  number: i32 = pools++;
  /** Hashes of the tokens. */
  private hashes: Array<u32> = [];
  /** Keys of their states, each made when it is first needed. */
  private keys: Array<View | null> = NO_KEYS;
  private config: ProviderConfig;
  private place: View = View.empty();
  private failover: FailoverConfig | null = null;
  private label: View;

  constructor(config: ProviderConfig) {
    this.config = config;
    const tokens = config.apiTokens;
    this.label = config.id.length != 0 ? config.id : View.utf8(config.type);
    for (let k = 0; k < tokens.length; k++) this.hashes.push(tokens[k].hash());
  }

  /** Switches failover on when it is configured. `place`: the host, for a token's state is that of a token at a host. */
  watch(config: ProviderConfig, place: View): void {
    const failover = config.failover;
    if (failover === null || !failover.enabled) return;
    this.failover = failover;
    this.place = place;
    this.keys = new Array<View | null>(config.apiTokens.length);
  }

  /** A failure is judged by what the provider says of it, not by its status alone. */
  get readsErrors(): bool {
    const failover = this.failover;
    return failover !== null && !failover.goesByStatus;
  }

  private keyOf(token: i32): View {
    const known = this.keys[token];
    if (known !== null) return known;
    const made = healthKey(this.config.apiTokens[token], this.place);
    this.keys[token] = made;
    return made;
  }

  /**
   * Index into apiTokens, -1 when there are none, USED_UP when none is left. `name`: who keeps a token, empty for nobody; `used`:
   * tokens that are not to
   * be used again for this request (a provider's only token is); `now` in ms. Tokens are ranked by rendezvous hashing, so that a token
   * that goes or comes moves as
   * few names as can be. When all are out of use it is the one that comes back first. One host call for each token that is
   * looked at with failover, none without.
   */
  choose(name: View, used: Array<i32>, now: i64): i32 {
    const count = this.hashes.length;
    if (count <= 1) return count - 1;
    const isPlain = this.failover === null && used.length == 0;
    if (isPlain && name.length == 0) return <i32>(nextRandom() % <u64>count);
    const seed = name.length != 0 ? name.hash() : <u32>nextRandom();
    let fallback = -1;
    let soonest = i64.MAX_VALUE;
    let below = u64.MAX_VALUE;
    for (let step = 0; step < count; step++) {
      const token = this.best(seed, below);
      below = this.weight(seed, token);
      if (isPlain) return token;
      if (used.includes(token)) continue;
      const rest = this.failover === null ? 0 : TokenHealth.read(this.keyOf(token)).rest(now);
      if (rest == 0) return token;
      if (rest >= soonest) continue;
      soonest = rest;
      fallback = token;
    }
    return fallback >= 0 ? fallback : USED_UP;
  }

  /** The token of the highest weight below `below`. */
  private best(seed: u32, below: u64): i32 {
    let best = 0;
    let bestWeight: u64 = 0;
    for (let k = 0; k < this.hashes.length; k++) {
      const weight = this.weight(seed, k);
      if (weight >= below || weight < bestWeight) continue;
      best = k;
      bestWeight = weight;
    }
    return best;
  }

  /** Different for each token. */
  private weight(seed: u32, token: i32): u64 {
    let mixed = (seed ^ this.hashes[token]) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >> 13)) * 0xc2b2ae35;
    return ((<u64>mixed) << 32) | (<u64>token);
  }

  /**
   * Counts the provider's response for `token`. `startedAt`: when the request began, ns since 1970; `retryAfter`: seconds, of
   * the statuses 429 and 503, 0 without. At most two host calls, and only with failover.
   */
  settle(token: i32, status: i32, startedAt: u64, retryAfter: i64): void {
    const failover = this.failover;
    if (failover === null || <u32>token >= <u32>this.keys.length) return;
    const isSuccess = status < 300;
    if (!isSuccess && !failover.onStatus.has(status)) return;
    const now = isSuccess ? 0 : <i64>(host.now() / NANOS);
    if (retryAfter < 0 || (status != 429 && status != 503)) retryAfter = 0;
    const started = <i64>(startedAt / NANOS);
    const out = TokenHealth.count(this.keyOf(token), failover, isSuccess, started, now, retryAfter * 1000);
    if (out > 0) this.tell(token, status, out);
  }

  private tell(token: i32, status: i32, out: i64): void {
    host.log(
      LogLevel.Warn,
      "ai-proxy: token " +
        (token + 1).toString() +
        " of provider " +
        this.label.toString() +
        " is out of use for " +
        ((out + 999) / 1000).toString() +
        " s after status " +
        status.toString(),
    );
  }
}
