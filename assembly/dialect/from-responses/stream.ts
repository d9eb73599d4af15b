// A chat completion, whole or in chunks -> a response, whole or as its sequence of events.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { UsageReport } from "../../usage/report";
import { innerMember, innerOf } from "../conversation/inner";
import { StopReason, stopReasonOf } from "../conversation/stop-reason";
import { ClientStream } from "../conversation/client-stream";
import { TranslateContext } from "../translator";
import { ChunkReader } from "./chunk-reader";
import { StreamError } from "./error";
import { EventWriter } from "./events";
import { Output } from "./output";
import { PartKind } from "../conversation/response-parts";
import { ToolTable } from "./tool-table";
import { writeResponseUsage } from "./usage";

/** Bytes of one stream that are kept for the events that repeat them; beyond, it ends with an error. */
const MAX_HELD: i32 = 4 << 20;

/** How ids of OpenAI's chat completions begin, and the longest id that others are made of. */
const CHAT_ID = "chatcmpl-";
const MAX_ID: i32 = 128;

@final
export class ResponseStream extends ClientStream {
  private events: EventWriter;
  private output: Output;
  private reader: ChunkReader;
  private isStarted: bool = false;
  private isEnded: bool = false;
  private stop: StopReason = StopReason.EndTurn;
  private model: View = View.empty();
  private created: i64 = 0;
  /** What the response repeats of its request: members with a comma before each. */
  echo: Buffer = new Buffer(16);

  constructor(context: TranslateContext, doc: JsonDocument, report: UsageReport, table: ToolTable) {
    super(context, doc, report);
    // Locals, as the compiler lets no `this` out before every field is set.
    const events = new EventWriter();
    this.events = events;
    const output = new Output(events, table, context.effects.text);
    this.output = output;
    this.reader = new ChunkReader(doc, output, context.options.reasoningMode);
  }

  /** The client asked for a summary of the model's thinking: that is what thinking is told as. */
  asSummary(): void {
    this.reader.thoughtPart = PartKind.Summary;
  }

  get heldBytes(): i32 {
    return this.output.heldBytes + this.echo.length;
  }

  /** Writes the response for the completion in the document; false (nothing written) when it holds none. */
  whole(out: Buffer): bool {
    const doc = this.doc;
    const choice = doc.first(doc.root("choices"));
    const message = doc.get(choice, "message");
    const messages = doc.get(choice, "messages");
    const stop = stopReasonOf(doc, doc.get(choice, "finish_reason"));
    if ((!doc.isObject(message) && !doc.isArray(messages)) || stop == StopReason.Failed) return false;
    this.events.isQuiet = true;
    this.takeHead();
    if (doc.isObject(message)) this.reader.read(message, choice);
    for (let next = doc.first(messages); next != NONE; next = doc.next(next)) this.reader.read(next, choice);
    this.reader.readAnnotations(doc.get(choice, "annotations"));
    this.reader.end();
    this.output.finish(isIncomplete(stop) ? "incomplete" : "completed");
    this.writeResponse(statusOf(stop), stop, null, out);
    return true;
  }

  protected get isOver(): bool {
    return this.isEnded;
  }

  protected tellError(out: Buffer): void {
    this.events.out = out;
    this.failWith(StreamError.read(this.doc));
  }

  protected fail(message: string, out: Buffer): void {
    this.events.out = out;
    this.failWith(StreamError.of(message));
  }

  protected finish(out: Buffer): void {
    this.events.out = out;
    this.complete();
  }

  protected readChunk(out: Buffer): void {
    const doc = this.doc;
    this.events.out = out;
    const choices = doc.root("choices");
    for (let choice = doc.isArray(choices) ? doc.first(choices) : NONE; choice != NONE; choice = doc.next(choice)) {
      // A response has one answer: n > 1 keeps the first.
      if (doc.integer(doc.get(choice, "index"), 0) == 0 && doc.isObject(choice)) this.readChoice(choice);
    }
    if (this.output.heldBytes > MAX_HELD || this.output.isFull) {
      this.failWith(StreamError.of("The upstream's answer is longer than the gateway can repeat in one response."));
    }
  }

  private readChoice(choice: i32): void {
    const doc = this.doc;
    this.start();
    // Servers that cannot stream send their whole response as one event.
    const delta = doc.get(choice, "delta");
    this.reader.position = 0;
    this.reader.read(doc.isObject(delta) ? delta : doc.get(choice, "message"), choice);
    // finish_reason is null in most chunks, "" with some servers.
    const finish = doc.get(choice, "finish_reason");
    if (innerOf(doc, finish).length == 0) return;
    this.sawFinish = true;
    this.stop = stopReasonOf(doc, finish);
  }

  /** What the first chunk, or the whole completion, says of itself. */
  private takeHead(): void {
    const doc = this.doc;
    const model = doc.textOf(0, "model");
    this.model = model.length != 0 ? model.copy() : this.context.model;
    this.created = doc.integer(doc.root("created"), this.context.now);
    let id = innerMember(doc, 0, "id");
    if (id.startsWith(CHAT_ID)) id = id.slice(CHAT_ID.length, id.length);
    if (id.length != 0 && id.length <= MAX_ID) this.output.id = id.copy();
    else {
      const made = new Buffer(24);
      made.integer(<i64>(this.context.nonce >> 1));
      this.output.id = made.toView();
    }
  }

  private start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.takeHead();
    this.progress("created");
    this.progress("in_progress");
  }

  private progress(name: string): void {
    this.state(name, "in_progress", StopReason.EndTurn, null);
  }

  /** An event that holds the response. */
  private state(name: string, status: string, stop: StopReason, error: StreamError | null): void {
    if (!this.events.begin(name)) return;
    const out = this.events.out;
    out.ascii(',"response":');
    this.writeResponse(status, stop, error, out);
    this.events.end();
  }

  /** The upstream said that it is done. Usage may come after finish_reason, so the response ends here and not there. */
  private complete(): void {
    if (!this.isStarted) {
      this.failWith(StreamError.of("The upstream ended the stream without an answer."));
      return;
    }
    if (this.stop == StopReason.Failed) {
      this.failWith(StreamError.of("The upstream broke off its answer."));
      return;
    }
    this.reader.end();
    const isCut = isIncomplete(this.stop);
    this.output.finish(isCut ? "incomplete" : "completed");
    const status = statusOf(this.stop);
    this.state(status, status, this.stop, null);
    this.isEnded = true;
  }

  private failWith(error: StreamError): void {
    if (this.isEnded) return;
    this.start();
    this.context.effects.countError(error.type);
    if (!this.events.isQuiet) {
      const out = this.events.out;
      out.ascii('event: error\ndata: {"type":"error",');
      error.write(out);
      out.ascii(',"param":null');
      this.events.end();
    }
    this.state("failed", "failed", StopReason.Failed, error);
    this.isEnded = true;
  }

  /** Appends the response object, members in the order of OpenAI's. */
  private writeResponse(status: string, stop: StopReason, error: StreamError | null, out: Buffer): void {
    out.wrap('{"id":"resp_', this.output.id, '","object":"response","created_at":');
    out.integer(this.created);
    out.ascii(',"status":"');
    out.ascii(status);
    out.ascii('","background":false,"error":');
    if (error === null) out.ascii("null");
    else {
      out.byte(Ascii.LeftBrace);
      error.write(out);
      out.byte(Ascii.RightBrace);
    }
    out.ascii(',"incomplete_details":');
    if (stop == StopReason.MaxTokens) out.ascii('{"reason":"max_output_tokens"}');
    else if (stop == StopReason.Refusal) out.ascii('{"reason":"content_filter"}');
    else out.ascii("null");
    out.ascii(',"model":');
    writeString(out, this.model);
    out.ascii(',"output":');
    this.output.write(out);
    out.wrap(',"previous_response_id":null,"store":false,"truncation":"disabled"', this.echo.window(), ',"usage":');
    if (status == "in_progress") out.ascii("null");
    else writeResponseUsage(this.report.usage, out);
    out.byte(Ascii.RightBrace);
  }
}

function isIncomplete(stop: StopReason): bool {
  return stop == StopReason.MaxTokens || stop == StopReason.Refusal;
}

function statusOf(stop: StopReason): string {
  return isIncomplete(stop) ? "incomplete" : "completed";
}
