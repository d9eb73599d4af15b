// Fuzz target: the framer of AWS event streams.
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { AwsEventSink, AwsEventStreamFramer } from "../../../assembly/sse/aws-event-stream";
import { Pieces, out, sized, word } from "./common";

const LARGE: i32 = 1 << 20;
const SMALL: i32 = 200;

@final
class Recorder extends AwsEventSink {
  constructor(private log: Buffer) {
    super();
  }

  onMessage(eventType: View, exceptionType: View, payload: View): void {
    word(this.log, 1);
    sized(this.log, eventType);
    sized(this.log, exceptionType);
    sized(this.log, payload);
  }

  onCorrupt(reason: string): void {
    word(this.log, 2);
    sized(this.log, View.utf8(reason));
  }
}

function read(text: View, salt: u32, cap: i32, log: Buffer): void {
  const framer = new AwsEventStreamFramer(cap);
  const sink = new Recorder(log);
  if (salt == 0) framer.feed(text, sink);
  else {
    const pieces = new Pieces(text, salt);
    for (let piece = pieces.take(); piece !== null; piece = pieces.take()) framer.feed(piece, sink);
  }
  word(log, framer.isBroken ? 3 : framer.isInsideMessage ? 4 : 5);
}

const whole = new Buffer(4096);
const cut = new Buffer(4096);

/** 0, or the number of the property that does not hold. `out` holds the messages in order and how the stream ended. */
export function aws(ptr: usize, length: i32): i32 {
  const text = new View(ptr, length);
  out.clear();
  read(text, 0, LARGE, out);
  for (let salt: u32 = 1; salt <= 2; salt++) {
    cut.clear();
    read(text, salt, LARGE, cut);
    if (!cut.toView().sameAs(out.toView())) return 1;
  }
  whole.clear();
  cut.clear();
  read(text, 0, SMALL, whole);
  read(text, 3, SMALL, cut);
  return cut.toView().sameAs(whole.toView()) ? 0 : 2;
}
