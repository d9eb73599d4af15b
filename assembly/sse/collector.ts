// Gathers the data of one event at a time, for readers that need it whole (translators).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { SseSink } from "./framer";

/** Data of one event that is gathered unless told otherwise: 1 MiB. */
export const MAX_EVENT_BYTES: i32 = 1 << 20;
/** A longer event name is cut to nothing: no dialect has one. */
const MAX_EVENT_NAME_BYTES: i32 = 128;
/** Memory that is kept from one event to the next. */
const KEPT_BYTES: i32 = 64 << 10;

/** Feed a framer with this as its sink. Copies each byte once; one small view is made for each event. */
export abstract class EventCollector extends SseSink {
  /** Events whose data was over the cap; they were dropped. */
  skipped: i32 = 0;
  private gathered: Buffer;
  private nameBytes: Buffer = Buffer.capped(MAX_EVENT_NAME_BYTES, MAX_EVENT_NAME_BYTES);
  // Over nameBytes, which never moves because its capacity is its limit.
  private nameView: View = View.empty();

  constructor(cap: i32 = MAX_EVENT_BYTES) {
    super();
    this.gathered = Buffer.capped(1024, cap < 1024 ? 1024 : cap);
    this.nameView = this.nameBytes.toView();
  }

  /** A whole event. `name` is empty when the stream gave none; both views hold until this returns. */
  abstract onEvent(name: View, data: View): void;

  /** Bytes of memory that stay from one feed to the next. */
  get heldBytes(): i32 {
    return this.gathered.capacity;
  }

  data(view: View, start: i32, end: i32): void {
    // After an overflow a later, shorter piece might fit again: it must not.
    if (!this.gathered.overflow) this.gathered.range(view, start, end);
  }

  dataBreak(): void {
    if (!this.gathered.overflow) this.gathered.byte(Ascii.LineFeed);
  }

  eventNameStart(): void {
    this.nameBytes.clear();
  }

  eventName(view: View, start: i32, end: i32): void {
    this.nameBytes.range(view, start, end);
  }

  eventEnd(offset: i32): void {
    if (this.gathered.overflow) this.skipped++;
    else {
      this.nameView.length = this.nameBytes.overflow ? 0 : this.nameBytes.length;
      this.onEvent(this.nameView, this.gathered.window());
    }
    this.clear();
  }

  blockEnd(offset: i32): void {
    this.clear();
  }

  private clear(): void {
    this.gathered.clearTo(KEPT_BYTES);
    this.nameBytes.clear();
  }
}
