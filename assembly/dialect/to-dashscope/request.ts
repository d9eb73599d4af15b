// A chat completion body -> {model, input:{messages}, parameters}. The table of fields is in docs/translation-dashscope.md.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { TranslateContext } from "../translator";
import { REQUEST_TOO_LARGE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ContentWriter } from "./content";
import { MessageWriter } from "./messages";
import { isMultimodal } from "./model";
import { ParameterWriter } from "./parameters";

@final
export class RequestWriter extends Refusing {
  /** The body is one for multimodal-generation: by the model's name, or because a message holds more than text. */
  multimodal: bool = false;

  constructor(
    private doc: JsonDocument,
    private context: TranslateContext,
  ) {
    super();
  }

  /** Writes the body for the parsed document; false with `problem`. */
  write(out: Buffer): bool {
    const doc = this.doc;
    const list = doc.root("messages");
    this.multimodal = isMultimodal(this.context.model) || holdsMedia(doc, list);
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(',"input":{"messages":');
    const messages = new MessageWriter(doc, out, this.multimodal);
    if (!messages.write(list)) return this.refuse(messages.problem, messages.problemParam);
    out.ascii('},"parameters":');
    const parameters = new ParameterWriter(doc, out, this.context, messages.hasThinking);
    if (!parameters.write()) return this.refuse(parameters.problem, parameters.problemParam);
    out.byte(Ascii.RightBrace);
    if (out.overflow) return this.refuse(REQUEST_TOO_LARGE, "messages");
    return true;
  }
}

function holdsMedia(doc: JsonDocument, messages: i32): bool {
  if (!doc.isArray(messages)) return false;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (ContentWriter.hasMedia(doc, doc.get(message, "content"))) return true;
  }
  return false;
}
