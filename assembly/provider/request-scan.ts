// One validating pass over an OpenAI-shaped request body: what the pipeline and the quirks need, as spans.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { isAtSeal } from "../dialect/conversation/seal-members";
import { JsonCursor, JsonFault, JsonKind } from "../json/cursor";
import { ObjectEditor } from "../json/object-editor";
import { PatchList } from "../json/splice";
import { escapesSkipped } from "../json/string-scan";
import { decodeString } from "../json/text";

/** What stands in the messages that some provider does not take: bits of RequestScan.traits. */
export namespace Trait {
  /** A message has the role developer. */
  export const DEVELOPER: i32 = 1;
  /** The content of a message is a list. */
  export const LIST: i32 = 2;
  /** The arguments of a call are no JSON object's text: empty, or null. */
  export const EMPTY_ARGUMENTS: i32 = 4;
  /** A message has thinking of an earlier turn, in reasoning_content. */
  export const THINKING: i32 = 8;
  /** A message or a call has one of SEAL_MEMBERS. */
  export const SEALS: i32 = 16;
}

/** What a value and an escaped character cost more than a byte when a body is written anew (bench/callbacks.ts). */
const VALUE_WEIGHT: i64 = 256;
const ESCAPE_WEIGHT: i64 = 10;

/** read() is never interrupted by another. */
const cursor: JsonCursor = new JsonCursor();

@final
export class RequestScan {
  patches: PatchList;
  editor: ObjectEditor;
  /** What is wrong with the body, and where. */
  fault: JsonFault = JsonFault.None;
  faultAt: i32 = 0;
  /** The body is JSON but no object. */
  notObject: bool = false;
  /** The model is there but is no string, or its name is not in lower case. */
  badModel: bool = false;
  hasModel: bool = false;
  /** Members called `model`. */
  models: i32 = 0;
  /** The last `model`, decoded; to be kept as a copy only. */
  model: View = View.empty();
  stream: bool = false;
  /** Messages with role user. */
  userMessages: i32 = 0;
  hasMessages: bool = false;
  messages: i32 = 0;
  /** Bits of Trait, of the messages as they came. */
  traits: i32 = 0;
  /** readWithin() found more in the body than it may hold. */
  isTooHeavy: bool = false;
  /** It has been read, as one JSON object or not, with this weight. */
  private isRead: bool = false;
  private isObject: bool = false;
  private weight: i64 = 0;
  private body: View = View.empty();
  private window: View = new View(0, 0);

  constructor() {
    const patches = new PatchList();
    this.patches = patches;
    this.editor = new ObjectEditor(View.empty(), patches);
  }

  /** Forgets the last body and everything about it. To be called before read(), and when all is done. */
  reset(body: View): void {
    this.body = body;
    body.aim(this.window, 0, 0);
    this.editor.reset(body);
    this.fault = JsonFault.None;
    this.faultAt = 0;
    this.notObject = false;
    this.badModel = false;
    this.hasModel = false;
    this.models = 0;
    this.model = View.empty();
    this.stream = false;
    this.userMessages = 0;
    this.hasMessages = false;
    this.messages = 0;
    this.traits = 0;
    this.isTooHeavy = false;
    this.isRead = false;
  }

  /**
   * As read(), but false, and isTooHeavy, when the values and escapes of the body weigh more than `room`. What was read already is not read
   * again; nothing must have been edited since.
   */
  readWithin(room: i64): bool {
    if (!this.isRead) {
      const values = <i32>max<i64>(min<i64>(room / VALUE_WEIGHT, i32.MAX_VALUE), 0);
      const escapes = escapesSkipped();
      this.isObject = this.readValues(values);
      const met = <u32>(escapesSkipped() - escapes);
      this.weight = cursor.room < 0 ? i64.MAX_VALUE : <i64>(values - cursor.room + this.messages) * VALUE_WEIGHT + <i64>met * ESCAPE_WEIGHT;
      this.isRead = true;
    }
    this.isTooHeavy = this.weight > room;
    return this.isObject && !this.isTooHeavy;
  }

  /** It was read, and is no JSON object. */
  get isBroken(): bool {
    return this.isRead && !this.isObject;
  }

  /** The body that it was reset for. */
  isOf(body: View): bool {
    return this.body.ptr == body.ptr && this.body.length == body.length;
  }

  /** Reads the whole body; false when it is not one JSON object. */
  read(): bool {
    return this.readValues(i32.MAX_VALUE);
  }

  private readValues(most: i32): bool {
    cursor.reset(this.body);
    cursor.room = most;
    if (cursor.kind() != JsonKind.Object) {
      this.notObject = cursor.skipValue() && cursor.atEnd();
      return this.failed();
    }
    this.editor.start = cursor.position;
    cursor.beginObject();
    while (cursor.nextKey()) if (!this.readMember()) return this.failed();
    if (this.editor.hasTooMany) {
      this.failed();
      this.fault = JsonFault.TooManyValues;
      return false;
    }
    return cursor.fault == JsonFault.None && cursor.atEnd() ? true : this.failed();
  }

  private failed(): bool {
    this.fault = cursor.fault;
    this.faultAt = cursor.position;
    return false;
  }

  private readMember(): bool {
    if (cursor.keyIs("messages") && cursor.kind() == JsonKind.Array) return this.readMessages();
    if (!cursor.skipValue()) return false;
    this.editor.remember(cursor);
    if (cursor.keyIs("model")) {
      this.models++;
      this.hasModel = cursor.valueKind == JsonKind.String;
      if (!this.hasModel && cursor.valueKind != JsonKind.Null) this.badModel = true;
      this.model = this.hasModel ? this.textAt(cursor.valueStart, cursor.valueEnd) : View.empty();
    } else if (cursor.keyIs("stream")) this.stream = cursor.valueKind == JsonKind.True;
    // Readers in Go do not look at the case of names.
    else if (this.looksLikeModel()) this.badModel = true;
    return true;
  }

  /** The last key is `model` but for the case of its letters. */
  private looksLikeModel(): bool {
    const start = cursor.keyStart;
    const end = cursor.keyEnd;
    if (!cursor.keyEscaped) return end - start == 5 && this.body.hasIgnoringCase(start, end, "model");
    return decodeString(this.body, start - 1, end + 1).equalsIgnoreCase("model");
  }

  /** The text of the string at `[start, end)`, shown where it stands when nothing is escaped: valid as long as the body. */
  private textAt(start: i32, end: i32): View {
    this.body.aim(this.window, start + 1, end - 1);
    return this.window.indexOf(Ascii.Backslash) < 0 ? this.window : decodeString(this.body, start, end);
  }

  /** Descends instead of passing over, so that the roles are known after the same single pass. */
  private readMessages(): bool {
    const keyStart = cursor.keyStart;
    const keyEnd = cursor.keyEnd;
    const start = cursor.position;
    this.hasMessages = true;
    this.userMessages = 0;
    this.messages = 0;
    cursor.beginArray();
    while (cursor.nextItem()) {
      this.messages++;
      if (!cursor.beginObject()) {
        if (!cursor.skipValue()) return false;
        continue;
      }
      while (cursor.nextKey()) if (!this.readMessageMember()) return false;
    }
    if (cursor.fault != JsonFault.None) return false;
    this.editor.rememberSpan(keyStart, keyEnd, start, cursor.position, JsonKind.Array);
    return true;
  }

  private readMessageMember(): bool {
    if (cursor.keyIs("tool_calls")) return this.readCalls();
    const isRole = cursor.keyIs("role");
    const isContent = !isRole && cursor.keyIs("content");
    if (!cursor.skipValue()) return false;
    if (isRole) this.takeRole(cursor.valueStart, cursor.valueEnd);
    else if (isContent && cursor.valueKind == JsonKind.Array) this.traits |= Trait.LIST;
    else if (cursor.keyIs("reasoning_content")) this.traits |= Trait.THINKING;
    else if (isAtSeal(cursor)) this.traits |= Trait.SEALS;
    return true;
  }

  private takeRole(start: i32, end: i32): void {
    if (this.body.equalsRange(start, end, '"user"')) this.userMessages++;
    else if (this.body.equalsRange(start, end, '"developer"')) this.traits |= Trait.DEVELOPER;
  }

  private readCalls(): bool {
    if (!cursor.beginArray()) return cursor.skipValue();
    while (cursor.nextItem()) {
      if (!cursor.beginObject()) {
        if (!cursor.skipValue()) return false;
        continue;
      }
      while (cursor.nextKey()) {
        const isFunction = cursor.keyIs("function");
        if (isFunction && cursor.beginObject()) {
          while (cursor.nextKey()) {
            const isArguments = cursor.keyIs("arguments");
            if (!cursor.skipValue()) return false;
            if (isArguments && saysNothing(this.body, cursor.valueStart, cursor.valueEnd)) this.traits |= Trait.EMPTY_ARGUMENTS;
          }
        } else if (!cursor.skipValue()) return false;
        else if (isAtSeal(cursor)) this.traits |= Trait.SEALS;
      }
    }
    return cursor.fault == JsonFault.None;
  }
}

/** True for arguments that clients send for a call without any: null, or a string of nothing or null. */
export function saysNothing(text: View, start: i32, end: i32): bool {
  if (end - start > 6) return false;
  return text.equalsRange(start, end, '""') || text.equalsRange(start, end, '"null"') || text.equalsRange(start, end, "null");
}
