// What is not usual about an exchange, judged against what its consumer did before: bits that the log and metrics spell as
// words. Counts by the minute and the usual tokens of a minute are kept in shared data.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Status } from "../host/abi";
import { hash64 } from "./limit";
import { Tally } from "./tally";

/** Bits of a result; words of the log field in the same order. */
export namespace Signal {
  export const BURST_401: i32 = 1;
  export const BURST_403: i32 = 2;
  export const BURST_429: i32 = 4;
  export const TOKEN_SURGE: i32 = 8;
  export const UNKNOWN_MODEL: i32 = 16;
  export const LARGE_PROMPT: i32 = 32;
}
const WORDS: StaticArray<string> = ["burst_401", "burst_403", "burst_429", "token_surge", "unknown_model", "large_prompt"];
/** Number of signals: bits 0 to SIGNALS - 1. */
export const SIGNALS: i32 = 6;

/** The space of the tallies; no limit's, which are hashes. */
const SPACE: u64 = 1;
/** Seconds after which a quiet consumer is forgotten. */
const KEEP_SECONDS: i64 = 7 * 86400;
/** Cells 0 to 2 count refusals; then the tokens of the minute, their mean in 1/16 with the number of minutes in place of a window. */
const TOKENS: i32 = 3;
const MEAN: i32 = 4;
/** Minutes with tokens before a mean says anything, and the least that can be a surge. */
const LEARNING_MINUTES: i64 = 5;
const LEAST_SURGE: i64 = 10000;
/** A new minute moves the mean by 1/8 of the difference. */
const WEIGHT: i64 = 8;
const ATTEMPTS: i32 = 100;

/** From when on something is abnormal. */
@final
export class Thresholds {
  refusalsPerMinute: i32 = 20;
  tokenFactor: i32 = 10;
  promptBytes: i32 = 1048576;
}

/** The word of a signal by the index of its bit; also the middle part of its metric's name. */
export function signalWord(index: i32): string {
  return <u32>index < <u32>SIGNALS ? WORDS[index] : "";
}

/** The words of the bits, joined by commas. */
export function signalWords(bits: i32): View {
  const out = new Buffer(32);
  for (let k = 0; k < SIGNALS; k++) {
    if ((bits & (1 << k)) == 0) continue;
    if (out.length != 0) out.byte(Ascii.Comma);
    out.ascii(WORDS[k]);
  }
  return out.toView();
}

/**
 * Counts an exchange that ended `now` (seconds) with `status` (401, 403 or 429 of the gateway's own, 0 for others) and
 * `tokens`, and returns the bits that its consumer's minute deserves. Two host calls; none without a refusal or tokens.
 */
export function countAndFindSignals(consumer: View, status: i32, tokens: i64, now: i64, limits: Thresholds): i32 {
  const refusal = status == 401 ? 0 : status == 403 ? 1 : status == 429 ? 2 : -1;
  if (refusal < 0 && (tokens <= 0 || consumer.length == 0)) return 0;
  const minute = now / 60;
  const tally = Tally.take();
  let bits = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    tally.open(SPACE, hash64(consumer), now, KEEP_SECONDS);
    bits = 0;
    if (refusal >= 0) {
      const count = tally.count(refusal, minute) + 1;
      tally.set(refusal, minute, count);
      if (count >= <i64>limits.refusalsPerMinute) bits = 1 << refusal;
    } else if (countTokens(tally, minute, tokens, limits)) bits = Signal.TOKEN_SURGE;
    if (tally.store(now) != Status.CasMismatch) break;
    bits = 0;
  }
  tally.giveBack();
  return bits;
}

/** Adds to the tokens of the minute; true when they are far above the mean of the minutes before that had any. */
function countTokens(tally: Tally, minute: i64, tokens: i64, limits: Thresholds): bool {
  let minutes = tally.window(MEAN);
  let mean = tally.last(MEAN);
  let total = tally.count(TOKENS, minute);
  if (total == 0 && tally.last(TOKENS) > 0) {
    // The minute that counted last is over: the mean learns it, but no more of a surge than makes one.
    const finished = tally.last(TOKENS) << 4;
    const most = mean * <i64>limits.tokenFactor;
    const learnt = minutes >= LEARNING_MINUTES && finished > most ? most : finished;
    mean = minutes == 0 ? learnt : mean + (learnt - mean) / WEIGHT;
    minutes++;
    tally.keep(MEAN, minutes, mean);
  }
  total += tokens;
  tally.set(TOKENS, minute, total);
  return minutes >= LEARNING_MINUTES && total >= LEAST_SURGE && total << 4 >= mean * <i64>limits.tokenFactor;
}
