// The import object: every host function counted; what the module wants and Envoy does not have is an error at load.
import { generalImports } from "./imports-general";
import { httpImports } from "./imports-http";
import type { Vm } from "./vm";
import { wasiImports } from "./wasi";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ImportTable = Record<string, (...args: any[]) => number>;

/** The functions that `module` imports. Throws with a list of those that this host does not have. */
export function importsFor(vm: Vm, module: WebAssembly.Module): WebAssembly.Imports {
  const wasi = wasiImports(vm);
  const tables: Record<string, ImportTable> = {
    env: { ...generalImports(vm), ...httpImports(vm) },
    wasi_snapshot_preview1: wasi,
    wasi_unstable: wasi,
  };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  const unknown: string[] = [];
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const table = tables[from];
    if (kind !== "function" || table === undefined || !Object.hasOwn(table, name)) {
      unknown.push(`${from}.${name} (${kind})`);
      continue;
    }
    imports[from] ??= {};
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
    const status = run(...args);
    vm.hostCall = outer;
    return status;
  };
}
