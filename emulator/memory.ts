// The module's memory, every access checked. Values for the module are put where its own allocator says.
import { Status } from "./abi";

type Allocate = (size: number) => number;

export class GuestMemory {
  /** Bytes asked of the module's allocator, and how often. */
  allocatedBytes = 0;
  allocations = 0;
  private memory: WebAssembly.Memory | null = null;
  private allocate: Allocate | null = null;

  constructor(private readonly complain: (message: string) => void) {}

  attach(memory: WebAssembly.Memory, allocate: Allocate): void {
    this.memory = memory;
    this.allocate = allocate;
  }

  /** Bytes of linear memory; it never shrinks. */
  get size(): number {
    return this.memory?.buffer.byteLength ?? 0;
  }

  /** A copy of `size` bytes at `pointer`, or null when they are not all in memory. */
  read(pointer: number, size: number): Uint8Array | null {
    return this.window(pointer, size, "read")?.slice() ?? null;
  }

  write(pointer: number, bytes: Uint8Array): boolean {
    const window = this.window(pointer, bytes.length, "write");
    window?.set(bytes);
    return window !== null;
  }

  writeU32(pointer: number, value: number): boolean {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return this.write(pointer, bytes);
  }

  writeU64(pointer: number, value: bigint): boolean {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
    return this.write(pointer, bytes);
  }

  /** Hands bytes over: allocates in the module, copies, writes address and size. Nothing is allocated for no bytes. */
  give(bytes: Uint8Array, outPointer: number, outSize: number): number {
    let pointer = 0;
    if (bytes.length > 0) {
      pointer = this.reserve(bytes.length);
      if (pointer === 0 || !this.write(pointer, bytes)) return Status.InvalidMemoryAccess;
    }
    const written = this.writeU32(outPointer, pointer) && this.writeU32(outSize, bytes.length);
    return written ? Status.Ok : Status.InvalidMemoryAccess;
  }

  private reserve(size: number): number {
    this.allocatedBytes += size;
    this.allocations++;
    const pointer = (this.allocate?.(size) ?? 0) >>> 0;
    if (pointer === 0) this.complain(`the module's allocator gave no memory for ${size} bytes`);
    return pointer;
  }

  private window(pointer: number, size: number, what: string): Uint8Array | null {
    const start = pointer >>> 0;
    const length = size >>> 0;
    if (this.memory === null || start + length > this.memory.buffer.byteLength) {
      this.complain(`${what} of ${length} bytes at ${start} is outside of the ${this.size} bytes of memory`);
      return null;
    }
    return new Uint8Array(this.memory.buffer, start, length);
  }
}
