// Tiny Proxy-Wasm modules for the host's own tests: a callback is a list of host calls with constant arguments, so that a
// test shows all that its module does. `tinyModule({ proxy_on_request_headers: [log("hi"), returns(1)] })`.
import binaryen from "binaryen";

/** One step of a callback: instructions in WebAssembly text; they leave nothing on the stack. */
export type Step = (build: Build) => string;
export type Argument = number | bigint | string | Uint8Array;

/** Where out-parameters go: an address and a size. */
export const DATA = 8;
export const SIZE = 12;
const FIRST_CONSTANT = 64;
const FIRST_FREE = 32 << 10;
const PAGES = 64;

/** Parameters of each host function, `l` for 64 bits; all return a status. */
const HOST_FUNCTIONS: Record<string, string> = {
  proxy_log: "iii",
  proxy_get_log_level: "i",
  proxy_get_current_time_nanoseconds: "i",
  proxy_set_tick_period_milliseconds: "i",
  proxy_get_property: "iiii",
  proxy_set_property: "iiii",
  proxy_get_header_map_pairs: "iii",
  proxy_set_header_map_pairs: "iii",
  proxy_get_header_map_value: "iiiii",
  proxy_get_header_map_size: "ii",
  proxy_add_header_map_value: "iiiii",
  proxy_replace_header_map_value: "iiiii",
  proxy_remove_header_map_value: "iii",
  proxy_get_buffer_bytes: "iiiii",
  proxy_get_buffer_status: "iii",
  proxy_set_buffer_bytes: "iiiii",
  proxy_send_local_response: "iiiiiiii",
  proxy_continue_stream: "i",
  proxy_close_stream: "i",
  proxy_get_shared_data: "iiiii",
  proxy_set_shared_data: "iiiii",
  proxy_http_call: "iiiiiiiiii",
  proxy_set_effective_context: "i",
  proxy_done: "",
  proxy_define_metric: "iiii",
  proxy_increment_metric: "il",
  proxy_record_metric: "il",
  proxy_get_metric: "ii",
};

/** Callback to its number of parameters, and whether it returns a value. */
const CALLBACKS: Record<string, [number, boolean]> = {
  proxy_on_context_create: [2, false],
  proxy_on_vm_start: [2, true],
  proxy_on_configure: [2, true],
  proxy_on_tick: [1, false],
  proxy_on_request_headers: [3, true],
  proxy_on_request_body: [3, true],
  proxy_on_request_trailers: [2, true],
  proxy_on_response_headers: [3, true],
  proxy_on_response_body: [3, true],
  proxy_on_response_trailers: [2, true],
  proxy_on_http_call_response: [5, false],
  proxy_on_log: [1, false],
  proxy_on_done: [1, true],
  proxy_on_delete: [1, false],
};

/** What a callback returns when its steps end without `returns`. */
const DEFAULT_RETURNS: Record<string, number> = { proxy_on_vm_start: 1, proxy_on_configure: 1, proxy_on_done: 1 };

class Build {
  private bytes: number[] = [];

  /** Address and size of constant bytes. */
  constant(value: string | Uint8Array): [number, number] {
    const data = typeof value === "string" ? new TextEncoder().encode(value) : value;
    const at = FIRST_CONSTANT + this.bytes.length;
    this.bytes.push(...data);
    return [at, data.length];
  }

  get dataSegment(): string {
    return this.bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  }
}

function operands(build: Build, values: Argument[]): string {
  return values
    .flatMap((value) => {
      if (typeof value === "bigint") return [`(i64.const ${value})`];
      const numbers = typeof value === "number" ? [value] : build.constant(value);
      return numbers.map((one) => `(i32.const ${one})`);
    })
    .join(" ");
}

/** Calls a host function; strings and byte arrays become address and size. */
export const call =
  (name: string, ...values: Argument[]): Step =>
  (build) =>
    `(drop (call $${name} ${operands(build, values)}))`;

/** The same, and logs the status as one letter: a is Ok, b NotFound, c BadArgument … */
export const status =
  (name: string, ...values: Argument[]): Step =>
  (build) =>
    `(i32.store8 (i32.const 16) (i32.add (i32.const 97) (call $${name} ${operands(build, values)})))
     (drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 1)))`;

export const log = (text: string, level = 2): Step => call("proxy_log", level, text);

/** Logs the bytes that the last call gave through DATA and SIZE. */
export const echo: Step = () => `(drop (call $proxy_log (i32.const 2) (i32.load (i32.const ${DATA})) (i32.load (i32.const ${SIZE}))))`;

/** Steps for the last piece only: in header and body callbacks the end of the stream is the third parameter. */
export const atEnd =
  (...steps: Step[]): Step =>
  (build) =>
    `(if (local.get 2) (then ${steps.map((step) => step(build)).join(" ")}))`;

export const returns =
  (value: number): Step =>
  () =>
    `(return (i32.const ${value}))`;

export const trap: Step = () => "unreachable";

/** Compiles a module; `without` leaves exports out. */
export function tinyModule(callbacks: Record<string, Step[]>, without: string[] = []): Uint8Array {
  const build = new Build();
  const imports = Object.entries(HOST_FUNCTIONS).map(([name, parameters]) => {
    const types = [...parameters].map((one) => (one === "l" ? "i64" : "i32")).join(" ");
    return `(import "env" "${name}" (func $${name} (param ${types}) (result i32)))`;
  });
  const functions = Object.entries(callbacks).map(([name, steps]) => {
    const known = CALLBACKS[name];
    if (known === undefined) throw new Error(`no callback is called ${name}`);
    const [count, hasResult] = known;
    const head = `(func (export "${name}") (param ${"i32 ".repeat(count)}) ${hasResult ? "(result i32)" : ""}`;
    const tail = hasResult ? `(i32.const ${DEFAULT_RETURNS[name] ?? 0})` : "";
    return `${head} ${steps.map((step) => step(build)).join("\n")} ${tail})`;
  });
  // A bump allocator that never frees: no test needs more than the memory it has.
  const allocator = `(func (export "proxy_on_memory_allocate") (param i32) (result i32)
    (global.set $free (i32.add (global.get $free) (local.get 0)))
    (i32.sub (global.get $free) (local.get 0)))`;
  const fixed = [`(func (export "proxy_abi_version_0_2_1"))`, allocator, `(export "memory" (memory $memory))`];
  const kept = fixed.filter((text) => !without.some((name) => text.includes(`"${name}"`)));
  const text = `(module ${imports.join("\n")} (memory $memory ${PAGES}) (global $free (mut i32) (i32.const ${FIRST_FREE}))
    (data (i32.const ${FIRST_CONSTANT}) "${build.dataSegment}") ${kept.join("\n")} ${functions.join("\n")})`;
  const module = binaryen.parseText(text);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}
