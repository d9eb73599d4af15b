// What a provider does not take in the messages of a chat, rewritten in one pass. All else keeps its bytes.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { isAtSeal } from "../../dialect/conversation/seal-members";
import { JsonCursor, JsonKind, escapedEquals } from "../../json/cursor";
import { decodeString } from "../../json/text";
import { Quirk } from "../provider";
import { saysNothing } from "../request-scan";

/** Letters of a call's id at Mistral. */
const ID_LETTERS: i32 = 9;
const ALPHABET: string = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** rewriteMessages() is never interrupted by another. */
const cursor: JsonCursor = new JsonCursor();
const ahead: JsonCursor = new JsonCursor();

@final
export class MessageRules {
  private copied: i32 = 0;

  /** The string with the thinking of the present message; the end is 0 without any. */
  private thoughtStart: i32 = 0;
  private thoughtEnd: i32 = 0;

  /**
   * `quirks` are the provider's, `refused` the members of messages that it does not know, `ownSeals` the one in which its own seals come.
   * `thinks`: the model takes thinking back.
   */
  constructor(
    private text: View,
    private quirks: i32,
    private refused: StaticArray<string>,
    private ownSeals: string,
    private thinks: bool,
    private out: Buffer,
  ) {}

  /** Appends the list of messages as the provider takes it; false, with nothing of worth written, when it may stay as it is. */
  rewrite(): bool {
    const text = this.text;
    cursor.reset(text);
    if (!cursor.beginArray()) return false;
    let afterResult = false;
    while (cursor.nextItem()) {
      if (cursor.kind() != JsonKind.Object) {
        if (!cursor.skipValue()) return false;
        continue;
      }
      if ((this.quirks & Quirk.NO_USER_AFTER_TOOL) != 0) {
        if (afterResult && roleIs(text, cursor.position, "user"))
          this.put(cursor.position, cursor.position, '{"role":"assistant","content":"OK."},');
        afterResult = roleIs(text, cursor.position, "tool");
      }
      this.message();
    }
    if (cursor.fault != 0 || this.copied == 0) return false;
    this.out.range(text, this.copied, text.length);
    return true;
  }

  /** Appends what comes before `start`, then `by` in place of `[start, end)`. */
  private put(start: i32, end: i32, by: string): void {
    this.out.range(this.text, this.copied, start);
    this.out.ascii(by);
    this.copied = end;
  }

  private message(): void {
    if ((this.quirks & Quirk.THINKING_PARTS) != 0 && this.thinks) this.findThought(cursor.position);
    cursor.beginObject();
    this.members(false);
  }

  /** The members of the message, or with `inCall` of the call, that the cursor is in; false for broken JSON. */
  private members(inCall: bool): bool {
    // A refused member goes with the comma before it; those that stand first, with the comma behind them.
    let keptEnd = -1;
    let firstGone = -1;
    while (cursor.nextKey()) {
      const keyStart = cursor.keyStart - 1;
      if (this.isForeign() || (!inCall && this.isRefused())) {
        if (!cursor.skipValue()) return false;
        if (keptEnd < 0) {
          if (firstGone < 0) firstGone = keyStart;
          continue;
        }
        this.put(keptEnd, cursor.valueEnd, "");
      } else {
        if (firstGone >= 0) this.put(firstGone, keyStart, "");
        firstGone = -1;
        if (!(inCall ? this.callMember() : this.member())) return false;
      }
      keptEnd = cursor.position;
    }
    if (firstGone >= 0) this.put(firstGone, cursor.valueEnd, "");
    return cursor.fault == 0;
  }

  /** What another API has sealed. */
  private isForeign(): bool {
    return (this.quirks & Quirk.FOREIGN_SEALS) != 0 && isAtSeal(cursor) && !(this.ownSeals.length != 0 && cursor.keyIs(this.ownSeals));
  }

  private isRefused(): bool {
    if ((this.quirks & Quirk.REASONING_NAME) != 0 && cursor.keyIs("reasoning_content")) return !this.thinks;
    for (let k = 0; k < this.refused.length; k++) if (cursor.keyIs(this.refused[k])) return true;
    return false;
  }

  private member(): bool {
    const isIds = (this.quirks & Quirk.IDS_OF_NINE) != 0;
    if (cursor.keyIs("tool_calls")) return this.calls();
    const isRole = (this.quirks & Quirk.DEVELOPER_TO_SYSTEM) != 0 && cursor.keyIs("role");
    const isContent = (this.quirks & Quirk.TEXT_CONTENT) != 0 && cursor.keyIs("content");
    const isId = isIds && cursor.keyIs("tool_call_id");
    const isThinking = this.thoughtEnd > 0 && cursor.keyIs("content");
    if ((this.quirks & Quirk.REASONING_NAME) != 0 && cursor.keyIs("reasoning_content"))
      this.put(cursor.keyStart, cursor.keyEnd, "reasoning");
    if (!cursor.skipValue()) return false;
    const start = cursor.valueStart;
    const end = cursor.valueEnd;
    if (isThinking) this.thinkingParts(start, end);
    if (isRole && isText(this.text, start, end, "developer")) this.put(start, end, '"system"');
    else if (isContent && cursor.valueKind == JsonKind.Array) this.joinTexts(start, end);
    else if (isId && cursor.valueKind == JsonKind.String) this.shortId(start, end);
    return true;
  }

  /** Finds the thinking of the message at offset `at`. Without content there, an empty one is written. */
  private findThought(at: i32): void {
    let hasContent = false;
    this.thoughtEnd = 0;
    ahead.reset(this.text, at).beginObject();
    while (ahead.nextKey()) {
      const isThought = ahead.keyIs("reasoning_content");
      if (ahead.keyIs("content")) hasContent = true;
      if (!ahead.skipValue()) return;
      if (!isThought || ahead.valueKind != JsonKind.String || ahead.valueEnd - ahead.valueStart == 2) continue;
      this.thoughtStart = ahead.valueStart;
      this.thoughtEnd = ahead.valueEnd;
    }
    if (this.thoughtEnd == 0 || hasContent) return;
    this.put(at + 1, at + 1, '"content":');
    this.thinkingParts(at + 1, at + 1);
    this.out.byte(Ascii.Comma);
    this.thoughtEnd = 0;
  }

  /**
   * The content `[start, end)` becomes a list that begins with the thinking, as Mistral's own response does
   * (https://docs.mistral.ai/studio-api/conversations/reasoning, vercel/ai#17930, Nov 2026).
   */
  private thinkingParts(start: i32, end: i32): void {
    const out = this.out;
    const inner = this.text.slice(start + 1, end - 1).trim();
    this.put(start, end, '[{"type":"thinking","thinking":[{"type":"text","text":');
    out.range(this.text, this.thoughtStart, this.thoughtEnd);
    out.ascii('}],"closed":true}');
    if (inner.length != 0 && this.text.at(start) == Ascii.Quote) {
      out.ascii(',{"type":"text","text":');
      out.range(this.text, start, end);
      out.byte(Ascii.RightBrace);
    } else if (inner.length != 0 && this.text.at(start) == Ascii.LeftBracket) {
      out.byte(Ascii.Comma);
      out.view(inner);
    }
    out.byte(Ascii.RightBracket);
  }

  private calls(): bool {
    if (!cursor.beginArray()) return cursor.skipValue();
    while (cursor.nextItem()) {
      if (!(cursor.beginObject() ? this.members(true) : cursor.skipValue())) return false;
    }
    return cursor.fault == 0;
  }

  private callMember(): bool {
    const isId = (this.quirks & Quirk.IDS_OF_NINE) != 0 && cursor.keyIs("id");
    if (cursor.keyIs("function") && cursor.beginObject()) this.called();
    else if (!cursor.skipValue()) return false;
    else if (isId && cursor.valueKind == JsonKind.String) this.shortId(cursor.valueStart, cursor.valueEnd);
    return true;
  }

  private called(): void {
    while (cursor.nextKey()) {
      const isArguments = cursor.keyIs("arguments");
      if (!cursor.skipValue()) return;
      const says = !isArguments || (this.quirks & Quirk.CALL_OBJECTS) == 0 || !saysNothing(this.text, cursor.valueStart, cursor.valueEnd);
      if (!says) this.put(cursor.valueStart, cursor.valueEnd, '"{}"');
    }
  }

  /** A list that holds nothing but texts becomes their text, with line feeds between; any other stays. */
  private joinTexts(start: i32, end: i32): void {
    const before = this.out.length;
    const text = this.text;
    this.out.range(text, this.copied, start);
    this.out.byte(Ascii.Quote);
    let isFirst = true;
    let isPlain = ahead.reset(text, start).beginArray();
    while (isPlain && ahead.nextItem()) {
      if (!isFirst) this.out.ascii("\\n");
      isFirst = false;
      isPlain = this.textPart();
    }
    if (!isPlain) {
      this.out.truncate(before);
      return;
    }
    this.out.byte(Ascii.Quote);
    this.copied = end;
  }

  /** Appends the text of a part at `ahead`; false when it is of another kind or holds anything beside its text. */
  private textPart(): bool {
    let isText = false;
    let members = 0;
    let start = 0;
    let end = 0;
    if (!ahead.beginObject()) return false;
    while (ahead.nextKey()) {
      const isType = ahead.keyIs("type");
      const isBody = !isType && ahead.keyIs("text");
      if (!ahead.skipValue() || ahead.valueKind != JsonKind.String) return false;
      members++;
      if (isType) isText = escapedEquals(this.text, ahead.valueStart + 1, ahead.valueEnd - 1, "text");
      else if (isBody) {
        start = ahead.valueStart + 1;
        end = ahead.valueEnd - 1;
      }
    }
    if (!isText || members != 2 || start == 0) return false;
    this.out.range(this.text, start, end);
    return true;
  }

  /** An id of other letters or length becomes one of nine letters, the same one each time. */
  private shortId(start: i32, end: i32): void {
    const id = decodeString(this.text, start, end);
    let fits = id.length == ID_LETTERS;
    // FNV-1a, 64 bit: of the ids of one conversation no two will share their letters.
    let hash: u64 = 0xcbf29ce484222325;
    for (let k = 0; k < id.length; k++) {
      const byte = id.at(k);
      fits = fits && (<u32>(byte - Ascii.Digit0) < 10 || <u32>((byte | 0x20) - Ascii.LowerA) < 26);
      hash = (hash ^ (<u64>byte)) * 0x100000001b3;
    }
    if (fits) return;
    this.put(start, end, '"');
    for (let k = 0; k < ID_LETTERS; k++) {
      this.out.byte(ALPHABET.charCodeAt(<i32>(hash % 62)));
      hash /= 62;
    }
    this.out.byte(Ascii.Quote);
  }
}

function isText(text: View, start: i32, end: i32, word: string): bool {
  return text.at(start) == Ascii.Quote && escapedEquals(text, start + 1, end - 1, word);
}

/** True when the message at offset `at` has this role: its last one, as JSON's readers take it. */
function roleIs(text: View, at: i32, role: string): bool {
  ahead.reset(text, at).beginObject();
  let found = false;
  while (ahead.nextKey()) {
    const isRole = ahead.keyIs("role");
    if (!ahead.skipValue()) return false;
    if (isRole) found = isText(text, ahead.valueStart, ahead.valueEnd, role);
  }
  return found;
}
