// Host functions that have to do with the VM and the plugin: log, clock, properties, shared data, metrics, contexts.
import { LOG_LEVELS, Status } from "./abi";
import { bytesToBinary, decodeUtf8 } from "./bytes";
import type { ImportTable } from "./imports";
import { readProperty } from "./properties";
import type { Vm } from "./vm";

export function generalImports(vm: Vm): ImportTable {
  return { ...basics(vm), ...properties(vm), ...sharedData(vm), ...metrics(vm), ...contexts(vm), ...absent() };
}

function basics(vm: Vm): ImportTable {
  return {
    proxy_log(level: number, pointer: number, size: number) {
      const bytes = vm.memory.read(pointer, size);
      if (bytes === null) return Status.InvalidMemoryAccess;
      vm.log(level, decodeUtf8(bytes));
      return Status.Ok;
    },
    proxy_get_log_level(out: number) {
      const level = LOG_LEVELS.indexOf(vm.options.logLevel);
      return vm.memory.writeU32(out, level) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_get_current_time_nanoseconds(out: number) {
      return vm.memory.writeU64(out, vm.options.clock.now()) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_set_tick_period_milliseconds(period: number) {
      const { root } = vm;
      if (root === null) return Status.BadArgument;
      root.tickPeriodMs = period >>> 0;
      return Status.Ok;
    },
    proxy_call_foreign_function(name: number, nameSize: number, data: number, dataSize: number) {
      const known = vm.memory.read(name, nameSize) !== null && vm.memory.read(data, dataSize) !== null;
      return known ? Status.NotFound : Status.InvalidMemoryAccess;
    },
  };
}

function properties(vm: Vm): ImportTable {
  return {
    proxy_get_property(path: number, size: number, outData: number, outSize: number) {
      const bytes = vm.memory.read(path, size);
      if (bytes === null) return Status.InvalidMemoryAccess;
      const segments = bytesToBinary(bytes).replace(/\0$/, "").split("\0");
      if (bytes.length === 0) return Status.SerializationFailure;
      const value = readProperty(vm, segments);
      return value === null ? Status.NotFound : vm.memory.give(value, outData, outSize);
    },
    proxy_set_property(path: number, size: number, data: number, dataSize: number) {
      const name = vm.memory.read(path, size);
      const value = vm.memory.read(data, dataSize);
      if (name === null || value === null) return Status.InvalidMemoryAccess;
      const { exchange } = vm;
      if (exchange === null) {
        vm.complain("phase", "a property can be set for a stream only");
        return Status.NotFound;
      }
      if (exchange.phase !== "open" && exchange.phase !== "log") vm.complain("phase", "the property is set after the log was written");
      exchange.filterState.set(`wasm.${bytesToBinary(name)}`, value);
      exchange.stateWrites.push([bytesToBinary(name), value]);
      return Status.Ok;
    },
  };
}

function sharedData(vm: Vm): ImportTable {
  return {
    proxy_get_shared_data(key: number, size: number, outData: number, outSize: number, outCas: number) {
      const name = vm.memory.read(key, size);
      if (name === null) return Status.InvalidMemoryAccess;
      const entry = vm.shared.get(bytesToBinary(name));
      if (entry === undefined) return Status.NotFound;
      const status = vm.memory.give(entry.value, outData, outSize);
      if (status !== Status.Ok) return status;
      return vm.memory.writeU32(outCas, entry.cas) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_set_shared_data(key: number, size: number, data: number, dataSize: number, cas: number) {
      const name = vm.memory.read(key, size);
      const value = vm.memory.read(data, dataSize);
      if (name === null || value === null) return Status.InvalidMemoryAccess;
      return vm.shared.set(bytesToBinary(name), value, cas >>> 0);
    },
  };
}

function metrics(vm: Vm): ImportTable {
  return {
    proxy_define_metric(type: number, name: number, size: number, out: number) {
      const bytes = vm.memory.read(name, size);
      if (bytes === null) return Status.InvalidMemoryAccess;
      const id = vm.metrics.define(type >>> 0, decodeUtf8(bytes));
      if (id < 0) return Status.BadArgument;
      return vm.memory.writeU32(out, id) ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_increment_metric: (id: number, offset: bigint) => vm.metrics.increment(id >>> 0, offset),
    proxy_record_metric: (id: number, value: bigint) => vm.metrics.record(id >>> 0, BigInt.asUintN(64, value)),
    proxy_get_metric(id: number, out: number) {
      const value = vm.metrics.read(id >>> 0);
      if (typeof value === "number") return value;
      return vm.memory.writeU64(out, value) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}

function contexts(vm: Vm): ImportTable {
  return {
    proxy_set_effective_context: (id: number) => (vm.setEffective(id >>> 0) ? Status.Ok : Status.BadArgument),
    // Only a context whose on_done returned false waits for this; none does here.
    proxy_done() {
      vm.complain("phase", "proxy_done without an on_done that returned false");
      return Status.NotFound;
    },
  };
}

/** What this project does not use; Envoy has them. */
function absent(): ImportTable {
  const names = [
    "proxy_register_shared_queue",
    "proxy_resolve_shared_queue",
    "proxy_dequeue_shared_queue",
    "proxy_enqueue_shared_queue",
    "proxy_get_status",
    "proxy_grpc_call",
    "proxy_grpc_stream",
    "proxy_grpc_send",
    "proxy_grpc_cancel",
    "proxy_grpc_close",
  ];
  return Object.fromEntries(names.map((name) => [name, () => Status.Unimplemented]));
}
