// OpenAI chat completions over the Responses API of OpenAI or Azure, for models and requests that their chat completions refuse. One
// object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readUsage } from "../../usage/document";
import { ChatStream, ChatTranslator } from "../conversation/chat-stream";
import { CountService } from "../conversation/count-service";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { TranslateContext } from "../translator";
import { responsesCount } from "./count";
import { ResponseFailure, writeResponsesError } from "./error";
import { writeRequest } from "./request";
import { writeCompletion, writeForm } from "./response";
import { StreamWriter } from "./stream";

@final
export class ToResponses extends ChatTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  get knowsConversation(): bool {
    return true;
  }

  request(body: View, out: Buffer): bool {
    if (!this.parseRequest(this.doc, body)) return false;
    const draft = new Draft(this.doc, out);
    draft.isConversation = this.context.isConversation;
    return writeRequest(draft, this.context) || this.refuse(draft.problem, draft.param);
  }

  path(out: Buffer): void {
    out.ascii("/v1/responses");
  }

  get counter(): CountService | null {
    return responsesCount();
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return false;
    readUsage(doc, 0, this.report);
    if (doc.memberIs(0, "status", "failed")) {
      this.failedStatus = ResponseFailure.read(doc).status;
      return false;
    }
    if (!doc.isArray(doc.root("output"))) return false;
    this.responseId = idOr(doc.textOf(0, "id"), this.context.nonce);
    const model = doc.textOf(0, "model");
    this.responseModel = model.length != 0 ? model.copy() : this.context.model;
    if (this.context.isConversation) writeForm(doc, this.context, this.responseId, this.responseModel, this.usage, out);
    else writeCompletion(doc, this.context, this.responseId, this.responseModel, this.usage, out);
    return !out.overflow;
  }

  error(status: i32, body: View, out: Buffer): void {
    writeResponsesError(this.doc, status, body, out);
  }

  protected makeStream(): ChatStream {
    const stream = new StreamWriter(this.context, this.report);
    this.plain = stream.plain;
    return stream;
  }
}
