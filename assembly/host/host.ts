// Host calls in the project's own words: bytes in, bytes or a status out. The only file that calls `env`.

import { View } from "../bytes/view";
import { BufferType, HeaderMapType, LogLevel, MetricType, Status, env } from "./abi";
import { outData, outNumber, outSize, outView } from "./memory";

export { now } from "./memory";

/** Windows on what the host gave last: the same objects again and again, as a callback needs one of each kind. */
const shownProperty: View = new View(0, 0);
const shownRequest: View = new View(0, 0);
const shownHeaders: View = new View(0, 0);
const shownBody: View = new View(0, 0);

/** Writes one log line. Never give it a secret, a prompt or a response. */
export function log(level: LogLevel, text: string): void {
  const bytes = String.UTF8.encode(text);
  env.log(level, changetype<usize>(bytes), bytes.byteLength);
}

/** A property by its path (`response\0code_details`), or null. Valid until the callback ends or the next property is read. */
export function property(path: View): View | null {
  return env.getProperty(path.ptr, path.length, outData(), outSize()) == Status.Ok ? outView(shownProperty) : null;
}

/** Sets filter state `wasm.<path>`. */
export function setProperty(path: View, value: View): Status {
  return env.setProperty(path.ptr, path.length, value.ptr, value.length);
}

/** All headers of a map in wire form (http/header-block.ts reads it), or null. */
export function headerBlock(map: HeaderMapType): View | null {
  return env.getHeaderPairs(map, outData(), outSize()) == Status.Ok
    ? outView(map == HeaderMapType.RequestHeaders ? shownRequest : shownHeaders)
    : null;
}

/** Sets a header to one value, adding it when it is not there. */
export function replaceHeader(map: HeaderMapType, name: View, value: View): void {
  env.replaceHeader(map, name.ptr, name.length, value.ptr, value.length);
}

/** Takes all headers of a name out of the map. */
export function removeHeader(map: HeaderMapType, name: View): void {
  env.removeHeader(map, name.ptr, name.length);
}

/** `size` bytes of a body from `start` on, or null. Valid until the callback ends. */
export function body(type: BufferType, start: i32, size: i32): View | null {
  return env.getBuffer(type, start, size, outData(), outSize()) == Status.Ok ? outView(shownBody) : null;
}

/** Replaces the first `size` bytes of a body; Envoy before 1.35 takes only the whole body and says BadArgument else. */
export function replaceBodyHead(type: BufferType, size: i32, text: View): Status {
  return env.setBuffer(type, 0, size, text.ptr, text.length);
}

/** Replaces a whole body. */
export function replaceBody(type: BufferType, text: View): Status {
  return env.setBuffer(type, 0, 0x7fffffff, text.ptr, text.length);
}

/** Responses in place of the upstream. `headers` is in wire form. Nothing may be changed afterwards. */
export function sendLocalResponse(status: i32, details: View, text: View, headers: View): Status {
  return env.sendLocalResponse(status, details.ptr, details.length, text.ptr, text.length, headers.ptr, headers.length, -1);
}

/**
 * Starts a call of the plugin's own to `cluster`; `headers` in wire form, limit in milliseconds. Its id, or -1 when the host
 * refuses it (no such cluster). The response comes to the plugin `root`, whatever becomes of the stream that asked.
 */
export function httpCall(root: u32, cluster: View, headers: View, text: View, timeoutMs: i32): i32 {
  env.setEffectiveContext(root);
  // An empty list of trailers is a count of zero.
  store<u64>(outSize(), 0);
  const status = env.httpCall(
    cluster.ptr,
    cluster.length,
    headers.ptr,
    headers.length,
    text.ptr,
    text.length,
    outSize(),
    4,
    timeoutMs,
    outData(),
  );
  return status == Status.Ok ? load<i32>(outData()) : -1;
}

/** Host calls act on this context until the callback ends. */
export function actOn(context: u32): void {
  env.setEffectiveContext(context);
}

/** Ticks of the plugin that is acted on, from now on; 0 ends them. */
export function setTickPeriod(milliseconds: u32): void {
  env.setTickPeriod(milliseconds);
}

/** Lets a held request of the context that is acted on go on. */
export function continueRequest(): void {
  env.continueStream(0);
}

/** The same of a held response. */
export function continueResponse(): void {
  env.continueStream(1);
}

/** The id of a metric, or -1. Each call makes a new id, so ids are kept by telemetry/metrics.ts. */
export function defineMetric(type: MetricType, name: View): i32 {
  return env.defineMetric(type, name.ptr, name.length, outData()) == Status.Ok ? load<i32>(outData()) : -1;
}

/** Adds to a counter or gauge; a metric that could not be defined (-1) is ignored. */
export function increment(metric: i32, by: i64): void {
  if (metric >= 0) env.incrementMetric(metric, by);
}

/** Records a value in a histogram; a metric that could not be defined (-1) is ignored. */
export function record(metric: i32, value: u64): void {
  if (metric >= 0) env.recordMetric(metric, value);
}
