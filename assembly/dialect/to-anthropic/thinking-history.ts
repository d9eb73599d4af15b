// Thinking that an earlier response carried, given back in an assistant message. Signatures must return byte for byte, so
// every value is copied as it is spelt; objects are rebuilt, as Anthropic refuses members it does not know.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { Draft } from "../conversation/draft";
import { isClaudeDetail } from "../conversation/reasoning";

/**
 * Writes the thinking blocks of an assistant message. Taken from the first of:
 * `thinking_blocks` (what this plugin and LiteLLM answer), `reasoning_details` (OpenRouter), `reasoning_content` with a
 * `signature`. Thinking without a signature is left out: Anthropic refuses it.
 */
export function writeThinkingHistory(draft: Draft, message: i32): void {
  const doc = draft.doc;
  const blocks = doc.get(message, "thinking_blocks");
  if (doc.isArray(blocks)) {
    writeThinkingBlocks(draft, message, blocks);
    return;
  }
  const details = doc.get(message, "reasoning_details");
  if (doc.isArray(details)) {
    for (let item = doc.first(details); item != NONE; item = doc.next(item)) {
      if (!isClaudeDetail(doc, item)) continue;
      const type = doc.get(item, "type");
      if (doc.textIs(type, "reasoning.text")) writeThinking(draft, innerMember(doc, item, "text"), doc.get(item, "signature"));
      else if (doc.textIs(type, "reasoning.encrypted")) writeRedacted(draft, doc.get(item, "data"));
    }
    return;
  }
  writeThinking(draft, reasoningText(doc, message), signatureOf(doc, message));
}

/** True when writeThinkingHistory() would write a block, or the content itself starts with one. */
export function hasThinkingHistory(doc: JsonDocument, message: i32): bool {
  const blocks = doc.get(message, "thinking_blocks");
  if (doc.isArray(blocks)) {
    for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
      if (innerMember(doc, block, "signature").length != 0 || innerMember(doc, block, "data").length != 0) return true;
    }
    return false;
  }
  const details = doc.get(message, "reasoning_details");
  if (doc.isArray(details)) {
    for (let item = doc.first(details); item != NONE; item = doc.next(item)) {
      if (!isClaudeDetail(doc, item)) continue;
      if (doc.isString(doc.get(item, "signature")) || doc.isString(doc.get(item, "data"))) return true;
    }
    return false;
  }
  if (innerOf(doc, signatureOf(doc, message)).length != 0) return true;
  const part = doc.first(doc.get(message, "content"));
  const type = doc.get(part, "type");
  if (doc.textIs(type, "thinking")) return innerMember(doc, part, "signature").length != 0;
  return doc.textIs(type, "redacted_thinking");
}

function writeThinkingBlocks(draft: Draft, message: i32, blocks: i32): void {
  const doc = draft.doc;
  const single = doc.size(blocks) == 1;
  for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
    const type = doc.get(block, "type");
    if (doc.textIs(type, "redacted_thinking")) {
      writeRedacted(draft, doc.get(block, "data"));
      continue;
    }
    if (!doc.textIs(type, "thinking")) continue;
    let text = innerMember(doc, block, "thinking");
    // A streamed block too long to be repeated carries its signature only; its text is the reasoning the client joined.
    if (text.length == 0 && single) text = reasoningText(doc, message);
    writeThinking(draft, text, doc.get(block, "signature"));
  }
}

/** Writes a thinking block; nothing without a signature, which Anthropic refuses. */
export function writeThinking(draft: Draft, text: View, signature: i32): void {
  const bytes = innerOf(draft.doc, signature);
  if (bytes.length == 0) return;
  draft.separate();
  draft.out.ascii('{"type":"thinking"');
  draft.innerMember("thinking", text);
  draft.innerMember("signature", bytes);
  draft.out.byte(Ascii.RightBrace);
}

/** Writes a redacted_thinking block; nothing without data. */
export function writeRedacted(draft: Draft, data: i32): void {
  const bytes = innerOf(draft.doc, data);
  if (bytes.length == 0) return;
  draft.separate();
  draft.out.ascii('{"type":"redacted_thinking"');
  draft.innerMember("data", bytes);
  draft.out.byte(Ascii.RightBrace);
}

function reasoningText(doc: JsonDocument, message: i32): View {
  const content = doc.get(message, "reasoning_content");
  return innerOf(doc, doc.isString(content) ? content : doc.get(message, "reasoning"));
}

function signatureOf(doc: JsonDocument, message: i32): i32 {
  const own = doc.get(message, "signature");
  if (doc.isString(own)) return own;
  const named = doc.get(message, "reasoning_signature");
  return doc.isString(named) ? named : doc.get(message, "thinking_signature");
}
