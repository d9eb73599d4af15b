// Which header map a host function means, and whether it may still be changed.
import { MapType } from "./abi";
import type { HeaderMap } from "./header-map";
import type { Vm } from "./vm";

/** The pairs that the module may read; null when there is no such map now. */
export function pairsForReading(vm: Vm, type: number): [string, string][] | null {
  if (type === MapType.HttpCallResponseHeaders) return vm.callResponse?.headers ?? null;
  if (type === MapType.HttpCallResponseTrailers) return vm.callResponse?.trailers ?? null;
  return vm.exchange?.mapForReading(type)?.pairs ?? null;
}

/** The map that the module may change, or null; every change that comes too early or too late is a violation. */
export function mapForChange(vm: Vm, type: number): HeaderMap | null {
  const { exchange } = vm;
  if (exchange === null || type > MapType.ResponseTrailers) {
    vm.complain("phase", `header map ${type} cannot be changed here`);
    return null;
  }
  const isRequest = type === MapType.RequestHeaders || type === MapType.RequestTrailers;
  const isTrailers = type === MapType.RequestTrailers || type === MapType.ResponseTrailers;
  const half = isRequest ? exchange.request : exchange.response;
  const what = `${isRequest ? "request" : "response"} ${isTrailers ? "trailers" : "headers"}`;
  if (exchange.phase !== "open") {
    vm.complain("headers-sent", `the ${what} are changed after the end of the exchange`);
    return null;
  }
  if (isTrailers ? half.trailersSent : half.headersSent) {
    vm.complain("headers-sent", `the ${what} are changed after they were sent on`);
    return isTrailers ? half.visibleTrailers : half.visibleHeaders;
  }
  const map = isTrailers ? half.trailersForChange() : half.visibleHeaders;
  if (map === null) vm.complain("phase", `there are no ${what} to change yet`);
  return map;
}
