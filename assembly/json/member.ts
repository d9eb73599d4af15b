// Members of objects, passed on, and items of lists.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { JsonDocument, NONE } from "./document";

/** The first item of a list; NONE of anything else, whatever members it has. */
export function firstItem(doc: JsonDocument, list: i32): i32 {
  return doc.isArray(list) ? doc.first(list) : NONE;
}

/** Appends the member, key and value as they are spelt. */
export function passMember(doc: JsonDocument, member: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  out.view(doc.rawKey(member));
  out.put('":', doc.raw(member));
}
