// Test entry: regular expressions through byte-in, byte-out functions.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { validUtf8 } from "../../../assembly/json/code-point";
import { Regex } from "../../../assembly/model/regex/regex";

function owned(view: View): ArrayBuffer {
  const copy = view.copy().owner;
  return copy === null ? new ArrayBuffer(0) : copy;
}

let regex: Regex = Regex.compile(View.empty());

/** Compiles and keeps the expression for `replace`; its error or nothing. */
export function compile(pattern: ArrayBuffer): ArrayBuffer {
  regex = Regex.compile(View.of(pattern));
  return String.UTF8.encode(regex.error);
}

/** "1" and the result, "0" and what was left in the buffer (nothing) without a match, "!" when the result did not fit. */
export function replace(input: ArrayBuffer, template: ArrayBuffer, limit: i32): ArrayBuffer {
  const out = Buffer.capped(16, limit);
  out.byte(0x30);
  if (regex.replaceAll(View.of(input), View.of(template), out)) out.set(0, out.overflow ? 0x21 : 0x31);
  return owned(out.toView());
}

export function size(): i32 {
  return regex.size;
}

export function steps(): i32 {
  return Regex.steps;
}

/** Bytes that the heap grows by while `count` searches run. */
export function searchGrowth(input: ArrayBuffer, template: ArrayBuffer, count: i32): i32 {
  const view = View.of(input);
  const replacement = View.of(template);
  const out = new Buffer(1 << 16);
  const before = changetype<usize>(new ArrayBuffer(64));
  for (let k = 0; k < count; k++) {
    out.clear();
    regex.replaceAll(view, replacement, out);
  }
  return <i32>(changetype<usize>(new ArrayBuffer(64)) - before);
}

/** The text, made valid. */
export function valid(bytes: ArrayBuffer): ArrayBuffer {
  return owned(validUtf8(View.of(bytes)));
}
