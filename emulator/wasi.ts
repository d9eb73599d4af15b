// The part of WASI that Envoy gives to modules: output goes to the log, the clock is the host's, there are no files.
import { concat, decodeUtf8, encodeUtf8 } from "./bytes";
import type { ImportTable } from "./imports";
import type { Vm } from "./vm";

const OK = 0;
const BAD_FILE = 8;
const FAULT = 21;
const NOT_SUPPORTED = 52;
const INFO = 2;
const ERROR = 4;

/** `NAME=value` and a zero, each. */
function environment(vm: Vm): Uint8Array[] {
  return Object.entries(vm.options.environment).map(([name, value]) => encodeUtf8(`${name}=${value}\0`));
}

export function wasiImports(vm: Vm): ImportTable {
  return {
    fd_write(file: number, vectors: number, count: number, outWritten: number) {
      if (file !== 1 && file !== 2) return BAD_FILE;
      const parts: Uint8Array[] = [];
      for (let index = 0; index < count; index++) {
        const vector = vm.memory.read(vectors + index * 8, 8);
        if (vector === null) return FAULT;
        const view = new DataView(vector.buffer);
        const part = vm.memory.read(view.getUint32(0, true), view.getUint32(4, true));
        if (part === null) return FAULT;
        parts.push(part);
      }
      const bytes = concat(parts);
      if (bytes.length > 0) vm.log(file === 1 ? INFO : ERROR, decodeUtf8(bytes).replace(/\n$/, ""));
      return vm.memory.writeU32(outWritten, bytes.length) ? OK : FAULT;
    },
    proc_exit(code: number) {
      throw new Error(`proc_exit(${code})`);
    },
    clock_time_get: (_id: number, _precision: bigint, out: number) => (vm.memory.writeU64(out, vm.options.clock.now()) ? OK : FAULT),
    // Deterministic on purpose: tests must not depend on chance.
    random_get: (pointer: number, size: number) => (vm.memory.write(pointer, new Uint8Array(size >>> 0)) ? OK : FAULT),
    environ_sizes_get(count: number, size: number) {
      const entries = environment(vm);
      const bytes = concat(entries).length;
      return vm.memory.writeU32(count, entries.length) && vm.memory.writeU32(size, bytes) ? OK : FAULT;
    },
    environ_get(pointers: number, buffer: number) {
      let at = buffer;
      for (const [index, entry] of environment(vm).entries()) {
        if (!vm.memory.writeU32(pointers + index * 4, at) || !vm.memory.write(at, entry)) return FAULT;
        at += entry.length;
      }
      return OK;
    },
    args_sizes_get: (count: number, size: number) => (vm.memory.writeU32(count, 0) && vm.memory.writeU32(size, 0) ? OK : FAULT),
    args_get: () => OK,
    fd_close: () => NOT_SUPPORTED,
    fd_seek: () => NOT_SUPPORTED,
    fd_read: () => NOT_SUPPORTED,
    fd_fdstat_get: () => NOT_SUPPORTED,
  };
}
