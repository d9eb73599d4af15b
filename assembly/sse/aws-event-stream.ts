// AWS's binary event stream (application/vnd.amazon.eventstream): length, header length, prelude CRC, headers, payload,
// message CRC, all big-endian (Smithy specification "Amazon Event Stream", read Nov 2026). Can stop at any byte. It must
// not know what an event means.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { crc32 } from "../crypto/crc32";

/** Bytes of one message that are taken unless told otherwise. The specification allows 16 MiB of payload. */
const MAX_MESSAGE_BYTES: i32 = 1 << 20;
/** Lengths and their checksum. */
const PRELUDE_BYTES: i32 = 12;
/** A message with no headers and no payload. */
const SMALLEST_MESSAGE: u32 = 16;
/** Memory that is kept from one message to the next. */
const KEPT_BYTES: i32 = 64 << 10;

/** Types of header values that matter here. */
const TYPE_BYTES: i32 = 6;
const TYPE_STRING: i32 = 7;

/** The exception type of frames that cannot be read on; AWS itself has no such exception. Its payload is `{"message"}`. */
export const CORRUPT_STREAM: string = "corruptStreamException";

/** Stands for an absent header; never written to. */
const ABSENT: View = View.empty();

/** Receives whole messages. The views hold until the call returns. */
export abstract class AwsEventSink {
  /**
   * A message whose checksums are right. `exceptionType` is empty for events; for `:message-type` error it is the error code
   * and `payload`, when the message has none, the text of `:error-message`.
   */
  abstract onMessage(eventType: View, exceptionType: View, payload: View): void;

  /** The stream cannot be read on: one sentence why. Called at most once, nothing follows. */
  abstract onCorrupt(reason: string): void;
}

@final
export class AwsEventStreamFramer {
  private held: Buffer = new Buffer(16);
  /** Bytes of the message that `held` is gathering; 0 until its prelude is there. */
  private wanted: i32 = 0;
  private broken: bool = false;
  private reason: string = "";
  /** Bytes of the headers of the message whose prelude was read last. */
  private headerBytes: i32 = 0;
  private eventType: View = ABSENT;
  private exceptionType: View = ABSENT;
  private errorCode: View = ABSENT;
  private errorMessage: View = ABSENT;
  /** `:message-type` says that the message reports a failure; `error` is the untyped kind. */
  private isFailure: bool = false;
  private isUntyped: bool = false;

  /** A message of more than `cap` bytes ends the stream as corrupt. */
  constructor(private cap: i32 = MAX_MESSAGE_BYTES) {
    this.held = Buffer.capped(1024, cap > PRELUDE_BYTES ? cap : PRELUDE_BYTES);
  }

  /** Bytes of memory that stay from one feed to the next. */
  get heldBytes(): i32 {
    return this.held.capacity;
  }

  /** True once the stream was found corrupt: bytes are ignored from then on. */
  get isBroken(): bool {
    return this.broken;
  }

  /**
   * True while a message has begun and not ended. A stream that ends so was cut; that is no corruption, and whether the response
   * was whole by then only the reader of its events knows.
   */
  get isInsideMessage(): bool {
    return this.held.length != 0;
  }

  /**
   * Reads all of `bytes`. A message that lies in them whole is read where it lies; only what is cut is copied, into one
   * buffer that grows with the bytes that came, not with the length that they state. O(n); two small views for a message.
   */
  feed(bytes: View, sink: AwsEventSink): void {
    let here = 0;
    while (!this.broken && here < bytes.length) {
      if (this.held.length == 0) {
        const size = this.sizeAt(bytes, here);
        if (size < 0) this.fail(sink);
        else if (size > 0 && size <= bytes.length - here) {
          this.message(bytes, here, size, sink);
          here += size;
        } else here = this.gather(bytes, here, sink);
      } else here = this.gather(bytes, here, sink);
    }
  }

  /** Copies what the held message lacks; returns the index after what was read. */
  private gather(bytes: View, here: i32, sink: AwsEventSink): i32 {
    const held = this.held;
    const lacking = (this.wanted == 0 ? PRELUDE_BYTES : this.wanted) - held.length;
    const end = bytes.length - here < lacking ? bytes.length : here + lacking;
    held.range(bytes, here, end);
    if (end - here < lacking) return end;
    if (this.wanted == 0) {
      this.wanted = this.sizeAt(held.toView(), 0);
      if (this.wanted < 0) this.fail(sink);
      return end;
    }
    this.message(held.toView(), 0, this.wanted, sink);
    held.clearTo(KEPT_BYTES);
    this.wanted = 0;
    return end;
  }

  /** Size of the message at `start`; 0 while its prelude is not all there, -1 (and `reason`) when it cannot be right. */
  private sizeAt(bytes: View, start: i32): i32 {
    if (bytes.length - start < PRELUDE_BYTES) return 0;
    if (crc32(bytes, start, start + 8) != word(bytes, start + 8)) {
      this.reason = "The checksum of a message prelude is wrong.";
      return -1;
    }
    const total = word(bytes, start);
    const headers = word(bytes, start + 4);
    if (total < SMALLEST_MESSAGE || headers > total - SMALLEST_MESSAGE) {
      this.reason = "The lengths of a message contradict each other.";
      return -1;
    }
    if (total > <u32>this.cap) {
      this.reason = "A message is larger than allowed.";
      return -1;
    }
    this.headerBytes = <i32>headers;
    return <i32>total;
  }

  /** Checks and hands over the message of `size` bytes at `start`. */
  private message(bytes: View, start: i32, size: i32, sink: AwsEventSink): void {
    const end = start + size - 4;
    const payloadStart = start + PRELUDE_BYTES + this.headerBytes;
    if (crc32(bytes, start, end) != word(bytes, end)) {
      this.reason = "The checksum of a message is wrong.";
      this.fail(sink);
      return;
    }
    if (!this.readHeaders(bytes, start + PRELUDE_BYTES, payloadStart)) {
      this.reason = "The headers of a message cannot be read.";
      this.fail(sink);
      return;
    }
    let payload = bytes.slice(payloadStart, end);
    let exception = this.exceptionType;
    if (this.isUntyped) {
      if (this.errorCode.length != 0) exception = this.errorCode;
      if (payload.length == 0) payload = this.errorMessage;
    }
    // A failure that does not say its name is still one.
    if (this.isFailure && exception.length == 0) exception = View.utf8("UnknownException");
    sink.onMessage(this.eventType, exception, payload);
  }

  private fail(sink: AwsEventSink): void {
    this.broken = true;
    this.held.clearTo(0);
    sink.onCorrupt(this.reason);
  }

  /** Reads the headers in `[here, end)`: name length, name, type of the value, value. */
  private readHeaders(bytes: View, here: i32, end: i32): bool {
    this.eventType = ABSENT;
    this.exceptionType = ABSENT;
    this.errorCode = ABSENT;
    this.errorMessage = ABSENT;
    this.isFailure = false;
    this.isUntyped = false;
    while (here < end) {
      const nameStart = here + 1;
      const nameEnd = nameStart + bytes.at(here);
      if (nameEnd == nameStart || nameEnd >= end) return false;
      const type = bytes.at(nameEnd);
      let valueStart = nameEnd + 1;
      let size = fixedSize(type);
      if (type == TYPE_BYTES || type == TYPE_STRING) {
        if (valueStart + 2 > end) return false;
        size = (bytes.at(valueStart) << 8) | bytes.at(valueStart + 1);
        valueStart += 2;
      }
      if (size < 0 || size > end - valueStart) return false;
      here = valueStart + size;
      if (type == TYPE_STRING) this.keep(bytes, nameStart, nameEnd, valueStart, here);
    }
    return true;
  }

  private keep(bytes: View, nameStart: i32, nameEnd: i32, start: i32, end: i32): void {
    if (bytes.equalsRange(nameStart, nameEnd, ":event-type")) this.eventType = bytes.slice(start, end);
    else if (bytes.equalsRange(nameStart, nameEnd, ":message-type")) {
      this.isUntyped = bytes.equalsRange(start, end, "error");
      this.isFailure = this.isUntyped || bytes.equalsRange(start, end, "exception");
    } else if (bytes.equalsRange(nameStart, nameEnd, ":exception-type")) this.exceptionType = bytes.slice(start, end);
    else if (bytes.equalsRange(nameStart, nameEnd, ":error-code")) this.errorCode = bytes.slice(start, end);
    else if (bytes.equalsRange(nameStart, nameEnd, ":error-message")) this.errorMessage = bytes.slice(start, end);
  }
}

/** The big-endian word at `at`; the caller has checked that it is there. */
function word(bytes: View, at: i32): u32 {
  return <u32>((bytes.at(at) << 24) | (bytes.at(at + 1) << 16) | (bytes.at(at + 2) << 8) | bytes.at(at + 3));
}

/** Bytes of a header value of this type, 0 for those that state their length, -1 for an unknown one. */
function fixedSize(type: i32): i32 {
  switch (type) {
    case 0: // true
    case 1: // false
    case TYPE_BYTES:
    case TYPE_STRING:
      return 0;
    case 2: // byte
      return 1;
    case 3: // short
      return 2;
    case 4: // integer
      return 4;
    case 5: // long
    case 8: // timestamp
      return 8;
    case 9: // uuid
      return 16;
    default:
      return -1;
  }
}
