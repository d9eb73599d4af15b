// The conversation: assistant turns, tool results and user turns in the order that Anthropic demands.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonCursor, JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { argumentsObject } from "../conversation/arguments";
import { LastResults, isResult } from "../conversation/last-results";
import { Draft } from "../conversation/draft";
import { isBlankInner, trimEndInner } from "../conversation/inner-text";
import { writeSafeId } from "../conversation/ids";
import { isAssistant, isSystem } from "../conversation/roles";
import {
  CALL_WITHOUT_ID,
  FUNCTION_CALLS_ONLY,
  NO_CONTENT,
  RESULT_WITHOUT_ID,
  UNNAMED_CALL,
  WRONG_ARGUMENTS,
  WRONG_CONTENT,
  WRONG_ROLE,
} from "../conversation/sentences";
import { writeBlocks } from "./content";
import { hasThinkingHistory, writeThinkingHistory } from "./thinking-history";

/** Writes the `messages` member. `systemAsUser`: there is nothing but system messages, so they are what is asked. */
export function writeMessages(draft: Draft, messages: i32, systemAsUser: bool): bool {
  const doc = draft.doc;
  draft.key("messages");
  draft.out.byte(Ascii.LeftBracket);
  const start = draft.out.length;
  let message = doc.first(messages);
  let index = 0;
  while (message != NONE) {
    if (isAssistant(doc, message)) {
      const next = endOfTurn(draft, message);
      if (!writeAssistants(draft, message, next, index)) return false;
      for (; message != next; message = doc.next(message)) index++;
      continue;
    }
    // Everything up to the next assistant turn: results first, whatever stands between them.
    let end = message;
    let count = 0;
    while (end != NONE && !isAssistant(doc, end)) {
      end = doc.next(end);
      count++;
    }
    if (!writeUserTurn(draft, message, end, index, systemAsUser)) return false;
    message = end;
    index += count;
  }
  draft.atMessage(-1);
  if (draft.out.length == start) return draft.refuse(NO_CONTENT, "messages");
  draft.out.byte(Ascii.RightBracket);
  return true;
}

/** The message behind the assistant's turn that begins with `message`: in the form it may be several. */
function endOfTurn(draft: Draft, message: i32): i32 {
  const doc = draft.doc;
  let end = doc.next(message);
  while (draft.isConversation && end != NONE && isAssistant(doc, end)) end = doc.next(end);
  return end;
}

/** The messages `[message, end)`: one with the results, if there are any, then the user messages; in the form they are one turn. */
function writeUserTurn(draft: Draft, message: i32, end: i32, index: i32, systemAsUser: bool): bool {
  const out = draft.out;
  const start = out.length;
  if (!writeResults(draft, message, end, index)) return false;
  if (out.length == start) return writeUsers(draft, message, end, index, systemAsUser);
  if (!draft.isConversation) {
    out.ascii("]}");
    return writeUsers(draft, message, end, index, systemAsUser);
  }
  const doc = draft.doc;
  for (; message != end; message = doc.next(message), index++) {
    if (isResult(doc, message) || isSystem(doc, message)) continue;
    draft.atMessage(index);
    if (!writeBlocks(draft, doc.get(message, "content"), message, false)) return false;
  }
  out.ascii("]}");
  return true;
}

/** Opens one user message with the results of the messages `[message, end)`; writes nothing when there are no results. */
function writeResults(draft: Draft, message: i32, end: i32, index: i32): bool {
  const doc = draft.doc;
  const results = LastResults.among(doc, message, end);
  let open = false;
  for (; message != end; message = doc.next(message), index++) {
    if (!isResult(doc, message) || (results !== null && !results.counts(message))) continue;
    if (!open) {
      draft.separate();
      draft.out.ascii('{"role":"user","content":[');
      open = true;
    }
    draft.atMessage(index);
    if (!writeResult(draft, message)) return false;
  }
  return true;
}

function writeResult(draft: Draft, message: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const id = doc.get(message, "tool_call_id");
  const name = doc.get(message, "name");
  draft.separate();
  out.ascii('{"type":"tool_result","tool_use_id":"');
  if (innerOf(doc, id).length != 0) writeSafeId(out, innerOf(doc, id));
  else if (doc.isString(name)) writeLegacyId(draft, name);
  else return draft.refuse(RESULT_WITHOUT_ID, ".tool_call_id");
  out.byte(Ascii.Quote);
  const content = doc.get(message, "content");
  if (doc.isString(content)) draft.member("content", content);
  else if (doc.isArray(content)) {
    draft.key("content");
    out.byte(Ascii.LeftBracket);
    // The form has Anthropic's marks, each at its place.
    draft.marks = draft.isConversation;
    if (!writeBlocks(draft, content, NONE, false)) return false;
    draft.marks = true;
    out.byte(Ascii.RightBracket);
  } else if (doc.isSet(content)) {
    return draft.refuse(WRONG_CONTENT, ".content");
  }
  // OpenAI has no mark for failed calls: clients that know Anthropic set its own, others answer an object with `error`.
  const failed = doc.get(message, "is_error");
  if (doc.isTrue(failed) || (failed == NONE && !draft.isConversation && tellsError(doc.text(content)))) out.ascii(',"is_error":true');
  // Anthropic takes the mark on the result itself: that of the message, else the last one inside (prompt caching guide).
  let marked = draft.copyMark(message) || draft.isConversation ? NONE : doc.first(content);
  let last = NONE;
  for (; marked != NONE; marked = doc.next(marked)) if (doc.isSet(doc.get(marked, "cache_control"))) last = marked;
  draft.copyMark(last);
  out.byte(Ascii.RightBrace);
  return true;
}

/** True for a JSON object whose `error` is something. O(n), no index. */
function tellsError(text: View): bool {
  const cursor = new JsonCursor().reset(text);
  if (!cursor.beginObject()) return false;
  let found = false;
  while (cursor.nextKey()) {
    const isError = cursor.keyIs("error");
    if (!cursor.skipValue()) return false;
    if (isError) found = cursor.valueKind != JsonKind.Null && cursor.valueKind != JsonKind.False;
  }
  return found && cursor.atEnd();
}

/** `function_call` and role `function` have no ids: both sides make the same one from the name. */
function writeLegacyId(draft: Draft, name: i32): void {
  draft.out.ascii("call_");
  writeSafeId(draft.out, innerOf(draft.doc, name));
}

/** The user messages among `[message, end)`, each by itself: Anthropic joins neighbours. */
function writeUsers(draft: Draft, message: i32, end: i32, index: i32, systemAsUser: bool): bool {
  const doc = draft.doc;
  for (; message != end; message = doc.next(message), index++) {
    if (isResult(doc, message)) continue;
    draft.atMessage(index);
    if (isSystem(doc, message)) {
      if (!systemAsUser) continue;
    } else if (!doc.memberIs(message, "role", "user")) {
      return draft.refuse(WRONG_ROLE, ".role");
    }
    if (!writeTurn(draft, message, "user", false)) return false;
  }
  return true;
}

/** A message of content only: a string stays a string, parts become blocks; one without content is left out. */
function writeTurn(draft: Draft, message: i32, role: string, trim: bool): bool {
  const doc = draft.doc;
  const out = draft.out;
  const content = doc.get(message, "content");
  const mark = out.length;
  draft.separate();
  out.ascii('{"role":"');
  out.ascii(role);
  out.byte(Ascii.Quote);
  if (doc.isString(content) && !doc.isSet(doc.get(message, "cache_control"))) {
    const inner = innerOf(doc, content);
    if (isBlankInner(inner)) out.truncate(mark);
    else {
      draft.innerMember("content", trim ? trimEndInner(inner) : inner);
      out.byte(Ascii.RightBrace);
    }
    return true;
  }
  out.ascii(',"content":[');
  const start = out.length;
  if (!writeBlocks(draft, content, message, trim)) return false;
  if (out.length == start) out.truncate(mark);
  else out.ascii("]}");
  return true;
}

/** An assistant's turn, the messages `[message, end)`. At the end of the request the response continues it. */
function writeAssistants(draft: Draft, message: i32, end: i32, index: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  draft.atMessage(index);
  if (doc.next(message) == end && !hasCalls(doc, message) && doc.isSet(doc.get(message, "content")) && !hasThinkingHistory(doc, message)) {
    return writeTurn(draft, message, "assistant", end == NONE);
  }
  const mark = out.length;
  draft.separate();
  out.ascii('{"role":"assistant","content":[');
  const start = out.length;
  for (; message != end; message = doc.next(message), index++) {
    draft.atMessage(index);
    if (!writeAssistant(draft, message, doc.next(message) == NONE)) return false;
  }
  if (out.length == start) out.truncate(mark);
  else out.ascii("]}");
  return true;
}

function hasCalls(doc: JsonDocument, message: i32): bool {
  return doc.first(doc.get(message, "tool_calls")) != NONE || doc.isObject(doc.get(message, "function_call"));
}

/** The blocks of an assistant message: thinking, then text, then tool calls. `last`: nothing follows. */
function writeAssistant(draft: Draft, message: i32, last: bool): bool {
  const doc = draft.doc;
  const calls = doc.get(message, "tool_calls");
  const legacy = doc.get(message, "function_call");
  const content = doc.get(message, "content");
  const trim = last && !hasCalls(doc, message);
  writeThinkingHistory(draft, message);
  if (!writeBlocks(draft, content, message, trim)) return false;
  if (!doc.isSet(content)) writeBlocks(draft, doc.get(message, "refusal"), NONE, trim);
  let index = 0;
  for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
    draft.atItem(".tool_calls", index++);
    if (!writeCall(draft, call)) return false;
  }
  draft.item = -1;
  return index > 0 || !doc.isObject(legacy) || writeUse(draft, legacy, legacy, NONE, ".function_call");
}

function writeCall(draft: Draft, call: i32): bool {
  const doc = draft.doc;
  const named = doc.get(call, "function");
  if (!doc.isObject(named)) return draft.refuse(FUNCTION_CALLS_ONLY, "");
  const id = doc.get(call, "id");
  if (innerOf(doc, id).length == 0) return draft.refuse(CALL_WITHOUT_ID, ".id");
  return writeUse(draft, call, named, id, ".function");
}

/** Writes a tool_use block for `{"name","arguments"}` in `call`; `id` NONE makes one from the name. */
function writeUse(draft: Draft, call: i32, named: i32, id: i32, leaf: string): bool {
  const doc = draft.doc;
  const out = draft.out;
  const name = doc.get(named, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_CALL, leaf + ".name");
  draft.separate();
  out.ascii('{"type":"tool_use","id":"');
  if (id == NONE) writeLegacyId(draft, name);
  else writeSafeId(out, innerOf(doc, id));
  out.byte(Ascii.Quote);
  draft.member("name", name);
  draft.key("input");
  const input = argumentsObject(doc, doc.get(named, "arguments"));
  if (input.length == 0) return draft.refuse(WRONG_ARGUMENTS, leaf + ".arguments");
  out.view(input);
  if (draft.isConversation) draft.copyMember(call, "caller");
  if (!draft.copyMark(call)) draft.copyMark(named);
  out.byte(Ascii.RightBrace);
  return true;
}
