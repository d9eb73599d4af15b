// Length, sampling, output format and thinking. Numbers keep their spelling unless they are outside Cohere's range, which is
// narrower than OpenAI's. Source of the ranges: (https://docs.cohere.com/reference/chat, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { JsonKind } from "../../json/cursor";
import { NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { parseNumber } from "../../json/number";
import { innerOf } from "../conversation/inner";

/** stop_sequences takes five; the rest is cut off. */
const MAX_STOPS: i32 = 5;

/** Writes the members for the request's settings. `thinks`: the model may take a `thinking` setting. */
export function writeSettings(draft: Draft, thinks: bool): void {
  const doc = draft.doc;
  const limit = doc.root("max_completion_tokens");
  writeNode(draft, "max_tokens", doc.isSet(limit) ? limit : doc.root("max_tokens"));
  writeClamped(draft, "temperature", "temperature", 0, "0", 1, "1");
  writeClamped(draft, "top_p", "p", 0.01, "0.01", 0.99, "0.99");
  writeClamped(draft, "top_k", "k", 0, "0", 500, "500");
  writePenalty(draft, "frequency_penalty");
  writePenalty(draft, "presence_penalty");
  writeSeed(draft);
  writeStops(draft);
  if (doc.isTrue(doc.root("logprobs"))) draft.copyMember(0, "logprobs");
  writeFormat(draft);
  writeThinking(draft, thinks);
  // Cohere's own, which clients put beside OpenAI's.
  draft.copyMember(0, "documents");
  draft.copyMember(0, "citation_options");
  draft.copyMember(0, "safety_mode");
  draft.copyMember(0, "priority");
}

function writeNode(draft: Draft, name: string, node: i32): void {
  if (draft.doc.isSet(node)) draft.member(name, node);
}

/** Writes member `to` with the number `from`; one outside the bounds becomes the nearer bound. */
function writeClamped(draft: Draft, from: string, to: string, least: f64, leastText: string, most: f64, mostText: string): void {
  const doc = draft.doc;
  const node = doc.root(from);
  if (doc.kind(node) != JsonKind.Number) return;
  const value = parseNumber(doc.raw(node));
  draft.key(to);
  if (value < least) draft.out.ascii(leastText);
  else if (value > most) draft.out.ascii(mostText);
  else draft.out.view(doc.raw(node));
}

/** 0 to 1 there, -2 to 2 at OpenAI. The default 0 is left out: some models refuse both penalties together (errors page). */
function writePenalty(draft: Draft, name: string): void {
  const doc = draft.doc;
  const node = doc.root(name);
  if (doc.kind(node) == JsonKind.Number && parseNumber(doc.raw(node)) > 0) writeClamped(draft, name, name, 0, "0", 1, "1");
}

/** Not negative there: the sign is dropped, so that equal seeds stay equal. */
function writeSeed(draft: Draft): void {
  const doc = draft.doc;
  const node = doc.root("seed");
  if (doc.kind(node) != JsonKind.Number) return;
  draft.key("seed");
  const raw = doc.raw(node);
  draft.out.range(raw, raw.at(0) == Ascii.Hyphen ? 1 : 0, raw.length);
}

function writeStops(draft: Draft): void {
  const doc = draft.doc;
  const out = draft.out;
  const stop = doc.root("stop");
  const mark = out.length;
  draft.key("stop_sequences");
  out.byte(Ascii.LeftBracket);
  let count = 0;
  let item = doc.isArray(stop) ? doc.first(stop) : stop;
  for (; item != NONE && count < MAX_STOPS; item = item == stop ? NONE : doc.next(item)) {
    if (innerOf(doc, item).length == 0) continue;
    draft.separate();
    out.view(doc.raw(item));
    count++;
  }
  if (count == 0) out.truncate(mark);
  else out.byte(Ascii.RightBracket);
}

/** json_schema is json_object with the bare schema there. */
function writeFormat(draft: Draft): void {
  const doc = draft.doc;
  const format = doc.root("response_format");
  const type = doc.get(format, "type");
  const hasSchema = doc.textIs(type, "json_schema");
  if (!hasSchema && !doc.textIs(type, "json_object")) return;
  draft.key("response_format");
  draft.out.ascii('{"type":"json_object"');
  const schema = doc.get(doc.get(format, "json_schema"), "schema");
  if (hasSchema && doc.isObject(schema)) draft.member("json_schema", schema);
  draft.out.byte(Ascii.RightBrace);
}

/** Cohere's own object, or Anthropic's, whose budget has another name. */
function writeOwnThinking(draft: Draft, own: i32): void {
  const doc = draft.doc;
  const isOff = doc.memberIs(own, "type", "disabled");
  draft.key("thinking");
  draft.out.ascii(isOff ? '{"type":"disabled"' : '{"type":"enabled"');
  const budget = doc.get(own, "token_budget");
  if (!isOff) writeNode(draft, "token_budget", doc.isSet(budget) ? budget : doc.get(own, "budget_tokens"));
  draft.out.byte(Ascii.RightBrace);
}

/**
 * `thinking` as given, else by reasoning_effort. Cohere has a switch and a budget; "high" is thinking without a budget, which is
 * what its own OpenAI-compatible endpoint takes the word for (https://docs.cohere.com/docs/compatibility-api, Nov 2026).
 */
function writeThinking(draft: Draft, thinks: bool): void {
  const doc = draft.doc;
  const own = doc.root("thinking");
  if (doc.isObject(own)) {
    writeOwnThinking(draft, own);
    return;
  }
  let effort = doc.root("reasoning_effort");
  if (!doc.isSet(effort)) effort = doc.get(doc.root("reasoning"), "effort");
  if (!thinks || !doc.isString(effort)) return;
  let setting = '{"type":"enabled"}';
  if (doc.textIs(effort, "none")) setting = '{"type":"disabled"}';
  else if (doc.textIn(effort, "low minimal")) setting = '{"type":"enabled","token_budget":1024}';
  else if (doc.textIs(effort, "medium")) setting = '{"type":"enabled","token_budget":8192}';
  draft.key("thinking");
  draft.out.ascii(setting);
}
