// Where OpenAI-speaking servers put a model's thoughts: a message or delta member, or a part of the content.

import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../openai/inner";

/**
 * The reasoning text of a message or delta: `reasoning_content` (DeepSeek, Qwen, Moonshot, vLLM) or `reasoning`
 * (OpenRouter, Groq, newer vLLM), Nov 2026. One of them, as some servers send both with the same text.
 */
export function reasoningNode(doc: JsonDocument, message: i32): i32 {
  const node = doc.get(message, "reasoning_content");
  return innerOf(doc, node).length > 0 ? node : doc.get(message, "reasoning");
}

/**
 * The escaped text of a thinking part of a content list, empty for other parts. Mistral (Nov 2026):
 * {"type":"thinking","thinking":[{"type":"text","text":"…"}]}; the list has one item in practice, the first is taken.
 */
export function thinkingInner(doc: JsonDocument, part: i32): View {
  if (!doc.textIs(doc.get(part, "type"), "thinking")) return View.empty();
  const thinking = doc.get(part, "thinking");
  if (doc.isString(thinking)) return innerOf(doc, thinking);
  const first = doc.first(thinking);
  return first == NONE ? View.empty() : innerOf(doc, doc.get(first, "text"));
}
