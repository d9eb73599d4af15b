// OpenAI chat completions over Gemini's generateContent. One object serves one exchange.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { appendSegment } from "../../http/url";
import { readUsage } from "../../usage/document";
import { CountService } from "../conversation/count-service";
import { TranslateContext } from "../translator";
import { ChatStream, ChatTranslator } from "../conversation/chat-stream";
import { writeModelResource } from "./paths";
import { geminiCount, vertexCount } from "./count";
import { findError, writeGeminiError } from "./error";
import { RequestWriter } from "./request";
import { responseId, responseModel, writeCompletion, writeForm } from "./response";
import { StreamWriter } from "./stream";

@final
export class GeminiTranslator extends ChatTranslator {
  /** `isHosted`: Vertex AI answers. */
  constructor(
    context: TranslateContext,
    private isHosted: bool = false,
  ) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    if (!this.parseRequest(this.doc, body)) return false;
    const writer = new RequestWriter(this.doc, this.context);
    return writer.write(out) || this.refuse(writer.problem, writer.problemParam);
  }

  path(out: Buffer): void {
    writeModelPath(this.context, out);
    if (this.context.counts) out.ascii(":countTokens");
    else out.ascii(this.context.stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
  }

  get counter(): CountService | null {
    return this.isHosted ? vertexCount() : geminiCount(this.context.model);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0) || findError(doc, 0) >= 0) return false;
    if (doc.root("candidates") < 0 && doc.root("promptFeedback") < 0 && doc.root("usageMetadata") < 0) return false;
    readUsage(doc, 0, this.report);
    this.responseId = responseId(doc, 0, this.context.nonce);
    this.responseModel = responseModel(doc, 0, this.context.model);
    if (this.context.isConversation) writeForm(doc, this.context, this.responseId, this.responseModel, this.usage, out);
    else writeCompletion(doc, this.context, this.responseId, this.responseModel, this.usage, out);
    return !out.overflow;
  }

  get knowsConversation(): bool {
    return true;
  }

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }

  protected makeStream(): ChatStream {
    return new StreamWriter(this.context, this.report);
  }
}

/** Appends `/<version>/models/<model>` without the method. `models/x` is x; tuned models have a collection of their own. */
export function writeModelPath(context: TranslateContext, out: Buffer): void {
  const version = context.options.settings.text(ProviderField.API_VERSION);
  out.byte(Ascii.Slash);
  if (version.length != 0) appendSegment(out, version);
  else out.ascii("v1beta");
  writeModelResource(context.model, out);
}
