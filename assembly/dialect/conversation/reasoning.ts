// Where OpenAI-speaking servers put a model's thoughts: a message or delta member, or a part of the content.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "./inner";

/**
 * The reasoning text of a message or delta: `reasoning_content` (DeepSeek, Qwen, Moonshot, vLLM) or `reasoning`
 * (OpenRouter, Groq, newer vLLM), Nov 2026. One of them, as some servers send both with the same text.
 */
export function reasoningNode(doc: JsonDocument, message: i32): i32 {
  const node = doc.get(message, "reasoning_content");
  return innerOf(doc, node).length != 0 ? node : doc.get(message, "reasoning");
}

/**
 * The thinking of a content part: a string, or the first item of its list of texts (thoughtText reads an item); NONE for
 * other parts. Mistral (Nov 2026): {"type":"thinking","thinking":[{"type":"text","text":"…"}]}.
 */
export function firstThought(doc: JsonDocument, part: i32): i32 {
  if (!doc.memberIs(part, "type", "thinking")) return NONE;
  const thinking = doc.get(part, "thinking");
  return doc.isString(thinking) ? thinking : doc.first(thinking);
}

/** The escaped text of a thought: of the string itself, or of a list item. */
export function thoughtText(doc: JsonDocument, thought: i32): View {
  return doc.isString(thought) ? innerOf(doc, thought) : innerMember(doc, thought, "text");
}

/** The thought after `thought` in its part, or NONE. */
export function nextThought(doc: JsonDocument, thought: i32): i32 {
  // A string is the part's only thought; what follows it is another member of the part.
  return doc.isObject(thought) ? doc.next(thought) : NONE;
}

/**
 * True for an item of OpenRouter's `reasoning_details` that Claude has sealed: of its format, or without one
 * (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, Nov 2026).
 */
export function isClaudeDetail(doc: JsonDocument, item: i32): bool {
  const format = doc.get(item, "format");
  return !doc.isSet(format) || doc.text(format).startsWith("anthropic");
}

/** What an item of type `reasoning` of OpenAI's Responses API tells of itself, escaped inner bytes: its summaries, else its text. */
export function itemThought(doc: JsonDocument, item: i32): View {
  const summary = doc.get(item, "summary");
  const list = doc.first(summary) != NONE ? summary : doc.get(item, "content");
  const first = doc.first(list);
  if (first == NONE || doc.next(first) == NONE) return innerMember(doc, first, "text");
  const joined = new Buffer(256);
  for (let part = first; part != NONE; part = doc.next(part)) {
    if (part != first) joined.ascii("\\n\\n");
    joined.view(innerMember(doc, part, "text"));
  }
  return joined.toView();
}
