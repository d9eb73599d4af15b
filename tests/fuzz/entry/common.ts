// What the fuzz targets share: the record that Node reads, input in pieces, and the same memory policy as the plugin's.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";

/** What a target found in its input, for comparison in Node. */
export const out: Buffer = new Buffer(64 << 10);

const PIECE_BYTES: i32 = 1 << 17;
/** A piece is fed from here, so that reading past its end finds quotes instead of the bytes that truly follow. */
const piece: ArrayBuffer = new ArrayBuffer(PIECE_BYTES + 64);

/** Cuts an input in pieces that depend on its bytes only. */
@final
export class Pieces {
  private state: u32;
  private most: i32;
  private here: i32 = 0;
  /** Offset of the piece in the input. */
  start: i32 = 0;
  // One view for all pieces: a callback of the plugin makes one, too, and then collects when it is time.
  private view: View = new View(changetype<usize>(piece), 0);

  constructor(
    private text: View,
    salt: u32,
  ) {
    this.state = (text.hash() ^ (salt * 0x9e3779b9)) | 1;
    const kind = this.next(4);
    this.most = kind == 0 ? 1 : kind == 1 ? 4 : kind == 2 ? 24 : text.length;
  }

  private next(limit: i32): i32 {
    let x = this.state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    this.state = x;
    return <i32>(x % <u32>limit);
  }

  /** The next piece, now and then an empty one; null after the last. */
  take(): View | null {
    const left = this.text.length - this.here;
    if (left == 0) return null;
    this.start = this.here;
    let size = this.next(16) == 0 ? 0 : 1 + this.next(this.most);
    if (size > left) size = left;
    if (size > PIECE_BYTES) size = PIECE_BYTES;
    const to = changetype<usize>(piece);
    memory.copy(to, this.text.ptr + <usize>this.here, <usize>size);
    memory.fill(to + <usize>size, 0x22, 16);
    this.here += size;
    this.view.length = size;
    return this.view;
  }
}

/** Appends a number of four bytes, little-endian. */
export function word(to: Buffer, value: i32): void {
  to.byte(value);
  to.byte(value >> 8);
  to.byte(value >> 16);
  to.byte(value >> 24);
}

/** Appends a length and the bytes. */
export function sized(to: Buffer, bytes: View): void {
  word(to, bytes.length);
  to.view(bytes);
}
