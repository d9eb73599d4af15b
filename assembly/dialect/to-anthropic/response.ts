// A whole Anthropic message as an OpenAI chat completion.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { CompletionWriter } from "../conversation/completion-writer";
import { innerMember } from "../conversation/inner";
import { ReasoningMode } from "../../model/reasoning-mode";
import { TranslateContext } from "../translator";
import { finishReason, refusalOf } from "./finish-reason";

/** Appends one block of thinking as an item of `thinking_blocks`, its values byte for byte. Raw JSON of a list in `list`. */
function addThinkingBlock(list: Buffer, doc: JsonDocument, block: i32): void {
  list.byte(list.length == 0 ? Ascii.LeftBracket : Ascii.Comma);
  if (doc.memberIs(block, "type", "redacted_thinking")) {
    list.put('{"type":"redacted_thinking","data":"', innerMember(doc, block, "data"));
  } else {
    list.wrap('{"type":"thinking","thinking":"', innerMember(doc, block, "thinking"), '","signature":"');
    list.view(innerMember(doc, block, "signature"));
  }
  list.ascii('"}');
}

/**
 * Writes the completion up to, and without, the usage; false when the message has no content list. `id` and `model` are
 * plain UTF-8. Text blocks are joined (citations cut one text into several); blocks of server tools are left out.
 */
export function writeResponse(
  writer: CompletionWriter,
  out: Buffer,
  doc: JsonDocument,
  context: TranslateContext,
  id: View,
  model: View,
): bool {
  const content = doc.root("content");
  if (!doc.isArray(content)) return false;
  writer.begin(out, id, model, context.now);
  const choice = writer.choice;
  const thoughts = new Buffer(16);
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
    const type = doc.get(block, "type");
    if (doc.textIs(type, "text")) choice.addContent(innerMember(doc, block, "text"));
    else if (doc.textIs(type, "tool_use")) {
      choice.addToolCall(innerMember(doc, block, "id"), innerMember(doc, block, "name"), doc.raw(doc.get(block, "input")));
    } else if (doc.textIs(type, "thinking")) {
      choice.addReasoning(innerMember(doc, block, "thinking"));
      addThinkingBlock(thoughts, doc, block);
    } else if (doc.textIs(type, "redacted_thinking")) addThinkingBlock(thoughts, doc, block);
  }
  if (thoughts.length != 0 && context.options.reasoningMode == ReasoningMode.Passthrough) {
    thoughts.byte(Ascii.RightBracket);
    choice.addExtra("thinking_blocks", thoughts.toView());
  }
  const explanation = refusalOf(doc, 0);
  if (doc.isString(explanation)) choice.addExtra("refusal", doc.raw(explanation));
  writer.endChoice(out, finishReason(doc, doc.root("stop_reason")));
  return true;
}
