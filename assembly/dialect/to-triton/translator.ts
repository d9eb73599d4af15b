// OpenAI chat completions over the generate extension of NVIDIA Triton (docs/protocol/extension_generate.md of its server,
// Nov 2026): a prompt in, text out. One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { appendSegment } from "../../http/url";
import { JsonKind } from "../../json/cursor";
import { NONE } from "../../json/document";
import { Field } from "../../usage/fields";
import { isFinished, mapFinishReason } from "../conversation/finish-reason";
import { ChoiceFlags } from "../conversation/choice-flags";
import { CompletionWriter } from "../conversation/completion-writer";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { PlainChat } from "../conversation/plain-chat";
import { isSystem } from "../conversation/roles";

/** Choices that are told apart; OpenAI's n goes further, no server here does. */
const MAX_CHOICES: i32 = 64;

@final
export class TritonTranslator extends PlainChat {
  private done: ChoiceFlags = new ChoiceFlags();
  /** Choices seen in the stream. */
  private seen: i32 = 0;
  /** The model says how each choice ended (vLLM's return_finish_reason), so an end without it is a cut. */
  private tellsFinish: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  path(out: Buffer): void {
    out.ascii("/v2/models/");
    appendSegment(out, this.context.model);
    // Without a version the server chooses.
    const version = this.context.options.settings.text(ProviderField.TRITON_MODEL_VERSION);
    if (version.length != 0) {
      out.ascii("/versions/");
      appendSegment(out, version);
    }
    out.ascii(this.context.stream ? "/generate_stream" : "/generate");
  }

  request(body: View, out: Buffer): bool {
    const messages = this.readMessages(body);
    if (messages == NONE) return false;
    out.ascii('{"text_input":"');
    if (!this.writePrompt(messages, out)) return false;
    out.ascii('","parameters":{"stream":');
    out.ascii(this.context.stream ? "true" : "false");
    const limit = this.doc.root("max_completion_tokens");
    this.put("max_tokens", this.doc.isSet(limit) ? limit : this.doc.root("max_tokens"), out);
    this.writeParameters(out);
    this.writeStop(out);
    out.ascii("}}");
    return this.refuseSize(out);
  }

  /**
   * One message is its text alone. Several become a transcript, `Role: text` in paragraphs, that ends with `Assistant:` for
   * the model to go on: the endpoint takes a prompt, and which template a model was trained with is not known here.
   */
  private writePrompt(messages: i32, out: Buffer): bool {
    const doc = this.doc;
    const first = doc.first(messages);
    if (doc.next(first) == NONE) return this.writeText(first, 0, out);
    let index = 0;
    let isAssistant = false;
    for (let message = first; message != NONE; message = doc.next(message)) {
      const role = doc.get(message, "role");
      isAssistant = doc.textIs(role, "assistant");
      if (index > 0) out.ascii("\\n\\n");
      if (isAssistant) out.ascii("Assistant: ");
      else if (isSystem(doc, message)) out.ascii("System: ");
      else if (doc.textIn(role, "tool function")) out.ascii("Tool: ");
      else out.ascii("User: ");
      if (!this.writeText(message, index, out)) return false;
      index++;
    }
    if (!isAssistant) out.ascii("\\n\\nAssistant:");
    return true;
  }

  /** Names that Triton's LLM backends share with OpenAI, and vLLM's own. The server takes no lists and objects here. */
  private writeParameters(out: Buffer): void {
    this.copyScalar("temperature", out);
    this.copyScalar("top_p", out);
    this.copyScalar("top_k", out);
    this.copyScalar("min_p", out);
    this.copyScalar("n", out);
    this.copyScalar("seed", out);
    this.copyScalar("presence_penalty", out);
    this.copyScalar("frequency_penalty", out);
    this.copyScalar("repetition_penalty", out);
    this.copyScalar("return_finish_reason", out);
    this.copyScalar("return_num_input_tokens", out);
    this.copyScalar("return_num_output_tokens", out);
    const exclude = this.doc.root("exclude_input_in_output");
    if (this.doc.isSet(exclude)) this.put("exclude_input_in_output", exclude, out);
    // Without it vLLM's whole responses begin with the prompt (vllm_backend, Nov 2026); its streams never do.
    else if (!this.context.stream) out.ascii(',"exclude_input_in_output":true');
  }

  private copyScalar(name: string, out: Buffer): void {
    const node = this.doc.root(name);
    if (!this.doc.isArray(node) && !this.doc.isObject(node)) this.put(name, node, out);
  }

  /** A parameter is one string: of a list the first goes. */
  private writeStop(out: Buffer): void {
    const stop = this.doc.root("stop");
    const first = this.doc.isArray(stop) ? this.doc.first(stop) : stop;
    if (this.doc.isString(first)) this.put("stop", first, out);
  }

  findError(status: i32): bool {
    const error = this.doc.root("error");
    return this.doc.isString(error) && this.foundError(innerOf(this.doc, error), status, "");
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.readResponse(body)) return false;
    const text = doc.root("text_output");
    const isList = doc.isArray(text);
    if (!isList && !doc.isString(text)) return false;
    this.readHead();
    const writer = new CompletionWriter(this.context);
    writer.begin(out, this.responseId, this.responseModel, this.context.now);
    let choice = 0;
    for (let item = isList ? doc.first(text) : text; item != NONE && choice < MAX_CHOICES; item = isList ? doc.next(item) : NONE) {
      writer.choice.addContent(innerOf(doc, item));
      writer.endChoice(out, mapFinishReason(doc, this.reasonOf(choice), false));
      choice++;
    }
    writer.end(out, this.usage);
    return !out.overflow;
  }

  /** Id, model and, when the client asked vLLM for them, counts: increments in streams, one total in a whole response. */
  private readHead(): void {
    const doc = this.doc;
    if (this.responseId.length == 0) this.setHead(doc.textOf(0, "id"), doc.textOf(0, "model_name"));
    const report = this.report;
    report.put(Field.PROMPT, doc.integer(doc.root("num_input_tokens"), -1));
    const count = doc.root("num_output_tokens");
    const isList = doc.isArray(count);
    for (let item = isList ? doc.first(count) : count; item != NONE; item = isList ? doc.next(item) : NONE) {
      const tokens = doc.integer(item, -1);
      if (tokens >= 0) report.put(Field.COMPLETION, tokens + max<i64>(report.at(Field.COMPLETION), 0));
    }
    report.updateUsage();
  }

  /** The finish reason of a choice, NONE when there is none. vLLM spells "not yet" as Python does. */
  private reasonOf(choice: i32): i32 {
    const doc = this.doc;
    let reason = doc.root("finish_reason");
    if (doc.isArray(reason)) {
      reason = doc.first(reason);
      for (let k = 0; k < choice; k++) reason = doc.next(reason);
    }
    return doc.textIs(reason, "None") ? NONE : reason;
  }

  event(_name: View, data: View, out: Buffer): void {
    if (!this.readEvent(data, out)) return;
    const doc = this.doc;
    this.readHead();
    if (doc.kind(doc.root("finish_reason")) != JsonKind.None) this.tellsFinish = true;
    const text = doc.root("text_output");
    const isList = doc.isArray(text);
    let choice = 0;
    for (let item = isList ? doc.first(text) : text; item != NONE && choice < MAX_CHOICES; item = isList ? doc.next(item) : NONE) {
      this.writePiece(item, choice, out);
      choice++;
    }
  }

  private writePiece(text: i32, choice: i32, out: Buffer): void {
    if (this.done.has(choice)) return;
    if (choice >= this.seen) this.seen = choice + 1;
    this.writeContent(innerOf(this.doc, text), choice, out);
    const reason = this.reasonOf(choice);
    if (isFinished(this.doc, reason)) this.finish(mapFinishReason(this.doc, reason, false), choice, out);
  }

  private finish(reason: string, choice: i32, out: Buffer): void {
    this.done.set(choice);
    this.chunks.finish(out, reason, choice);
  }

  /** See Translator; a model that tells no finish reasons has finished when the stream is closed. */
  get awaitsEnd(): bool {
    if (this.failed || !this.tellsFinish) return this.failed;
    for (let k = 0; k < this.seen; k++) if (!this.done.has(k)) return false;
    return this.seen > 0;
  }

  /** Nothing but the close marks the end of a stream, unless the model tells finish reasons. */
  end(out: Buffer): void {
    if (!this.failed) {
      this.finished = this.seen > 0;
      for (let k = 0; k < this.seen; k++) {
        if (this.done.has(k)) continue;
        if (this.tellsFinish) this.finished = false;
        else this.finish("stop", k, out);
      }
    }
    super.end(out);
  }
}
