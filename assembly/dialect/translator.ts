// The contract of a translation: a directed pair client dialect -> upstream dialect. One object serves one exchange, so
// its fields are that exchange's state; nothing is shared between exchanges.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import { UsageReport } from "../usage/report";
import { Usage } from "../usage/usage";
import { JsonDocument } from "../json/document";
import { describeFault } from "../json/kind";
import { Api } from "../model/api";
import { writeCompletionStream } from "./conversation/completion-stream";
import { CountService } from "./conversation/count-service";
import { Effects } from "./effects";
import { TranslateOptions } from "./options";
import { NOT_AN_OBJECT } from "./conversation/sentences";
import { Refusing } from "./conversation/refusing";

/** What a translator is told of the exchange before it starts. */
@final
export class TranslateContext {
  /** The client asked for a stream. */
  stream: bool = false;
  /** The client asked for the usage chunk (`stream_options.include_usage`). */
  includeUsage: bool = false;
  /** Model name for upstream, mapping applied (UTF-8). */
  model: View = View.empty();
  /** Seconds since 1970, for `created`. */
  now: i64 = 0;
  /** A number that differs from exchange to exchange, for ids that the upstream does not give. */
  nonce: u64 = 0;
  /**
   * The translator to the provider stands behind another one: its requests may say, and its responses are to say, what chat has
   * no place for (docs/conversation-form.md).
   */
  isConversation: bool = false;
  /** The tokens of the request are to be counted, nothing more: path() is then that of `counter`. */
  counts: bool = false;
  /** The client's `anthropic-beta` header, or empty. */
  betas: View = View.empty();
  /** The client's header `ConversationId`, empty for none. */
  conversationId: View = View.empty();

  /**
   * `effects`: what the translation reports beside its bytes; translators of one exchange share it. `options`: the provider's
   * settings, never changed.
   */
  constructor(
    public effects: Effects = new Effects(),
    public options: TranslateOptions = new TranslateOptions(),
  ) {}
}

/**
 * What event() says of an event that holds a piece of the response and nothing else: the same bytes with another piece, not
 * empty, are to be translated to the same bytes with that piece, count it the same way, and change nothing else.
 */
@final
export class PlainEvent {
  /** The piece in the event's data, the escaped inside of a JSON string, and where it begins in the output; -1: none. */
  text: View = View.empty();
  at: i32 = -1;
  /** It counts as text of the client's own form (TextTally.addOuter), else of OpenAI's (addMiddle). */
  isOuter: bool = false;
  /** Another string and a number in the data that change and mean nothing, or empty. */
  padding: View = View.empty();
  number: View = View.empty();

  /** The event was not plain. */
  clear(): void {
    this.text = View.empty();
    this.at = -1;
    this.padding = View.empty();
    this.number = View.empty();
  }
}

export abstract class Translator extends Refusing {
  /** `report`: token counts of the upstream's response; what they make is `usage`. */
  constructor(
    public context: TranslateContext,
    public readonly report: UsageReport = new UsageReport(),
  ) {
    super();
  }

  /** Model and id that the upstream named, for logs; empty until seen. */
  responseModel: View = View.empty();
  responseId: View = View.empty();

  /** Parses the client's body; false with `problem` set when it is no JSON object. */
  protected parseRequest(doc: JsonDocument, body: View): bool {
    if (!doc.parse(body)) return this.refuse("The request body is not valid JSON: " + describeFault(doc.fault) + ".");
    return doc.isObject(0) || this.refuse(NOT_AN_OBJECT);
  }

  /**
   * After response() has returned false: the HTTP status that the error in the body deserves, which came with status 200;
   * 0 when the body holds no error. error() writes the client's body for it.
   */
  failedStatus: i32 = 0;

  /** The API of the provider whose path is called, known after request(); Unknown: path() writes it. */
  targetApi: Api = Api.Unknown;

  /**
   * Writes the upstream body for a client body that is already known to be valid JSON with an object at the top.
   * False when it cannot be said in the upstream's dialect; `problem` then says why (answered as 400).
   */
  abstract request(body: View, out: Buffer): bool;

  /** Writes the path of the upstream call, query included. */
  abstract path(out: Buffer): void;

  /** With `context.counts`: the upstream's service that counts the tokens of what request() wrote; null when it has none. */
  get counter(): CountService | null {
    return null;
  }

  /** Writes the upstream's host when it depends on the request; nothing when the configuration knows it. */
  host(_out: Buffer): void {}

  /** Adds what the upstream wants beside content type and credentials; called after request(). */
  headers(_out: HeaderList): void {}

  /** Adds headers to the client's response; called after response(). A stream's headers are gone before its first event. */
  responseHeaders(_out: HeaderList): void {}

  /** Token counts seen so far; of a translator that has another one do the work, that one's. */
  get usage(): Usage {
    return this.report.usage;
  }

  /** For translators that stand in a row: they read and write the conversation form when context.isConversation says so. */
  get knowsConversation(): bool {
    return false;
  }

  /** The upstream streams AWS's binary events, not server-sent ones. */
  get streamsBinary(): bool {
    return false;
  }

  /** The client reads its stream as one JSON list and not as server-sent events; known after request(). */
  get streamsList(): bool {
    return false;
  }

  /** Bytes of a stream that are kept back from one event to the next, as far as they may be many. */
  get heldBytes(): i32 {
    return 0;
  }

  /** Writes the client's response for a whole, successful upstream body; false when the body cannot be understood. */
  abstract response(body: View, out: Buffer): bool;

  /**
   * Writes the client's whole stream for a whole upstream body: the client asked for a stream, the upstream gave none. This
   * is right for every translator whose response() writes a chat completion.
   */
  wholeAsStream(body: View, out: Buffer): bool {
    const completion = new Buffer(body.length + 512);
    return this.response(body, completion) && writeCompletionStream(completion.toView(), this.context.includeUsage, out);
  }

  /** For translators that say which events are plain: event() sets `at` for them. Its views die with the event. */
  plain: PlainEvent | null = null;

  /** Writes the client's events for one upstream event. `name` is the SSE event field or the frame's event type. */
  abstract event(name: View, data: View, out: Buffer): void;

  /** The stream's answer is finished; what end() writes, and counts that may still come, are all that is missing. */
  get awaitsEnd(): bool {
    return false;
  }

  /**
   * Ends the client's stream once the upstream has closed: terminator after a proper finish, an error event when the
   * upstream stopped in the middle.
   */
  abstract end(out: Buffer): void;

  /** The kind of error that the response's headers name (AWS's x-amzn-errortype), empty without it; set before error(). */
  errorName: View = View.empty();

  /** Writes the client's error body for an upstream response with an error status. */
  abstract error(status: i32, body: View, out: Buffer): void;
}
