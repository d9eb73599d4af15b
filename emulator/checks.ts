// What must be true of a message when it leaves the filter.
import type { Half } from "./half";
import type { HeaderMap } from "./header-map";
import type { Vm } from "./vm";

/** Envoy answers 400 to a request that a filter has taken these from, and joins what was added twice. */
export function checkRequestHeaders(vm: Vm, headers: HeaderMap): void {
  for (const name of [":method", ":path", ":authority"]) {
    const values = headers.pairs.filter(([other]) => other === name).map(([, value]) => value);
    if (values.length !== 1 || values[0] === "") vm.complain("header-syntax", `the request left with ${name} ${JSON.stringify(values)}`);
  }
}

export function checkResponseHeaders(vm: Vm, headers: HeaderMap): void {
  const values = headers.pairs.filter(([name]) => name === ":status").map(([, value]) => value);
  if (values.length !== 1 || !/^[1-9]\d\d$/.test(values[0]))
    vm.complain("header-syntax", `the response left with :status ${JSON.stringify(values)}`);
}

/** A body that is not as long as its content-length says breaks the connection; one that came so is not the filter's. */
export function checkLength(vm: Vm, what: string, half: Half): void {
  const declared = half.outHeaders?.get("content-length");
  const size = half.outChunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (declared === undefined || Number(declared) === size) return;
  if (half.bytesIn === size && half.declaredIn === declared) return;
  vm.complain("content-length", `the ${what} left with content-length ${declared} and ${size} bytes`);
}
