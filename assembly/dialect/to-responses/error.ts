// What went wrong: OpenAI's error object as a body, `error` of a response that has failed, and the event `error`, whose members stand at
// its top.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { faultStatus } from "../../usage/fault";
import { asWord } from "../conversation/error-code";
import { messageNode } from "../conversation/error-reader";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerOf } from "../conversation/inner";
import { UPSTREAM_ERROR } from "../conversation/sentences";

@final
export class ResponseFailure {
  /** Escaped inner bytes. */
  message: View = View.utf8(UPSTREAM_ERROR);
  /** OpenAI's words; the code may be "". */
  type: string = "server_error";
  code: string = "";
  /** The HTTP status that says the same. */
  status: i32 = 500;

  /** Reads the document: an event, or a response that has failed. */
  static read(doc: JsonDocument): ResponseFailure {
    const made = new ResponseFailure();
    const response = doc.root("response");
    const root = doc.isObject(response) ? response : 0;
    const own = doc.get(root, "error");
    const error = doc.isObject(own) ? own : root;
    const message = messageNode(doc, root);
    if (message != NONE) made.message = innerOf(doc, message);
    const code = doc.textOf(error, "code");
    made.code = asWord(code);
    let status = faultStatus(code);
    if (status <= 0) status = faultStatus(doc.textOf(error, "type"));
    if (status > 0) made.status = status;
    made.type = errorTypeOf(made.status);
    return made;
  }
}

/** Appends the client's error body: OpenAI's own as it is, others in its shape. */
export function writeResponsesError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  if (!doc.parse(body) || messageNode(doc, 0) == NONE) writeForeignError(out, status, body);
  else if (doc.isObject(doc.root("error")) && !doc.isSet(doc.root("output"))) out.view(body);
  else {
    const failure = ResponseFailure.read(doc);
    writeErrorInner(out, failure.message, errorTypeOf(status), failure.code);
  }
}
