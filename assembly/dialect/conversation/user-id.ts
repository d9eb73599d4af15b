// The id of a client's user, for OpenAI, which bounds its length.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { writeHex } from "../../bytes/hex";
import { Sha256 } from "../../crypto/sha256";
import { JsonDocument } from "../../json/document";

/** Characters that OpenAI takes in `user` (API reference, read Nov 2026). */
const MAX_USER: i32 = 64;

/** Appends the string `user`; the SHA-256 in hexadecimal digits names the same user where it is too long (Claude Code's is). */
export function writeUserId(doc: JsonDocument, user: i32, out: Buffer): void {
  const text = doc.text(user);
  if (text.length <= MAX_USER) {
    out.view(doc.raw(user));
    return;
  }
  const hash = new Sha256();
  hash.update(text);
  const digest = new Buffer(32);
  hash.finish(digest);
  out.byte(Ascii.Quote);
  writeHex(out, digest.toView());
  out.byte(Ascii.Quote);
}
