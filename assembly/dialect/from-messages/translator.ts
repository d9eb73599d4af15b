// Anthropic Messages client -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { UsageReport } from "../../usage/report";
import { ClientTranslator } from "../conversation/client-stream";
import { TranslateContext } from "../translator";
import { translateError } from "./error";
import { RequestWriter } from "./request";
import { ResponseWriter } from "./response";
import { MessagesSettings } from "./settings";
import { MessageStream } from "./stream";

@final
export class MessagesTranslator extends ClientTranslator {
  /** To be set before request(). */
  settings: MessagesSettings = new MessagesSettings();

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    const doc = new JsonDocument();
    const stream = new MessageStream(context, doc, report);
    super(context, report, doc, stream);
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

  protected writeResponse(out: Buffer): bool {
    return new ResponseWriter(this.doc, out, this.context).write(this.usage);
  }

  error(status: i32, body: View, out: Buffer): void {
    translateError(status, body, out);
  }
}
