// A /v1/messages body -> a chat completion body. Known Anthropic fields are mapped or dropped by the tables below (told in
// docs/translation-messages.md); a field that is known to neither goes on untouched, as do max_tokens, temperature and
// top_p, whose names and meanings are the same.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { budgetEffort } from "../conversation/effort";
import { writeUserId } from "../conversation/user-id";
import { TranslateContext } from "../translator";
import { NOT_AN_OBJECT, REQUEST_TOO_LARGE, WRONG_TOOLS } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ConversationWriter } from "./conversation";
import { FormWriter } from "./form";
import { MessagesSettings } from "./settings";
import { writeFormTools, writeToolChoice, writeTools } from "./tools";

@final
export class RequestWriter extends Refusing {
  private root: i32 = 0;
  /** The conversation form is written, not plain chat. */
  private isForm: bool;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
    private settings: MessagesSettings,
  ) {
    super();
    this.isForm = context.isConversation;
  }

  /** Writes the body for the parsed document; false with `problem`. */
  write(): bool {
    const doc = this.doc;
    const out = this.out;
    if (!doc.isObject(this.root)) return this.refuse(NOT_AN_OBJECT, "");
    out.ascii('{"model":');
    if (this.context.model.length != 0) writeString(out, this.context.model);
    else if (doc.isString(this.field("model"))) out.view(doc.raw(this.field("model")));
    else return this.refuse("model must be a string.", "model");
    out.ascii(',"messages":');
    if (!this.writeMessages() || !this.writeToolFields()) return false;
    this.writeRenamed();
    this.writeReasoningEffort();
    this.writeResponseFormat();
    this.writeRest();
    out.byte(Ascii.RightBrace);
    if (out.overflow) return this.refuse(REQUEST_TOO_LARGE, "messages");
    return true;
  }

  private writeMessages(): bool {
    const system = this.field("system");
    const messages = this.field("messages");
    if (this.isForm) {
      const form = new FormWriter(this.doc, this.out);
      return form.write(system, messages) || this.refuse(form.problem, form.problemParam);
    }
    const flat = new ConversationWriter(this.doc, this.out, this.settings);
    return flat.write(system, messages) || this.refuse(flat.problem, flat.problemParam);
  }

  private field(name: string): i32 {
    return this.doc.get(this.root, name);
  }

  private writeToolFields(): bool {
    const tools = this.field("tools");
    if (this.doc.isSet(tools) && !this.doc.isArray(tools)) return this.refuse(WRONG_TOOLS, "tools");
    if ((this.isForm ? writeFormTools(this.doc, tools, this.out) : writeTools(this.doc, tools, this.out)) == 0) return true;
    const parallelGiven = this.field("parallel_tool_calls") != NONE;
    if (writeToolChoice(this.doc, this.field("tool_choice"), tools, parallelGiven, this.isForm, this.out)) return true;
    return this.refuse("tool_choice must be of type auto, any, tool (with a name) or none.", "tool_choice");
  }

  /** stop_sequences, metadata.user_id, stream. A field already given under OpenAI's name wins over the mapped one. */
  private writeRenamed(): void {
    const doc = this.doc;
    const stop = this.field("stop_sequences");
    if (doc.first(stop) != NONE && this.field("stop") == NONE) {
      this.out.put(',"stop":', doc.raw(stop));
    }
    const user = doc.get(this.field("metadata"), "user_id");
    if (doc.isString(user) && this.field("user") == NONE) {
      this.out.ascii(',"user":');
      if (this.isForm) this.out.view(doc.raw(user));
      else writeUserId(doc, user, this.out);
    }
    if (this.context.stream || doc.isTrue(this.field("stream"))) {
      // Usage is always asked for: Anthropic clients get it in message_delta.
      this.out.ascii(',"stream":true,"stream_options":{"include_usage":true}');
    } else if (doc.isSet(this.field("stream"))) this.out.ascii(',"stream":false');
  }

  /** output_config.effort as it is, else a step for thinking.budget_tokens; nothing when thinking is off or not asked for. */
  private writeReasoningEffort(): void {
    const doc = this.doc;
    const thinking = this.field("thinking");
    const type = doc.get(thinking, "type");
    if (doc.textIs(type, "disabled") || this.field("reasoning_effort") != NONE) return;
    const effort = doc.get(this.field("output_config"), "effort");
    if (doc.isString(effort)) {
      this.out.put(',"reasoning_effort":', doc.raw(effort));
      return;
    }
    // The form has the client's own object.
    if (!doc.textIs(type, "enabled") || this.isForm) return;
    if (this.settings.takesBudget && doc.kind(doc.get(thinking, "budget_tokens")) == JsonKind.Number) {
      this.out.wrap(',"reasoning":{"max_tokens":', doc.raw(doc.get(thinking, "budget_tokens")), "}");
      return;
    }
    this.out.ascii(',"reasoning_effort":"');
    this.out.ascii(budgetEffort(doc, thinking));
    this.out.byte(Ascii.Quote);
  }

  /** output_config.format (output_format in the beta) {type: json_schema, schema} -> response_format. */
  private writeResponseFormat(): void {
    const doc = this.doc;
    let format = doc.get(this.field("output_config"), "format");
    if (!doc.isObject(format)) format = this.field("output_format");
    const schema = doc.get(format, "schema");
    if (!doc.isObject(schema) || this.field("response_format") != NONE) return;
    // strict: Anthropic's format is a guarantee, OpenAI's is one only when strict.
    this.out.wrap(
      ',"response_format":{"type":"json_schema","json_schema":{"name":"response","strict":true,"schema":',
      doc.raw(schema),
      "}}",
    );
  }

  private writeRest(): void {
    const doc = this.doc;
    const out = this.out;
    for (let member = doc.first(this.root); member != NONE; member = doc.next(member)) {
      if (isMapped(doc, member) || (!this.isForm && (isOwn(doc, member) || isDropped(doc, member)))) continue;
      if (this.settings.maxCompletionTokens && doc.keyIs(member, "max_tokens")) out.ascii(',"max_completion_tokens"');
      else {
        out.wrap(',"', doc.rawKey(member), '"');
      }
      out.byte(Ascii.Colon);
      out.view(doc.raw(member));
    }
  }
}

/** Fields that are written above. */
function isMapped(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(member, "model messages system tools tool_choice stop_sequences stream stream_options");
}

/** Fields that are written in chat's words; the form has them as they came, too. */
function isOwn(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(member, "metadata thinking output_config output_format");
}

/** Fields of Anthropic's reference (with its betas, Nov 2026) that chat completions have no counterpart for. */
function isDropped(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(
    member,
    "top_k service_tier cache_control container context_management mcp_servers inference_geo speed betas anthropic_beta anthropic_version diagnostics fallbacks fallback_credit_token user_profile_id",
  );
}
