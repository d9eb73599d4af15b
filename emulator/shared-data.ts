// Data shared by the VMs of one vm_id, with compare and swap.
import { Status } from "./abi";

export interface SharedEntry {
  value: Uint8Array;
  cas: number;
}

export class SharedData {
  private readonly entries = new Map<string, SharedEntry>();
  private lastCas = 0;

  get(key: string): SharedEntry | undefined {
    return this.entries.get(key);
  }

  /** All keys and values as one text, a character for each byte of a value. */
  dump(): string {
    return [...this.entries].map(([key, { value }]) => `${key} ${Buffer.from(value).toString("latin1")}`).join("\n");
  }

  /** Stores a value; with `cas` other than 0 only when nobody has stored one since it was read. */
  set(key: string, value: Uint8Array, cas: number): number {
    const old = this.entries.get(key);
    if (old !== undefined && cas !== 0 && cas !== old.cas) return Status.CasMismatch;
    this.entries.set(key, { value, cas: ++this.lastCas });
    return Status.Ok;
  }
}
