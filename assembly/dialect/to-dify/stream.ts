// Dify's events -> chat.completion.chunk events. What was sent cannot be taken back: a replaced text follows the first one.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { UsageReport } from "../../usage/report";
import { ChunkWriter } from "../conversation/chunk-writer";
import { writeDone } from "../conversation/error-writer";
import { TranslateContext } from "../translator";
import { Bot } from "./bot";
import { EventReader } from "./events";
import { ResponseIds } from "./ids";
import { writeImage } from "./response";

@final
export class StreamWriter extends EventReader {
  /** Empty until the first chunk. */
  id: View = View.empty();
  private chunks: ChunkWriter;
  /** Where the running event() writes. */
  private out: Buffer = new Buffer(16);

  constructor(
    private context: TranslateContext,
    ids: ResponseIds,
    report: UsageReport,
    bot: Bot,
    outputVariable: View,
  ) {
    super(ids, report, bot, outputVariable);
    this.chunks = new ChunkWriter(context);
  }

  /** Writes the chunks for one event. */
  event(name: View, data: View, out: Buffer): void {
    this.out = out;
    this.read(name, data);
  }

  /** The first chunk has the role, and settles the id for all that follow. */
  private begin(): void {
    if (this.chunks.hasRole()) return;
    this.id = this.ids.response(this.bot, this.context.nonce);
    this.chunks.setHead(this.id, this.context.model, this.context.now);
    this.chunks.role(this.out);
  }

  onText(inner: View): void {
    this.begin();
    this.chunks.content(this.out, inner);
  }

  onWholeText(inner: View, replaced: bool): void {
    if (!replaced || inner.length == 0) return;
    this.begin();
    if (this.hasText) this.chunks.content(this.out, View.utf8("\\n\\n"));
    this.chunks.content(this.out, inner);
  }

  onReasoning(inner: View): void {
    this.begin();
    this.chunks.reasoning(this.out, inner);
  }

  /** Rides on the next chunk. */
  onImage(url: View): void {
    const image = new Buffer(url.length + 64);
    writeImage(image, url);
    this.chunks.attachItem("images", image.toView());
  }

  onFinish(reason: string): void {
    this.begin();
    this.chunks.finish(this.out, reason);
  }

  onError(inner: View, type: string, code: string): void {
    this.chunks.error(this.out, inner, type, code);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.finished || this.failed;
  }

  /** Ends the stream: usage and [DONE] after a proper end, an error and [DONE] when it was cut off before. */
  end(out: Buffer): void {
    if (!this.failed) {
      if (!this.finished) this.chunks.truncated(out);
      else this.chunks.usage(out, this.report.usage);
    }
    writeDone(out);
  }
}
