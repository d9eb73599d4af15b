// Fuzz target: the event stream framer, the collector, the writer, and the meter with its filter.
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { EventCollector, MAX_EVENT_BYTES } from "../../../assembly/sse/collector";
import { SseFramer, SseSink } from "../../../assembly/sse/framer";
import { UsageChunkFilter } from "../../../assembly/usage/filter";
import { UsageMeter } from "../../../assembly/usage/meter";
import { Pieces, out, sized, word } from "./common";

/** Below every cap of the collector but its own smallest. */
const SMALL: i32 = 1024;
const LARGE: i32 = MAX_EVENT_BYTES;

@final
class Recorder extends EventCollector {
  events: i32 = 0;
  log: Buffer = out;

  onEvent(name: View, data: View): void {
    this.events++;
    sized(this.log, name);
    sized(this.log, data);
  }
}

/** Records the places of blocks in the whole stream. */
@final
class Places extends SseSink {
  base: i32 = 0;
  length: i32 = 0;
  constructor(
    private text: View,
    private log: Buffer,
  ) {
    super();
  }

  // A line end that is cut in two ends at its CR, in one piece after its LF: both are right.
  private place(kind: i32, offset: i32): void {
    let here = this.base + offset;
    if (this.text.at(here - 1) == 0x0d && this.text.at(here) == 0x0a) here++;
    word(this.log, kind);
    word(this.log, here);
  }
  data(view: View, start: i32, end: i32): void {
    if (start < 0 || start >= end || end > view.length) this.place(9, 0);
    this.length += end - start;
  }
  dataBreak(): void {
    this.length++;
  }
  eventName(view: View, start: i32, end: i32): void {
    if (start < 0 || start >= end || end > view.length) this.place(9, 0);
  }
  eventEnd(offset: i32): void {
    word(this.log, this.length);
    this.length = 0;
    this.place(1, offset);
  }
  blockStart(offset: i32): void {
    this.place(2, offset);
  }
  blockEnd(offset: i32): void {
    this.place(3, offset);
  }
}

function recorderTo(log: Buffer, cap: i32): Recorder {
  const recorder = new Recorder(cap);
  recorder.log = log;
  return recorder;
}

function feed(framer: SseFramer, text: View, salt: u32, sink: SseSink): void {
  if (salt == 0) framer.feed(text, sink);
  else {
    const pieces = new Pieces(text, salt);
    for (let piece = pieces.take(); piece !== null; piece = pieces.take()) {
      if (sink instanceof Places) (<Places>sink).base = pieces.start;
      framer.feed(piece, sink);
    }
  }
  if (sink instanceof Places) (<Places>sink).base = 0;
  framer.finish(sink);
}

const framer = new SseFramer();
const whole = new Buffer(4096);
const cut = new Buffer(4096);

/** 0, or the number of the property that does not hold. `out` holds name and data of every event. */
export function sse(ptr: usize, length: i32): i32 {
  const text = new View(ptr, length);
  out.clear();
  feed(framer, text, 0, recorderTo(out, LARGE));
  for (let salt: u32 = 1; salt <= 2; salt++) {
    cut.clear();
    feed(framer, text, salt, recorderTo(cut, LARGE));
    if (!cut.toView().sameAs(out.toView())) return 1;
  }
  // Dropped events are the same ones, too.
  whole.clear();
  cut.clear();
  const one = recorderTo(whole, SMALL);
  const other = recorderTo(cut, SMALL);
  feed(framer, text, 0, one);
  feed(framer, text, 3, other);
  if (one.skipped != other.skipped || one.events != other.events || !cut.toView().sameAs(whole.toView())) return 2;
  whole.clear();
  cut.clear();
  feed(framer, text, 0, new Places(text, whole));
  feed(framer, text, 4, new Places(text, cut));
  if (!cut.toView().sameAs(whole.toView())) return 3;
  whole.clear();
  cut.clear();
  filter(text, 0, whole);
  filter(text, 5, cut);
  if (!cut.toView().sameAs(whole.toView())) return 6;
  return written(text);
}

/** What is let through of a stream, and what is counted in it: whole, repeated events are passed over; in pieces, few are. */
function filter(text: View, salt: u32, log: Buffer): void {
  const meter = UsageMeter.clean();
  const filter = new UsageChunkFilter(meter);
  if (salt == 0) pass(filter, text, log);
  else {
    const pieces = new Pieces(text, salt);
    for (let piece = pieces.take(); piece !== null; piece = pieces.take()) pass(filter, piece, log);
  }
  filter.out.clear();
  if (filter.finish()) log.view(filter.out.toView());
  sized(log, meter.model);
  sized(log, meter.id);
  const usage = meter.usage;
  word(log, <i32>(usage.input ^ (usage.output << 3) ^ (usage.total << 6) ^ (usage.cachedInput << 9) ^ (usage.reasoning << 12)));
  word(log, <i32>meter.reader.text.tokens);
  word(log, (meter.firstTokenSeen ? 1 : 0) | (meter.errorSeen ? 2 : 0) | (meter.doneSeen ? 4 : 0));
  meter.release();
}

function pass(filter: UsageChunkFilter, piece: View, log: Buffer): void {
  log.view(filter.feed(piece) ? filter.out.toView() : piece);
}

@final
class Last extends EventCollector {
  events: i32 = 0;
  isSame: bool = true;
  wanted: View = View.empty();
  onEvent(name: View, data: View): void {
    this.events++;
    if (!name.equals("n") || !data.sameAs(this.wanted)) this.isSame = false;
  }
}

const last = new Last();

/** Writes an event with a name; each line of the data becomes a line of its own. */
function writeNamedEvent(to: Buffer, name: string, data: View): void {
  to.ascii("event: " + name + "\n");
  let start = 0;
  while (true) {
    const end = data.indexOfLineEnd(start);
    to.ascii("data: ");
    to.range(data, start, end < 0 ? data.length : end);
    to.ascii("\n");
    if (end < 0) break;
    start = end + (data.at(end) == 0x0d && data.at(end + 1) == 0x0a ? 2 : 1);
  }
  to.ascii("\n");
}

/** The first event's data, written again, is read back as one event. */
function written(text: View): i32 {
  const found = out.toView();
  if (found.length < 8) return 0;
  const nameSize = load<u32>(found.ptr);
  const dataSize = load<i32>(found.ptr + 4 + nameSize);
  const data = found.slice(8 + <i32>nameSize, 8 + <i32>nameSize + dataSize);
  cut.clear();
  writeNamedEvent(cut, "n", data);
  last.events = 0;
  last.isSame = true;
  last.wanted = data;
  framer.feed(cut.toView(), last);
  if (last.events != 1 || !last.isSame) return 4;
  framer.finish(last);
  return last.events == 1 ? 0 : 5;
}
