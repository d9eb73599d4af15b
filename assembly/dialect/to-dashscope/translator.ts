// OpenAI chat completions over DashScope's native generation services. One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { TranslateContext } from "../translator";
import { ChatStream, ChatTranslator } from "../conversation/chat-stream";
import { findError, writeDashScopeError } from "./error";
import { responseId } from "./ids";
import { hasResponse } from "./message-reader";
import { isMultimodal } from "./model";
import { RequestWriter } from "./request";
import { writeCompletion } from "./response";
import { StreamWriter } from "./stream";

const SSE_HEADER: View = View.utf8("x-dashscope-sse");
const ENABLE: View = View.utf8("enable");

@final
export class DashScopeTranslator extends ChatTranslator {
  /** The last request held more than text. */
  private multimodal: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    if (!this.parseRequest(this.doc, body)) return false;
    const writer = new RequestWriter(this.doc, this.context);
    const written = writer.write(out);
    this.multimodal = writer.multimodal;
    return written || this.refuse(writer.problem, writer.problemParam);
  }

  /** To be called after request(), which knows whether a message holds more than text. */
  path(out: Buffer): void {
    if (this.multimodal || isMultimodal(this.context.model)) out.ascii("/api/v1/services/aigc/multimodal-generation/generation");
    else out.ascii("/api/v1/services/aigc/text-generation/generation");
  }

  /**
   * A stream is asked for by a header; `accept` alone is not enough
   * (https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference, Nov 2026).
   */
  headers(out: HeaderList): void {
    if (this.context.stream) out.add(SSE_HEADER, ENABLE);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || findError(doc, 0) != NONE || !hasResponse(doc, 0)) return false;
    readUsage(doc, 0, this.report);
    this.responseId = responseId(doc, 0, this.context.nonce);
    this.responseModel = this.context.model;
    writeCompletion(doc, this.context, this.responseId, this.usage, out);
    return !out.overflow;
  }

  error(status: i32, body: View, out: Buffer): void {
    writeDashScopeError(this.doc, status, body, out);
  }

  protected makeStream(): ChatStream {
    return new StreamWriter(this.context, this.report);
  }
}
