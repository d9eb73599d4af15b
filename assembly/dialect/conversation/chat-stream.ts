// What the translators of chats have in common whose upstream sends events that are JSON: a stream that begins with the first of
// them, takes nothing after an error, and ends with the usage or with the error that it was cut off.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { UsageReport } from "../../usage/report";
import { TranslateContext, Translator } from "../translator";
import { ChunkWriter } from "./chunk-writer";

/** A response that comes in events, and the chunks that are written for it. */
export abstract class ChatStream {
  /** Of the response; the id is empty until it is known. */
  id: View = View.empty();
  model: View;
  protected doc: JsonDocument = new JsonDocument();
  protected chunks: ChunkWriter;
  /** The response has come to its proper end. */
  protected finished: bool = false;
  /** An error event was written. */
  protected failed: bool = false;

  constructor(
    protected context: TranslateContext,
    protected report: UsageReport,
  ) {
    this.model = context.model;
    this.chunks = new ChunkWriter(context);
  }

  /** Writes the chunks for one upstream event. After an error nothing more is written. */
  abstract event(name: View, data: View, out: Buffer): void;

  /** Parses an event; false when there is nothing (more) to be done with it. */
  protected parseEvent(data: View, out: Buffer): bool {
    if (this.failed || data.length == 0 || data.equals("[DONE]")) return false;
    if (this.doc.parse(data)) return true;
    this.failed = true;
    this.chunks.invalidEvent(out);
    return false;
  }

  /** The type that the event's data names, else the name of the event itself. */
  protected typeOr(name: View): View {
    const given = this.doc.textOf(0, "type");
    return given.length != 0 ? given : name;
  }

  /** Bytes that are kept back from one event to the next. */
  get heldBytes(): i32 {
    return 0;
  }

  /** Every choice of the response has finished. */
  protected get isWhole(): bool {
    return this.finished;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.failed || this.isWhole;
  }

  /** Writes what is still kept back, before the stream ends. */
  protected flush(_out: Buffer): void {}

  /** Ends the stream: usage and [DONE] after a proper end, an error and [DONE] when it was cut off before. */
  end(out: Buffer): void {
    if (!this.failed) {
      this.flush(out);
      if (this.isWhole) this.chunks.usage(out, this.report.usage);
      else this.chunks.truncated(out);
    }
    this.chunks.done(out);
  }
}

/** A translator whose streams are ChatStreams, made with their first event. */
export abstract class ChatTranslator extends Translator {
  protected doc: JsonDocument = new JsonDocument();
  private stream: ChatStream | null = null;

  constructor(context: TranslateContext) {
    super(context);
  }

  protected abstract makeStream(): ChatStream;

  private chatStream(): ChatStream {
    let stream = this.stream;
    if (stream === null) {
      stream = this.makeStream();
      this.stream = stream;
    }
    return stream;
  }

  get heldBytes(): i32 {
    const stream = this.stream;
    return stream === null ? 0 : stream.heldBytes;
  }

  event(name: View, data: View, out: Buffer): void {
    const stream = this.chatStream();
    stream.event(name, data, out);
    this.responseId = stream.id;
    this.responseModel = stream.model;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.chatStream().awaitsEnd;
  }

  end(out: Buffer): void {
    this.chatStream().end(out);
  }
}
