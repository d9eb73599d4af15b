// The events of a Messages stream as bytes (https://platform.claude.com/docs/en/build-with-claude/streaming, Nov 2026). No
// state: the order is the caller's business.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { TranslateContext } from "../translator";
import { Effects } from "../effects";
import { Block, BlockKind } from "./block";
import { writeMessageId, writeToolId } from "./ids";
import { writeUsage } from "./usage";

/**
 * message_start; id and model from the first chunk, usage as far as it is known (0 when the upstream tells it last). `own`: what
 * Anthropic's own start says (`anthropic_message` of the conversation form), NONE without it.
 */
export function writeMessageStart(doc: JsonDocument, own: i32, context: TranslateContext, usage: Usage, out: Buffer): void {
  out.ascii('event: message_start\ndata: {"type":"message_start","message":{"id":');
  writeMessageId(doc, doc.root("id"), context.nonce, out);
  out.ascii(',"type":"message","role":"assistant","model":');
  const model = doc.root("model");
  if (doc.isString(model)) out.view(doc.raw(model));
  else writeString(out, context.model);
  out.ascii(',"content":[]');
  if (doc.isObject(own) && doc.isObject(doc.get(own, "usage"))) writeTold(doc, own, Told.Start, out);
  else {
    out.ascii(',"stop_reason":null,"stop_sequence":null,"usage":');
    writeUsage(usage, out);
  }
  out.ascii("}}\n\n");
}

export function writeBlockStart(index: i32, block: Block, nonce: u64, out: Buffer): void {
  out.ascii('event: content_block_start\ndata: {"type":"content_block_start","index":');
  out.integer(index);
  if (block.kind == BlockKind.Text) out.ascii(',"content_block":{"type":"text","text":""}}\n\n');
  else if (block.kind == BlockKind.Thinking) out.ascii(',"content_block":{"type":"thinking","thinking":"","signature":""}}\n\n');
  else if (block.kind == BlockKind.Redacted) {
    out.wrap(',"content_block":{"type":"redacted_thinking","data":"', block.data, '"}}\n\n');
  } else if (block.kind == BlockKind.Native) {
    out.wrap(',"content_block":', block.data, "}\n\n");
  } else {
    out.ascii(',"content_block":{"type":"tool_use","id":');
    writeToolId(block.id, nonce, block.ordinal, block.seal, out);
    out.wrap(',"name":"', block.name, '","input":{}');
    if (block.caller.length != 0) {
      out.put(',"caller":', block.caller);
    }
    out.ascii("}}\n\n");
  }
}

/** content_block_delta; `inner` is the escaped inside of a JSON string. Returns where it begins in `out`. */
export function writeBlockDelta(index: i32, kind: BlockKind, inner: View, effects: Effects, out: Buffer): i32 {
  out.ascii('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
  out.integer(index);
  if (kind == BlockKind.Text) out.ascii(',"delta":{"type":"text_delta","text":"');
  else if (kind == BlockKind.Thinking) out.ascii(',"delta":{"type":"thinking_delta","thinking":"');
  else out.ascii(',"delta":{"type":"input_json_delta","partial_json":"');
  effects.text.addOuter(inner);
  const at = out.length;
  out.view(inner);
  out.ascii('"}}\n\n');
  return at;
}

/** The signature of a thinking block, just before its stop. */
export function writeSignatureDelta(index: i32, inner: View, out: Buffer): void {
  out.ascii('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
  out.integer(index);
  out.wrap(',"delta":{"type":"signature_delta","signature":"', inner, '"}}\n\n');
}

/** One delta for each citation of the raw list. */
export function writeCitations(index: i32, list: View, out: Buffer): void {
  const doc = new JsonDocument();
  if (!doc.parse(list) || !doc.isArray(0)) return;
  for (let citation = doc.first(0); citation != NONE; citation = doc.next(citation)) {
    out.ascii('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
    out.integer(index);
    out.wrap(',"delta":{"type":"citations_delta","citation":', doc.raw(citation), "}}\n\n");
  }
}

export function writeBlockStop(index: i32, out: Buffer): void {
  out.ascii('event: content_block_stop\ndata: {"type":"content_block_stop","index":');
  out.integer(index);
  out.ascii("}\n\n");
}

/** message_delta and message_stop: the proper end. `own`: raw `anthropic_message` of the end, empty without it. */
export function writeMessageEnd(stopReason: string, own: View, usage: Usage, out: Buffer): void {
  const doc = new JsonDocument();
  const hasOwn = own.length != 0 && doc.parse(own) && doc.isString(doc.root("stop_reason"));
  out.ascii('event: message_delta\ndata: {"type":"message_delta","delta":{');
  if (hasOwn) {
    out.put('"stop_reason":', doc.raw(doc.root("stop_reason")));
    writeTold(doc, 0, Told.Delta, out);
  } else {
    out.ascii('"stop_reason":"');
    out.ascii(stopReason);
    out.ascii('","stop_sequence":null');
  }
  out.byte(Ascii.RightBrace);
  // Older ones tell the output alone there.
  const told = doc.root("usage");
  out.ascii(',"usage":');
  if (hasOwn && doc.isSet(doc.get(told, "input_tokens"))) out.view(doc.raw(told));
  else writeUsage(usage, out);
  if (hasOwn) writeTold(doc, 0, Told.Beside, out);
  out.ascii('}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n');
}

/** Which members of `anthropic_message` are told where. */
const enum Told {
  /** All of them. */
  Start,
  /** In the delta of message_delta, behind its stop_reason. */
  Delta,
  /** Beside that delta and the usage (https://platform.claude.com/docs/en/build-with-claude/streaming, Nov 2026). */
  Beside,
}

function writeTold(doc: JsonDocument, own: i32, told: Told, out: Buffer): void {
  for (let member = doc.first(own); member != NONE; member = doc.next(member)) {
    const isBeside = doc.keyIn(member, "usage context_management");
    if (told == Told.Delta ? isBeside || doc.keyIs(member, "stop_reason") : told == Told.Beside && !doc.keyIs(member, "context_management"))
      continue;
    out.wrap(',"', doc.rawKey(member), '":');
    out.view(doc.raw(member));
  }
}

/** All members of `anthropic_message`, each with a comma before it. */
export function writeOwnMembers(doc: JsonDocument, own: i32, out: Buffer): void {
  writeTold(doc, own, Told.Start, out);
}
