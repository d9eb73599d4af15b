// A root context: one plugin configuration in the VM.
import type { Trap } from "./abi";
import type { Vm } from "./vm";

export class RootContext {
  readonly kind = "root";
  readonly id: number;
  trap: Trap | null = null;
  tickPeriodMs = 0;
  /** Readable while on_configure runs only. */
  configuration: Uint8Array | null = null;

  constructor(
    private readonly vm: Vm,
    readonly name: string,
    readonly rootId: string,
  ) {
    this.id = vm.nextContextId();
    vm.contexts.set(this.id, this);
  }

  /** Creates the context in the module and configures it, as Envoy does for each worker. */
  configure(configuration: Uint8Array): boolean {
    const { vm, id } = this;
    vm.call(this, "proxy_on_context_create", [id, 0], 0);
    const started = vm.call(this, "proxy_on_vm_start", [id, vm.options.vmConfig.length], 1) !== 0;
    this.configuration = configuration;
    const accepted = started && vm.call(this, "proxy_on_configure", [id, configuration.length], 1) !== 0;
    this.configuration = null;
    vm.runDeferred();
    return accepted && !vm.failed;
  }

  tick(): void {
    this.vm.call(this, "proxy_on_tick", [this.id], 0);
    this.vm.runDeferred();
  }

  /** Takes the configuration out of use; the exchanges that came from it must have finished. */
  stop(): void {
    if (!this.vm.contexts.has(this.id)) return;
    this.vm.call(this, "proxy_on_done", [this.id], 1);
    this.vm.call(this, "proxy_on_delete", [this.id], 0);
    this.vm.drop(this);
    this.vm.runDeferred();
  }
}
