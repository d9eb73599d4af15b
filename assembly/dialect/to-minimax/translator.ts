// OpenAI chat completions over MiniMax's ChatCompletion Pro (its API reference, Nov 2026). One object serves one exchange.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { appendSegment } from "../../http/url";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { isFinished, mapFinishReason } from "../conversation/finish-reason";
import { callId } from "../conversation/ids";
import { CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { PlainChat } from "../conversation/plain-chat";
import { minimaxStatus } from "../../usage/fault";
import { minimaxErrorCode } from "./error";
import { RequestWriter } from "./request";
import { SentText } from "./sent-text";

@final
export class MiniMaxTranslator extends PlainChat {
  private text: Buffer = new Buffer(256);
  private sent: SentText = new SentText();
  private sentArguments: SentText = new SentText();
  private hasCall: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  path(out: Buffer): void {
    out.ascii("/v1/text/chatcompletion_pro?GroupId=");
    appendSegment(out, this.context.options.settings.text(ProviderField.MINIMAX_GROUP_ID));
  }

  request(body: View, out: Buffer): bool {
    const messages = this.readMessages(body);
    if (messages == NONE) return false;
    const writer = new RequestWriter(this.doc, this.context, out);
    if (!writer.write(messages)) return this.refuse(writer.problem, writer.problemParam);
    return this.refuseSize(out);
  }

  /** Errors come with status 200 and `base_resp.status_code`; a gateway before the service may use OpenAI's form. */
  findError(status: i32): bool {
    const doc = this.doc;
    const nested = doc.root("error");
    if (doc.isObject(nested)) return this.foundError(innerMember(doc, nested, "message"), status, "");
    const base = doc.root("base_resp");
    const code = doc.integer(doc.get(base, "status_code"), 0);
    if (code == 0) return false;
    return this.foundError(innerMember(doc, base, "status_msg"), minimaxStatus(code, status), minimaxErrorCode(code));
  }

  private readHead(): void {
    const doc = this.doc;
    readUsage(doc, 0, this.report);
    // `created` is in nanoseconds by the reference and in seconds in its samples: ours is taken.
    if (this.responseId.length == 0) this.setHead(doc.textOf(0, "id"), doc.textOf(0, "model"));
  }

  /** Gathers what the bot says in a choice into `text`; returns the call that is left to the client, or NONE. */
  private readChoice(choice: i32): i32 {
    const doc = this.doc;
    this.text.clearTo(1 << 16);
    let call = NONE;
    for (let message = doc.first(doc.get(choice, "messages")); message != NONE; message = doc.next(message)) {
      // A call that another message follows was answered by MiniMax itself (knowledge bases, plugins).
      call = doc.get(message, "function_call");
      if (!doc.memberIs(message, "sender_type", "FUNCTION")) this.text.view(innerMember(doc, message, "text"));
    }
    return doc.isObject(call) ? call : NONE;
  }

  private finishReason(choice: i32, hasCall: bool): string {
    const doc = this.doc;
    if (doc.isTrue(doc.root("output_sensitive")) || doc.isTrue(doc.root("input_sensitive"))) {
      if (this.text.length == 0) return "content_filter";
    }
    const reason = doc.get(choice, "finish_reason");
    return doc.textIs(reason, "max_output") ? "length" : mapFinishReason(doc, reason, hasCall);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.readResponse(body)) return false;
    const reply = doc.root("reply");
    let choice = doc.first(doc.root("choices"));
    if (choice == NONE && !doc.isString(reply)) return false;
    this.readHead();
    const writer = new CompletionWriter(this.context);
    writer.begin(out, this.responseId, this.responseModel, this.context.now);
    // Without choices, as with a refused question, the reply is all there is.
    if (choice == NONE) this.writeChoice(NONE, innerOf(doc, reply), writer, out);
    for (; choice != NONE; choice = doc.next(choice)) this.writeChoice(choice, View.empty(), writer, out);
    writer.end(out, this.usage);
    return !out.overflow;
  }

  private writeChoice(choice: i32, reply: View, writer: CompletionWriter, out: Buffer): void {
    const doc = this.doc;
    const call = this.readChoice(choice);
    this.text.view(reply);
    if (this.text.length != 0) writer.choice.addContent(this.text.toView());
    if (call != NONE) {
      const name = innerMember(doc, call, "name");
      writer.choice.addToolCallInner(callId(View.empty(), this.context.nonce, 0), name, innerMember(doc, call, "arguments"));
    }
    writer.endChoice(out, this.finishReason(choice, call != NONE));
  }

  /**
   * Events bring new text, except the last one: it has the finish reason and repeats all of it, in the messages and in
   * `reply`. Only what was not sent before goes on.
   */
  event(_name: View, data: View, out: Buffer): void {
    if (data.equals("[DONE]") || !this.readEvent(data, out)) return;
    this.readHead();
    if (this.finished) return;
    const doc = this.doc;
    const choice = doc.first(doc.root("choices"));
    const call = this.readChoice(choice);
    const reply = innerMember(doc, 0, "reply");
    const isLast = reply.length != 0 || isFinished(doc, doc.get(choice, "finish_reason"));
    const text = this.text.toView();
    let fresh = text;
    if (isLast) {
      if (text.length != 0 && this.sent.begins(text)) fresh = this.sent.rest(text);
      else if (reply.length != 0) fresh = this.sent.begins(reply) ? this.sent.rest(reply) : View.empty();
    }
    this.sent.add(fresh);
    this.writeContent(fresh, 0, out);
    if (call != NONE) this.writeCall(call, isLast, out);
    if (!isLast) return;
    this.finished = true;
    this.chunks.finish(out, this.finishReason(choice, this.hasCall));
  }

  private writeCall(call: i32, isLast: bool, out: Buffer): void {
    const doc = this.doc;
    const given = innerMember(doc, call, "arguments");
    const fresh = isLast && this.sentArguments.begins(given) ? this.sentArguments.rest(given) : given;
    this.sentArguments.add(fresh);
    if (!this.hasCall) {
      this.hasCall = true;
      const id = callId(View.empty(), this.context.nonce, 0);
      this.chunks.toolStart(out, 0, id, innerMember(doc, call, "name"), fresh);
    } else if (fresh.length != 0) this.chunks.toolArguments(out, 0, fresh);
  }
}
