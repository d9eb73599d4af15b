// What the compiler calls when the program is about to trap: says where, so that a trap in production can be traced.

// @ts-ignore: decorator
@external("env", "proxy_log")
declare function proxyLog(level: u32, message: usize, size: usize): u32;

/** The compiler's abort hook: writes file:line:column at level critical; the trap follows by itself. */
export function hostAbort(message: string | null, fileName: string | null, line: u32, column: u32): void {
  const text =
    "abort: " +
    (message === null ? "" : message) +
    " at " +
    (fileName === null ? "" : fileName) +
    ":" +
    line.toString() +
    ":" +
    column.toString();
  const bytes = String.UTF8.encode(text);
  proxyLog(5, changetype<usize>(bytes), bytes.byteLength);
}
