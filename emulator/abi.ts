// The numbers of the Proxy-Wasm ABI 0.2.1, as the host sees them.

export const Status = {
  Ok: 0,
  NotFound: 1,
  BadArgument: 2,
  SerializationFailure: 3,
  InvalidMemoryAccess: 6,
  CasMismatch: 8,
  InternalFailure: 10,
  Unimplemented: 12,
} as const;

export const MapType = {
  RequestHeaders: 0,
  RequestTrailers: 1,
  ResponseHeaders: 2,
  ResponseTrailers: 3,
  GrpcInitialMetadata: 4,
  GrpcTrailingMetadata: 5,
  HttpCallResponseHeaders: 6,
  HttpCallResponseTrailers: 7,
} as const;
export const LAST_MAP_TYPE = 7;

export const BufferType = {
  RequestBody: 0,
  ResponseBody: 1,
  HttpCallResponseBody: 4,
  VmConfiguration: 6,
  PluginConfiguration: 7,
  CallData: 8,
} as const;
export const LAST_BUFFER_TYPE = 8;

/** What a header or trailer callback returns. */
export const HeadersAction = {
  Continue: 0,
  StopIteration: 1,
  ContinueAndEndStream: 2,
  StopAllIterationAndBuffer: 3,
  StopAllIterationAndWatermark: 4,
} as const;

/** What a body callback returns. */
export const DataAction = {
  Continue: 0,
  StopIterationAndBuffer: 1,
  StopIterationAndWatermark: 2,
  StopIterationNoBuffer: 3,
} as const;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Something that a filter must not do although Envoy may let it pass; tests assert that there is none. */
export interface Violation {
  rule:
    | "memory"
    | "headers-sent"
    | "header-syntax"
    | "content-length"
    | "buffer-phase"
    | "unknown-map"
    | "unknown-buffer"
    | "unknown-level"
    | "phase"
    | "dead-context"
    | "metric"
    | "action";
  message: string;
  /** The callback and the host function in which it happened; "" outside of any. */
  callback: string;
  hostCall: string;
  contextId: number;
}

export interface Trap {
  callback: string;
  contextId: number;
  /** The last line that the module logged at level critical before it trapped, or the engine's own message. */
  message: string;
}

export interface LogLine {
  level: LogLevel;
  text: string;
  contextId: number;
}
