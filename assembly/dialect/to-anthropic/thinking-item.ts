// One streamed block of thinking as an item of `thinking_blocks`, gathered until its signature is whole.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

/** Thinking of one block that is kept to be given whole beside its signature; a longer one keeps its signature only. */
const MAX_THINKING: i32 = 128 << 10;

@final
export class ThinkingItem {
  private thinking: Buffer = Buffer.capped(16, MAX_THINKING);
  private signature: Buffer = Buffer.capped(16, MAX_THINKING);
  private count: i32 = 0;

  /** A piece of the text, escaped inner bytes. */
  add(inner: View): void {
    this.thinking.view(inner);
  }

  /** A piece of the signature, escaped inner bytes. */
  sign(inner: View): void {
    this.signature.view(inner);
  }

  /** The whole item, raw JSON; empty for thinking that nobody has signed. */
  end(): View {
    const isSigned = this.signature.length != 0 && !this.signature.overflow;
    const item = new Buffer(isSigned ? this.thinking.length + this.signature.length + 96 : 16);
    if (isSigned) {
      this.begin("thinking", item);
      item.ascii(',"thinking":"');
      if (!this.thinking.overflow) item.view(this.thinking.toView());
      item.wrap('","signature":"', this.signature.toView(), '"}');
    }
    this.thinking.clearTo(1024);
    this.signature.clearTo(1024);
    return item.toView();
  }

  redacted(data: View): View {
    const item = new Buffer(data.length + 64);
    this.begin("redacted_thinking", item);
    item.wrap(',"data":"', data, '"}');
    return item.toView();
  }

  /** `index` is what the stream helpers of OpenAI's SDKs join list items by. */
  private begin(type: string, item: Buffer): void {
    item.ascii('{"index":');
    item.integer(this.count);
    this.count++;
    item.ascii(',"type":"');
    item.ascii(type);
    item.byte(Ascii.Quote);
  }
}
