// Tallies in shared data, and estimates.
import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { Status } from "../../../assembly/host/abi";
import { allocate, enter, leave } from "../../../assembly/host/memory";
import { estimatePromptTokens, estimateResponseTokens } from "../../../assembly/limit/estimate";
import { Limit, Names, hash64 } from "../../../assembly/limit/limit";
import { Ledger } from "../../../assembly/limit/ledger";
import { Tally } from "../../../assembly/limit/tally";

export function proxy_on_memory_allocate(size: i32): usize {
  return allocate(size);
}

/** Adds 1 to cell 1 (minutes) of a subject and returns the count; -1 when another VM was faster. */
export function count(space: i32, subject: i32, now: i32, keep: i32): i32 {
  enter();
  const tally = Tally.take();
  tally.open(<u64>space, hashOf(subject), now, keep);
  const next = tally.count(1, now / 60) + 1;
  tally.set(1, now / 60, next);
  const status = tally.store(now);
  tally.giveBack();
  leave();
  return status == Status.Ok ? <i32>next : -1;
}

/** The count without a change. */
export function look(space: i32, subject: i32, now: i32, keep: i32): i32 {
  enter();
  const tally = Tally.take();
  tally.open(<u64>space, hashOf(subject), now, keep);
  const found = <i32>tally.count(1, now / 60);
  tally.giveBack();
  leave();
  return found;
}

function hashOf(subject: i32): u64 {
  return hash64(View.utf8("subject-" + subject.toString()));
}

/** 1 when a request of `tokens` is admitted by a limit of `requests` and `most` tokens a minute. */
export function take(requests: i32, most: i32, now: i32, tokens: i32): i32 {
  enter();
  const limit = new Limit();
  limit.space = 99;
  limit.most[1] = requests;
  limit.most[6] = most;
  limit.finish();
  const ledger = Ledger.take();
  ledger.add(limit, 7);
  const taken = ledger.reserve(now, tokens, 0, View.empty(), View.empty());
  ledger.release();
  leave();
  return taken ? 1 : 0;
}

let ledgers: Array<Ledger> = [];

/** Opens an exchange under a limit of `requests` and `most` tokens a minute, looks at it, and returns its number; -1 when it is refused. */
export function open(requests: i32, most: i32, now: i32): i32 {
  enter();
  const limit = new Limit();
  limit.space = 98;
  limit.most[1] = requests;
  limit.most[6] = most;
  limit.finish();
  const ledger = Ledger.take();
  ledger.add(limit, 7);
  const isFree = ledger.look(now, most > 0);
  if (isFree) ledgers.push(ledger);
  else ledger.release();
  leave();
  return isFree ? ledgers.length - 1 : -1;
}

/** Takes from it; false when the limit refuses. */
export function reserve(index: i32, now: i32, tokens: i32): bool {
  enter();
  const taken = ledgers[index].reserve(now, tokens, 0, View.empty(), View.empty());
  leave();
  return taken;
}

/** Ends it with so many tokens. */
export function settle(index: i32, now: i32, isVoid: bool, tokens: i32): void {
  enter();
  ledgers[index].replaceReservation(now, isVoid, tokens, 0);
  ledgers[index].release();
  leave();
}

export function estimate(bytes: i32, response: i32): i32 {
  return <i32>(estimatePromptTokens(bytes) + estimateResponseTokens(response));
}

export function listed(entry: ArrayBuffer, name: ArrayBuffer): bool {
  return new Names([View.of(entry)]).has(View.of(name));
}
