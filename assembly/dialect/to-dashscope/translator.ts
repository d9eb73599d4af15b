// OpenAI chat completions over DashScope's native generation services. One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { TranslateContext, Translator } from "../translator";
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
export class DashScopeTranslator extends Translator {
  private doc: JsonDocument = new JsonDocument();
  private stream: StreamWriter | null = null;
  /** The last request held more than text. */
  private multimodal: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    if (!this.doc.parse(body)) {
      this.problem = "The body is not valid JSON.";
      return false;
    }
    const writer = new RequestWriter(this.doc, this.context);
    const written = writer.write(out);
    this.multimodal = writer.multimodal;
    this.problem = writer.problem;
    this.problemParam = writer.problemParam;
    return written;
  }

  /** To be called after request(), which knows whether a message holds more than text. */
  path(out: Buffer): void {
    if (this.multimodal || isMultimodal(this.context.model)) out.ascii("/api/v1/services/aigc/multimodal-generation/generation");
    else out.ascii("/api/v1/services/aigc/text-generation/generation");
  }

  /** A stream is asked for by a header; `accept` alone is not enough (DashScope API reference, Nov 2026). */
  headers(out: HeaderList): void {
    if (this.context.stream) out.add(SSE_HEADER, ENABLE);
  }

  get heldBytes(): i32 {
    const stream = this.stream;
    return stream === null ? 0 : stream.heldBytes;
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

  event(name: View, data: View, out: Buffer): void {
    const stream = this.streamWriter();
    stream.event(name, data, out);
    this.responseId = stream.id;
    this.responseModel = this.context.model;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.streamWriter().awaitsEnd;
  }

  end(out: Buffer): void {
    this.streamWriter().end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeDashScopeError(this.doc, status, body, out);
  }

  private streamWriter(): StreamWriter {
    let stream = this.stream;
    if (stream === null) {
      stream = new StreamWriter(this.context, this.report);
      this.stream = stream;
    }
    return stream;
  }
}
