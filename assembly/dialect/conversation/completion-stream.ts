// A whole chat completion told as a stream: for clients that asked for one from a provider that answered whole.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { oneLine } from "../../json/text";

/** Members of a completion that each chunk repeats, and their form in a chunk. */
const SHARED: StaticArray<string> = ["id", "created", "model", "system_fingerprint", "service_tier"];

/**
 * Writes server-sent events for `completion` (OpenAI's chat.completion, as JSON): one chunk with each choice's message, one
 * with the finish reasons, the usage when `includeUsage`, `[DONE]`. False when it is no completion.
 */
export function writeCompletionStream(completion: View, includeUsage: bool, out: Buffer): bool {
  const doc = new JsonDocument();
  if (!doc.parse(oneLine(completion)) || !doc.isArray(doc.root("choices"))) return false;
  const choices = doc.root("choices");
  for (let choice = doc.first(choices); choice != NONE; choice = doc.next(choice)) {
    // The conversation form has several messages; calls are counted over all of them.
    const list = doc.get(choice, "messages");
    let calls = 0;
    for (let message = doc.first(list); message != NONE; message = doc.next(message)) {
      beginChunk(doc, choice, out);
      calls += writeDelta(doc, message, calls, out);
      out.ascii(',"finish_reason":null}]}\n\n');
    }
    if (doc.isArray(list)) continue;
    beginChunk(doc, choice, out);
    writeDelta(doc, doc.get(choice, "message"), 0, out);
    out.ascii(',"finish_reason":null}]}\n\n');
  }
  for (let choice = doc.first(choices); choice != NONE; choice = doc.next(choice)) {
    beginChunk(doc, choice, out);
    const own = doc.root("anthropic_message");
    const annotations = doc.get(choice, "annotations");
    out.byte(Ascii.LeftBrace);
    if (own != NONE || annotations != NONE) {
      out.ascii(own != NONE ? '"anthropic_message":' : '"annotations":');
      out.view(doc.raw(own != NONE ? own : annotations));
    }
    out.ascii('},"finish_reason":');
    const reason = doc.get(choice, "finish_reason");
    if (reason == NONE) out.ascii('"stop"');
    else out.view(doc.raw(reason));
    out.ascii("}]}\n\n");
  }
  const usage = doc.root("usage");
  if (includeUsage && doc.isObject(usage)) {
    beginEvent(doc, out);
    out.wrap('"choices":[],"usage":', doc.raw(usage), "}\n\n");
  }
  out.ascii("data: [DONE]\n\n");
  return !out.overflow;
}

function beginEvent(doc: JsonDocument, out: Buffer): void {
  out.ascii('data: {"object":"chat.completion.chunk",');
  for (let k = 0; k < SHARED.length; k++) {
    const value = doc.root(SHARED[k]);
    if (value == NONE) continue;
    out.byte(Ascii.Quote);
    out.ascii(SHARED[k]);
    out.wrap('":', doc.raw(value), ",");
  }
}

function beginChunk(doc: JsonDocument, choice: i32, out: Buffer): void {
  beginEvent(doc, out);
  out.ascii('"choices":[{"index":');
  out.integer(doc.integer(doc.get(choice, "index"), 0));
  out.ascii(',"delta":');
}

/** The message as a delta: the same members, but tool calls carry their index, from `index` on. Returns how many they are. */
function writeDelta(doc: JsonDocument, message: i32, index: i32, out: Buffer): i32 {
  let calls = 0;
  out.byte(Ascii.LeftBrace);
  let isFirst = true;
  for (let member = doc.isObject(message) ? doc.first(message) : NONE; member != NONE; member = doc.next(member)) {
    if (!isFirst) out.byte(Ascii.Comma);
    isFirst = false;
    out.byte(Ascii.Quote);
    out.view(doc.rawKey(member));
    out.ascii('":');
    if (doc.isArray(member) && doc.keyIs(member, "tool_calls")) calls = writeToolCalls(doc, member, index, out);
    else out.view(doc.raw(member));
  }
  out.byte(Ascii.RightBrace);
  return calls;
}

function writeToolCalls(doc: JsonDocument, calls: i32, index: i32, out: Buffer): i32 {
  out.byte(Ascii.LeftBracket);
  let count = 0;
  for (let call = doc.first(calls); call != NONE; call = doc.next(call), index++, count++) {
    if (count > 0) out.byte(Ascii.Comma);
    out.ascii('{"index":');
    out.integer(index);
    const raw = doc.raw(call);
    if (doc.isObject(call) && doc.first(call) != NONE) {
      out.byte(Ascii.Comma);
      out.range(raw, 1, raw.length);
    } else out.byte(Ascii.RightBrace);
  }
  out.byte(Ascii.RightBracket);
  return count;
}
