// The events of a Messages stream as bytes (Anthropic API reference, "Streaming messages", read Nov 2026). No state: the
// order is the caller's business.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { writeString } from "../../json/text";
import { countOuterText } from "../../usage/estimate";
import { Usage } from "../../usage/usage";
import { TranslateContext } from "../translator";
import { Block, BlockKind } from "./block";
import { writeMessageId, writeToolId } from "./ids";
import { writeUsage } from "./usage";

/** message_start; id and model from the first chunk, usage as far as it is known (0 when the upstream tells it last). */
export function writeMessageStart(doc: JsonDocument, context: TranslateContext, usage: Usage, out: Buffer): void {
  out.ascii('event: message_start\ndata: {"type":"message_start","message":{"id":');
  writeMessageId(doc, doc.get(0, "id"), context.nonce, out);
  out.ascii(',"type":"message","role":"assistant","model":');
  const model = doc.get(0, "model");
  if (doc.isString(model)) out.view(doc.raw(model));
  else writeString(out, context.model);
  out.ascii(',"content":[],"stop_reason":null,"stop_sequence":null,"usage":');
  writeUsage(usage, out);
  out.ascii("}}\n\n");
}

export function writeBlockStart(index: i32, block: Block, nonce: u64, out: Buffer): void {
  out.ascii('event: content_block_start\ndata: {"type":"content_block_start","index":');
  out.integer(index);
  if (block.kind == BlockKind.Text) out.ascii(',"content_block":{"type":"text","text":""}}\n\n');
  else if (block.kind == BlockKind.Thinking) out.ascii(',"content_block":{"type":"thinking","thinking":"","signature":""}}\n\n');
  else if (block.kind == BlockKind.Redacted) {
    out.ascii(',"content_block":{"type":"redacted_thinking","data":"');
    out.view(block.name);
    out.ascii('"}}\n\n');
  } else {
    out.ascii(',"content_block":{"type":"tool_use","id":');
    writeToolId(block.id, nonce, block.ordinal, out);
    out.ascii(',"name":"');
    out.view(block.name);
    out.ascii('","input":{}}}\n\n');
  }
}

/** content_block_delta; `inner` is the escaped inside of a JSON string. Returns where it begins in `out`. */
export function writeBlockDelta(index: i32, kind: BlockKind, inner: View, out: Buffer): i32 {
  out.ascii('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
  out.integer(index);
  if (kind == BlockKind.Text) out.ascii(',"delta":{"type":"text_delta","text":"');
  else if (kind == BlockKind.Thinking) out.ascii(',"delta":{"type":"thinking_delta","thinking":"');
  else out.ascii(',"delta":{"type":"input_json_delta","partial_json":"');
  countOuterText(inner);
  const at = out.length;
  out.view(inner);
  out.ascii('"}}\n\n');
  return at;
}

/** The signature of a thinking block, just before its stop. */
export function writeSignatureDelta(index: i32, inner: View, out: Buffer): void {
  out.ascii('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
  out.integer(index);
  out.ascii(',"delta":{"type":"signature_delta","signature":"');
  out.view(inner);
  out.ascii('"}}\n\n');
}

export function writeBlockStop(index: i32, out: Buffer): void {
  out.ascii('event: content_block_stop\ndata: {"type":"content_block_stop","index":');
  out.integer(index);
  out.ascii("}\n\n");
}

/** message_delta and message_stop: the proper end. */
export function writeMessageEnd(stopReason: string, usage: Usage, out: Buffer): void {
  out.ascii('event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"');
  out.ascii(stopReason);
  out.ascii('","stop_sequence":null},"usage":');
  writeUsage(usage, out);
  out.ascii('}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n');
}
