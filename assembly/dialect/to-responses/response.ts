// A whole response of the Responses API -> a chat completion, or the conversation form.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { ReasoningMode } from "../../model/reasoning-mode";
import { Usage } from "../../usage/usage";
import { CompletionWriter } from "../conversation/completion-writer";
import { FormResponse } from "../conversation/form-response";
import { innerMember, innerOf } from "../conversation/inner";
import { itemThought } from "../conversation/reasoning";
import { ItemKind, kindOfItem } from "../conversation/response-items";
import { TranslateContext } from "../translator";

/** True for a reasoning item that can come back: without its sealed content nobody keeps it. */
export function isSealed(doc: JsonDocument, item: i32): bool {
  return innerMember(doc, item, "encrypted_content").length != 0;
}

/** Chat's finish reason of a response that has ended well. */
export function finishOf(doc: JsonDocument, response: i32, hasCalls: bool): string {
  const reason = doc.get(doc.get(response, "incomplete_details"), "reason");
  if (doc.textIs(reason, "content_filter")) return "content_filter";
  if (doc.isString(reason)) return "length";
  return hasCalls ? "tool_calls" : "stop";
}

/** The JSON of an annotation as chat nests it; empty for one that chat does not know. */
export function chatAnnotation(doc: JsonDocument, annotation: i32): View {
  const out = new Buffer(256);
  if (!doc.memberIs(annotation, "type", "url_citation")) return out.toView();
  out.wrap('{"type":"url_citation","url_citation":', doc.raw(annotation), "}");
  return out.toView();
}

/** Writes a chat completion for the response in the document. */
export function writeCompletion(doc: JsonDocument, context: TranslateContext, id: View, model: View, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  const choice = writer.choice;
  const isPassed = context.options.reasoningMode == ReasoningMode.Passthrough;
  writer.begin(out, id, model, createdAt(doc, 0, context));
  const items = new Buffer(16);
  const annotations = new Buffer(16);
  for (let item = doc.first(doc.root("output")); item != NONE; item = doc.next(item)) {
    const kind = kindOfItem(doc, item);
    if (kind == ItemKind.Reasoning) {
      if (choice.reasoning.length != 0 && itemThought(doc, item).length != 0) choice.addReasoning(View.utf8("\\n\\n"));
      choice.addReasoning(itemThought(doc, item));
      if (isPassed && isSealed(doc, item)) addItem(items, doc.raw(item));
    } else if (kind == ItemKind.FunctionCall)
      choice.addToolCallInner(innerMember(doc, item, "call_id"), innerMember(doc, item, "name"), argumentsOf(doc, item));
    else if (kind == ItemKind.CustomCall) {
      if (choice.toolCount++ > 0) choice.toolCalls.ascii(",");
      writeCustomCall(doc, item, choice.toolCalls);
    } else if (kind == ItemKind.Message) {
      for (let part = doc.first(doc.get(item, "content")); part != NONE; part = doc.next(part)) {
        choice.addContent(innerMember(doc, part, "text"));
        const refusal = doc.get(part, "refusal");
        if (innerOf(doc, refusal).length != 0) choice.addExtra("refusal", doc.raw(refusal));
        const logprobs = chatLogprobs(doc, part);
        if (logprobs.length != 0 && choice.beside.length == 0) choice.addBeside("logprobs", logprobs);
        addAnnotations(doc, part, annotations);
      }
    }
  }
  if (items.length != 0) choice.addExtra("reasoning_items", closed(items));
  if (annotations.length != 0) choice.addExtra("annotations", closed(annotations));
  writer.endChoice(out, finishOf(doc, 0, choice.toolCount > 0));
  writer.end(out, usage);
}

/** The same in the conversation form. */
export function writeForm(doc: JsonDocument, context: TranslateContext, id: View, model: View, usage: Usage, out: Buffer): void {
  const writer = new FormResponse(out);
  const turn = writer.turn;
  let isRefused = false;
  let logprobs = View.empty();
  const annotations = new Buffer(16);
  writer.begin(id, model, createdAt(doc, 0, context));
  for (let item = doc.first(doc.root("output")); item != NONE; item = doc.next(item)) {
    const kind = kindOfItem(doc, item);
    if (kind == ItemKind.Reasoning) {
      if (isSealed(doc, item)) turn.sealed("reasoning_items", doc.raw(item));
      else if (itemThought(doc, item).length != 0) turn.thinking(itemThought(doc, item), View.empty());
    } else if (kind == ItemKind.FunctionCall) {
      turn.beginCall(innerMember(doc, item, "call_id"), innerMember(doc, item, "name"));
      out.view(argumentsOf(doc, item));
      turn.endCall();
      turn.closeCall();
    } else if (kind == ItemKind.Message) {
      for (let part = doc.first(doc.get(item, "content")); part != NONE; part = doc.next(part)) {
        const refusal = innerMember(doc, part, "refusal");
        const text = innerMember(doc, part, "text");
        if (refusal.length != 0) isRefused = true;
        if (logprobs.length == 0) logprobs = chatLogprobs(doc, part);
        addAnnotations(doc, part, annotations);
        if (text.length + refusal.length != 0) turn.text(text.length != 0 ? text : refusal);
      }
    }
  }
  const sources = annotations.length != 0 ? closed(annotations) : View.empty();
  writer.end(isRefused ? "content_filter" : finishOf(doc, 0, turn.calls > 0), usage, View.empty(), sources, logprobs);
}

/** When the response was made, in seconds since 1970. */
export function createdAt(doc: JsonDocument, response: i32, context: TranslateContext): i64 {
  return doc.integer(doc.get(response, "created_at"), context.now);
}

/** Escaped inner bytes; a call without arguments gets an object, as clients parse what they are given. */
function argumentsOf(doc: JsonDocument, item: i32): View {
  const inner = innerMember(doc, item, "arguments");
  return inner.length != 0 ? inner : View.utf8("{}");
}

/** Appends a call of a custom tool, without its index. */
function writeCustomCall(doc: JsonDocument, item: i32, out: Buffer): void {
  out.wrap('{"id":', doc.raw(doc.get(item, "call_id")), ',"type":"custom","custom":{"name":');
  out.view(doc.raw(doc.get(item, "name")));
  out.wrap(',"input":', doc.raw(doc.get(item, "input")), "}}");
}

/** Chat's object for the list `logprobs` of `holder`, whose items both APIs write alike; empty without any. */
export function chatLogprobs(doc: JsonDocument, holder: i32): View {
  const list = doc.get(holder, "logprobs");
  if (doc.first(list) == NONE) return View.empty();
  const out = new Buffer(doc.raw(list).length + 32);
  out.wrap('{"content":', doc.raw(list), ',"refusal":null}');
  return out.toView();
}

function addAnnotations(doc: JsonDocument, part: i32, list: Buffer): void {
  for (let one = doc.first(doc.get(part, "annotations")); one != NONE; one = doc.next(one)) addItem(list, chatAnnotation(doc, one));
}

function addItem(list: Buffer, json: View): void {
  if (json.length == 0) return;
  list.ascii(list.length == 0 ? "[" : ",");
  list.view(json);
}

function closed(list: Buffer): View {
  list.ascii("]");
  return list.toView();
}
