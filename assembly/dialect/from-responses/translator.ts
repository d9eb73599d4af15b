// Client of the Responses API -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { writeCompletionStream } from "../conversation/completion-stream";
import { EventFeed } from "../event-feed";
import { TranslateContext, Translator } from "../translator";
import { writeEcho } from "./echo";
import { translateError } from "./error";
import { RequestWriter } from "./request";
import { ResponsesSettings } from "./settings";
import { ResponseStream } from "./stream";
import { ToolTable } from "./tool-table";

/** Longest id or model name that is kept for logs; a longer one is none. */
const MAX_NAME: i32 = 256;

@final
export class ResponsesTranslator extends Translator {
  /** To be set before request(). */
  settings: ResponsesSettings = new ResponsesSettings();
  private doc: JsonDocument;
  private stream: ResponseStream;
  private table: ToolTable;

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    super(context, report);
    const doc = new JsonDocument();
    this.doc = doc;
    const table = new ToolTable();
    this.table = table;
    this.stream = new ResponseStream(context, doc, report, table);
  }

  request(body: View, out: Buffer): bool {
    // A document of its own: the index of a large request must not live as long as the response's stream.
    const doc = new JsonDocument();
    if (!this.parseRequest(doc, body)) return false;
    const writer = new RequestWriter(doc, out, this.context, this.settings, this.table);
    if (!writer.write()) return this.refuse(writer.problem, writer.problemParam);
    writeEcho(doc, this.stream.echo);
    if (doc.isSet(doc.get(doc.get(0, "reasoning"), "summary"))) this.stream.asSummary();
    return true;
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
    return this.stream.whole(out);
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
