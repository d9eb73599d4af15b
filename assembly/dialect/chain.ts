// Two translators in a row, for clients whose dialect the upstream's translator does not know: client -> OpenAI -> upstream.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import { Usage } from "../usage/usage";
import { EventFeed } from "./event-feed";
import { writeCompletionStream } from "./conversation/completion-stream";
import { CountService } from "./conversation/count-service";
import { Translator } from "./translator";

/** Memory of one event in between that is kept for the next. */
const KEPT_BYTES: i32 = 64 << 10;

/** What is done to the chat between the two. */
export abstract class MiddleEdit {
  abstract edit(chat: View): View;
}

/** `outer` turns the client's dialect into OpenAI's and back, `inner` OpenAI's into the upstream's and back. */
@final
export class ChainedTranslator extends Translator {
  private between: Buffer = new Buffer(1024);
  private feed: EventFeed;
  /** To be set before request(). */
  middle: MiddleEdit | null = null;

  /** The context is the outer's; the inner's must ask for usage, which the outer's answers carry. */
  constructor(
    readonly outer: Translator,
    private inner: Translator,
  ) {
    super(outer.context);
    this.feed = new EventFeed(outer);
  }

  request(body: View, out: Buffer): bool {
    const middle = new Buffer(body.length + 512);
    if (!this.outer.request(body, middle)) return this.takeProblem(this.outer);
    const edit = this.middle;
    const chat = edit === null ? middle.toView() : edit.edit(middle.toView());
    return this.inner.request(chat, out) || this.takeProblem(this.inner);
  }

  private takeProblem(from: Translator): bool {
    this.problem = from.problem;
    this.problemParam = from.problemParam;
    return false;
  }

  path(out: Buffer): void {
    this.inner.path(out);
  }

  get counter(): CountService | null {
    return this.inner.counter;
  }

  headers(out: HeaderList): void {
    this.inner.headers(out);
  }

  /** The provider's own counts, which the inner translator reads. */
  get usage(): Usage {
    return this.inner.usage;
  }

  get streamsBinary(): bool {
    return this.inner.streamsBinary;
  }

  get streamsList(): bool {
    return this.outer.streamsList;
  }

  get heldBytes(): i32 {
    return this.outer.heldBytes + this.inner.heldBytes;
  }

  host(out: Buffer): void {
    this.inner.host(out);
  }

  responseHeaders(out: HeaderList): void {
    this.inner.responseHeaders(out);
  }

  response(body: View, out: Buffer): bool {
    const middle = new Buffer(body.length + 512);
    const understood = this.inner.response(body, middle);
    this.failedStatus = this.inner.failedStatus;
    this.takeNames();
    return understood && this.outer.response(middle.toView(), out);
  }

  wholeAsStream(body: View, out: Buffer): bool {
    const middle = new Buffer(body.length + 512);
    const understood = this.inner.response(body, middle);
    this.failedStatus = this.inner.failedStatus;
    this.takeNames();
    if (!understood) return false;
    this.between.clearTo(KEPT_BYTES);
    if (!writeCompletionStream(middle.toView(), true, this.between)) return false;
    this.passOn(out);
    this.outer.end(out);
    return true;
  }

  event(name: View, data: View, out: Buffer): void {
    this.between.clearTo(KEPT_BYTES);
    this.inner.event(name, data, this.between);
    this.takeNames();
    this.passOn(out);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.inner.awaitsEnd || this.outer.awaitsEnd;
  }

  end(out: Buffer): void {
    this.between.clearTo(KEPT_BYTES);
    this.inner.end(this.between);
    this.passOn(out);
    this.outer.end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    const middle = new Buffer(body.length + 256);
    this.inner.errorName = this.errorName;
    this.inner.error(status, body, middle);
    this.outer.error(status, middle.toView(), out);
  }

  /** Gives the events that the inner translator has written to the outer one. */
  private passOn(out: Buffer): void {
    this.feed.feed(this.between.toView(), out);
    this.between.clearTo(KEPT_BYTES);
  }

  private takeNames(): void {
    this.responseModel = this.inner.responseModel;
    this.responseId = this.inner.responseId;
  }
}
