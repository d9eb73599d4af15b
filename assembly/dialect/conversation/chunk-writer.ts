// Writes chat.completion.chunk events (https://platform.openai.com/docs/api-reference/chat-streaming, Nov 2026).
// Every dialect that responses an OpenAI client streams through one of these; it knows nothing of upstream formats.
// Two ways to use it:
//   1. whole events: role(), content(), reasoning(), toolStart(), toolArguments(), refusal(), finish(), usage(), done();
//   2. one event with several fields: open(), put…() any number of times, close(out, finish).
// "inner" is the inside of a JSON string, escaped as it came (innerOf(doc, node)): it is copied, never decoded. "text" is
// plain UTF-8 that is escaped here. `choice` is the choice's index, 0 unless n > 1.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { ReasoningMode } from "../../model/reasoning-mode";
import { TranslateContext } from "../translator";
import { ChoiceFlags } from "./choice-flags";
import { writeDone, writeErrorEvent } from "./error-writer";
import { writeUsage } from "./usage-writer";
import { INVALID_EVENT, TRUNCATED } from "./sentences";

@final
export class ChunkWriter {
  private head: Buffer = new Buffer(192);
  private introduced: ChoiceFlags = new ChoiceFlags();
  private thinking: ChoiceFlags = new ChoiceFlags();
  private fields: i32 = 0;
  private choice: i32 = 0;
  /** Members that ride on the next event, each with a comma after it. */
  private attached: Buffer = new Buffer(16);
  /** Where in the output the last piece of content or arguments began. */
  pieceAt: i32 = 0;
  private listName: string = "";
  private list: Buffer = new Buffer(16);

  constructor(private context: TranslateContext) {
    this.setHead(View.empty(), View.empty(), 0);
  }

  /** What putReasoning() does with a model's thoughts. */
  get reasoningMode(): ReasoningMode {
    return this.context.options.reasoningMode;
  }

  /** Sets id, model (plain UTF-8) and creation time (seconds since 1970) that every chunk from here on carries. */
  setHead(id: View, model: View, created: i64): void {
    const head = this.head;
    head.clear();
    head.ascii('data: {"id":');
    writeString(head, id);
    head.ascii(',"object":"chat.completion.chunk","created":');
    head.integer(created);
    head.ascii(',"model":');
    writeString(head, model);
    head.ascii(',"choices":[');
  }

  /** True once the choice's role has been written. */
  hasRole(choice: i32 = 0): bool {
    return this.introduced.has(choice);
  }

  /**
   * True when the next piece of the choice makes the same chunk as the one after it: nothing rides on it, nothing is to be
   * closed.
   */
  isSteady(choice: i32 = 0): bool {
    return this.introduced.has(choice) && !this.thinking.has(choice) && this.list.length == 0 && this.attached.length == 0;
  }

  // Whole events.

  /**
   * The first chunk of a choice: `{"role":"assistant","content":""}`, null when it is known that no text will come. Writes
   * nothing the second time.
   */
  role(out: Buffer, choice: i32 = 0, isBlocked: bool = false): void {
    if (this.introduced.has(choice)) return;
    this.open(out, choice);
    this.putRole(out);
    this.key(out, isBlocked ? '"content":null' : '"content":""');
    this.close(out, "");
  }

  /** A piece of the response, escaped inner bytes. */
  content(out: Buffer, inner: View, choice: i32 = 0): void {
    this.open(out, choice);
    this.putContent(out, inner);
    this.close(out, "");
  }

  /** A piece of reasoning, escaped inner bytes, in the form that reasoningMode asks for (no event when it is dropped). */
  reasoning(out: Buffer, inner: View, choice: i32 = 0): void {
    if (this.reasoningMode == ReasoningMode.Ignore) {
      this.context.effects.text.addMiddle(inner);
      return;
    }
    this.open(out, choice);
    this.putReasoning(out, inner);
    this.close(out, "");
  }

  /** A piece of a refusal (`delta.refusal`), escaped inner bytes. */
  refusal(out: Buffer, inner: View, choice: i32 = 0): void {
    this.open(out, choice);
    this.key(out, '"refusal":"');
    this.context.effects.text.addMiddle(inner);
    out.view(inner);
    out.byte(Ascii.Quote);
    this.close(out, "");
  }

  /**
   * The first chunk of tool call `index` (counted from 0 in each choice): id and name, escaped inner bytes, and the
   * arguments so far as escaped inner bytes (empty when they follow, all of them when the upstream gives them whole).
   */
  toolStart(out: Buffer, index: i32, idInner: View, nameInner: View, argumentsInner: View, choice: i32 = 0): void {
    this.endThinking(out, choice);
    this.open(out, choice);
    this.putToolStart(out, index, idInner, nameInner, argumentsInner);
    this.close(out, "");
  }

  /** A further piece of the arguments of tool call `index`, escaped inner bytes. */
  toolArguments(out: Buffer, index: i32, inner: View, choice: i32 = 0): void {
    this.open(out, choice);
    this.key(out, '"tool_calls":[{"index":');
    out.integer(index);
    out.ascii(',"function":{"arguments":"');
    this.context.effects.text.addMiddle(inner);
    this.pieceAt = out.length;
    out.view(inner);
    out.ascii('"}}]');
    this.close(out, "");
  }

  /** The last chunk of a choice. Closes an open <think> tag in a chunk of its own first. */
  finish(out: Buffer, reason: string, choice: i32 = 0): void {
    this.endThinking(out, choice);
    this.open(out, choice);
    this.close(out, reason);
  }

  private endThinking(out: Buffer, choice: i32): void {
    if (this.thinking.has(choice)) this.content(out, View.empty(), choice);
  }

  /** The usage-only chunk (`"choices":[]`); writes nothing unless the client asked for it and something is known. */
  usage(out: Buffer, usage: Usage): void {
    if (!this.context.includeUsage || !usage.isKnown) return;
    out.view(this.head.window());
    out.ascii('],"usage":');
    writeUsage(out, usage);
    out.ascii("}\n\n");
  }

  /** An error in the stream. `inner` is the message, escaped inner bytes; `type` and `code` are ASCII, "" for no code. */
  error(out: Buffer, inner: View, type: string, code: string): void {
    this.context.effects.countError(type);
    writeErrorEvent(out, inner, type, code);
  }

  /** The error for an upstream event that is not JSON. */
  invalidEvent(out: Buffer): void {
    this.error(out, View.utf8(INVALID_EVENT), "upstream_error", "invalid_event");
  }

  /** The error for an upstream stream that ended in the middle. */
  truncated(out: Buffer): void {
    this.error(out, View.utf8(TRUNCATED), "upstream_error", "stream_truncated");
  }

  /** `data: [DONE]`. */
  done(out: Buffer): void {
    writeDone(out);
  }

  // ---- one event in parts -------------------------------------------------------------------------------------------

  /** Starts an event of one choice. */
  open(out: Buffer, choice: i32 = 0): void {
    out.view(this.head.window());
    out.ascii('{"index":');
    out.integer(choice);
    out.ascii(',"delta":{');
    this.fields = 0;
    this.choice = choice;
    if (this.list.length != 0) {
      this.list.byte(Ascii.RightBracket);
      this.attach(this.listName, this.list.window());
      this.list.clearTo(256);
    }
    if (this.attached.length != 0) {
      this.attached.truncate(this.attached.length - 1);
      out.view(this.attached.window());
      this.attached.clearTo(256);
      this.fields = 1;
    }
  }

  /** `"role":"assistant"` in the open event, once for each choice. */
  putRole(out: Buffer): void {
    if (this.introduced.has(this.choice)) return;
    this.introduced.set(this.choice);
    this.key(out, '"role":"assistant"');
  }

  /** `"content"` in the open event; closes an open <think> tag before it. */
  putContent(out: Buffer, inner: View): void {
    this.key(out, '"content":"');
    if (this.thinking.has(this.choice)) {
      this.thinking.clear(this.choice);
      out.ascii("</think>\\n");
    }
    this.context.effects.text.addMiddle(inner);
    this.pieceAt = out.length;
    out.view(inner);
    out.byte(Ascii.Quote);
  }

  /** `"reasoning_content"` in the open event, or `"content"` behind <think> in mode Concat, or nothing. */
  putReasoning(out: Buffer, inner: View): void {
    this.context.effects.text.addMiddle(inner);
    if (this.reasoningMode == ReasoningMode.Ignore) return;
    if (this.reasoningMode == ReasoningMode.Passthrough) {
      this.key(out, '"reasoning_content":"');
    } else {
      this.key(out, '"content":"');
      if (!this.thinking.has(this.choice)) out.ascii("<think>");
      this.thinking.set(this.choice);
    }
    out.view(inner);
    out.byte(Ascii.Quote);
  }

  /** `"tool_calls"` with one call's start in the open event; arguments as in toolStart(). */
  putToolStart(out: Buffer, index: i32, idInner: View, nameInner: View, argumentsInner: View): void {
    this.key(out, '"tool_calls":[{"index":');
    out.integer(index);
    out.wrap(',"id":"', idInner, '","type":"function","function":{"name":"');
    out.view(nameInner);
    out.ascii('","arguments":"');
    this.context.effects.text.addMiddle(nameInner);
    this.context.effects.text.addMiddle(argumentsInner);
    out.view(argumentsInner);
    out.ascii('"}}]');
  }

  /** Any other member in the open delta: `name` is ASCII without quotes, `raw` is a JSON value. */
  putRaw(out: Buffer, name: string, raw: View): void {
    this.key(out, '"');
    out.ascii(name);
    out.put('":', raw);
  }

  /**
   * Adds a member to the delta of the next event, whichever it is: for extras that deserve no event of their own. `name`
   * is ASCII without quotes, different in each call before that event; `raw` is a JSON value.
   */
  attach(name: string, raw: View): void {
    this.attached.byte(Ascii.Quote);
    this.attached.ascii(name);
    this.attached.wrap('":', raw, ",");
  }

  /** Adds an item to a list that the next event carries as member `name`, the same name in every call. */
  attachItem(name: string, raw: View): void {
    this.listName = name;
    this.list.byte(this.list.length == 0 ? Ascii.LeftBracket : Ascii.Comma);
    this.list.view(raw);
  }

  /**
   * Ends the event. `finish` is the finish reason, "" for null; `logprobs` is a raw JSON value to put beside the delta.
   */
  close(out: Buffer, finish: string, logprobs: View = View.empty()): void {
    if (logprobs.length != 0) {
      out.put('},"logprobs":', logprobs);
    } else out.byte(Ascii.RightBrace);
    if (finish.length == 0) out.ascii(',"finish_reason":null}]');
    else {
      out.ascii(',"finish_reason":"');
      out.ascii(finish);
      out.ascii('"}]');
    }
    out.ascii(this.context.includeUsage ? ',"usage":null}\n\n' : "}\n\n");
  }

  /** A comma when needed, then `start` (ASCII). */
  private key(out: Buffer, start: string): void {
    if (this.fields > 0) out.byte(Ascii.Comma);
    this.fields++;
    out.ascii(start);
  }
}
