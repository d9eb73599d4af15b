// A whole Converse response as an OpenAI chat completion.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { ReasoningMode } from "../../model/reasoning-mode";
import { TranslateContext } from "../translator";
import { finishReason } from "./finish-reason";
import { addThinkingBlock } from "./thinking-blocks";
import { isServerTool } from "./tool-blocks";

/**
 * Writes the completion up to, and without, the usage; false when there is no message. `id` is plain UTF-8. Text blocks are
 * joined; blocks of server tools, guardrail traces and citations' sources are left out.
 */
export function writeResponse(writer: CompletionWriter, out: Buffer, doc: JsonDocument, context: TranslateContext, id: View): bool {
  const message = doc.get(doc.root("output"), "message");
  const content = doc.get(message, "content");
  if (!doc.isObject(message)) return false;
  writer.begin(out, id, context.model, context.now);
  const choice = writer.choice;
  const thoughts = new Buffer(16);
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) addBlock(choice, thoughts, doc, block);
  if (thoughts.length != 0 && context.options.reasoningMode == ReasoningMode.Passthrough) {
    thoughts.byte(Ascii.RightBracket);
    choice.addExtra("thinking_blocks", thoughts.toView());
  }
  writer.endChoice(out, finishReason(doc, doc.root("stopReason"), choice.toolCount > 0));
  return true;
}

function addBlock(choice: Choice, thoughts: Buffer, doc: JsonDocument, block: i32): void {
  const text = doc.get(block, "text");
  if (doc.isString(text)) {
    choice.addContent(innerOf(doc, text));
    return;
  }
  const use = doc.get(block, "toolUse");
  if (doc.isObject(use)) {
    if (isServerTool(doc, use)) return;
    const id = innerMember(doc, use, "toolUseId");
    choice.addToolCall(id, innerMember(doc, use, "name"), doc.raw(doc.get(use, "input")));
    return;
  }
  const reasoning = doc.get(block, "reasoningContent");
  if (doc.isObject(reasoning)) {
    choice.addReasoning(innerMember(doc, doc.get(reasoning, "reasoningText"), "text"));
    addThinkingBlock(thoughts, doc, reasoning);
    return;
  }
  // Text with citations comes in a block of its own kind.
  const cited = doc.get(doc.get(block, "citationsContent"), "content");
  for (let item = doc.first(cited); item != NONE; item = doc.next(item)) {
    const piece = doc.get(item, "text");
    if (doc.isString(piece)) choice.addContent(innerOf(doc, piece));
  }
}
