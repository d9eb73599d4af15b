// OpenAI's pictures over InvokeModel: Amazon's models, and Stability's, which take a prompt alone
// (https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html and
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-stability-diffusion.html, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { holdsWord } from "../../model/name";
import { ImagesTranslator } from "../conversation/images";
import { TranslateContext } from "../translator";
import { writeBedrockError } from "./error";
import { writeModelPath } from "./model";

@final
export class BedrockImages extends ImagesTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  protected writeRequest(prompt: View, out: Buffer): bool {
    if (holdsWord(this.context.model, "stability")) {
      if (this.count > 1) return this.refuse("This model makes one picture with each request.", "n");
      out.wrap('{"prompt":', prompt, "");
    } else {
      const size = this.doc.textOf(0, "size");
      const by = size.indexOf(Ascii.LowerX);
      const width = size.slice(0, by).toInteger();
      const height = size.slice(by + 1, size.length).toInteger();
      const isSized = by > 0 && width > 0 && height > 0;
      const isGood = this.doc.textOf(0, "quality").isOneOf("hd high premium");
      out.wrap('{"taskType":"TEXT_IMAGE","textToImageParams":{"text":', prompt, '},"imageGenerationConfig":{"numberOfImages":');
      out.integer(this.count);
      out.ascii(',"width":');
      out.integer(isSized ? width : 1024);
      out.ascii(',"height":');
      out.integer(isSized ? height : 1024);
      if (isGood) out.ascii(',"quality":"premium"');
      out.byte(Ascii.RightBrace);
    }
    out.byte(Ascii.RightBrace);
    return true;
  }

  path(out: Buffer): void {
    writeModelPath(this.context.model, "invoke", out);
  }

  protected findImages(images: Array<i32>): void {
    const doc = this.doc;
    for (let item = firstItem(doc, doc.root("images")); item != NONE; item = doc.next(item)) this.addImage(images, item);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }
}
