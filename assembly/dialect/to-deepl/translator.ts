// OpenAI chat completions over DeepL's text translation (https://developers.deepl.com/api-reference/translate, Nov 2026):
// every message is a text to translate, every translation a choice. One object serves one exchange.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { PlainChat } from "../conversation/plain-chat";
import { isSystem } from "../conversation/roles";
import { NO_MESSAGES } from "../conversation/sentences";

@final
export class DeepLTranslator extends PlainChat {
  constructor(context: TranslateContext) {
    super(context);
  }

  /** The model names the plan, whose keys are valid on one host only. */
  get isFree(): bool {
    return this.context.model.equalsIgnoreCase("free");
  }

  /** Writes the host of the model's plan. */
  host(out: Buffer): void {
    out.ascii(this.isFree ? "api-free.deepl.com" : "api.deepl.com");
  }

  path(out: Buffer): void {
    out.ascii("/v2/translate");
  }

  request(body: View, out: Buffer): bool {
    const messages = this.readMessages(body);
    if (messages == NONE) return false;
    if (!this.isFree && !this.context.model.equalsIgnoreCase("pro")) return this.refuse("The model must be Free or Pro.", "model");
    out.ascii('{"text":[');
    if (!this.writeTexts(messages, out)) return false;
    out.byte(Ascii.RightBracket);
    if (!this.writeTarget(out) || !this.writeContext(messages, out)) return false;
    this.copyOptions(out);
    out.byte(Ascii.RightBrace);
    return this.refuseSize(out);
  }

  /** All messages but the system ones, whatever their role, so that choice k is the translation of text k. */
  private writeTexts(messages: i32, out: Buffer): bool {
    const doc = this.doc;
    let index = 0;
    let count = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (!isSystem(doc, message)) {
        out.ascii(count > 0 ? ',"' : '"');
        if (!this.writeText(message, index, out)) return false;
        out.byte(Ascii.Quote);
        count++;
      }
      index++;
    }
    return count > 0 || this.refuse(NO_MESSAGES, "messages");
  }

  /** The request's own `target_lang`, else the configured one. */
  private writeTarget(out: Buffer): bool {
    const given = this.doc.root("target_lang");
    if (this.doc.isString(given) && !this.doc.textIs(given, "")) {
      this.put("target_lang", given, out);
      return true;
    }
    const configured = this.context.options.settings.text(ProviderField.TARGET_LANG);
    if (configured.length == 0) return this.refuse("The request names no target_lang.", "target_lang");
    out.ascii(',"target_lang":');
    writeString(out, configured);
    return true;
  }

  /** System messages help to translate and are not translated. */
  private writeContext(messages: i32, out: Buffer): bool {
    const doc = this.doc;
    let index = 0;
    let isOpen = false;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (isSystem(doc, message)) {
        out.ascii(isOpen ? "\\n" : ',"context":"');
        isOpen = true;
        if (!this.writeText(message, index, out)) return false;
      }
      index++;
    }
    if (isOpen) out.byte(Ascii.Quote);
    return true;
  }

  /** DeepL's own settings, which clients put beside OpenAI's (`extra_body`). */
  private copyOptions(out: Buffer): void {
    this.copy("source_lang", out);
    this.copy("formality", out);
    this.copy("glossary_id", out);
    this.copy("style_id", out);
    this.copy("custom_instructions", out);
    this.copy("model_type", out);
    this.copy("split_sentences", out);
    this.copy("preserve_formatting", out);
    this.copy("tag_handling", out);
    this.copy("outline_detection", out);
    this.copy("non_splitting_tags", out);
    this.copy("splitting_tags", out);
    this.copy("ignore_tags", out);
  }

  /** Error bodies are {message, detail?}; 456 is DeepL's status for a used up quota. */
  findError(status: i32): bool {
    const doc = this.doc;
    const message = doc.root("message");
    if (!doc.isString(message) || doc.isArray(doc.root("translations"))) return false;
    const text = new Buffer(128);
    text.view(innerOf(doc, message));
    const detail = innerMember(doc, 0, "detail");
    if (detail.length != 0) text.ascii(": ");
    text.view(detail);
    return this.foundError(text.toView(), status == 456 ? 429 : status, status == 456 ? "insufficient_quota" : "");
  }

  /** The language that DeepL found stands as the name of the message, as the other gateways have it. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.readResponse(body)) return false;
    let item = doc.first(doc.root("translations"));
    if (item == NONE) return false;
    this.setHead(View.empty(), View.empty());
    const writer = new CompletionWriter(this.context);
    writer.begin(out, this.responseId, this.responseModel, this.context.now);
    for (; item != NONE; item = doc.next(item)) {
      const language = doc.get(item, "detected_source_language");
      writer.choice.addContent(innerMember(doc, item, "text"));
      if (doc.isString(language)) writer.choice.addExtra("name", doc.raw(language));
      writer.endChoice(out, "stop");
    }
    writer.end(out, this.usage);
    return !out.overflow;
  }

  /** DeepL has no streams (wholeAsStream() makes one); what looks like an event can only tell of an error. */
  event(_name: View, data: View, out: Buffer): void {
    this.readEvent(data, out);
  }
}
