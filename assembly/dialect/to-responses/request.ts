// A chat completion body, plain or in the conversation form -> a /v1/responses body. The tables of fields are told in
// docs/translation-responses-upstream.md.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Refuses, familyOf, refusalsOf } from "../../model/family";
import { ReasoningMode } from "../../model/reasoning-mode";
import { Draft } from "../conversation/draft";
import { budgetEffort } from "../conversation/effort";
import { REQUEST_TOO_LARGE, WRONG_LIMIT } from "../conversation/sentences";
import { writeUserId } from "../conversation/user-id";
import { TranslateContext } from "../translator";
import { InputWriter } from "./input";
import { writeTools } from "./tools";

/** Fields that are written below, and after them those without a counterpart (openai 6.49, Nov 2026). */
const OWN =
  "model messages tools functions tool_choice function_call web_search_options reasoning_effort reasoning response_format verbosity " +
  "max_tokens max_completion_tokens logprobs store include stream user stop background n logit_bias seed presence_penalty " +
  "frequency_penalty prediction modalities audio thinking reasoning_max_tokens stream_options";
/** Fields of the form that mean the same there: its others are words of Anthropic's. A chat's are OpenAI's, known to the gateway or not. */
const OF_FORM = "temperature top_p top_logprobs parallel_tool_calls prompt_cache_key safety_identifier";
/** The service takes no smaller limit (400 "integer below minimum value", Nov 2026). */
const LEAST_TOKENS: i64 = 16;
const TEXT_ALONE = "OpenAI's Responses API answers in text alone. Ask for no audio, or use a model of the chat completions API.";

/** Writes the body for the draft's document; false with its problem. */
export function writeRequest(draft: Draft, context: TranslateContext): bool {
  const doc = draft.doc;
  const out = draft.out;
  out.ascii('{"model":');
  writeString(out, context.model);
  const modalities = doc.root("modalities");
  for (let item = doc.first(modalities); item != NONE; item = doc.next(item)) {
    if (!doc.textIs(item, "text")) return draft.refuse(TEXT_ALONE, "modalities");
  }
  if (!new InputWriter(draft).write(doc.root("messages")) || !writeTools(draft) || !writeLimit(draft)) return false;
  writeReasoning(draft, context);
  writeText(draft);
  // Without store nothing stays at the provider; what it has sealed comes back with the client's next request.
  const store = doc.root("store");
  out.ascii(doc.isTrue(store) ? ',"store":true' : ',"store":false');
  const user = doc.root("user");
  if (doc.isString(user)) {
    draft.key("user");
    writeUserId(doc, user, out);
  }
  if (context.stream) out.ascii(',"stream":true');
  for (let member = doc.first(0); member != NONE; member = doc.next(member)) {
    if (doc.keyIn(member, draft.isConversation ? OF_FORM : OWN) == draft.isConversation && doc.isSet(member)) draft.rawMember(member);
  }
  out.byte(Ascii.RightBrace);
  return !out.overflow || draft.refuse(REQUEST_TOO_LARGE, "messages");
}

function writeLimit(draft: Draft): bool {
  const doc = draft.doc;
  let limit = doc.root("max_completion_tokens");
  if (!doc.isSet(limit)) limit = doc.root("max_tokens");
  if (!doc.isSet(limit)) return true;
  const tokens = doc.integer(limit, -1);
  if (tokens < 0) return draft.refuse(WRONG_LIMIT, "max_tokens");
  draft.key("max_output_tokens");
  draft.out.integer(max(tokens, LEAST_TOKENS));
  return true;
}

/** `reasoning`, and with it `include`: models that are known not to reason refuse both. */
function writeReasoning(draft: Draft, context: TranslateContext): void {
  const doc = draft.doc;
  const out = draft.out;
  const reasons = (refusalsOf(familyOf(context.model)) & Refuses.EFFORT) == 0;
  writeInclude(draft, reasons);
  if (!reasons) return;
  const own = doc.root("reasoning");
  const mark = out.length;
  draft.key("reasoning");
  out.byte(Ascii.LeftBrace);
  const start = out.length;
  const effort = doc.root("reasoning_effort");
  const step = budgetEffort(doc, doc.root("thinking"));
  if (doc.isString(effort)) draft.member("effort", effort);
  else if (step.length != 0) draft.innerMember("effort", View.utf8(step));
  else draft.copyMember(own, "effort");
  for (let member = doc.isObject(own) ? doc.first(own) : NONE; member != NONE; member = doc.next(member)) {
    if (!doc.keyIs(member, "effort") && !doc.isNull(member)) draft.rawMember(member);
  }
  if (showsThinking(draft, context) && !doc.isSet(doc.get(own, "summary"))) draft.innerMember("summary", View.utf8("auto"));
  if (out.length > start) out.byte(Ascii.RightBrace);
  else out.truncate(mark);
}

/** A Messages client that has turned thinking on reads it, unless it says otherwise (`display`) or the operator does. */
function showsThinking(draft: Draft, context: TranslateContext): bool {
  const doc = draft.doc;
  const thinking = doc.root("thinking");
  const type = doc.get(thinking, "type");
  if (!draft.isConversation || context.options.reasoningMode == ReasoningMode.Ignore) return false;
  return doc.textIn(type, "enabled adaptive") && !doc.memberIs(thinking, "display", "omitted");
}

function writeInclude(draft: Draft, reasons: bool): void {
  const doc = draft.doc;
  const given = doc.root("include");
  const logprobs = doc.isTrue(doc.root("logprobs"));
  if (doc.isArray(given)) draft.member("include", given);
  else if (reasons || logprobs) {
    draft.out.ascii(',"include":[');
    if (reasons) draft.out.ascii('"reasoning.encrypted_content"');
    if (reasons && logprobs) draft.out.byte(Ascii.Comma);
    if (logprobs) draft.out.ascii('"message.output_text.logprobs"');
    draft.out.byte(Ascii.RightBracket);
  }
}

/** response_format -> text.format, whose schema is nested once less; verbosity -> text.verbosity. */
function writeText(draft: Draft): void {
  const doc = draft.doc;
  const out = draft.out;
  const format = doc.root("response_format");
  const verbosity = doc.root("verbosity");
  if (!doc.isObject(format) && !doc.isSet(verbosity)) return;
  draft.key("text");
  out.byte(Ascii.LeftBrace);
  const nested = doc.get(format, "json_schema");
  if (doc.isObject(nested)) {
    draft.key("format");
    out.ascii('{"type":"json_schema"');
    for (let member = doc.first(nested); member != NONE; member = doc.next(member)) draft.rawMember(member);
    out.byte(Ascii.RightBrace);
  } else if (doc.isObject(format)) draft.member("format", format);
  if (doc.isSet(verbosity)) draft.member("verbosity", verbosity);
  out.byte(Ascii.RightBrace);
}
