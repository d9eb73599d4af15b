// Errors as clients of the Responses API read them: OpenAI's error object as a body, code and message in a response.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { messageNode } from "../conversation/error-reader";
import { faultStatus } from "../../usage/fault";

/** Appends the error body for an upstream response `body` with error status `status`: OpenAI's own as it is, others in its shape. */
export function translateError(status: i32, body: View, out: Buffer): void {
  const doc = new JsonDocument();
  const message = doc.parse(body) ? messageNode(doc, 0) : NONE;
  if (message == NONE) writeForeignError(out, status, body);
  else if (doc.isObject(doc.root("error"))) out.view(body);
  else writeErrorInner(out, innerOf(doc, message), errorTypeOf(status));
}

/** What an error in a stream says: `code` and `message`, both escaped inner bytes. */
@final
export class StreamError {
  code: View = View.empty();
  message: View = View.empty();
  /** OpenAI's word for it, for the log. */
  type: string = "server_error";

  /** Reads an event that is an error. */
  static read(doc: JsonDocument): StreamError {
    const made = new StreamError();
    const error = doc.root("error");
    const holder = doc.isObject(error) ? error : 0;
    const code = innerMember(doc, holder, "code");
    let status = faultStatus(doc.textOf(holder, "code"));
    if (status == 0) status = faultStatus(doc.textOf(holder, "type"));
    if (status == 0) status = <i32>doc.integer(doc.get(holder, "code"), doc.integer(doc.get(holder, "status"), 0));
    // Clients know rate_limit_exceeded, invalid_prompt and server_error; some know codes of the chat API (context_length_exceeded).
    made.type = status == 429 ? "rate_limit_exceeded" : status == 400 ? "invalid_request_error" : "server_error";
    made.code =
      code.length != 0 ? code : View.utf8(status == 429 ? "rate_limit_exceeded" : status == 400 ? "invalid_prompt" : "server_error");
    const message = messageNode(doc, 0);
    made.message = message == NONE ? View.utf8("The upstream sent an error without a message.") : innerOf(doc, message);
    return made;
  }

  /** A failure of the stream itself. */
  static of(message: string): StreamError {
    const made = new StreamError();
    made.code = View.utf8("server_error");
    made.message = View.utf8(message);
    made.type = "upstream_error";
    return made;
  }

  /** Appends `"code":…,"message":…`. */
  write(out: Buffer): void {
    out.wrap('"code":"', this.code, '","message":"');
    out.view(this.message);
    out.byte(Ascii.Quote);
  }
}
