// What the translators of images share: the client's prompt, and OpenAI's list of pictures
// (https://platform.openai.com/docs/api-reference/images/create, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { TranslateContext, Translator } from "../translator";
import { NO_MODEL } from "./sentences";

/** Sides of a picture, its least edge first, with the nearest ratio that Google's models make. */
const RATIOS: StaticArray<string> = ["1024x1024", "1:1", "1536x1024", "3:2", "1024x1536", "2:3", "1792x1024", "16:9", "1024x1792", "9:16"];

export abstract class ImagesTranslator extends Translator {
  protected doc: JsonDocument = new JsonDocument();
  /** Pictures that the client wants. */
  protected count: i64 = 1;

  constructor(context: TranslateContext) {
    super(context);
  }

  /** Writes the provider's body; `prompt` is the JSON text of a string. False with `problem` set when it cannot be said there. */
  protected abstract writeRequest(prompt: View, out: Buffer): bool;

  /** Adds the nodes of the pictures of the parsed response, texts in base64. */
  protected abstract findImages(images: Array<i32>): void;

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    const prompt = doc.root("prompt");
    if (!doc.isString(prompt)) return this.refuse("The prompt must be a string.", "prompt");
    if (this.context.model.length == 0) return this.refuse(NO_MODEL, "model");
    this.count = doc.integer(doc.root("n"), 1);
    if (this.count < 1 || this.count > 10) return this.refuse("n must be from 1 to 10.", "n");
    return this.writeRequest(doc.raw(prompt), out);
  }

  /** The ratio of the client's `size`; "" for any other, which leaves it to the model. */
  protected get ratio(): string {
    const size = this.doc.textOf(0, "size");
    for (let k = 0; k < RATIOS.length; k += 2) if (size.equals(RATIOS[k])) return RATIOS[k + 1];
    return "";
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const images: Array<i32> = [];
    this.findImages(images);
    this.responseModel = this.context.model;
    out.ascii('{"created":');
    out.integer(this.context.now);
    out.ascii(',"data":[');
    for (let k = 0; k < images.length; k++) {
      if (k > 0) out.byte(Ascii.Comma);
      out.put('{"b64_json":', doc.raw(images[k]));
      out.byte(Ascii.RightBrace);
    }
    out.byte(Ascii.RightBracket);
    const usage = this.usage;
    if (usage.isKnown) {
      out.ascii(',"usage":{"input_tokens":');
      out.integer(usage.inputOrZero);
      out.ascii(',"output_tokens":');
      out.integer(usage.outputOrZero);
      out.ascii(',"total_tokens":');
      out.integer(usage.totalOrSum);
      out.byte(Ascii.RightBrace);
    }
    out.byte(Ascii.RightBrace);
    return (images.length != 0 && !out.overflow) || this.refuse("The provider's response holds no picture.");
  }

  /** Adds `item` if it is a text that is not empty. */
  protected addImage(images: Array<i32>, item: i32): void {
    if (this.doc.isString(item) && !this.doc.textIs(item, "")) images.push(item);
  }

  /** Pictures are not streamed: what comes as an event is ignored. */
  event(_name: View, _data: View, _out: Buffer): void {}

  end(_out: Buffer): void {}
}
