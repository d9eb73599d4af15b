// messages -> messages: Cohere's roles and tool fields are OpenAI's; what differs is where system texts, plans and thoughts
// stand.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { writeCompactInner } from "../../json/text";
import { Draft } from "../conversation/draft";
import { isSystem, isAllSystem } from "../conversation/roles";
import { innerOf } from "../conversation/inner";
import { CALL_WITHOUT_ID, NO_CONTENT, RESULT_WITHOUT_ID, UNNAMED_CALL, WRONG_ROLE } from "../conversation/sentences";
import { Place, writeContent, writeParts, writeThought } from "./content";

/** Writes the `messages` member. `thinks`: the model takes its thoughts back as thinking blocks, not as a plan. */
export function writeMessages(draft: Draft, messages: i32, thinks: bool): bool {
  const doc = draft.doc;
  draft.key("messages");
  draft.out.byte(Ascii.LeftBracket);
  const start = draft.out.length;
  if (!writeSystem(draft, messages)) return false;
  let index = 0;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    draft.atMessage(index++);
    if (isSystem(doc, message)) continue;
    if (!writeMessage(draft, message, thinks)) return false;
  }
  draft.atMessage(-1);
  if (draft.out.length == start) return draft.refuse(NO_CONTENT, "messages");
  draft.out.byte(Ascii.RightBracket);
  return true;
}

/**
 * All system and developer texts in one message at the front: elsewhere Cohere answers 400 ("system turn must be the first in
 * the list", https://docs.cohere.com/reference/errors, Nov 2026). Alone, without any other message, they are what is asked.
 */
function writeSystem(draft: Draft, messages: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  let count = 0;
  let only = NONE;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (!isSystem(doc, message)) continue;
    count++;
    only = doc.get(message, "content");
  }
  if (count == 0) return true;
  const mark = out.length;
  out.ascii(isAllSystem(doc, messages) ? '{"role":"user","content":' : '{"role":"system","content":');
  if (count == 1 && doc.isString(only)) {
    out.view(doc.raw(only));
    out.byte(Ascii.RightBrace);
    return true;
  }
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let index = 0;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    draft.atMessage(index++);
    if (isSystem(doc, message) && !writeParts(draft, doc.get(message, "content"), Place.System)) return false;
  }
  if (out.length == start) out.truncate(mark);
  else out.ascii("]}");
  return true;
}

function writeMessage(draft: Draft, message: i32, thinks: bool): bool {
  const doc = draft.doc;
  const role = doc.get(message, "role");
  if (doc.textIs(role, "assistant")) return writeAssistant(draft, message, thinks);
  const isUser = doc.textIs(role, "user");
  const isOld = doc.textIs(role, "function");
  if (!isUser && !isOld && !doc.textIs(role, "tool")) {
    return draft.refuse(WRONG_ROLE, ".role");
  }
  draft.separate();
  draft.out.ascii(isUser ? '{"role":"user"' : '{"role":"tool"');
  if (!isUser) {
    const id = doc.get(message, "tool_call_id");
    if (!doc.isString(id) && !isOld) return draft.refuse(RESULT_WITHOUT_ID, ".tool_call_id");
    writeId(draft, "tool_call_id", id, doc.get(message, "name"));
  }
  if (!writeContent(draft, doc.get(message, "content"), isUser ? Place.User : Place.Tool, true)) return false;
  draft.out.byte(Ascii.RightBrace);
  return true;
}

/** The id, or one made of the function's name: OpenAI's spelling of before Nov 2023 has none. */
function writeId(draft: Draft, name: string, id: i32, functionName: i32): void {
  const doc = draft.doc;
  if (doc.isString(id)) {
    draft.member(name, id);
    return;
  }
  draft.key(name);
  draft.out.wrap('"call_', innerOf(doc, functionName), '"');
}

/** An assistant turn without content and calls is left out: Cohere refuses it ("message must not be empty in a turn"). */
function writeAssistant(draft: Draft, message: i32, thinks: bool): bool {
  const doc = draft.doc;
  const out = draft.out;
  const given = doc.get(message, "content");
  const content = doc.isSet(given) ? given : doc.get(message, "refusal");
  const calls = doc.get(message, "tool_calls");
  const old = doc.get(message, "function_call");
  const hasCalls = doc.first(calls) != NONE || doc.isObject(old);
  const mark = out.length;
  draft.separate();
  out.ascii('{"role":"assistant"');
  const bare = out.length;
  const written = hasCalls ? writeBesideCalls(draft, message, content, thinks) : writeContent(draft, content, Place.Assistant, false);
  if (!written) return false;
  if (hasCalls && !writeCalls(draft, calls, old)) return false;
  if (out.length == bare) out.truncate(mark);
  else out.byte(Ascii.RightBrace);
  return true;
}

/**
 * Thoughts and text in front of tool calls: thinking blocks for models that think, else `tool_plan`, which takes the text when
 * there are no thoughts. Thoughts of turns without calls are not sent back: they are of no use to the model.
 */
function writeBesideCalls(draft: Draft, message: i32, content: i32, thinks: bool): bool {
  const doc = draft.doc;
  const out = draft.out;
  let thoughts = doc.get(message, "reasoning_content");
  if (!doc.isString(thoughts)) thoughts = doc.get(message, "reasoning");
  const hasThoughts = innerOf(doc, thoughts).length != 0;
  if (thinks && hasThoughts) {
    draft.key("content");
    out.byte(Ascii.LeftBracket);
    writeThought(draft, thoughts);
    if (!writeParts(draft, content, Place.Assistant)) return false;
    out.byte(Ascii.RightBracket);
    return true;
  }
  if (hasThoughts) draft.member("tool_plan", thoughts);
  else if (!thinks && innerOf(doc, content).length != 0) {
    draft.member("tool_plan", content);
    return true;
  }
  return writeContent(draft, content, thinks ? Place.Thinker : Place.Assistant, false);
}

function writeCalls(draft: Draft, calls: i32, old: i32): bool {
  const doc = draft.doc;
  draft.key("tool_calls");
  draft.out.byte(Ascii.LeftBracket);
  if (doc.first(calls) == NONE && !writeCall(draft, NONE, old)) return false;
  let index = 0;
  for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
    draft.atItem(".tool_calls", index++);
    if (!doc.isString(doc.get(call, "id"))) return draft.refuse(CALL_WITHOUT_ID, ".id");
    if (!writeCall(draft, doc.get(call, "id"), doc.get(call, "function"))) return false;
  }
  draft.item = -1;
  draft.out.byte(Ascii.RightBracket);
  return true;
}

function writeCall(draft: Draft, id: i32, definition: i32): bool {
  const doc = draft.doc;
  const name = doc.get(definition, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_CALL, ".function.name");
  draft.separate();
  draft.out.byte(Ascii.LeftBrace);
  writeId(draft, "id", id, name);
  draft.out.ascii(',"type":"function","function":{');
  draft.member("name", name);
  draft.key("arguments");
  draft.out.byte(Ascii.Quote);
  writeArguments(draft, doc.get(definition, "arguments"));
  draft.out.ascii('"}}');
  return true;
}

/** Arguments are JSON in a string on both sides; clients that send an object, or nothing for no arguments, are helped. */
function writeArguments(draft: Draft, node: i32): void {
  const doc = draft.doc;
  const inner = innerOf(doc, node);
  if (inner.length != 0) draft.out.view(inner);
  else if (doc.isObject(node)) writeCompactInner(draft.out, doc.raw(node));
  else draft.out.ascii("{}");
}
