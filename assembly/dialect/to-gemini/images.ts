// OpenAI's pictures over Gemini and Vertex AI: Imagen's predict, and generateContent of the models that answer with pictures
// (https://ai.google.dev/gemini-api/docs/imagen and https://ai.google.dev/gemini-api/docs/image-generation, Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { holdsWord } from "../../model/name";
import { readUsage } from "../../usage/document";
import { ImagesTranslator } from "../conversation/images";
import { TranslateContext } from "../translator";
import { writeGeminiError } from "./error";
import { writeModelPath } from "./translator";

/** Writes the path of a method of the context's model. */
type PathWriter = (context: TranslateContext, method: string, out: Buffer) => void;

export function writeGeminiMethod(context: TranslateContext, method: string, out: Buffer): void {
  writeModelPath(context, out);
  out.ascii(method);
}

@final
export class GeminiImages extends ImagesTranslator {
  constructor(
    context: TranslateContext,
    private writePath: PathWriter,
  ) {
    super(context);
  }

  private get method(): string {
    return holdsWord(this.context.model, "imagen") ? ":predict" : ":generateContent";
  }

  protected writeRequest(prompt: View, out: Buffer): bool {
    const ratio = this.ratio;
    if (this.method == ":predict") {
      out.wrap('{"instances":[{"prompt":', prompt, '}],"parameters":{"sampleCount":');
      out.integer(this.count);
      if (ratio != "") out.wrap(',"aspectRatio":"', View.utf8(ratio), '"');
      out.ascii("}}");
      return true;
    }
    if (this.count > 1) return this.refuse("This model makes one picture with each request.", "n");
    out.wrap('{"contents":[{"role":"user","parts":[{"text":', prompt, '}]}],"generationConfig":{"responseModalities":["TEXT","IMAGE"]');
    if (ratio != "") out.wrap(',"imageConfig":{"aspectRatio":"', View.utf8(ratio), '"}');
    out.ascii("}}");
    return true;
  }

  path(out: Buffer): void {
    this.writePath(this.context, this.method, out);
  }

  /** Thoughts may hold sketches, which are not the answer. */
  protected findImages(images: Array<i32>): void {
    const doc = this.doc;
    readUsage(doc, 0, this.report);
    for (let item = firstItem(doc, doc.root("predictions")); item != NONE; item = doc.next(item)) {
      this.addImage(images, doc.get(item, "bytesBase64Encoded"));
    }
    for (let item = firstItem(doc, doc.root("candidates")); item != NONE; item = doc.next(item)) {
      for (let part = firstItem(doc, doc.get(doc.get(item, "content"), "parts")); part != NONE; part = doc.next(part)) {
        if (!doc.isTrue(doc.get(part, "thought"))) this.addImage(images, doc.get(doc.get(part, "inlineData"), "data"));
      }
    }
  }

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }
}
