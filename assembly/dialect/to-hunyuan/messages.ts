// The conversation as Hunyuan demands it: one system message at the start, then user and assistant in turn, results after
// the calls (https://cloud.tencent.com/document/api/1729/105701, Nov 2026). Neighbours of one role are joined, as nothing
// else says the same.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument, NONE } from "../../json/document";
import { writeCompactInner } from "../../json/text";
import { Draft } from "../conversation/draft";
import { isSystem, isAllSystem } from "../conversation/roles";
import { innerOf } from "../conversation/inner";
import { NO_CONTENT, RESULT_WITHOUT_ID, UNNAMED_CALL, WRONG_ROLE } from "../conversation/sentences";
import { holdsImage, writeParts, writeTexts } from "./content";

const enum Role {
  /** Of no account: system messages, which stand at the start, and assistant messages without content. */
  None,
  User,
  Assistant,
  Result,
  Unknown,
}

function roleOf(doc: JsonDocument, message: i32): Role {
  const role = doc.get(message, "role");
  if (doc.textIs(role, "user")) return Role.User;
  if (isSystem(doc, message)) return Role.None;
  if (doc.textIs(role, "assistant")) return isEmpty(doc, message) ? Role.None : Role.Assistant;
  return doc.textIn(role, "tool function") ? Role.Result : Role.Unknown;
}

function isEmpty(doc: JsonDocument, message: i32): bool {
  const content = doc.get(message, "content");
  const isBlank = !doc.isSet(content) || doc.textIs(content, "") || (doc.isArray(content) && doc.first(content) == NONE);
  return isBlank && !doc.isString(doc.get(message, "refusal")) && !hasCalls(doc, message);
}

function hasCalls(doc: JsonDocument, message: i32): bool {
  return doc.first(doc.get(message, "tool_calls")) != NONE || doc.isObject(doc.get(message, "function_call"));
}

/** Writes the `Messages` member. Nothing but system messages: they are what is asked. */
export function writeMessages(draft: Draft, messages: i32): bool {
  const doc = draft.doc;
  draft.key("Messages");
  draft.out.byte(Ascii.LeftBracket);
  const start = draft.out.length;
  if (!writeSystem(draft, messages, isAllSystem(doc, messages) ? "user" : "system")) return false;
  let message = doc.first(messages);
  let index = 0;
  while (message != NONE) {
    const role = roleOf(doc, message);
    draft.atMessage(index);
    if (role == Role.Unknown) return draft.refuse(WRONG_ROLE, ".role");
    // The run goes on over messages of no account; each result stands by itself.
    let end = doc.next(message);
    let next = index + 1;
    while (end != NONE && role != Role.Result && role != Role.None) {
      const other = roleOf(doc, end);
      if (other != role && other != Role.None) break;
      end = doc.next(end);
      next++;
    }
    if (role == Role.Result && !writeResult(draft, message)) return false;
    if ((role == Role.User || role == Role.Assistant) && !writeRun(draft, message, end, index, role)) return false;
    message = end;
    index = next;
  }
  draft.atMessage(-1);
  if (draft.out.length == start) return draft.refuse(NO_CONTENT, "messages");
  draft.out.byte(Ascii.RightBracket);
  return true;
}

/** One message with the texts of all system messages; none when they say nothing. */
function writeSystem(draft: Draft, messages: i32, role: string): bool {
  const doc = draft.doc;
  const mark = draft.out.length;
  let index = 0;
  let start = 0;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (isSystem(doc, message)) {
      if (start == 0) {
        openMessage(draft, role);
        start = draft.out.length;
      } else if (draft.out.length > start) draft.out.ascii("\\n");
      draft.atMessage(index);
      if (!writeTexts(draft, doc.get(message, "content"))) return false;
    }
    index++;
  }
  // Content must not be empty there.
  if (draft.out.length == start) draft.out.truncate(mark);
  else if (start > 0) draft.out.ascii('"}');
  return true;
}

/** Up to the opening quote of the content. */
function openMessage(draft: Draft, role: string): void {
  draft.separate();
  draft.out.ascii('{"Role":"');
  draft.out.ascii(role);
  draft.out.ascii('","Content":"');
}

/** One message for those of one role in `[message, end)`; what has another role there is of no account. */
function writeRun(draft: Draft, message: i32, end: i32, index: i32, role: Role): bool {
  const doc = draft.doc;
  const out = draft.out;
  let hasImage = false;
  for (let one = message; one != end && role == Role.User; one = doc.next(one)) {
    if (roleOf(doc, one) == role && holdsImage(doc, doc.get(one, "content"))) hasImage = true;
  }
  if (hasImage) {
    draft.separate();
    out.ascii('{"Role":"user","Contents":[');
  } else openMessage(draft, role == Role.User ? "user" : "assistant");
  let isLater = false;
  for (let one = message; one != end; one = doc.next(one), index++) {
    if (roleOf(doc, one) != role) continue;
    draft.atMessage(index);
    const given = doc.get(one, "content");
    const content = doc.isSet(given) ? given : doc.get(one, "refusal");
    if (!hasImage && isLater && doc.isSet(content)) out.ascii("\\n");
    isLater = isLater || doc.isSet(content);
    if (hasImage ? !writeParts(draft, content) : !writeTexts(draft, content)) return false;
  }
  out.byte(hasImage ? Ascii.RightBracket : Ascii.Quote);
  if (role == Role.Assistant && !writeCalls(draft, message, end)) return false;
  out.byte(Ascii.RightBrace);
  return true;
}

/** The `ToolCalls` member with the calls of the assistant messages in `[message, end)`, if there are any. */
function writeCalls(draft: Draft, message: i32, end: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const mark = out.length;
  draft.key("ToolCalls");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  for (; message != end; message = doc.next(message)) {
    const calls = doc.get(message, "tool_calls");
    for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
      if (!writeCall(draft, doc.get(call, "function"), doc.get(call, "id"))) return false;
    }
    const old = doc.get(message, "function_call");
    if (doc.isObject(old) && doc.first(calls) == NONE && !writeCall(draft, old, NONE)) return false;
  }
  if (out.length == start) out.truncate(mark);
  else out.byte(Ascii.RightBracket);
  return true;
}

function writeCall(draft: Draft, named: i32, id: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const name = doc.get(named, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_CALL, ".tool_calls");
  draft.separate();
  out.ascii('{"Id":');
  writeId(draft, id, name);
  out.ascii(',"Type":"function","Function":{');
  draft.member("Name", name);
  draft.key("Arguments");
  const given = doc.get(named, "arguments");
  if (doc.isString(given)) out.view(doc.raw(given));
  else {
    out.byte(Ascii.Quote);
    writeCompactInner(out, doc.raw(given));
    out.byte(Ascii.Quote);
  }
  out.ascii("}}");
  return true;
}

/** The id as it is; calls from before there were ids get one from the name, and so do their results. */
function writeId(draft: Draft, id: i32, name: i32): void {
  if (draft.doc.isString(id)) {
    draft.out.view(draft.doc.raw(id));
    return;
  }
  draft.out.wrap('"call_', innerOf(draft.doc, name), '"');
}

function writeResult(draft: Draft, message: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const id = doc.get(message, "tool_call_id");
  const name = doc.get(message, "name");
  if (!doc.isString(id) && !doc.isString(name)) return draft.refuse(RESULT_WITHOUT_ID, ".tool_call_id");
  openMessage(draft, "tool");
  const start = out.length;
  if (!writeTexts(draft, doc.get(message, "content"))) return false;
  // Content must not be empty there.
  if (out.length == start) out.ascii("(empty)");
  out.byte(Ascii.Quote);
  draft.key("ToolCallId");
  writeId(draft, id, name);
  out.byte(Ascii.RightBrace);
  return true;
}
