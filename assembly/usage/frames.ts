// Counts the tokens of a WebSocket session: reads the frames that the server sends (RFC 6455 section 5.2) as they pass, and each
// text message in them as one event of OpenAI's Realtime or Responses API. Constant memory, any size of message, any cut.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { JsonWatcher } from "../json/watcher";
import { usageTable } from "./usage-table";
import { UsageReader } from "./reader";
import { Usage } from "./usage";

/** Larger sums are cut to this. */
const LARGEST: i64 = 1 << 53;

const FINAL: i32 = 0x80;
const RESERVED: i32 = 0x70;
const OPCODE: i32 = 0x0f;
const TEXT: i32 = 1;
const CLOSE: i32 = 8;

@final
export class FrameMeter {
  /** The sum over all responses of the session. */
  usage: Usage = new Usage();
  /** The server has said that the session ends. */
  closeSeen: bool = false;
  reader: UsageReader;
  private watcher: JsonWatcher;
  /** Bytes of the frame's head so far; its first byte; how many bytes of length and mask follow the second one. */
  private headBytes: i32 = 0;
  private first: i32 = 0;
  private lengthBytes: i32 = 0;
  private maskBytes: i32 = 0;
  private length: i64 = 0;
  /** Bytes of the frame's payload that are still to come. */
  private left: i64 = 0;
  /** The message that is under way is text that can be read. */
  private inText: bool = false;
  /** The message's first byte is still to come. */
  private isFirst: bool = false;
  /** No frame can begin where the last one has ended. */
  private isBroken: bool = false;

  constructor() {
    const watcher = new JsonWatcher(usageTable());
    this.watcher = watcher;
    this.reader = new UsageReader(watcher);
  }

  /** Reads a part of the session. */
  feed(bytes: View): void {
    let here = 0;
    this.reader.repeated.giveUp();
    while (here < bytes.length && !this.isBroken) {
      if (this.left == 0) {
        this.headByte(bytes.byteAt(here++));
        continue;
      }
      const size = <i32>min<i64>(this.left, bytes.length - here);
      if (!this.isControl) this.payload(bytes, here, here + size);
      here += size;
      this.left -= size;
      if (this.left == 0) this.frameEnd();
    }
  }

  private payload(bytes: View, start: i32, end: i32): void {
    // Other texts are none of an API's.
    if (this.isFirst && bytes.byteAt(start) != Ascii.LeftBrace) this.inText = false;
    this.isFirst = false;
    if (this.inText) this.watcher.feed(bytes, start, end, this.reader);
  }

  private get isControl(): bool {
    return (this.first & OPCODE) >= CLOSE;
  }

  private headByte(byte: i32): void {
    const at = this.headBytes++;
    if (at == 0) this.first = byte;
    else if (at == 1) {
      const size = byte & 0x7f;
      this.lengthBytes = size == 126 ? 2 : size == 127 ? 8 : 0;
      this.maskBytes = byte > 0x7f ? 4 : 0;
      this.length = this.lengthBytes > 0 ? 0 : size;
    } else if (at < 2 + this.lengthBytes) this.length = (this.length << 8) | (<i64>byte);
    if (at > 0 && at == 1 + this.lengthBytes + this.maskBytes) this.frameStart();
  }

  private frameStart(): void {
    this.headBytes = 0;
    this.left = this.length;
    if (this.length < 0) this.isBroken = true;
    const opcode = this.first & OPCODE;
    if (opcode == CLOSE) this.closeSeen = true;
    if (!this.isControl && opcode > 0) {
      // A server masks nothing; what an extension has coded cannot be read.
      this.inText = opcode == TEXT && this.maskBytes == 0 && (this.first & RESERVED) == 0;
      if (this.inText) this.messageStart();
    }
    if (this.left == 0) this.frameEnd();
  }

  private frameEnd(): void {
    if (this.isControl || (this.first & FINAL) == 0 || !this.inText) return;
    this.inText = false;
    const report = this.reader.report;
    this.watcher.finish();
    report.updateUsage();
    if (report.usage.isKnown) this.add(report.usage);
  }

  private messageStart(): void {
    this.isFirst = true;
    this.watcher.reset();
    this.reader.report.clear();
    this.reader.begin();
  }

  private add(usage: Usage): void {
    const sum = this.usage;
    const total = usage.totalOrSum;
    sum.total = plus(sum.total, total);
    sum.input = plus(sum.input, usage.input);
    sum.output = plus(sum.output, usage.output);
    sum.cachedInput = plus(sum.cachedInput, usage.cachedInput);
    sum.cacheWrite = plus(sum.cacheWrite, usage.cacheWrite);
    sum.reasoning = plus(sum.reasoning, usage.reasoning);
    sum.audioInput = plus(sum.audioInput, usage.audioInput);
    sum.cachedAudio = plus(sum.cachedAudio, usage.cachedAudio);
    sum.audioOutput = plus(sum.audioOutput, usage.audioOutput);
    sum.imageInput = plus(sum.imageInput, usage.imageInput);
  }
}

/** The sum of what is known of two counts; below 0 they are not. */
function plus(sum: i64, more: i64): i64 {
  if (more < 0) return sum;
  return sum < 0 ? more : min<i64>(sum + more, LARGEST);
}
