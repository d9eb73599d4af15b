// A /v1/responses body -> a chat completion body. Fields of the Responses API are mapped, refused or dropped by the tables below (told
// in docs/translation-responses.md); one that its reference does not know goes on untouched, as do temperature, top_p and user.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { writeString } from "../../json/text";
import { TranslateContext } from "../translator";
import { REQUEST_TOO_LARGE, WRONG_TOOLS } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ConversationWriter } from "./conversation";
import { ResponsesSettings } from "./settings";
import { ToolTable } from "./tool-table";
import { ToolWriter } from "./tools";

/** Fields that need what a service keeps. */
const REFUSED: StaticArray<string> = ["previous_response_id", "conversation", "prompt", "moderation"];
/** What to send instead of each but the first, whose words are the second's. */
const REFUSALS: StaticArray<string> = [
  "Nothing is stored here. Send the earlier items in input, reasoning among them (store: false makes clients do so).",
  "Nothing is stored here. Send the prompt's text as instructions and input.",
  "Nothing is moderated here. Send the request without the field moderation.",
];
const NO_BACKGROUND = "Nothing is stored here. Send background: false, and stream: true where the answer takes long.";

/** Fields that are written below. */
const MAPPED: string =
  "model input instructions tools tool_choice parallel_tool_calls max_output_tokens reasoning text top_logprobs " + "stream stream_options";
/** Fields of OpenAI's chat completions as well that few servers know: ResponsesSettings.keepExtras. */
const EXTRAS: string = "prompt_cache_key prompt_cache_retention safety_identifier service_tier";
/**
 * Fields of the reference (openai 6.49, Nov 2026) and of Codex without a counterpart. metadata: OpenAI's chat takes it for stored
 * completions alone, and this response's copy has it. truncation: nobody else cuts a conversation.
 */
const DROPPED: string =
  "background client_metadata context_management include max_tool_calls metadata previous_response_id conversation " +
  "prompt moderation prompt_cache_options store truncation";
const LOGPROBS = "message.output_text.logprobs";

@final
export class RequestWriter extends Refusing {
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
    private settings: ResponsesSettings,
    private table: ToolTable,
  ) {
    super();
  }

  /** Writes the body for the parsed document; false with `problem`. */
  write(): bool {
    const doc = this.doc;
    const out = this.out;
    if (!this.checkFields()) return false;
    out.ascii('{"model":');
    if (this.context.model.length != 0) writeString(out, this.context.model);
    else if (doc.isString(this.field("model"))) out.view(doc.raw(this.field("model")));
    else return this.refuse("model must be a string.", "model");
    out.ascii(',"messages":');
    const conversation = new ConversationWriter(doc, out, this.settings, this.context.isConversation);
    if (!conversation.write(this.field("instructions"), this.field("input")))
      return this.refuse(conversation.problem, conversation.problemParam);
    if (!this.writeTools()) return false;
    this.writeLimits();
    this.writeText();
    if (this.context.stream || doc.isTrue(this.field("stream"))) {
      // Usage is always asked for: the response carries it.
      out.ascii(',"stream":true,"stream_options":{"include_usage":true}');
    }
    this.writeRest();
    out.byte(Ascii.RightBrace);
    if (out.overflow) return this.refuse(REQUEST_TOO_LARGE, "input");
    return true;
  }

  private field(name: string): i32 {
    return this.doc.root(name);
  }

  private checkFields(): bool {
    const doc = this.doc;
    for (let k = 0; k < REFUSED.length; k++) {
      if (doc.isSet(this.field(REFUSED[k]))) return this.refuse(REFUSALS[max(k - 1, 0)], REFUSED[k]);
    }
    return !doc.isTrue(this.field("background")) || this.refuse(NO_BACKGROUND, "background");
  }

  private writeTools(): bool {
    const doc = this.doc;
    const tools = this.field("tools");
    if (doc.isSet(tools) && !doc.isArray(tools)) return this.refuse(WRONG_TOOLS, "tools");
    const writer = new ToolWriter(doc, this.out, this.table);
    if (!writer.write()) return this.refuse(writer.problem, "tools");
    if (this.settings.keepExtras) this.writeWebSearch(tools);
    if (this.table.count == 0) return true;
    if (!writer.writeChoice()) return this.refuse(writer.problem, "tool_choice");
    const parallel = this.field("parallel_tool_calls");
    if (doc.isSet(parallel)) this.member("parallel_tool_calls", parallel);
    return true;
  }

  /** The tool web_search -> chat's web_search_options, whose place is nested once more. */
  private writeWebSearch(tools: i32): void {
    const doc = this.doc;
    const out = this.out;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
      const type = doc.textOf(tool, "type");
      if (!type.startsWith("web_search") || this.field("web_search_options") != NONE) continue;
      out.ascii(',"web_search_options":{');
      const size = doc.get(tool, "search_context_size");
      const place = doc.get(tool, "user_location");
      if (doc.isString(size)) {
        out.put('"search_context_size":', doc.raw(size));
        if (doc.isObject(place)) out.byte(Ascii.Comma);
      }
      if (doc.isObject(place)) {
        out.wrap('"user_location":{"type":"approximate","approximate":', doc.raw(place), "}");
      }
      out.byte(Ascii.RightBrace);
      return;
    }
  }

  private member(name: string, value: i32): void {
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.put('":', this.doc.raw(value));
  }

  /** max_output_tokens, reasoning.effort, top_logprobs. A field that is given under chat's own name wins. */
  private writeLimits(): void {
    const doc = this.doc;
    const limit = this.field("max_output_tokens");
    if (doc.isSet(limit)) this.member(this.settings.maxCompletionTokens ? "max_completion_tokens" : "max_tokens", limit);
    const effort = doc.get(this.field("reasoning"), "effort");
    if (doc.isString(effort) && this.field("reasoning_effort") == NONE) this.member("reasoning_effort", effort);
    const number = this.field("top_logprobs");
    const wanted = doc.integer(number, 0) > 0;
    if (!wanted && !this.includes(LOGPROBS)) return;
    this.out.ascii(',"logprobs":true');
    if (wanted) this.member("top_logprobs", number);
  }

  private includes(name: string): bool {
    const doc = this.doc;
    const list = this.field("include");
    if (!doc.isArray(list)) return false;
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) if (doc.textIs(item, name)) return true;
    return false;
  }

  /** text.format -> response_format, whose schema is nested once more; text.verbosity -> verbosity. */
  private writeText(): void {
    const doc = this.doc;
    const out = this.out;
    const text = this.field("text");
    const verbosity = doc.get(text, "verbosity");
    if (this.settings.keepExtras && doc.isString(verbosity)) this.member("verbosity", verbosity);
    const format = doc.get(text, "format");
    if (this.field("response_format") != NONE) return;
    if (doc.memberIs(format, "type", "json_object")) out.ascii(',"response_format":{"type":"json_object"}');
    if (!doc.memberIs(format, "type", "json_schema")) return;
    out.ascii(',"response_format":{"type":"json_schema","json_schema":{');
    let isFirst = true;
    for (let member = doc.first(format); member != NONE; member = doc.next(member)) {
      if (doc.keyIs(member, "type") || doc.isNull(member)) continue;
      if (!isFirst) out.byte(Ascii.Comma);
      isFirst = false;
      this.copy(member);
    }
    out.ascii("}}");
  }

  private copy(member: i32): void {
    passMember(this.doc, member, this.out);
  }

  private writeRest(): void {
    const doc = this.doc;
    for (let member = doc.first(0); member != NONE; member = doc.next(member)) {
      if (doc.keyIn(member, MAPPED) || doc.keyIn(member, DROPPED) || doc.isNull(member)) continue;
      const isKept = this.settings.keepExtras || (this.settings.keepCacheKey && doc.keyIs(member, "prompt_cache_key"));
      if (doc.keyIn(member, EXTRAS) && (!isKept || doc.textIs(member, "auto"))) continue;
      this.out.byte(Ascii.Comma);
      this.copy(member);
    }
  }
}
