// What the translators for clients of other APIs have in common: their upstream, or the translator behind them, speaks chat
// completions. A stream ends with the upstream's own word for it, with an error, or where it was cut off.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { EventFeed } from "../event-feed";
import { TranslateContext, Translator } from "../translator";
import { writeCompletionStream } from "./completion-stream";
import { isErrorEvent } from "./error-reader";
import { INVALID_EVENT, TRUNCATED } from "./sentences";

/** Longest id or model name that is kept for logs; a longer one is none. */
const MAX_NAME: i32 = 256;

/** Chunks of a chat, and what is written for them to the client. */
export abstract class ClientStream {
  /** A chunk has told why its choice finished. */
  protected sawFinish: bool = false;

  constructor(
    protected context: TranslateContext,
    protected doc: JsonDocument,
    protected report: UsageReport,
  ) {}

  /** Nothing more is written. */
  protected abstract get isOver(): bool;

  /** See Translator. */
  get heldBytes(): i32 {
    return 0;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.sawFinish && !this.isOver;
  }

  /** Translates one event; true when it was a chunk (the document then holds it). */
  event(name: View, data: View, out: Buffer): bool {
    if (this.isOver) return false;
    const text = data.trim();
    if (text.equals("[DONE]")) {
      this.finish(out);
      return false;
    }
    const doc = this.doc;
    if (!doc.parse(text)) {
      // Words beside the protocol (keep-alives) are passed over; a broken chunk is lost text and must be told.
      if (text.at(0) == Ascii.LeftBrace) this.fail(INVALID_EVENT, out);
      return false;
    }
    // An error may tell what the response has cost until then (OpenRouter, recorded Nov 2026).
    readUsage(doc, 0, this.report);
    if (isErrorEvent(doc, 0) || (name.equals("error") && doc.isObject(0))) {
      this.tellError(out);
      return false;
    }
    this.readChunk(out);
    return true;
  }

  /** The upstream has closed: a proper end when it said why it finished, else an error. */
  end(out: Buffer): void {
    if (this.isOver) return;
    if (this.sawFinish) this.finish(out);
    else this.fail(TRUNCATED, out);
  }

  /** The document holds a chunk. */
  protected abstract readChunk(out: Buffer): void;

  /** The document holds an error, which ends the stream. */
  protected abstract tellError(out: Buffer): void;

  /** The upstream said that it is done. Usage may come after finish_reason, so the response ends here and not there. */
  protected abstract finish(out: Buffer): void;

  /** Ends the stream with an error; nothing when it is over. */
  protected abstract fail(message: string, out: Buffer): void;
}

export abstract class ClientTranslator extends Translator {
  /** `doc` and `report` are the stream's, too. */
  constructor(
    context: TranslateContext,
    report: UsageReport,
    protected doc: JsonDocument,
    private events: ClientStream,
  ) {
    super(context, report);
  }

  get knowsConversation(): bool {
    return true;
  }

  get heldBytes(): i32 {
    return this.events.heldBytes;
  }

  path(out: Buffer): void {
    out.ascii("/v1/chat/completions");
  }

  response(body: View, out: Buffer): bool {
    if (!this.doc.parse(body)) return false;
    this.noteNames();
    readUsage(this.doc, 0, this.report);
    return this.writeResponse(out);
  }

  /** Writes the client's response for the completion in the document; false when it holds none. */
  protected abstract writeResponse(out: Buffer): bool;

  wholeAsStream(body: View, out: Buffer): bool {
    const chunks = new Buffer(body.length + 512);
    if (!writeCompletionStream(body, true, chunks)) return false;
    new EventFeed(this).feed(chunks.toView(), out);
    this.end(out);
    return true;
  }

  event(name: View, data: View, out: Buffer): void {
    if (this.events.event(name, data, out)) this.noteNames();
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.events.awaitsEnd;
  }

  end(out: Buffer): void {
    this.events.end(out);
  }

  private noteNames(): void {
    if (this.responseModel.length == 0) this.responseModel = this.nameOf("model");
    if (this.responseId.length == 0) this.responseId = this.nameOf("id");
  }

  private nameOf(field: string): View {
    const text = this.doc.text(this.doc.root(field));
    return text.length > MAX_NAME ? View.empty() : text.copy();
  }
}
