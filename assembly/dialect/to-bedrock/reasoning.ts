// Thinking that an earlier response carried, given back in an assistant message. Signatures must return byte for byte, so every
// value is copied as it is spelt. Thinking without a signature is left out: models that sign refuse it, and others repeat it
// in the response (seen with gpt-oss on Bedrock, 2026).

import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { isClaudeDetail } from "../conversation/reasoning";
import { Place, Turns } from "./turns";

/**
 * Writes the reasoningContent blocks of an assistant message, from the first of `thinking_blocks` (what this plugin and
 * LiteLLM answer), thinking parts of the content, `reasoning_details` (OpenRouter), `reasoning_content` with a `signature`.
 */
export function writeReasoning(turns: Turns, message: i32): void {
  const doc = turns.draft.doc;
  const blocks = doc.get(message, "thinking_blocks");
  if (doc.isArray(blocks)) {
    writeThinkingBlocks(turns, message, blocks);
    return;
  }
  const content = doc.get(message, "content");
  const type = doc.get(doc.first(content), "type");
  if (doc.textIn(type, "thinking redacted_thinking")) {
    writeThinkingBlocks(turns, message, content);
    return;
  }
  const details = doc.get(message, "reasoning_details");
  if (doc.isArray(details)) {
    for (let item = doc.first(details); item != NONE; item = doc.next(item)) {
      if (!isClaudeDetail(doc, item)) continue;
      const kind = doc.get(item, "type");
      if (doc.textIs(kind, "reasoning.text")) writeSigned(turns, innerMember(doc, item, "text"), doc.get(item, "signature"));
      else if (doc.textIs(kind, "reasoning.encrypted")) writeRedacted(turns, doc.get(item, "data"));
    }
    return;
  }
  writeSigned(turns, joinedText(doc, message), signatureOf(doc, message));
}

function writeThinkingBlocks(turns: Turns, message: i32, blocks: i32): void {
  const doc = turns.draft.doc;
  const single = doc.size(blocks) == 1;
  for (let block = doc.first(blocks); block != NONE; block = doc.next(block)) {
    const type = doc.get(block, "type");
    if (doc.textIs(type, "redacted_thinking")) writeRedacted(turns, doc.get(block, "data"));
    if (!doc.textIs(type, "thinking")) continue;
    let text = innerMember(doc, block, "thinking");
    // A streamed block too long to be repeated carries its signature only; its text is the reasoning the client joined.
    if (text.length == 0 && single) text = joinedText(doc, message);
    writeSigned(turns, text, doc.get(block, "signature"));
  }
}

function writeSigned(turns: Turns, text: View, signature: i32): void {
  const bytes = innerOf(turns.draft.doc, signature);
  if (bytes.length == 0) return;
  const out = turns.draft.out;
  turns.begin(Place.Assistant);
  out.wrap('{"reasoningContent":{"reasoningText":{"text":"', text, '","signature":"');
  out.view(bytes);
  out.ascii('"}}}');
}

function writeRedacted(turns: Turns, data: i32): void {
  const bytes = innerOf(turns.draft.doc, data);
  if (bytes.length == 0) return;
  turns.begin(Place.Assistant);
  turns.draft.out.wrap('{"reasoningContent":{"redactedContent":"', bytes, '"}}');
}

function joinedText(doc: JsonDocument, message: i32): View {
  const content = doc.get(message, "reasoning_content");
  return innerOf(doc, doc.isString(content) ? content : doc.get(message, "reasoning"));
}

function signatureOf(doc: JsonDocument, message: i32): i32 {
  const own = doc.get(message, "signature");
  if (doc.isString(own)) return own;
  const named = doc.get(message, "reasoning_signature");
  return doc.isString(named) ? named : doc.get(message, "thinking_signature");
}
