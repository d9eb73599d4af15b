// The event stream framer and its collector: what they report, as lines of text.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { EventCollector, MAX_EVENT_BYTES } from "../../../assembly/sse/collector";
import { SseFramer, SseSink } from "../../../assembly/sse/framer";

let out = new Buffer(256);

function text(): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

class Recorder extends EventCollector {
  onEvent(name: View, data: View): void {
    out.view(name);
    out.byte(0x7c);
    out.view(data);
    out.byte(0x3b);
  }
}

/** Every callback of the framer with its places. */
class Tracer extends SseSink {
  data(view: View, start: i32, end: i32): void {
    this.line("data", start, end);
  }
  dataBreak(): void {
    this.line("break", -1, -1);
  }
  eventName(view: View, start: i32, end: i32): void {
    this.line("name", start, end);
  }
  eventEnd(offset: i32): void {
    this.line("end", offset, -1);
  }
  eventNameStart(): void {
    this.line("nameStart", -1, -1);
  }
  blockStart(offset: i32): void {
    this.line("block", offset, -1);
  }
  blockEnd(offset: i32): void {
    this.line("blockEnd", offset, -1);
  }
  private line(what: string, one: i32, other: i32): void {
    out.ascii(what);
    if (one >= 0) {
      out.byte(0x20);
      out.integer(one);
    }
    if (other >= 0) {
      out.byte(0x2d);
      out.integer(other);
    }
    out.byte(0x3b);
  }
}

/** Knows one event, and says where it was asked. */
class Knowing extends Tracer {
  known(view: View, start: i32): i32 {
    out.ascii("ask ");
    out.integer(start);
    out.byte(0x3b);
    return view.startsWithAt(start, "data: known\n\n") ? start + 13 : start;
  }
}

/** Takes only what every sink must take. */
class Plain extends SseSink {
  data(view: View, start: i32, end: i32): void {
    out.range(view, start, end);
  }
  dataBreak(): void {}
  eventName(view: View, start: i32, end: i32): void {}
  eventEnd(offset: i32): void {}
}

let framer = new SseFramer();
let recorder: Recorder = new Recorder(MAX_EVENT_BYTES);
let sink: SseSink = recorder;

/** A fresh stream: kind 0 gathers events up to `cap` bytes, 1 traces, 2 takes data only, 3 traces and knows an event. */
export function start(kind: i32, cap: i32): void {
  framer = new SseFramer();
  out = new Buffer(256);
  recorder = new Recorder(cap == 0 ? MAX_EVENT_BYTES : cap);
  sink = kind == 0 ? recorder : kind == 1 ? new Tracer() : kind == 2 ? new Plain() : new Knowing();
}

export function feed(bytes: ArrayBuffer): void {
  framer.feed(View.of(bytes), sink);
}

export function finish(): void {
  framer.finish(sink);
}

export function reset(): void {
  framer.reset();
}

export function report(): ArrayBuffer {
  return text();
}

export function skipped(): i32 {
  return recorder.skipped;
}

export function collect(): void {
  __collect();
}
