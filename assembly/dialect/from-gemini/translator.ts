// Client of Gemini's API -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { JsonKind } from "../../json/kind";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { writeCompletionStream } from "../conversation/completion-stream";
import { EventFeed } from "../event-feed";
import { TranslateContext, Translator } from "../translator";
import { translateError } from "./error";
import { memberOf } from "./names";
import { RequestWriter } from "./request";
import { writeResponse } from "./response";
import { GeminiClientSettings } from "./settings";
import { ResponseStream } from "./stream";

/** Longest id or model name that is kept for logs; a longer one is none. */
const MAX_NAME: i32 = 256;

@final
export class GeminiClientTranslator extends Translator {
  /** To be set before request(). */
  settings: GeminiClientSettings = new GeminiClientSettings();
  private doc: JsonDocument;
  private stream: ResponseStream;

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    super(context, report);
    const doc = new JsonDocument();
    this.doc = doc;
    const stream = new ResponseStream(context, doc, report);
    this.stream = stream;
    this.plain = stream.plain;
  }

  request(body: View, out: Buffer): bool {
    // A document of its own: the index of a large request must not live as long as the response's stream.
    const doc = new JsonDocument();
    if (!this.parseRequest(doc, body)) return false;
    const thinking = memberOf(doc, memberOf(doc, 0, "generationConfig"), "thinkingConfig");
    const stream = this.stream;
    stream.streamsList = this.settings.streamsList;
    stream.view.showsThoughts = doc.kind(memberOf(doc, thinking, "includeThoughts")) != JsonKind.False;
    stream.view.keepsReasoning = this.context.isConversation || doc.first(doc.get(0, "tools")) >= 0;
    stream.view.isChat = this.settings.isChat;
    stream.view.isOrdered = this.context.isConversation;
    const writer = new RequestWriter(doc, out, this.context, this.settings);
    return writer.write() || this.refuse(writer.problem, writer.problemParam);
  }

  get knowsConversation(): bool {
    return true;
  }

  get heldBytes(): i32 {
    return this.stream.heldBytes;
  }

  get streamsList(): bool {
    return this.settings.streamsList;
  }

  path(out: Buffer): void {
    out.ascii("/v1/chat/completions");
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    this.noteNames();
    readUsage(doc, 0, this.report);
    return writeResponse(doc, this.context, this.stream.view, this.usage, out);
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
