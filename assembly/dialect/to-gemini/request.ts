// A chat completion body -> a generateContent body. The table of fields is in docs/translation-gemini.md.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { ProviderField } from "../../config/schema.gen";
import { JsonDocument } from "../../json/document";
import { writeString } from "../../json/text";
import { TranslateContext } from "../translator";
import { REQUEST_TOO_LARGE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ConversationWriter } from "./conversation";
import { GenerationConfigWriter } from "./generation-config";
import { ToolWriter } from "./tools";

@final
export class RequestWriter extends Refusing {
  constructor(
    private doc: JsonDocument,
    private context: TranslateContext,
  ) {
    super();
  }

  /** Writes the body for the parsed document; false with `problem`. */
  write(out: Buffer): bool {
    const doc = this.doc;
    out.ascii('{"contents":');
    const conversation = new ConversationWriter(doc, out, this.context);
    if (!conversation.write(doc.root("messages"))) return this.refuse(conversation.problem, conversation.problemParam);
    if (conversation.system.length != 0) {
      out.wrap(',"system_instruction":{"parts":[', conversation.system.toView(), "]}");
    }
    const tools = new ToolWriter(doc, out, this.context.model, this.context.isConversation);
    if (!tools.write(0)) return this.refuse(tools.problem, tools.problemParam);
    const config = new GenerationConfigWriter(doc, this.context);
    config.write(0, out);
    if (config.problem.length != 0) return this.refuse(config.problem, "response_format");
    this.writeSafety(out);
    const cached = doc.get(doc.get(doc.root("extra_body"), "google"), "cached_content");
    if (doc.isString(cached)) {
      out.put(',"cachedContent":', doc.raw(cached));
    }
    out.byte(Ascii.RightBrace);
    if (out.overflow) return this.refuse(REQUEST_TOO_LARGE, "messages");
    return true;
  }

  /** The client's own `safetySettings` (Envoy AI Gateway's extension), else the configured thresholds. */
  private writeSafety(out: Buffer): void {
    const own = this.doc.root("safetySettings");
    if (this.doc.isArray(own)) {
      out.put(',"safetySettings":', this.doc.raw(own));
      return;
    }
    const pairs = this.context.options.settings.texts(ProviderField.GEMINI_SAFETY_SETTING);
    for (let k = 0; k + 1 < pairs.length; k += 2) {
      out.ascii(k == 0 ? ',"safetySettings":[{"category":' : ',{"category":');
      writeString(out, pairs[k]);
      out.ascii(',"threshold":');
      writeString(out, pairs[k + 1]);
      out.byte(Ascii.RightBrace);
    }
    if (pairs.length > 1) out.byte(Ascii.RightBracket);
  }
}
