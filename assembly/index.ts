// The ABI: what the host calls. Contexts are found by id; nothing else is decided here.

import "./hot-words";
import "./host/abort";
import { DataAction, HeadersAction } from "./host/abi";
import { allocate, enter, leave } from "./host/memory";
import { Filter } from "./filter";
import { addFilter, findFilter, removeFilter } from "./filters";
import { Plugin } from "./plugin";
import { onTick } from "./telemetry/counters";

const plugins: Map<u32, Plugin> = new Map<u32, Plugin>();

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: i32): usize {
  return allocate(size);
}

export function proxy_on_context_create(id: u32, parent: u32): void {
  enter();
  if (parent == 0) plugins.set(id, new Plugin(id));
  else if (plugins.has(parent)) addFilter(new Filter(plugins.get(parent), id));
  leave();
}

export function proxy_on_vm_start(_root: u32, _size: i32): bool {
  return true;
}

export function proxy_on_configure(root: u32, size: i32): bool {
  enter();
  const accepted = plugins.has(root) && plugins.get(root).configure(size);
  leave();
  return accepted;
}

export function proxy_on_request_headers(id: u32, _count: i32, endOfStream: bool): HeadersAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onRequestHeaders(endOfStream) : HeadersAction.Continue;
  leave();
  return action;
}

export function proxy_on_request_body(id: u32, size: i32, endOfStream: bool): DataAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onRequestBody(size, endOfStream) : DataAction.Continue;
  leave();
  return action;
}

export function proxy_on_request_trailers(id: u32, _count: i32): HeadersAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onRequestTrailers() : HeadersAction.Continue;
  leave();
  return action;
}

export function proxy_on_response_headers(id: u32, _count: i32, endOfStream: bool): HeadersAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onResponseHeaders(endOfStream) : HeadersAction.Continue;
  leave();
  return action;
}

export function proxy_on_response_body(id: u32, size: i32, endOfStream: bool): DataAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onResponseBody(size, endOfStream) : DataAction.Continue;
  leave();
  return action;
}

export function proxy_on_response_trailers(id: u32, _count: i32): HeadersAction {
  enter();
  const filter = findFilter(id);
  const action = filter !== null ? filter.onResponseTrailers() : HeadersAction.Continue;
  leave();
  return action;
}

export function proxy_on_http_call_response(root: u32, call: i32, headers: i32, size: i32, _trailers: i32): void {
  enter();
  if (plugins.has(root)) plugins.get(root).onCallResponse(call, headers, size);
  leave();
}

export function proxy_on_tick(_root: u32): void {
  enter();
  onTick();
  leave();
}

export function proxy_on_log(id: u32): void {
  enter();
  const filter = findFilter(id);
  if (filter !== null) filter.onLog();
  leave();
}

export function proxy_on_delete(id: u32): void {
  enter();
  // An upstream filter's streams are never logged: this is their end.
  const filter = findFilter(id);
  if (filter !== null) filter.onLog();
  removeFilter(id);
  if (plugins.has(id)) plugins.get(id).end();
  plugins.delete(id);
  leave();
}
