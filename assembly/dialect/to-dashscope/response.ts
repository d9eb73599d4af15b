// A whole DashScope response -> chat.completion.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Usage } from "../../usage/usage";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { mapFinishReason } from "../conversation/finish-reason";
import { callId } from "../conversation/ids";
import { choicesOf, readContent } from "./message-reader";

/** Writes the completion for the parsed document, which holds a response. */
export function writeCompletion(doc: JsonDocument, context: TranslateContext, id: View, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  writer.begin(out, id, context.model, context.now);
  const choices = choicesOf(doc, 0);
  if (choices == NONE) writeChoice(doc, doc.root("output"), context, writer, out);
  else {
    for (let choice = doc.first(choices); choice != NONE; choice = doc.next(choice)) writeChoice(doc, choice, context, writer, out);
  }
  writer.end(out, usage);
}

function writeChoice(doc: JsonDocument, node: i32, context: TranslateContext, writer: CompletionWriter, out: Buffer): void {
  const choice = writer.choice;
  const message = doc.get(node, "message");
  const text = new Buffer(256);
  // Beside tool calls content is "" there and null at OpenAI.
  if (readContent(doc, node, text) && text.length != 0) choice.addContent(text.toView());
  choice.addReasoning(innerMember(doc, message, "reasoning_content"));
  const calls = doc.get(message, "tool_calls");
  if (doc.isArray(calls)) {
    for (let call = doc.first(calls); call != NONE; call = doc.next(call)) addCall(doc, call, context, choice);
  }
  const logprobs = doc.get(node, "logprobs");
  if (doc.isObject(logprobs)) choice.addBeside("logprobs", doc.raw(logprobs));
  writer.endChoice(out, mapFinishReason(doc, doc.get(node, "finish_reason"), choice.toolCount > 0));
}

function addCall(doc: JsonDocument, call: i32, context: TranslateContext, choice: Choice): void {
  const definition = doc.get(call, "function");
  const id = callId(innerMember(doc, call, "id"), context.nonce, choice.toolCount);
  const name = innerMember(doc, definition, "name");
  const given = doc.get(definition, "arguments");
  if (doc.isString(given)) choice.addToolCallInner(id, name, innerOf(doc, given));
  else choice.addToolCall(id, name, doc.isSet(given) ? doc.raw(given) : View.empty());
}
