// OpenAI chat completions over Hunyuan's own API. One object serves one exchange.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { TranslateContext } from "../translator";
import { ChatStream, ChatTranslator } from "../conversation/chat-stream";
import { errorStatus, findError, writeHunyuanError } from "./error";
import { writeRequest } from "./request";
import { writeCompletion } from "./response";
import { addCall, responseOf } from "./service";
import { StreamWriter } from "./stream";

/** The call is signed over the body that leaves: signCall() in service.ts, once that is written. */
@final
export class HunyuanTranslator extends ChatTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    const draft = new Draft(doc, out);
    if (writeRequest(draft, this.context)) return true;
    return this.refuse(draft.problem, draft.param);
  }

  path(out: Buffer): void {
    out.byte(Ascii.Slash);
  }

  headers(out: HeaderList): void {
    addCall(false, out);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    this.failedStatus = errorStatus(doc, findError(doc));
    const response = responseOf(doc);
    if (this.failedStatus != 0 || doc.first(doc.get(response, "Choices")) == NONE) return false;
    readUsage(doc, 0, this.report);
    const given = doc.textOf(response, "Id");
    this.responseId = idOr(given.length != 0 ? given : doc.textOf(response, "RequestId"), this.context.nonce);
    this.responseModel = this.context.model;
    writeCompletion(doc, response, this.context, this.responseId, this.usage, out);
    return !out.overflow;
  }

  error(status: i32, body: View, out: Buffer): void {
    writeHunyuanError(this.doc, status, body, out);
  }

  protected makeStream(): ChatStream {
    return new StreamWriter(this.context, this.report);
  }
}
