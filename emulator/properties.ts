// Stream facts by path, as Envoy's CEL attributes and wasm properties give them: strings as bytes, numbers, times (ns since
// 1970) and durations (ns) as 64-bit little-endian.
import { binaryToBytes, encodeUtf8, int64 } from "./bytes";
import type { HeaderMap } from "./header-map";
import { MapType } from "./abi";
import type { Exchange } from "./stream";
import type { Vm } from "./vm";

const ROUTE = "r0";
const CLUSTER = "c0";
const HOST = "v0";

/** The value of a property of the current context, or null when there is none. */
export function readProperty(vm: Vm, path: string[]): Uint8Array | null {
  const { root, exchange } = vm;
  const name = path.join(".");
  if (name === "plugin_name") return root === null ? null : encodeUtf8(root.name);
  if (name === "plugin_root_id") return root === null ? null : encodeUtf8(root.rootId);
  if (name === "plugin_vm_id") return new Uint8Array(0);
  // 2026-11: Higress's Envoy alone tells it, as 64 bits.
  if (name === "plugin_vm_memory") return vm.options.attributes === "higress" ? int64(vm.memory.size) : null;
  if (exchange === null) return null;
  return readStreamProperty(vm, exchange, path, name) ?? (path.length === 1 ? (exchange.filterState.get(`wasm.${name}`) ?? null) : null);
}

function readStreamProperty(vm: Vm, exchange: Exchange, path: string[], name: string): Uint8Array | null {
  const route = namesOf(vm, "route_name");
  const cluster = namesOf(vm, "cluster_name");
  if (name === route) return encodeUtf8(exchange.properties.route_name ?? ROUTE);
  if (name === cluster) return encodeUtf8(exchange.properties.cluster_name ?? CLUSTER);
  if (name === "route_name" || name === "cluster_name") return null;
  const given = exchange.properties[name];
  if (given !== undefined) return encodeUtf8(given);
  if (name === "xds.virtual_host_name") return encodeUtf8(exchange.properties.virtual_host_name ?? HOST);
  if (name === "upstream.address") return vm.options.reroute === null ? encodeUtf8("127.0.0.1:443") : null;
  if (name === "connection_id") return int64(1);
  switch (path[0]) {
    case "request":
      return readRequest(vm, exchange, path);
    case "response":
      return readResponse(exchange, path);
    case "source":
      if (path[1] === "address") return encodeUtf8("127.0.0.1:54321");
      return path[1] === "port" ? int64(54321) : null;
    case "destination":
      if (path[1] === "address") return encodeUtf8("127.0.0.1:10000");
      return path[1] === "port" ? int64(10000) : null;
    default:
      return null;
  }
}

/** 2026-11: Envoy 1.40 has route and cluster under `xds` only, Higress's Envoy under their old names only. */
function namesOf(vm: Vm, name: string): string {
  return vm.options.attributes === "envoy" ? `xds.${name}` : name;
}

/** Attribute to the header that it is read from. */
const REQUEST_HEADERS: Record<string, string> = {
  path: ":path",
  host: ":authority",
  scheme: ":scheme",
  method: ":method",
  referer: "referer",
  useragent: "user-agent",
  id: "x-request-id",
};

/** Headers are known while the module has them and in the log phase, not after they were sent on. */
function readRequest(vm: Vm, exchange: Exchange, path: string[]): Uint8Array | null {
  const headers = exchange.mapForReading(MapType.RequestHeaders);
  const field = path[1] ?? "";
  const target = headers?.raw(":path") ?? "";
  const question = target.indexOf("?");
  switch (field) {
    case "headers":
      return headerValue(headers, path[2]);
    case "url_path":
      return headers === null ? null : binaryToBytes(question < 0 ? target : target.slice(0, question));
    case "query":
      return headers === null ? null : binaryToBytes(question < 0 ? "" : target.slice(question + 1));
    case "protocol":
      return encodeUtf8("HTTP/1.1");
    case "time":
      return int64(exchange.startedAt);
    case "duration":
      return exchange.phase === "open" ? null : int64(vm.options.clock.now() - exchange.startedAt);
    case "size":
      return int64(exchange.requestSize);
    case "total_size":
      return int64(exchange.requestSize + (headers?.byteSize ?? 0));
    default:
      return field in REQUEST_HEADERS ? headerValue(headers, REQUEST_HEADERS[field]) : null;
  }
}

function readResponse(exchange: Exchange, path: string[]): Uint8Array | null {
  switch (path[1]) {
    case "code":
      return exchange.responseCode === 0 ? null : int64(exchange.responseCode);
    case "code_details":
      return exchange.details === "" ? null : encodeUtf8(exchange.details);
    case "flags":
      return int64(exchange.isReset ? 0x4000 : 0);
    case "size":
      return int64(exchange.response.outBody.length);
    case "headers":
      return headerValue(exchange.mapForReading(MapType.ResponseHeaders), path[2]);
    case "trailers":
      return headerValue(exchange.mapForReading(MapType.ResponseTrailers), path[2]);
    default:
      return null;
  }
}

function headerValue(headers: HeaderMap | null, name: string | undefined): Uint8Array | null {
  const value = name === undefined ? undefined : headers?.raw(name);
  return value === undefined ? null : binaryToBytes(value);
}
