// A whole Hunyuan response -> chat.completion.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Usage } from "../../usage/usage";
import { callId } from "../conversation/ids";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { finishReason } from "./finish-reason";

/** Writes the completion for `answer`, which has choices. */
export function writeCompletion(doc: JsonDocument, response: i32, context: TranslateContext, id: View, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  writer.begin(out, id, context.model, doc.integer(doc.get(response, "Created"), context.now));
  for (let choice = doc.first(doc.get(response, "Choices")); choice != NONE; choice = doc.next(choice)) {
    const message = doc.get(choice, "Message");
    const content = innerMember(doc, message, "Content");
    // Beside tool calls content may be "" there and is null at OpenAI.
    if (content.length != 0) writer.choice.addContent(content);
    writer.choice.addReasoning(innerMember(doc, message, "ReasoningContent"));
    const calls = doc.get(message, "ToolCalls");
    for (let call = doc.first(calls); call != NONE; call = doc.next(call)) addCall(doc, call, context.nonce, writer.choice);
    writer.endChoice(out, finishReason(doc, doc.get(choice, "FinishReason"), writer.choice.toolCount > 0));
  }
  writer.end(out, usage);
}

function addCall(doc: JsonDocument, call: i32, nonce: u64, choice: Choice): void {
  const definition = doc.get(call, "Function");
  const id = callId(innerMember(doc, call, "Id"), nonce, choice.toolCount);
  const name = innerMember(doc, definition, "Name");
  const given = doc.get(definition, "Arguments");
  if (doc.isString(given)) choice.addToolCallInner(id, name, innerOf(doc, given));
  else choice.addToolCall(id, name, doc.isSet(given) ? doc.raw(given) : View.empty());
}
