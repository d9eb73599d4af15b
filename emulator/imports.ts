// The import object: every host function counted; what the module wants and Envoy does not have is an error at load.
import { generalImports } from "./imports-general";
import { httpImports } from "./imports-http";
import type { Vm } from "./vm";
import { wasiImports } from "./wasi";

export type ImportTable = Record<string, (...args: any[]) => number>;

/**
 * The functions that `module` imports: Proxy-Wasm's, counted, and those of `extra`, which are not. Throws with a list of those
 * that neither has.
 */
export function importsFor(vm: Vm, module: WebAssembly.Module, extra: Record<string, ImportTable> = {}): WebAssembly.Imports {
  const wasi = wasiImports(vm);
  const tables: Record<string, ImportTable> = {
    env: { ...generalImports(vm), ...httpImports(vm) },
    wasi_snapshot_preview1: wasi,
    wasi_unstable: wasi,
  };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  const unknown: string[] = [];
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === "function" && extra[from] && Object.hasOwn(extra[from], name)) {
      imports[from][name] = extra[from][name];
      continue;
    }
    const table = tables[from];
    if (kind !== "function" || table === undefined || !Object.hasOwn(table, name)) {
      unknown.push(`${from}.${name} (${kind})`);
      continue;
    }
    imports[from][name] = counted(vm, name, table[name]);
  }
  if (unknown.length > 0) throw new Error(`the module imports what no Proxy-Wasm 0.2.1 host has: ${unknown.join(", ")}`);
  return imports;
}

function counted(vm: Vm, name: string, run: ImportTable[string]): ImportTable[string] {
  return (...args) => {
    vm.hostCalls.set(name, (vm.hostCalls.get(name) ?? 0) + 1);
    const outer = vm.hostCall;
    vm.hostCall = name;
    vm.options.onHostCall?.(name, args, vm.memory);
    const status = run(...args);
    vm.hostCall = outer;
    return status;
  };
}
