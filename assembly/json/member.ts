// Members of objects, passed on.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { JsonDocument } from "./document";

/** Appends the member, key and value as they are spelt. */
export function passMember(doc: JsonDocument, member: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  out.view(doc.rawKey(member));
  out.put('":', doc.raw(member));
}
