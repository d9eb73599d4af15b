// Host functions that have to do with messages: header maps, buffers, local replies, continuing, HTTP calls.
import { BufferType, LAST_BUFFER_TYPE, LAST_MAP_TYPE, Status } from "./abi";
import { ByteBox, binaryToBytes, bytesToBinary, decodeUtf8 } from "./bytes";
import { headerFault, marshalPairs, unmarshalPairs } from "./header-map";
import { startCall } from "./http-calls";
import type { ImportTable } from "./imports";
import { mapForChange, pairsForReading } from "./maps";
import type { Vm } from "./vm";

export function httpImports(vm: Vm): ImportTable {
  return { ...mapReaders(vm), ...mapWriters(vm), ...buffers(vm), ...streams(vm), ...calls(vm) };
}

function isMapType(vm: Vm, type: number): boolean {
  if (type >= 0 && type <= LAST_MAP_TYPE) return true;
  vm.complain("unknown-map", `header map ${type}`);
  return false;
}

function isBufferType(vm: Vm, type: number): boolean {
  if (type >= 0 && type <= LAST_BUFFER_TYPE) return true;
  vm.complain("unknown-buffer", `buffer ${type}`);
  return false;
}

function mapReaders(vm: Vm): ImportTable {
  return {
    proxy_get_header_map_pairs(type: number, outData: number, outSize: number) {
      if (!isMapType(vm, type)) return Status.BadArgument;
      return vm.memory.give(marshalPairs(pairsForReading(vm, type) ?? []), outData, outSize);
    },
    proxy_get_header_map_value(type: number, name: number, size: number, outData: number, outSize: number) {
      if (!isMapType(vm, type)) return Status.BadArgument;
      const key = vm.memory.read(name, size);
      if (key === null) return Status.InvalidMemoryAccess;
      const pairs = pairsForReading(vm, type);
      if (pairs === null) return vm.exchange?.phase === "log" ? Status.NotFound : Status.BadArgument;
      const wanted = bytesToBinary(key).toLowerCase();
      const pair = pairs.find(([other]) => other === wanted);
      return pair === undefined ? Status.NotFound : vm.memory.give(binaryToBytes(pair[1]), outData, outSize);
    },
    proxy_get_header_map_size(type: number, out: number) {
      if (!isMapType(vm, type)) return Status.BadArgument;
      const pairs = pairsForReading(vm, type);
      if (pairs === null) return Status.BadArgument;
      const bytes = pairs.reduce((size, [name, value]) => size + name.length + value.length, 0);
      return vm.memory.writeU32(out, bytes) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}

function mapWriters(vm: Vm): ImportTable {
  const write = (replace: boolean) => (type: number, name: number, nameSize: number, value: number, valueSize: number) => {
    if (!isMapType(vm, type)) return Status.BadArgument;
    const key = vm.memory.read(name, nameSize);
    const text = vm.memory.read(value, valueSize);
    if (key === null || text === null) return Status.InvalidMemoryAccess;
    const pair: [string, string] = [bytesToBinary(key), bytesToBinary(text)];
    checkHeaders(vm, [pair]);
    const map = mapForChange(vm, type);
    if (map === null) return Status.BadArgument;
    if (replace) map.replace(...pair);
    else map.add(...pair);
    return Status.Ok;
  };
  return {
    proxy_add_header_map_value: write(false),
    proxy_replace_header_map_value: write(true),
    proxy_remove_header_map_value(type: number, name: number, size: number) {
      if (!isMapType(vm, type)) return Status.BadArgument;
      const key = vm.memory.read(name, size);
      if (key === null) return Status.InvalidMemoryAccess;
      const map = mapForChange(vm, type);
      if (map === null) return Status.BadArgument;
      map.remove(bytesToBinary(key));
      return Status.Ok;
    },
    proxy_set_header_map_pairs(type: number, data: number, size: number) {
      if (!isMapType(vm, type)) return Status.BadArgument;
      const pairs = readPairs(vm, data, size);
      if (pairs === null) return Status.InvalidMemoryAccess;
      const map = mapForChange(vm, type);
      if (map === null) return Status.BadArgument;
      map.pairs = [];
      for (const [name, value] of pairs) map.add(name, value);
      return Status.Ok;
    },
  };
}

function checkHeaders(vm: Vm, pairs: [string, string][]): void {
  for (const [name, value] of pairs) {
    const fault = headerFault(name, value);
    if (fault !== "") vm.complain("header-syntax", fault);
  }
}

/** Pairs in wire form out of the module's memory; null when they are not in memory. */
function readPairs(vm: Vm, data: number, size: number): [string, string][] | null {
  const block = vm.memory.read(data, size);
  if (block === null) return null;
  const pairs = unmarshalPairs(block);
  if (pairs === null) vm.complain("header-syntax", "the block of headers is not well formed; Envoy takes it for none");
  checkHeaders(vm, pairs ?? []);
  return pairs ?? [];
}

/** The bytes that a buffer holds now: a box when they can be changed, bytes when not, null when there are none. */
function bufferOf(vm: Vm, type: number): ByteBox | Uint8Array | null {
  const { exchange, root } = vm;
  switch (type) {
    case BufferType.RequestBody:
      return exchange?.request.body ?? null;
    case BufferType.ResponseBody:
      return exchange?.response.body ?? null;
    case BufferType.HttpCallResponseBody:
      return vm.callResponse?.body ?? null;
    case BufferType.VmConfiguration:
      return vm.options.vmConfig;
    case BufferType.PluginConfiguration:
      return root?.configuration ?? null;
    default:
      return null;
  }
}

/** These Envoy takes for empty, the others for NotFound, when there is nothing in them. */
function isBody(type: number): boolean {
  return type === BufferType.RequestBody || type === BufferType.ResponseBody;
}

function buffers(vm: Vm): ImportTable {
  return {
    proxy_get_buffer_bytes(type: number, start: number, size: number, outData: number, outSize: number) {
      if (!isBufferType(vm, type)) return Status.BadArgument;
      const buffer = bufferOf(vm, type);
      if (buffer === null && !isBody(type)) return Status.NotFound;
      if (buffer === null) vm.complain("buffer-phase", `buffer ${type} is read while there is no body`);
      const box = buffer instanceof ByteBox ? buffer : new ByteBox(buffer ?? undefined);
      const from = start >>> 0;
      const end = Math.min(from + (size >>> 0), box.length);
      return vm.memory.give(from >= end ? new Uint8Array(0) : box.copy(from, end), outData, outSize);
    },
    proxy_get_buffer_status(type: number, outLength: number, outFlags: number) {
      if (!isBufferType(vm, type)) return Status.BadArgument;
      const buffer = bufferOf(vm, type);
      if (buffer === null && !isBody(type)) return Status.NotFound;
      const written = vm.memory.writeU32(outLength, buffer?.length ?? 0) && vm.memory.writeU32(outFlags, 0);
      return written ? Status.Ok : Status.InvalidMemoryAccess;
    },
    proxy_set_buffer_bytes(type: number, start: number, size: number, data: number, dataSize: number) {
      if (!isBufferType(vm, type)) return Status.BadArgument;
      const bytes = vm.memory.read(data, dataSize);
      if (bytes === null) return Status.InvalidMemoryAccess;
      const buffer = bufferOf(vm, type);
      if (!(buffer instanceof ByteBox)) {
        vm.complain("buffer-phase", `buffer ${type} is set while there is no body that can be changed; Envoy loses the bytes`);
        return buffer === null && !isBody(type) ? Status.NotFound : Status.BadArgument;
      }
      return setBytes(buffer, start >>> 0, size >>> 0, bytes);
    },
  };
}

/** Envoy 1.40: at 0, `size` bytes give way to `bytes`; at or behind the end they are appended; in between it refuses. */
function setBytes(box: ByteBox, start: number, size: number, bytes: Uint8Array): number {
  if (start === 0) box.replaceHead(size, bytes);
  else if (start >= box.length) box.append(bytes);
  else return Status.BadArgument;
  return Status.Ok;
}

const REQUEST_STREAM = 0;
const RESPONSE_STREAM = 1;

function streams(vm: Vm): ImportTable {
  return {
    // prettier-ignore
    proxy_send_local_response(status: number, details: number, detailsSize: number, body: number, bodySize: number, headers: number, headersSize: number, _grpcStatus: number) {
      const reason = vm.memory.read(details, detailsSize);
      const text = vm.memory.read(body, bodySize);
      const pairs = readPairs(vm, headers, headersSize);
      if (reason === null || text === null || pairs === null) return Status.InvalidMemoryAccess;
      const { exchange } = vm;
      if (exchange === null || exchange.phase !== "open") vm.complain("phase", "a local reply needs a stream that is open");
      else if (exchange.isAnswered || exchange.isAnswering) vm.complain("phase", "the stream already has a local reply");
      else if (exchange.response.headersSent) vm.complain("phase", "a local reply after the response's headers were sent resets the stream");
      if (exchange === null) return Status.Ok;
      if (status < 200 || status > 599) vm.complain("phase", `a local reply with status ${status}`);
      exchange.isAnswering = true;
      vm.defer(() => exchange.sendLocalReply({ status, details: decodeUtf8(reason), body: text, headers: pairs }));
      return Status.Ok;
    },
    proxy_continue_stream(type: number) {
      const { exchange } = vm;
      if (type !== REQUEST_STREAM && type !== RESPONSE_STREAM) return Status.BadArgument;
      if (exchange === null) {
        vm.complain("phase", "only a stream can be continued");
        return Status.Ok;
      }
      const half = type === REQUEST_STREAM ? exchange.request : exchange.response;
      if (half.stopped === "no") vm.complain("phase", "the stream is continued although it is not stopped");
      vm.defer(() => half.resume());
      exchange.request.forget();
      return Status.Ok;
    },
    proxy_close_stream(type: number) {
      const { exchange } = vm;
      if (type !== REQUEST_STREAM && type !== RESPONSE_STREAM) return Status.BadArgument;
      if (exchange !== null) vm.defer(() => exchange.reset("wasm_close_stream"));
      return Status.Ok;
    },
    proxy_clear_route_cache: () => Status.Ok,
  };
}

function calls(vm: Vm): ImportTable {
  return {
    // prettier-ignore
    proxy_http_call(uri: number, uriSize: number, headers: number, headersSize: number, body: number, bodySize: number, trailers: number, trailersSize: number, timeoutMs: number, outId: number) {
      const cluster = vm.memory.read(uri, uriSize);
      const bytes = vm.memory.read(body, bodySize);
      const pairs = readPairs(vm, headers, headersSize);
      const trailerPairs = readPairs(vm, trailers, trailersSize);
      if (cluster === null || bytes === null || pairs === null || trailerPairs === null) return Status.InvalidMemoryAccess;
      const { root } = vm;
      if (root === null || !vm.memory.writeU32(outId, 0)) return Status.InvalidMemoryAccess;
      const id = startCall(vm, root, { cluster, headers: pairs, body: bytes, trailers: trailerPairs, timeoutMs });
      if (id < 0) return -id;
      return vm.memory.writeU32(outId, id) ? Status.Ok : Status.InvalidMemoryAccess;
    },
  };
}
