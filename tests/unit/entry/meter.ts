// The meter and the filter of usage chunks: what they say of a stream that comes in pieces.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { UsageChunkFilter } from "../../../assembly/usage/filter";
import { UsageMeter } from "../../../assembly/usage/meter";

function shown(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

function state(meter: UsageMeter, out: Buffer): void {
  const usage = meter.usage;
  const numbers: StaticArray<i64> = [
    usage.input,
    usage.output,
    usage.total,
    usage.cachedInput,
    usage.cacheWrite,
    usage.reasoning,
    meter.reader.text.tokens,
    <i64>meter.reader.fault,
    meter.firstTokenSeen ? 1 : 0,
    meter.errorSeen ? 1 : 0,
    meter.doneSeen ? 1 : 0,
    meter.isUsageOnly ? 1 : 0,
  ];
  for (let k = 0; k < numbers.length; k++) {
    out.integer(numbers[k]);
    out.byte(0x20);
  }
  out.view(meter.model);
  out.byte(0x20);
  out.view(meter.id);
  out.byte(0x0a);
}

/** What a meter says of a stream in pieces of `size` bytes. */
export function metered(text: ArrayBuffer, size: i32): ArrayBuffer {
  const out = new Buffer(256);
  const meter = UsageMeter.clean();
  const view = View.of(text);
  for (let at = 0; at < view.length; at += size) meter.feedSse(view.slice(at, at + size));
  meter.finishSse();
  state(meter, out);
  meter.release();
  return shown(out);
}

/** What the filter lets through, and what its meter says. */
export function filtered(text: ArrayBuffer, size: i32): ArrayBuffer {
  const out = new Buffer(256);
  const meter = UsageMeter.clean();
  const filter = new UsageChunkFilter(meter);
  const view = View.of(text);
  for (let at = 0; at < view.length; at += size) {
    const piece = view.slice(at, at + size);
    out.view(filter.feed(piece) ? filter.out.toView() : piece);
  }
  filter.out.clear();
  if (filter.finish()) out.view(filter.out.toView());
  out.byte(0x0a);
  state(meter, out);
  meter.release();
  return shown(out);
}

/** Bytes that are known again in `next`, after a stream `text`. */
export function knownAfter(text: ArrayBuffer, next: ArrayBuffer): i32 {
  const meter = UsageMeter.clean();
  meter.feedSse(View.of(text));
  const end = meter.known(View.of(next), 0);
  meter.release();
  return end;
}
