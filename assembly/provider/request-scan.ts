// One validating pass over an OpenAI-shaped request body: what the pipeline and the quirks need, as spans.

import { View } from "../bytes/view";
import { JsonCursor, JsonFault, JsonKind } from "../json/cursor";
import { ObjectEditor } from "../json/object-editor";
import { PatchList } from "../json/splice";
import { decodeString } from "../json/text";

const SYSTEM: View = View.utf8('"system"');

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
  /** The model is there but is no string. */
  badModel: bool = false;
  hasModel: bool = false;
  /** The last `model`, decoded. */
  model: View = View.empty();
  stream: bool = false;
  /** Messages with role user. */
  userMessages: i32 = 0;
  hasMessages: bool = false;
  messages: i32 = 0;
  /** Spans of the role values that are "developer", with quotes. */
  private developerRoles: Array<i32> | null = null;
  private body: View = View.empty();

  constructor() {
    const patches = new PatchList();
    this.patches = patches;
    this.editor = new ObjectEditor(View.empty(), patches);
  }

  /** Forgets the last body and everything about it. To be called before read(), and when all is done. */
  reset(body: View): void {
    this.body = body;
    this.editor.reset(body);
    this.fault = JsonFault.None;
    this.faultAt = 0;
    this.notObject = false;
    this.badModel = false;
    this.hasModel = false;
    this.model = View.empty();
    this.stream = false;
    this.userMessages = 0;
    this.hasMessages = false;
    this.messages = 0;
    this.developerRoles = null;
  }

  /** Reads the whole body; false when it is not one JSON object. */
  read(): bool {
    cursor.reset(this.body);
    if (cursor.kind() != JsonKind.Object) {
      this.notObject = cursor.skipValue() && cursor.atEnd();
      return this.failed();
    }
    this.editor.start = cursor.position;
    cursor.beginObject();
    while (cursor.nextKey()) if (!this.readMember()) return this.failed();
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
      this.hasModel = cursor.valueKind == JsonKind.String;
      this.badModel = !this.hasModel && cursor.valueKind != JsonKind.Null;
      this.model = this.hasModel ? decodeString(this.body, cursor.valueStart, cursor.valueEnd) : View.empty();
    } else if (cursor.keyIs("stream")) this.stream = cursor.valueKind == JsonKind.True;
    return true;
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
      while (cursor.nextKey()) {
        const isRole = cursor.keyIs("role");
        if (!cursor.skipValue()) return false;
        if (isRole) this.takeRole(cursor.valueStart, cursor.valueEnd);
      }
    }
    if (cursor.fault != JsonFault.None) return false;
    this.editor.rememberSpan(keyStart, keyEnd, start, cursor.position, JsonKind.Array);
    return true;
  }

  private takeRole(start: i32, end: i32): void {
    if (this.body.equalsRange(start, end, '"user"')) this.userMessages++;
    else if (this.body.equalsRange(start, end, '"developer"')) {
      let roles = this.developerRoles;
      if (roles === null) {
        roles = [];
        this.developerRoles = roles;
      }
      roles.push(start);
      roles.push(end);
    }
  }

  /** Turns every developer role into system. */
  replaceDeveloperRoles(): void {
    const roles = this.developerRoles;
    if (roles === null) return;
    for (let k = 0; k + 1 < roles.length; k += 2) this.patches.replace(roles[k], roles[k + 1], SYSTEM);
  }
}
