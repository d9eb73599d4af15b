// Requests that pass to a provider of the client's own API: what another provider has sealed in an earlier turn (an envelope, see seal.ts)
// is taken out, as each refuses signatures that are not its own. Claude refuses thinking that nobody has signed, too.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { innerMember, innerOf } from "./inner";
import { Seal, idLength } from "./seal";

const UNSIGNED: View = View.utf8("skip_thought_signature_validator");

/**
 * Edits `messages`, and `thinking` where the tool loop that goes on has lost its thinking; nothing without an envelope.
 * `isClaude`: thinking without a signature goes, too (400 there).
 */
export function dropEnvelopes(editor: ObjectEditor, isClaude: bool): void {
  const raw = editor.raw(editor.find("messages"));
  if (!mayHold(raw) && !(isClaude && hasUnsigned(raw))) return;
  const doc = new JsonDocument();
  if (!doc.parse(raw) || !doc.isArray(0)) return;
  const filter = new EnvelopeFilter(doc, isClaude);
  editor.set("messages", filter.write());
  // With a budget every turn of a tool loop has to begin with thinking (400).
  const thinking = new JsonDocument();
  if (!filter.lacksThinking || !thinking.parse(editor.raw(editor.find("thinking")))) return;
  if (thinking.memberIs(0, "type", "enabled")) editor.remove("thinking");
}

/** Takes reasoning that another API has sealed out of the `input` of a Responses request that passes; nothing without an envelope. */
export function dropSealedItems(editor: ObjectEditor): void {
  const raw = editor.raw(editor.find("input"));
  if (!mayHold(raw)) return;
  const doc = new JsonDocument();
  if (!doc.parse(raw) || !doc.isArray(0)) return;
  const out = new Buffer(raw.length);
  out.byte(Ascii.LeftBracket);
  for (let item = doc.first(0); item != NONE; item = doc.next(item)) {
    if (isEnvelope(doc, item, "encrypted_content")) continue;
    if (out.length > 1) out.byte(Ascii.Comma);
    out.view(doc.raw(item));
  }
  out.byte(Ascii.RightBracket);
  editor.set("input", out.toView());
}

/** dropEnvelopes() for a whole request to Claude; the same bytes when there is nothing to take out. */
export function withoutEnvelopes(body: View): View {
  if (!mayHold(body) && !hasUnsigned(body)) return body;
  const doc = new JsonDocument();
  if (!doc.parse(body) || !doc.isObject(0)) return body;
  const patches = new PatchList();
  const editor = ObjectEditor.read(body, doc.start(0), patches);
  if (editor === null) return body;
  dropEnvelopes(editor, true);
  editor.finish();
  return patches.appliedTo(body);
}

function mayHold(raw: View): bool {
  let dot = raw.indexOf(Ascii.Dot);
  while (dot >= 0 && !raw.startsWithAt(dot - 5, "seal1.")) dot = raw.indexOf(Ascii.Dot, dot + 1);
  return dot >= 0 || idLength(raw) < raw.length;
}

/** True when a member `signature` is an empty string. */
function hasUnsigned(raw: View): bool {
  for (let colon = raw.indexOf(Ascii.Colon); colon >= 0; colon = raw.indexOf(Ascii.Colon, colon + 1)) {
    if (raw.startsWithAt(valueAt(raw, colon, '"signature"'), '""')) return true;
  }
  return false;
}

/**
 * Gemini's `contents` that pass: in place of an envelope stands what Google has for calls without a signature of its own
 * (https://ai.google.dev/gemini-api/docs/thought-signatures, Nov 2026).
 */
export function replaceEnvelopes(body: View, patches: PatchList): void {
  for (let colon = body.indexOf(Ascii.Colon); colon >= 0; colon = body.indexOf(Ascii.Colon, colon + 1)) {
    let at = valueAt(body, colon, '"thoughtSignature"');
    if (at < 0) at = valueAt(body, colon, '"thought_signature"');
    // "seal1." in base64.
    if (!body.startsWithAt(at, '"c2VhbDEu')) continue;
    const end = body.indexOf(Ascii.Quote, at + 1);
    if (end > 0) patches.replace(at + 1, end, UNSIGNED);
  }
}

/** Where the value begins behind a colon that the key stands before; -1 behind any other. */
function valueAt(raw: View, colon: i32, key: string): i32 {
  if (!raw.startsWithAt(colon - key.length, key)) return -1;
  let at = colon + 1;
  while (raw.at(at) == Ascii.Space) at++;
  return at;
}

@final
class EnvelopeFilter {
  /** The turn that goes on calls tools, and its thinking was taken out. */
  lacksThinking: bool = false;
  private out: Buffer;

  constructor(
    private doc: JsonDocument,
    private isClaude: bool,
  ) {
    this.out = new Buffer(doc.raw(0).length);
  }

  write(): View {
    const doc = this.doc;
    const out = this.out;
    out.byte(Ascii.LeftBracket);
    for (let message = doc.first(0); message != NONE; message = doc.next(message)) {
      const before = out.length;
      if (before > 1) out.byte(Ascii.Comma);
      if (!this.writeMessage(message)) out.truncate(before);
    }
    out.byte(Ascii.RightBracket);
    return out.toView();
  }

  /** False for a message of which nothing is left. */
  private writeMessage(message: i32): bool {
    const doc = this.doc;
    const out = this.out;
    const content = doc.get(message, "content");
    const hasResults = isResults(doc, content);
    if (!hasResults) this.lacksThinking = false;
    if (!hasResults && (!doc.memberIs(message, "role", "assistant") || !doc.isArray(content))) {
      out.view(doc.raw(message));
      return true;
    }
    out.byte(Ascii.LeftBrace);
    const start = out.length;
    let kept = 0;
    for (let member = doc.first(message); member != NONE; member = doc.next(member)) {
      if (out.length > start) out.byte(Ascii.Comma);
      out.byte(Ascii.Quote);
      out.view(doc.rawKey(member));
      out.ascii('":');
      if (member == content) kept = this.writeBlocks(content);
      else out.view(doc.raw(member));
    }
    out.byte(Ascii.RightBrace);
    return kept > 0;
  }

  /** Returns how many blocks are left. */
  private writeBlocks(content: i32): i32 {
    const doc = this.doc;
    const out = this.out;
    let kept = 0;
    let calls = false;
    let thinks = false;
    out.byte(Ascii.LeftBracket);
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      const type = doc.get(block, "type");
      const isThinking = doc.textIn(type, "thinking redacted_thinking");
      const sealed = isEnvelope(doc, block, "signature") || isEnvelope(doc, block, "data");
      if (isThinking && (sealed || this.isUnsigned(block, type))) continue;
      if (isThinking && kept == 0) thinks = true;
      if (doc.textIs(type, "tool_use")) calls = true;
      if (kept > 0) out.byte(Ascii.Comma);
      kept++;
      const id = doc.get(block, doc.textIs(type, "tool_result") ? "tool_use_id" : "id");
      const given = innerOf(doc, id);
      if (sealed || idLength(given) < given.length) this.writeUnsigned(block, id);
      else out.view(doc.raw(block));
    }
    out.byte(Ascii.RightBracket);
    if (calls) this.lacksThinking = !thinks;
    return kept;
  }

  private isUnsigned(block: i32, type: i32): bool {
    const doc = this.doc;
    return this.isClaude && doc.textIs(type, "thinking") && innerMember(doc, block, "signature").length == 0;
  }

  /** A block without the seal that it or its id carries. */
  private writeUnsigned(block: i32, id: i32): void {
    const doc = this.doc;
    const out = this.out;
    let isFirst = true;
    for (let member = doc.first(block); member != NONE; member = doc.next(member)) {
      if (doc.keyIs(member, "signature")) continue;
      out.byte(isFirst ? Ascii.LeftBrace : Ascii.Comma);
      isFirst = false;
      out.byte(Ascii.Quote);
      out.view(doc.rawKey(member));
      out.ascii('":');
      if (member != id) out.view(doc.raw(member));
      else {
        const given = innerOf(doc, id);
        out.byte(Ascii.Quote);
        out.view(given.slice(0, idLength(given)));
        out.byte(Ascii.Quote);
      }
    }
    out.byte(Ascii.RightBrace);
  }
}

function isEnvelope(doc: JsonDocument, block: i32, name: string): bool {
  return Seal.isEnvelope(doc.text(doc.get(block, name)));
}

/** True for a list that holds a tool's result: the turn goes on. */
function isResults(doc: JsonDocument, content: i32): bool {
  for (let block = firstItem(doc, content); block != NONE; block = doc.next(block)) {
    if (doc.memberIs(block, "type", "tool_result")) return true;
  }
  return false;
}
