// Memory for what the host hands over, and the moment when garbage may be collected.
//
// The host asks for memory on each call that returns bytes. They come from one arena that is reset at the start of each
// callback, so that reading a frame allocates nothing; what does not fit is an ordinary buffer. A collection runs only
// at the end of an outermost callback: the stack holds no references then, which is why the minimal runtime is enough.

import { allocatedBytes, countAllocated, forgetAllocated, roundedUp } from "../bytes/allocated";
import { View } from "../bytes/view";
import { Status, env } from "./abi";

/** The arena grows to what one callback needed, up to this; larger bodies go to buffers of their own. */
const ARENA_LIMIT_BYTES: i32 = 2 << 20;
const ARENA_START_BYTES: i32 = 64 << 10;
/** Bytes allocated between two collections. */
const COLLECT_AFTER_BYTES: i32 = 1 << 20;

let arena: ArrayBuffer = new ArrayBuffer(ARENA_START_BYTES);
let used: i32 = 0;
let wanted: i32 = 0;
/** Pages of memory after the last collection: more of them mean that garbage has filled the old ones. */
let pages: i32 = 0;
let depth: i32 = 0;
/** Spilled buffers must survive until the callback ends although only the host knows of them. */
let spilled: Array<ArrayBuffer> = [];
/** What now() said last in this callback, 0 before it was asked. */
let told: u64 = 0;
/** Nanoseconds of collections that nobody has asked about. */
let collecting: u64 = 0;

/** Out-parameters of host calls: an address and a size, or a 64-bit number. */
const cells: ArrayBuffer = new ArrayBuffer(16);
// @ts-ignore: decorator
@inline
export function outData(): usize {
  return changetype<usize>(cells);
}
// @ts-ignore: decorator
@inline
export function outSize(): usize {
  return changetype<usize>(cells) + 8;
}
/** A third one, of 32 bits, for calls that use both others. */
// @ts-ignore: decorator
@inline
export function outCas(): usize {
  return changetype<usize>(cells) + 12;
}
/** Lets `view` show the bytes that the last host call returned; valid until this callback ends. */
export function outView(view: View): View {
  return view.point(<usize>load<u32>(outData()), load<i32>(outSize()));
}
export function outNumber(): u64 {
  return load<u64>(outData());
}

/** The ABI's allocator: called by the host inside other host calls. */
export function allocate(size: i32): usize {
  if (size <= 0) size = 1;
  const aligned = (size + 7) & ~7;
  wanted += aligned;
  if (aligned >= 0 && used + aligned <= arena.byteLength) {
    const at = changetype<usize>(arena) + <usize>used;
    used += aligned;
    return at;
  }
  const buffer = new ArrayBuffer(roundedUp(size));
  spilled.push(buffer);
  countAllocated(size);
  return changetype<usize>(buffer);
}

/** At the start of every callback. */
export function enter(): void {
  if (depth++ == 0) {
    used = 0;
    wanted = 0;
    told = 0;
  }
}

/** At the end of every callback. */
export function leave(): void {
  if (--depth != 0) return;
  if (spilled.length != 0) {
    spilled = [];
    if (wanted <= ARENA_LIMIT_BYTES && wanted > arena.byteLength) arena = new ArrayBuffer(wanted);
  }
  if (allocatedBytes() < COLLECT_AFTER_BYTES && memory.size() <= pages) return;
  forgetAllocated();
  const startedAt = now();
  __collect();
  const endedAt = now();
  if (endedAt > startedAt) collecting += endedAt - startedAt;
  pages = memory.size();
}

/** Nanoseconds since 1970. */
export function now(): u64 {
  told = env.getTime(outData()) == Status.Ok ? outNumber() : 0;
  return told;
}

/** What now() said last in this callback, 0 before it was asked. */
export function lastTime(): u64 {
  return told;
}

/** Nanoseconds that were spent on collections since the last call of this. */
export function collectionTime(): u64 {
  const spent = collecting;
  collecting = 0;
  return spent;
}
