// Options that edit the list of messages: contextCleanupCommands, mergeConsecutiveMessages and texts that the operator adds
// (context, qwenFileIds). Off by default; only then is an index over the messages built.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderConfig } from "../../config/provider-config";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { writeString } from "../../json/text";
import { isSystem } from "../../dialect/conversation/roles";

/**
 * Rewrites `messages` when the options ask for it. `added`, when it is not empty, becomes a system message after the
 * client's leading ones.
 */
export function editMessages(editor: ObjectEditor, config: ProviderConfig, added: View): void {
  if (config.contextCleanupCommands.length == 0 && !config.mergeConsecutiveMessages && added.length == 0) return;
  const member = editor.find("messages");
  if (editor.kind(member) != JsonKind.Array) return;
  const doc = new JsonDocument();
  if (!doc.parse(editor.raw(member))) return;
  const kept = keptMessages(doc, config.contextCleanupCommands);
  const out = new Buffer(doc.view.length + 16);
  out.byte(Ascii.LeftBracket);
  let isAdded = added.length == 0;
  for (let k = 0; k < kept.length; k++) {
    if (!isAdded && !isSystem(doc, kept[k])) {
      writeSystem(added, out);
      isAdded = true;
    }
    if (out.length > 1) out.byte(Ascii.Comma);
    let last = k;
    if (config.mergeConsecutiveMessages) while (last + 1 < kept.length && canMerge(doc, kept[last], kept[last + 1])) last++;
    if (last == k) out.view(doc.raw(kept[k]));
    else writeMerged(doc, kept, k, last, out);
    k = last;
  }
  if (!isAdded) writeSystem(added, out);
  out.byte(Ascii.RightBracket);
  if (!out.overflow) editor.set("messages", out.toView());
}

function writeSystem(text: View, out: Buffer): void {
  if (out.length > 1) out.byte(Ascii.Comma);
  out.ascii('{"role":"system","content":');
  writeString(out, text);
  out.byte(Ascii.RightBrace);
}

/** Messages that stay: after the last user message that is a command, and the system ones before it. */
function keptMessages(doc: JsonDocument, commands: Array<View>): Array<i32> {
  const all: Array<i32> = [];
  let cut = -1;
  for (let item = doc.first(0); item != NONE; item = doc.next(item)) {
    if (isCommand(doc, item, commands)) cut = all.length;
    all.push(item);
  }
  const kept: Array<i32> = [];
  for (let k = 0; k < all.length; k++) {
    if (k > cut || (k < cut && isSystem(doc, all[k]))) kept.push(all[k]);
  }
  return kept;
}

function isCommand(doc: JsonDocument, message: i32, commands: Array<View>): bool {
  if (!doc.memberIs(message, "role", "user")) return false;
  let content = doc.get(message, "content");
  // The same as a list of one text.
  if (doc.size(content) == 1) content = doc.get(doc.first(content), "text");
  if (!doc.isString(content)) return false;
  const text = doc.text(content);
  for (let k = 0; k < commands.length; k++) if (text.sameAs(commands[k])) return true;
  return false;
}

/** Two neighbours of one role, user or assistant, that hold nothing but role, content and calls. */
function canMerge(doc: JsonDocument, left: i32, right: i32): bool {
  const role = doc.get(left, "role");
  if (!doc.textIn(role, "user assistant")) return false;
  if (!doc.raw(role).sameAs(doc.raw(doc.get(right, "role")))) return false;
  return isPlain(doc, left) && isPlain(doc, right);
}

/** A message with a name or anything else of its own is never merged: nothing may be lost. */
function isPlain(doc: JsonDocument, message: i32): bool {
  const calls = doc.isArray(doc.get(message, "tool_calls"));
  for (let member = doc.first(message); member != NONE; member = doc.next(member)) {
    const isCalls = calls && doc.keyIs(member, "tool_calls");
    if (!isCalls && !doc.keyIn(member, "role content")) return false;
  }
  const content = doc.get(message, "content");
  return doc.isString(content) || doc.isArray(content) || (calls && !doc.isSet(content));
}

/** Strings are joined by a blank line; as soon as one has parts, all become parts. Calls follow one another. */
function writeMerged(doc: JsonDocument, messages: Array<i32>, first: i32, last: i32, out: Buffer): void {
  let hasParts = false;
  let hasText = false;
  for (let k = first; k <= last; k++) {
    const content = doc.get(messages[k], "content");
    if (doc.isArray(content)) hasParts = true;
    else if (doc.isString(content)) hasText = true;
  }
  out.wrap('{"role":', doc.raw(doc.get(messages[first], "role")), ',"content":');
  if (hasParts) writeParts(doc, messages, first, last, out);
  else if (hasText) writeJoined(doc, messages, first, last, out);
  else out.ascii("null");
  let calls = 0;
  for (let k = first; k <= last; k++) {
    const list = doc.get(messages[k], "tool_calls");
    for (let call = doc.first(list); call != NONE; call = doc.next(call)) {
      out.ascii(calls++ == 0 ? ',"tool_calls":[' : ",");
      out.view(doc.raw(call));
    }
  }
  out.ascii(calls > 0 ? "]}" : "}");
}

function writeJoined(doc: JsonDocument, messages: Array<i32>, first: i32, last: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  let isFirst = true;
  for (let k = first; k <= last; k++) {
    const content = doc.get(messages[k], "content");
    if (!doc.isString(content)) continue;
    if (!isFirst) out.ascii("\\n\\n");
    isFirst = false;
    const raw = doc.raw(content);
    out.range(raw, 1, raw.length - 1);
  }
  out.byte(Ascii.Quote);
}

function writeParts(doc: JsonDocument, messages: Array<i32>, first: i32, last: i32, out: Buffer): void {
  let parts = 0;
  out.byte(Ascii.LeftBracket);
  for (let k = first; k <= last; k++) {
    const content = doc.get(messages[k], "content");
    if (doc.isString(content)) {
      if (parts++ > 0) out.byte(Ascii.Comma);
      out.wrap('{"type":"text","text":', doc.raw(content), "}");
      continue;
    }
    if (!doc.isArray(content)) continue;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (parts++ > 0) out.byte(Ascii.Comma);
      out.view(doc.raw(part));
    }
  }
  out.byte(Ascii.RightBracket);
}
