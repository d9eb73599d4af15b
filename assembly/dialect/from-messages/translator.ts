// Anthropic Messages client -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { EventFeed } from "../event-feed";
import { writeCompletionStream } from "../conversation/completion-stream";
import { TranslateContext, Translator } from "../translator";
import { translateError } from "./error";
import { RequestWriter } from "./request";
import { ResponseWriter } from "./response";
import { MessagesSettings } from "./settings";
import { MessageStream } from "./stream";

/** Longest id or model name that is kept for logs; a longer one is none. */
const MAX_NAME: i32 = 256;

@final
export class MessagesTranslator extends Translator {
  /** To be set before request(). */
  settings: MessagesSettings = new MessagesSettings();
  private doc: JsonDocument;
  private stream: MessageStream;

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    super(context, report);
    const doc = new JsonDocument();
    this.doc = doc;
    const stream = new MessageStream(context, doc, report);
    this.stream = stream;
    this.plain = stream.plain;
  }

  request(body: View, out: Buffer): bool {
    // A document of its own: the index of a large request must not live as long as the response's stream.
    const doc = new JsonDocument();
    if (!this.parseRequest(doc, body)) return false;
    const writer = new RequestWriter(doc, out, this.context, this.settings);
    if (writer.write()) return true;
    return this.refuse(writer.problem, writer.problemParam);
  }

  get knowsConversation(): bool {
    return true;
  }

  get heldBytes(): i32 {
    return this.stream.heldBytes;
  }

  path(out: Buffer): void {
    out.ascii("/v1/chat/completions");
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    this.noteNames();
    readUsage(doc, 0, this.report);
    return new ResponseWriter(doc, out, this.context).write(this.usage);
  }

  wholeAsStream(body: View, out: Buffer): bool {
    const chunks = new Buffer(body.length + 512);
    if (!writeCompletionStream(body, true, chunks)) return false;
    new EventFeed(this).feed(chunks.toView(), out);
    this.end(out);
    return true;
  }

  event(name: View, data: View, out: Buffer): void {
    if (this.stream.event(name, data, out)) this.noteNames();
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.stream.awaitsEnd;
  }

  end(out: Buffer): void {
    this.stream.end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    translateError(status, body, out);
  }

  private noteNames(): void {
    if (this.responseModel.length == 0) this.responseModel = this.nameOf("model");
    if (this.responseId.length == 0) this.responseId = this.nameOf("id");
  }

  private nameOf(field: string): View {
    const text = this.doc.text(this.doc.get(0, field));
    return text.length > MAX_NAME ? View.empty() : text.copy();
  }
}
