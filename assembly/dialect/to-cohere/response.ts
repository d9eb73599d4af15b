// A whole ChatResponseV2 -> chat.completion.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Usage } from "../../usage/usage";
import { callId } from "../conversation/ids";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { mapFinishReason } from "./finish-reason";
import { writeLogprobs } from "./logprobs";

/** Writes the completion for the parsed document, whose `message` is an object. */
export function writeCompletion(doc: JsonDocument, context: TranslateContext, id: View, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  writer.begin(out, id, context.model, context.now);
  const choice = writer.choice;
  const message = doc.root("message");
  choice.addReasoning(innerMember(doc, message, "tool_plan"));
  addContent(doc, doc.get(message, "content"), choice);
  const calls = doc.get(message, "tool_calls");
  for (let call = doc.first(calls); call != NONE; call = doc.next(call)) addCall(doc, call, context.nonce, choice);
  const citations = doc.get(message, "citations");
  if (doc.isArray(citations) && doc.first(citations) != NONE) choice.addExtra("citations", doc.raw(citations));
  const logprobs = new Buffer(16);
  if (writeLogprobs(doc, doc.root("logprobs"), logprobs)) choice.addBeside("logprobs", logprobs.toView());
  writer.endChoice(out, mapFinishReason(doc, doc.root("finish_reason"), choice.toolCount > 0));
  writer.end(out, usage);
}

/** Text and thinking blocks in their order; a bare string is taken as well. */
function addContent(doc: JsonDocument, content: i32, choice: Choice): void {
  if (doc.isString(content)) choice.addContent(innerOf(doc, content));
  if (!doc.isArray(content)) return;
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
    choice.addReasoning(innerMember(doc, block, "thinking"));
    const text = innerMember(doc, block, "text");
    if (text.length != 0) choice.addContent(text);
  }
}

function addCall(doc: JsonDocument, call: i32, nonce: u64, choice: Choice): void {
  const definition = doc.get(call, "function");
  const id = callId(innerMember(doc, call, "id"), nonce, choice.toolCount);
  const name = innerMember(doc, definition, "name");
  const given = doc.get(definition, "arguments");
  if (doc.isObject(given)) choice.addToolCall(id, name, doc.raw(given));
  else if (isNoArguments(innerOf(doc, given))) choice.addToolCall(id, name, View.empty());
  else choice.addToolCallInner(id, name, innerOf(doc, given));
}

/**
 * Functions without parameters are called with "" or "null" (recorded responses, Nov 2026), which clients cannot
 * read.
 */
export function isNoArguments(inner: View): bool {
  return inner.length == 0 || inner.equals("null");
}
