// Thinking of earlier turns for providers that speak chat themselves: as text that nobody has sealed, or, at OpenRouter, with its seals.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { Seal, SealKind } from "../conversation/seal";
import { withText } from "./seals";

/**
 * Appends `,"reasoning_content":"…"` for thinking without a signature: what another provider has signed is its own, and is left
 * out with its seal.
 */
export function writeReasoningText(doc: JsonDocument, content: i32, out: Buffer): void {
  let found = false;
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
    if (!doc.memberIs(block, "type", "thinking") || innerMember(doc, block, "signature").length != 0) continue;
    const inner = innerMember(doc, block, "thinking");
    if (inner.length == 0) continue;
    if (!found) out.ascii(',"reasoning_content":"');
    found = true;
    out.view(inner);
  }
  if (found) out.byte(Ascii.Quote);
}

/**
 * Appends `,"reasoning_details":[…]`: OpenRouter's own items as they came, Claude's blocks in its form. False (and nothing written)
 * when no block is sealed. (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, Nov 2026)
 */
export function writeReasoningDetails(doc: JsonDocument, content: i32, out: Buffer): bool {
  let count = 0;
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
    const isRedacted = doc.memberIs(block, "type", "redacted_thinking");
    if (!isRedacted && !doc.memberIs(block, "type", "thinking")) continue;
    const holder = doc.get(block, isRedacted ? "data" : "signature");
    const text = innerMember(doc, block, "thinking");
    if (innerOf(doc, holder).length == 0) continue;
    const given = doc.text(holder);
    const seal = Seal.isEnvelope(given) ? Seal.open(given) : null;
    if (seal !== null && seal.kind != SealKind.OpenRouter) continue;
    out.ascii(count == 0 ? ',"reasoning_details":[' : ",");
    if (seal !== null) out.view(withText(seal.payload, text));
    else writeClaudeDetail(isRedacted, text, innerOf(doc, holder), count, out);
    count++;
  }
  if (count > 0) out.byte(Ascii.RightBracket);
  return count > 0;
}

function writeClaudeDetail(isRedacted: bool, text: View, seal: View, index: i32, out: Buffer): void {
  if (isRedacted) out.ascii('{"type":"reasoning.encrypted","data":"');
  else {
    out.wrap('{"type":"reasoning.text","text":"', text, '","signature":"');
  }
  out.view(seal);
  out.ascii('","format":"anthropic-claude-v1","index":');
  out.integer(index);
  out.byte(Ascii.RightBrace);
}
