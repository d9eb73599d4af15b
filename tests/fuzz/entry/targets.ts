// The module that tests/fuzz/module.ts loads: one export for each target, all `(ptr, length) -> finding`.
import { enter, leave } from "../../../assembly/host/memory";
import { allocatedBytes } from "../../../assembly/bytes/allocated";
import { out } from "./common";

export { aws } from "./aws";
export { config } from "./config";
export { json } from "./json";
export { planted } from "./planted";
export { sse } from "./sse";

export function begin(): void {
  enter();
}

/** Collects garbage when the plugin would. */
export function end(): void {
  leave();
}

/** Bytes that were allocated since the last collection. */
export function allocated(): i32 {
  return allocatedBytes();
}

export function outStart(): usize {
  return out.ptr;
}

export function outLength(): i32 {
  return out.length;
}
