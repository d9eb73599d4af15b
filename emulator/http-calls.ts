// Calls that the module makes to other clusters, and the responses that tests give to them.
import { Status } from "./abi";
import { EMPTY, decodeUtf8, toBytes } from "./bytes";
import { HeaderMap, type HeadersInit } from "./header-map";
import type { RootContext } from "./root";
import type { Vm } from "./vm";

export interface PendingCall {
  id: number;
  cluster: string;
  headers: Record<string, string>;
  body: Uint8Array;
  text: string;
  trailers: Record<string, string>;
  timeoutMs: number;
  /** Responses come to the root context, whoever called. */
  root: RootContext;
}

export interface CallResponse {
  headers?: HeadersInit;
  body?: Uint8Array | string;
  trailers?: HeadersInit;
}

export interface CallRequest {
  cluster: Uint8Array;
  headers: [string, string][];
  body: Uint8Array;
  trailers: [string, string][];
  timeoutMs: number;
}

/** Registers a call and returns its id, or a negative status. */
export function startCall(vm: Vm, root: RootContext, request: CallRequest): number {
  const cluster = decodeUtf8(request.cluster);
  const { clusters } = vm.options;
  if (request.timeoutMs < 0 || (clusters !== null && !clusters.includes(cluster))) return -Status.BadArgument;
  const headers = HeaderMap.from();
  headers.pairs = request.headers;
  if (!headers.has(":path") || !headers.has(":method") || !headers.has(":authority")) return -Status.BadArgument;
  const trailers = HeaderMap.from();
  trailers.pairs = request.trailers;
  const id = vm.nextCallId();
  vm.pendingCalls.push({
    id,
    cluster,
    headers: headers.toObject(),
    body: request.body,
    text: decodeUtf8(request.body),
    trailers: trailers.toObject(),
    timeoutMs: request.timeoutMs,
    root,
  });
  return id;
}

/** Gives a call its response; null is a failure (no headers, as Envoy reports a reset or a timeout). */
export function respondToCall(vm: Vm, id: number, response: CallResponse | null): void {
  const at = vm.pendingCalls.findIndex((call) => call.id === id);
  if (at < 0) throw new Error(`no HTTP call ${id} is pending`);
  const [call] = vm.pendingCalls.splice(at, 1);
  if (!vm.contexts.has(call.root.id)) return;
  let counts = [0, 0, 0];
  if (response !== null) {
    const headers = HeaderMap.from(response.headers ?? { ":status": "200" }).pairs;
    const trailers = response.trailers === undefined ? null : HeaderMap.from(response.trailers).pairs;
    const body = response.body === undefined ? EMPTY : toBytes(response.body);
    vm.callResponse = { headers, trailers, body };
    counts = [headers.length, body.length, trailers?.length ?? 0];
  }
  vm.call(call.root, "proxy_on_http_call_response", [call.root.id, id, ...counts], 0);
  vm.callResponse = null;
  vm.runDeferred();
}
