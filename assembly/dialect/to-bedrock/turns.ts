// The list of messages while it is written. Converse wants turns of user and assistant to alternate and none to be empty, so
// a message is opened by its first block and goes on as long as the role stays.

import { Ascii } from "../../bytes/ascii";
import { Draft } from "../conversation/draft";
import { JsonDocument } from "../../json/document";

/** Where blocks go. */
export const enum Place {
  None,
  User,
  Assistant,
  /** The `system` list. */
  System,
  /** The content of a toolResult. */
  Result,
}

@final
export class Turns {
  /** The role of the open message: None, User or Assistant. */
  open: Place = Place.None;
  /** Documents written so far: two of one name are refused, so names are numbered. */
  documents: i32 = 0;

  constructor(public draft: Draft) {}

  /** Makes room for a block: opens a message when the role changes, writes a comma when one is due. */
  begin(place: Place): void {
    const draft = this.draft;
    if ((place == Place.User || place == Place.Assistant) && this.open != place) {
      this.close();
      draft.separate();
      draft.out.ascii(place == Place.User ? '{"role":"user","content":[' : '{"role":"assistant","content":[');
      this.open = place;
      return;
    }
    draft.separate();
  }

  /** Ends the open message, if there is one. */
  close(): void {
    if (this.open != Place.None) this.draft.out.ascii("]}");
    this.open = Place.None;
  }

  /** Writes a cachePoint behind the blocks before it. `ttl` is ASCII, "" for Bedrock's five minutes. */
  cachePoint(place: Place, ttl: string): void {
    // A cache point with nothing before it is a 400 ("There is nothing available to cache", seen 2026), and results take none.
    if (place == Place.Result || ((place == Place.User || place == Place.Assistant) && this.open != place)) return;
    if (this.draft.out.at(this.draft.out.length - 1) == Ascii.LeftBracket) return;
    this.begin(place);
    this.draft.out.ascii('{"cachePoint":{"type":"default"');
    if (ttl.length != 0) {
      this.draft.out.ascii(',"ttl":"');
      this.draft.out.ascii(ttl);
      this.draft.out.byte(Ascii.Quote);
    }
    this.draft.out.ascii("}}");
  }

  /** Writes a cachePoint when `holder` (part, message or tool) carries Anthropic's cache_control. */
  cachePointOf(place: Place, holder: i32): void {
    const doc = this.draft.doc;
    const control = doc.get(holder, "cache_control");
    if (doc.isObject(control)) this.cachePoint(place, ttlOf(doc, control));
  }
}

/** The lifetime that a cache_control asks for: "1h" or "". */
export function ttlOf(doc: JsonDocument, control: i32): string {
  return doc.memberIs(control, "ttl", "1h") ? "1h" : "";
}
