// Client of Gemini's API -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { JsonKind } from "../../json/kind";
import { UsageReport } from "../../usage/report";
import { ClientTranslator } from "../conversation/client-stream";
import { TranslateContext } from "../translator";
import { translateError } from "./error";
import { memberOf } from "./names";
import { RequestWriter } from "./request";
import { writeResponse } from "./response";
import { GeminiClientSettings } from "./settings";
import { ResponseStream } from "./stream";

@final
export class GeminiClientTranslator extends ClientTranslator {
  /** To be set before request(). */
  settings: GeminiClientSettings = new GeminiClientSettings();
  private stream: ResponseStream;

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    const doc = new JsonDocument();
    const stream = new ResponseStream(context, doc, report);
    super(context, report, doc, stream);
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
    stream.view.keepsReasoning = this.context.isConversation || doc.first(doc.root("tools")) >= 0;
    stream.view.isChat = this.settings.isChat;
    stream.view.isOrdered = this.context.isConversation;
    const writer = new RequestWriter(doc, out, this.context, this.settings);
    return writer.write() || this.refuse(writer.problem, writer.problemParam);
  }

  get streamsList(): bool {
    return this.settings.streamsList;
  }

  protected writeResponse(out: Buffer): bool {
    return writeResponse(this.doc, this.context, this.stream.view, this.usage, out);
  }

  error(status: i32, body: View, out: Buffer): void {
    translateError(status, body, out);
  }
}
