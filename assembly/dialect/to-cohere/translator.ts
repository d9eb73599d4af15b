// OpenAI chat completions over Cohere's /v2/chat. One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readUsage } from "../../usage/document";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { TranslateContext } from "../translator";
import { ChatStream, ChatTranslator } from "../conversation/chat-stream";
import { writeCohereError } from "./error";
import { isFailure } from "./finish-reason";
import { writeRequest } from "./request";
import { writeCompletion } from "./response";
import { StreamWriter } from "./stream";

@final
export class CohereTranslator extends ChatTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    if (!this.parseRequest(this.doc, body)) return false;
    const draft = new Draft(this.doc, out);
    const written = writeRequest(draft, this.context);
    return written || this.refuse(draft.problem, draft.param);
  }

  path(out: Buffer): void {
    out.ascii("/v2/chat");
  }

  /** False as well for a response whose generation failed (finish_reason ERROR): it has no form at OpenAI. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(doc.root("message"))) return false;
    readUsage(doc, 0, this.report);
    this.responseId = idOr(doc.textOf(0, "id"), this.context.nonce);
    this.responseModel = this.context.model;
    if (isFailure(doc, doc.root("finish_reason"))) return false;
    writeCompletion(doc, this.context, this.responseId, this.usage, out);
    return !out.overflow;
  }

  error(status: i32, body: View, out: Buffer): void {
    writeCohereError(this.doc, status, body, out);
  }

  protected makeStream(): ChatStream {
    return new StreamWriter(this.context, this.report);
  }
}
