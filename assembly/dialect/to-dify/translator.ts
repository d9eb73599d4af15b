// OpenAI chat completions over a Dify application. One object serves one exchange; the public fields are set after
// construction, from the configuration and from the client's headers.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { HeaderList } from "../../http/header-list";
import { CONVERSATION_ID } from "../../http/names";
import { Url, trimSlashes } from "../../http/url";
import { JsonDocument } from "../../json/document";
import { Choice } from "../conversation/completion-writer";
import { MAX_QUOTED_ERROR } from "../conversation/error-writer";
import { TranslateContext, Translator } from "../translator";
import { Bot, botOf, writeBotPath } from "./bot";
import { writeDifyError } from "./error";
import { finishReason } from "./finish-reason";
import { ResponseIds } from "./ids";
import { RequestWriter } from "./request";
import { EventBody, WholeReader, readBlocking, writeCompletion } from "./response";
import { StreamWriter } from "./stream";

@final
export class DifyTranslator extends Translator {
  /** The kind of application: Chat, Agent, Completion or Workflow. */
  private bot: Bot;
  /** The output that is the response (Workflow). */
  private outputVariable: View;
  /**
   * In: the client's `ConversationId` header, empty for none; a `conversation_id` in the body counts where it is empty. Out:
   * the response's, known after response() or from the first event on.
   */
  conversationId: View;
  private doc: JsonDocument = new JsonDocument();
  private ids: ResponseIds = new ResponseIds();
  private stream: StreamWriter | null = null;

  constructor(context: TranslateContext) {
    super(context);
    const settings = context.options.settings;
    this.bot = botOf(settings.text(ProviderField.BOT_TYPE));
    this.outputVariable = settings.text(ProviderField.OUTPUT_VARIABLE);
    this.conversationId = context.conversationId;
  }

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    if (this.conversationId.length == 0) this.conversationId = doc.textOf(0, "conversation_id").copy();
    const writer = new RequestWriter(doc, this.bot, this.context.options.settings.text(ProviderField.INPUT_VARIABLE));
    const written = writer.write(this.asksForStream, this.conversationId, out);
    return written || this.refuse(writer.problem, writer.problemParam);
  }

  /** Agents answer 400 to a blocking call: theirs is a stream always, which response() gathers for a client that wants none. */
  private get asksForStream(): bool {
    return this.context.stream || this.bot == Bot.Agent;
  }

  path(out: Buffer): void {
    const server = this.context.options.settings.text(ProviderField.DIFY_API_URL);
    writeBotPath(this.bot, trimSlashes(Url.parse(server).path), out);
  }

  /** Takes JSON, or the events of a stream. False as well for a run that failed or waits for a person. */
  responseHeaders(out: HeaderList): void {
    if (this.conversationId.length != 0) out.add(CONVERSATION_ID, this.conversationId);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    let choice = new Choice();
    let finish = finishReason(false);
    if (isJson(body)) {
      if (!doc.parse(body)) return false;
      if (!readBlocking(doc, this.outputVariable, this.ids, this.report, choice)) return this.failed(doc.textOf(doc.root("data"), "error"));
    } else {
      const reader = new WholeReader(this.ids, this.report, this.bot, this.outputVariable);
      new EventBody(reader, body.length).read(body);
      if (!reader.finished) return this.failed(reader.failure.toView());
      choice = reader.choice;
      finish = reader.reason;
    }
    this.responseId = this.ids.response(this.bot, this.context.nonce);
    this.takeNames();
    writeCompletion(choice, finish, this.responseId, this.context, this.usage, out);
    return !out.overflow;
  }

  /** Notes in `problem` what Dify says of a failed run, which came with status 200. */
  private failed(text: View): bool {
    this.problem = text.slice(0, MAX_QUOTED_ERROR).toString();
    return false;
  }

  event(name: View, data: View, out: Buffer): void {
    const stream = this.streamWriter();
    stream.event(name, data, out);
    this.responseId = stream.id;
    this.takeNames();
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.streamWriter().awaitsEnd;
  }

  end(out: Buffer): void {
    this.streamWriter().end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeDifyError(this.doc, status, body, out);
  }

  private takeNames(): void {
    this.responseModel = this.context.model;
    if (this.ids.conversation.length != 0) this.conversationId = this.ids.conversation;
  }

  private streamWriter(): StreamWriter {
    let stream = this.stream;
    if (stream === null) {
      stream = new StreamWriter(this.context, this.ids, this.report, this.bot, this.outputVariable);
      this.stream = stream;
    }
    return stream;
  }
}

/** True when the first byte that is no white space opens an object. */
function isJson(body: View): bool {
  let here = 0;
  while (here < body.length && body.at(here) <= Ascii.Space) here++;
  return body.at(here) == Ascii.LeftBrace;
}
