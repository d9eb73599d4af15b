// The conversation: turns of user and assistant that alternate, all tool results of a turn in one user message.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument, NONE } from "../../json/document";
import { isSystem, isAssistant } from "../conversation/roles";
import { innerOf } from "../conversation/inner";
import { LastResults, isResult } from "../conversation/last-results";
import { NO_CONTENT, RESULT_WITHOUT_ID, WRONG_ROLE } from "../conversation/sentences";
import { CachePlan } from "./cache";
import { writeContent } from "./content";
import { writeReasoning } from "./reasoning";
import { writeToolUses, writeToolUseId, writeNamedId } from "./tool-calls";
import { Place, Turns } from "./turns";

/** Writes the `messages` member. `systemAsUser`: there is nothing but system messages, so they are what is asked. */
export function writeMessages(turns: Turns, messages: i32, systemAsUser: bool, cache: CachePlan): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  draft.key("messages");
  draft.out.byte(Ascii.LeftBracket);
  const start = draft.out.length;
  const lastUser = lastOfUser(doc, messages, systemAsUser);
  let message = doc.first(messages);
  let index = 0;
  while (message != NONE) {
    if (isAssistant(doc, message)) {
      draft.atMessage(index++);
      if (!writeAssistant(turns, message, doc.next(message) == NONE)) return false;
      message = doc.next(message);
      continue;
    }
    // Everything up to the next assistant turn: results first, whatever stands between them.
    let end = message;
    let count = 0;
    let holdsLast = false;
    while (end != NONE && !isAssistant(doc, end)) {
      if (end == lastUser) holdsLast = true;
      end = doc.next(end);
      count++;
    }
    if (!writeResults(turns, message, end, index)) return false;
    if (!writeUsers(turns, message, end, index, systemAsUser)) return false;
    if (holdsLast && cache.lastUser) turns.cachePoint(Place.User, cache.ttl);
    message = end;
    index += count;
  }
  draft.atMessage(-1);
  if (draft.out.length == start) return draft.refuse(NO_CONTENT, "messages");
  if (cache.last && !(cache.lastUser && turns.open == Place.User)) turns.cachePoint(turns.open, cache.ttl);
  turns.close();
  draft.out.byte(Ascii.RightBracket);
  return true;
}

/** The last message that goes into a user turn, or NONE. */
function lastOfUser(doc: JsonDocument, messages: i32, systemAsUser: bool): i32 {
  let last = NONE;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (isAssistant(doc, message) || (isSystem(doc, message) && !systemAsUser)) continue;
    last = message;
  }
  return last;
}

/** The results among the messages `[message, end)`. */
function writeResults(turns: Turns, message: i32, end: i32, index: i32): bool {
  const doc = turns.draft.doc;
  const results = LastResults.among(doc, message, end);
  for (; message != end; message = doc.next(message), index++) {
    if (!isResult(doc, message) || (results !== null && !results.counts(message))) continue;
    turns.draft.atMessage(index);
    if (!writeResult(turns, message)) return false;
  }
  return true;
}

function writeResult(turns: Turns, message: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const out = draft.out;
  const id = doc.get(message, "tool_call_id");
  const name = doc.get(message, "name");
  turns.begin(Place.User);
  out.ascii('{"toolResult":{"toolUseId":"');
  if (innerOf(doc, id).length != 0) writeToolUseId(out, innerOf(doc, id));
  else if (doc.isString(name)) writeNamedId(out, innerOf(doc, name));
  else return draft.refuse(RESULT_WITHOUT_ID, ".tool_call_id");
  out.ascii('","content":[');
  const start = out.length;
  if (!writeContent(turns, Place.Result, doc.get(message, "content"), false)) return false;
  // A result must hold something, and text must not be blank ("text content blocks must be non-empty", seen Jun 2026).
  if (out.length == start) out.ascii('{"text":"(empty)"}');
  out.byte(Ascii.RightBracket);
  // OpenAI has no mark for failed calls; clients that know Anthropic set its own.
  if (doc.isTrue(doc.get(message, "is_error"))) out.ascii(',"status":"error"');
  out.ascii("}}");
  turns.cachePointOf(Place.User, message);
  return true;
}

/** The user messages among `[message, end)`. */
function writeUsers(turns: Turns, message: i32, end: i32, index: i32, systemAsUser: bool): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  for (; message != end; message = doc.next(message), index++) {
    if (isResult(doc, message)) continue;
    draft.atMessage(index);
    if (isSystem(doc, message)) {
      if (!systemAsUser) continue;
    } else if (!doc.memberIs(message, "role", "user")) {
      return draft.refuse(WRONG_ROLE, ".role");
    }
    if (!writeContent(turns, Place.User, doc.get(message, "content"), false)) return false;
    turns.cachePointOf(Place.User, message);
  }
  return true;
}

/** An assistant turn: thinking, then text, then tool calls. `last`: nothing follows, so the response continues it. */
function writeAssistant(turns: Turns, message: i32, last: bool): bool {
  const doc = turns.draft.doc;
  const content = doc.get(message, "content");
  const hasCalls = doc.first(doc.get(message, "tool_calls")) != NONE || doc.isObject(doc.get(message, "function_call"));
  writeReasoning(turns, message);
  if (!writeContent(turns, Place.Assistant, content, last && !hasCalls)) return false;
  if (!doc.isSet(content) && !writeContent(turns, Place.Assistant, doc.get(message, "refusal"), last && !hasCalls)) return false;
  if (!writeToolUses(turns, message)) return false;
  turns.cachePointOf(Place.Assistant, message);
  return true;
}
