// The AWS event stream framer, its reports as lines of text.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { AwsEventSink, AwsEventStreamFramer } from "../../../assembly/sse/aws-event-stream";

class Recorder extends AwsEventSink {
  out: Buffer = new Buffer(256);

  onMessage(eventType: View, exceptionType: View, payload: View): void {
    this.out.view(eventType);
    this.out.byte(0x7c);
    this.out.view(exceptionType);
    this.out.byte(0x7c);
    this.out.view(payload);
    this.out.byte(0x0a);
  }

  onCorrupt(reason: string): void {
    this.out.ascii("!");
    this.out.ascii(reason);
    this.out.byte(0x0a);
  }
}

let framer = new AwsEventStreamFramer();
let recorder = new Recorder();

/** A fresh stream; cap 0 is the default. */
export function start(cap: i32): void {
  framer = cap == 0 ? new AwsEventStreamFramer() : new AwsEventStreamFramer(cap);
  recorder = new Recorder();
}

export function feed(bytes: ArrayBuffer): void {
  framer.feed(View.of(bytes), recorder);
}

export function isInsideMessage(): bool {
  return framer.isInsideMessage;
}

export function isBroken(): bool {
  return framer.isBroken;
}

export function report(): ArrayBuffer {
  const bytes = recorder.out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

export function collect(): void {
  __collect();
}
