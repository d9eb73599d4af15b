// Key rings: digests of keys, and the key of a digest.
import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { Consumer } from "../../../assembly/consumer/consumer";
import { Digest, KeyRing } from "../../../assembly/consumer/key-ring";

const ring = new KeyRing();

/** Adds a key as it is or, with `isHash`, as 64 hexadecimal digits; `place` is a bit. False when it is there. */
export function add(key: ArrayBuffer, isHash: bool, place: i32): bool {
  const view = View.of(key);
  return ring.add(isHash ? Digest.read(view, 0) : Digest.of(view), new Consumer(view), (<u64>1) << place);
}

/** Index of the key, -1 when there is none. */
export function find(key: ArrayBuffer): i32 {
  return ring.find(Digest.of(View.of(key)));
}

export function mayStand(key: i32, place: i32): bool {
  return ring.mayStand(key, place);
}

/** Bit number of a place, -1 when there are too many. */
export function place(name: i32, isQuery: bool): i32 {
  const bit = ring.place("name-" + name.toString(), isQuery);
  return bit == 0 ? -1 : <i32>ctz(bit);
}
