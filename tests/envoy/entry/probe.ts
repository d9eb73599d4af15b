// The probe: a stand-in for the plugin with which the lab and deploy/ are tested on their own. It holds request headers
// until the body is complete, writes `ai_log`, emits one of each documented metric, refuses a configuration that says
// "refuse" and traps on /trap. Stub runtime: it leaks by design and must never see real traffic.

// @ts-ignore: decorator
@external("env", "proxy_get_buffer_bytes")
declare function getBuffer(kind: u32, start: usize, length: usize, data: usize, size: usize): u32;
// @ts-ignore: decorator
@external("env", "proxy_get_header_map_value")
declare function getHeader(map: u32, key: usize, keySize: usize, data: usize, size: usize): u32;
// @ts-ignore: decorator
@external("env", "proxy_set_property")
declare function setProperty(path: usize, pathSize: usize, value: usize, valueSize: usize): u32;
// @ts-ignore: decorator
@external("env", "proxy_define_metric")
declare function defineMetric(kind: u32, name: usize, nameSize: usize, id: usize): u32;
// @ts-ignore: decorator
@external("env", "proxy_increment_metric")
declare function incrementMetric(id: u32, by: i64): u32;
// @ts-ignore: decorator
@external("env", "proxy_record_metric")
declare function recordMetric(id: u32, value: u64): u32;

const CONTINUE: u32 = 0;
const STOP: u32 = 1;
const COUNTER: u32 = 0;
const HISTOGRAM: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;
const LABELS = "route.r%2E0.upstream.llm.model.gpt-4o.consumer.none";
const OWN = "ai_proxy.~route.r%2E0.~upstream.llm.~model.gpt-4o.~consumer.none";
const result = memory.data(8);
const counters: u32[] = [];
const histograms: u32[] = [];

function read(status: u32): string {
  return status == 0 ? String.UTF8.decodeUnsafe(load<u32>(result), load<u32>(result, 4)) : "";
}

function define(kind: u32, name: string): u32 {
  const text = String.UTF8.encode(name);
  defineMetric(kind, changetype<usize>(text), text.byteLength, result);
  return load<u32>(result);
}

function defineAll(): void {
  const tokens = ["input_token", "output_token", "total_token"];
  const durations = ["llm_service_duration", "llm_duration_count", "llm_first_token_duration", "llm_stream_duration_count", "llm_failure_count"];
  for (let n = 0; n < tokens.length; n++) counters.push(define(COUNTER, `${LABELS}.metric.${tokens[n]}`));
  for (let n = 0; n < durations.length; n++) counters.push(define(COUNTER, `${LABELS}.metric.${durations[n]}`));
  counters.push(define(COUNTER, `${OWN}.~class.2xx.requests_total`));
  counters.push(define(COUNTER, "ai_proxy.~reason.encoding.skipped_bodies_total"));
  histograms.push(define(HISTOGRAM, `${OWN}.request_duration_ms`));
  histograms.push(define(HISTOGRAM, `${OWN}.time_to_first_token_ms`));
}

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_on_context_create(context: u32, parent: u32): void {}

export function proxy_on_vm_start(context: u32, size: u32): u32 {
  return 1;
}

export function proxy_on_configure(context: u32, size: u32): u32 {
  if (size > 0 && read(getBuffer(PLUGIN_CONFIGURATION, 0, size, result, result + 4)).includes("refuse")) return 0;
  if (counters.length == 0) defineAll();
  return 1;
}

export function proxy_on_request_headers(context: u32, count: u32, end: u32): u32 {
  const key = String.UTF8.encode(":path");
  if (read(getHeader(0, changetype<usize>(key), key.byteLength, result, result + 4)) == "/trap") unreachable();
  return end ? CONTINUE : STOP;
}

export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 {
  return end ? CONTINUE : STOP;
}

export function proxy_on_response_headers(context: u32, count: u32, end: u32): u32 {
  const path = String.UTF8.encode("ai_log");
  const value = String.UTF8.encode('{"model":"gpt-4o","input_token":3,"output_token":4,"total_token":7}');
  setProperty(changetype<usize>(path), path.byteLength, changetype<usize>(value), value.byteLength);
  return CONTINUE;
}

export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 {
  return CONTINUE;
}

export function proxy_on_done(context: u32): u32 {
  return 1;
}

export function proxy_on_log(context: u32): void {
  for (let n = 0; n < counters.length; n++) incrementMetric(counters[n], n + 1);
  for (let n = 0; n < histograms.length; n++) recordMetric(histograms[n], 1000);
}

export function proxy_on_delete(context: u32): void {}
