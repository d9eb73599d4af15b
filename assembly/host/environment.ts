// Environment variables of the VM: in Envoy those of `vm_config.environment_variables`, through WASI.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { wasi } from "./abi";
import { outData, outSize } from "./memory";

/** More variables, or more bytes of them, are not read. */
const MAX_VARIABLES: i32 = 4096;
const MAX_BYTES: i32 = 1 << 20;

/** The value of a variable, or null when it is not set. For configurations only: reads all variables. */
export function environmentVariable(name: View): View | null {
  store<u64>(outData(), 0);
  store<u32>(outSize(), 0);
  if (wasi.environSizes(outData(), outSize()) != 0) return null;
  const count = load<i32>(outData());
  const size = load<i32>(outSize());
  if (count <= 0 || count > MAX_VARIABLES || size <= 0 || size > MAX_BYTES) return null;
  const pointers = new ArrayBuffer(count << 2);
  const bytes = new ArrayBuffer(size);
  if (wasi.environ(changetype<usize>(pointers), changetype<usize>(bytes)) != 0) return null;
  const all = View.of(bytes);
  for (let start = 0; start < size;) {
    let end = all.indexOf(0, start);
    if (end < 0) end = size;
    const value = start + name.length + 1;
    if (value <= end && all.hasAt(start, name) && all.at(value - 1) == Ascii.Equals) return all.slice(value, end);
    start = end + 1;
  }
  return null;
}
