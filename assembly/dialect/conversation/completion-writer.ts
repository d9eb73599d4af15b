// Writes a whole chat.completion object (https://platform.openai.com/docs/api-reference/chat/object, Nov 2026).
// Fill one Choice after another; the order in which an upstream gives its parts does not matter.
//
//   const writer = new CompletionWriter(context);
//   writer.begin(out, id, model, created);          // plain UTF-8
//   writer.choice.addContent(inner); …              // escaped inner bytes
//   writer.endChoice(out, "stop");                  // once for each choice; the index counts by itself
//   writer.end(out, usage);

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeCompactInner, writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { ReasoningMode } from "../../model/reasoning-mode";
import { Effects } from "../effects";
import { TranslateContext } from "../translator";
import { writeUsage } from "./usage-writer";

/** The message of one choice as it is collected. All `inner` bytes are insides of JSON strings, copied as they are. */
@final
export class Choice {
  content: Buffer = new Buffer(256);
  reasoning: Buffer = new Buffer(16);
  toolCalls: Buffer = new Buffer(16);
  /** Further members of the message, each with a comma before it: `,"name":value`. */
  extra: Buffer = new Buffer(16);
  /** Further members of the choice beside the message, likewise (`,"logprobs":…`). */
  beside: Buffer = new Buffer(16);
  toolCount: i32 = 0;
  private hasRefusal: bool = false;

  /** Adds to the response's text; pieces are joined with nothing between. */
  addContent(inner: View): void {
    this.content.view(inner);
  }

  addReasoning(inner: View): void {
    this.reasoning.view(inner);
  }

  /** Adds a tool call whose arguments are the raw JSON value `json`, which becomes a string; empty becomes "{}". */
  addToolCall(idInner: View, nameInner: View, json: View): void {
    this.beginToolCall(idInner, nameInner);
    if (json.length == 0) this.toolCalls.ascii("{}");
    else writeCompactInner(this.toolCalls, json);
    this.toolCalls.ascii('"}}');
  }

  /** Adds a tool call whose arguments are the inside of a JSON string already. */
  addToolCallInner(idInner: View, nameInner: View, argumentsInner: View): void {
    this.beginToolCall(idInner, nameInner);
    this.toolCalls.view(argumentsInner);
    this.toolCalls.ascii('"}}');
  }

  private beginToolCall(idInner: View, nameInner: View): void {
    const calls = this.toolCalls;
    if (this.toolCount > 0) calls.byte(Ascii.Comma);
    this.toolCount++;
    calls.wrap('{"id":"', idInner, '","type":"function","function":{"name":"');
    calls.view(nameInner);
    calls.ascii('","arguments":"');
  }

  /** Adds a member of the message: `name` is ASCII, `raw` a JSON value. */
  addExtra(name: string, raw: View): void {
    if (name == "refusal") this.hasRefusal = true;
    addMember(this.extra, name, raw);
  }

  /** No text has to be there: tools are called, or the response was refused. */
  get mayBeNull(): bool {
    return this.toolCount > 0 || this.hasRefusal;
  }

  /** Adds a member of the choice beside the message. */
  addBeside(name: string, raw: View): void {
    addMember(this.beside, name, raw);
  }

  clear(): void {
    this.content.clear();
    this.reasoning.clear();
    this.toolCalls.clear();
    this.extra.clear();
    this.beside.clear();
    this.toolCount = 0;
    this.hasRefusal = false;
  }
}

function addMember(to: Buffer, name: string, raw: View): void {
  to.ascii(',"');
  to.ascii(name);
  to.put('":', raw);
}

@final
export class CompletionWriter {
  choice: Choice = new Choice();
  private count: i32 = 0;

  private effects: Effects;
  private reasoningMode: ReasoningMode;

  constructor(context: TranslateContext) {
    this.effects = context.effects;
    this.reasoningMode = context.options.reasoningMode;
  }

  /** Starts the object. `id` and `model` are plain UTF-8, `created` is in seconds since 1970. */
  begin(out: Buffer, id: View, model: View, created: i64): void {
    this.count = 0;
    this.choice.clear();
    out.ascii('{"id":');
    writeString(out, id);
    out.ascii(',"object":"chat.completion","created":');
    out.integer(created);
    out.ascii(',"model":');
    writeString(out, model);
    out.ascii(',"choices":[');
  }

  /** Writes the collected choice and empties it for the next one. */
  endChoice(out: Buffer, finish: string): void {
    const choice = this.choice;
    this.effects.text.addMiddle(choice.content.toView());
    this.effects.text.addMiddle(choice.reasoning.toView());
    this.effects.text.addMiddle(choice.toolCalls.toView());
    if (this.count > 0) out.byte(Ascii.Comma);
    out.ascii('{"index":');
    out.integer(this.count);
    this.count++;
    out.ascii(',"message":{"role":"assistant","content":');
    this.writeContent(out, finish == "content_filter");
    if (choice.reasoning.length != 0 && this.reasoningMode == ReasoningMode.Passthrough) {
      out.wrap(',"reasoning_content":"', choice.reasoning.toView(), '"');
    }
    if (choice.toolCount > 0) {
      out.wrap(',"tool_calls":[', choice.toolCalls.toView(), "]");
    }
    out.view(choice.extra.toView());
    out.ascii('},"finish_reason":"');
    out.ascii(finish);
    out.byte(Ascii.Quote);
    out.view(choice.beside.toView());
    out.byte(Ascii.RightBrace);
    choice.clear();
  }

  /**
   * `content` is null beside tool calls, a refusal and a blocked response, as OpenAI's; else a string, which clients join
   * without a check.
   */
  private writeContent(out: Buffer, isBlocked: bool): void {
    const choice = this.choice;
    const tagged = choice.reasoning.length != 0 && this.reasoningMode == ReasoningMode.Concat;
    if (choice.content.length == 0 && !tagged && (isBlocked || choice.mayBeNull)) {
      out.ascii("null");
      return;
    }
    out.byte(Ascii.Quote);
    if (tagged) {
      out.wrap("<think>", choice.reasoning.toView(), "</think>\\n");
    }
    out.view(choice.content.toView());
    out.byte(Ascii.Quote);
  }

  /** Ends the object; `usage` is left out when nothing of it is known. */
  end(out: Buffer, usage: Usage): void {
    out.byte(Ascii.RightBracket);
    if (usage.isKnown) {
      out.ascii(',"usage":');
      writeUsage(out, usage);
    }
    out.byte(Ascii.RightBrace);
  }
}
