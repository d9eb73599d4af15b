// Client of the Responses API -> OpenAI chat completions provider.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { UsageReport } from "../../usage/report";
import { ClientTranslator } from "../conversation/client-stream";
import { TranslateContext } from "../translator";
import { writeEcho } from "./echo";
import { translateError } from "./error";
import { RequestWriter } from "./request";
import { ResponsesSettings } from "./settings";
import { ResponseStream } from "./stream";
import { ToolTable } from "./tool-table";

@final
export class ResponsesTranslator extends ClientTranslator {
  /** To be set before request(). */
  settings: ResponsesSettings = new ResponsesSettings();
  private stream: ResponseStream;
  private table: ToolTable;

  constructor(context: TranslateContext) {
    // One report and one document for the translator and its stream; locals, as the compiler lets no `this` out before every field is set.
    const report = new UsageReport();
    const doc = new JsonDocument();
    const table = new ToolTable();
    const stream = new ResponseStream(context, doc, report, table);
    super(context, report, doc, stream);
    this.table = table;
    this.stream = stream;
  }

  request(body: View, out: Buffer): bool {
    // A document of its own: the index of a large request must not live as long as the response's stream.
    const doc = new JsonDocument();
    if (!this.parseRequest(doc, body)) return false;
    const writer = new RequestWriter(doc, out, this.context, this.settings, this.table);
    if (!writer.write()) return this.refuse(writer.problem, writer.problemParam);
    writeEcho(doc, this.stream.echo);
    if (doc.isSet(doc.get(doc.root("reasoning"), "summary"))) this.stream.asSummary();
    return true;
  }

  protected writeResponse(out: Buffer): bool {
    return this.stream.whole(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    translateError(status, body, out);
  }
}
