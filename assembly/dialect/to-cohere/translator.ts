// OpenAI chat completions over Cohere's /v2/chat. One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { TranslateContext, Translator } from "../translator";
import { writeCohereError } from "./error";
import { isFailure } from "./finish-reason";
import { writeRequest } from "./request";
import { writeCompletion } from "./response";
import { StreamWriter } from "./stream";

@final
export class CohereTranslator extends Translator {
  private doc: JsonDocument = new JsonDocument();
  private stream: StreamWriter | null = null;

  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    if (!this.doc.parse(body) || !this.doc.isObject(0)) {
      this.problem = "The body must be a JSON object.";
      return false;
    }
    const draft = new Draft(this.doc, out);
    const written = writeRequest(draft, this.context);
    this.problem = draft.problem;
    this.problemParam = draft.param;
    return written;
  }

  path(out: Buffer): void {
    out.ascii("/v2/chat");
  }

  /** False as well for a response whose generation failed (finish_reason ERROR): it has no form at OpenAI. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(doc.get(0, "message"))) return false;
    readUsage(doc, 0, this.report);
    this.responseId = idOr(doc.text(doc.get(0, "id")), this.context.nonce);
    this.responseModel = this.context.model;
    if (isFailure(doc, doc.get(0, "finish_reason"))) return false;
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
    writeCohereError(this.doc, status, body, out);
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
