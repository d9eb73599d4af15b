// The Proxy-Wasm ABI 0.2.1 as this plugin uses it: raw imports, and the memory that the host writes into.
// Every wrapper returns a status; none traps. See docs/decisions/0001-own-abi-layer.md.

/** What a host call returns. */
export const enum Status {
  Ok = 0,
  NotFound = 1,
  BadArgument = 2,
  CasMismatch = 8,
  Unimplemented = 12,
}

/** Header maps of a stream. */
export const enum HeaderMapType {
  RequestHeaders = 0,
  RequestTrailers = 1,
  ResponseHeaders = 2,
  ResponseTrailers = 3,
  HttpCallResponseHeaders = 6,
}

/** Buffers of the host. */
export const enum BufferType {
  RequestBody = 0,
  ResponseBody = 1,
  HttpCallResponseBody = 4,
  PluginConfiguration = 7,
}

/** What becomes of a stream after its headers. */
export const enum HeadersAction {
  Continue = 0,
  StopIteration = 1,
  /** The body is kept back, too, until the request is told to go on. */
  StopAll = 4,
}

/** What becomes of a stream after a part of its body. */
export const enum DataAction {
  Continue = 0,
  StopIterationAndBuffer = 1,
  StopIterationNoBuffer = 3,
}

/** Kinds of metrics. */
export const enum MetricType {
  Counter = 0,
  Gauge = 1,
  Histogram = 2,
}

/** Levels of the host's log. */
export const enum LogLevel {
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
  Critical = 5,
}

// prettier-ignore
export namespace env {
  // @ts-ignore: decorator
  @external("env", "proxy_log")
  export declare function log(level: u32, message: usize, size: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_get_current_time_nanoseconds")
  export declare function getTime(out: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_get_property")
  export declare function getProperty(path: usize, size: usize, outData: usize, outSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_set_property")
  export declare function setProperty(path: usize, size: usize, data: usize, dataSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_get_header_map_pairs")
  export declare function getHeaderPairs(map: u32, outData: usize, outSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_replace_header_map_value")
  export declare function replaceHeader(map: u32, name: usize, nameSize: usize, value: usize, valueSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_remove_header_map_value")
  export declare function removeHeader(map: u32, name: usize, nameSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_get_buffer_bytes")
  export declare function getBuffer(type: u32, start: u32, size: u32, outData: usize, outSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_set_buffer_bytes")
  export declare function setBuffer(type: u32, start: u32, size: u32, data: usize, dataSize: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_send_local_response")
  export declare function sendLocalResponse(
    status: u32,
    details: usize,
    detailsSize: usize,
    body: usize,
    bodySize: usize,
    headers: usize,
    headersSize: usize,
    grpcStatus: i32,
  ): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_http_call")
  export declare function httpCall(
    cluster: usize,
    clusterSize: usize,
    headers: usize,
    headersSize: usize,
    body: usize,
    bodySize: usize,
    trailers: usize,
    trailersSize: usize,
    timeout: u32,
    outId: usize,
  ): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_set_effective_context")
  export declare function setEffectiveContext(id: u32): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_continue_stream")
  export declare function continueStream(stream: u32): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_set_tick_period_milliseconds")
  export declare function setTickPeriod(milliseconds: u32): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_get_shared_data")
  export declare function getSharedData(key: usize, size: usize, outData: usize, outSize: usize, outCas: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_set_shared_data")
  export declare function setSharedData(key: usize, size: usize, data: usize, dataSize: usize, cas: u32): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_define_metric")
  export declare function defineMetric(type: u32, name: usize, size: usize, outId: usize): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_increment_metric")
  export declare function incrementMetric(id: u32, offset: i64): u32;
  // @ts-ignore: decorator
  @external("env", "proxy_record_metric")
  export declare function recordMetric(id: u32, value: u64): u32;
}

/** What Envoy has for every module beside the ABI. Every function returns 0 when it went well. */
// prettier-ignore
export namespace wasi {
  // @ts-ignore: decorator
  @external("wasi_snapshot_preview1", "environ_sizes_get")
  export declare function environSizes(outCount: usize, outSize: usize): u32;
  // @ts-ignore: decorator
  @external("wasi_snapshot_preview1", "environ_get")
  export declare function environ(outPointers: usize, outBytes: usize): u32;
}
