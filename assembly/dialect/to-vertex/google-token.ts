// The access token of one service account: taken from the token endpoint's response, kept until shortly before its end.

import { Ascii } from "../../bytes/ascii";
import { Secret } from "../../auth/secret";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";

/** A token that the endpoint gives no life for is taken to have Google's usual one (RFC 6749 leaves it open). */
const USUAL_SECONDS: i64 = 3600;
/** No response makes a token live longer. */
const MAX_SECONDS: i64 = 86400;
/** Bytes of the endpoint's own words that a problem may quote. */
const MAX_QUOTE: i32 = 200;

@final
export class GoogleToken {
  private token: Secret = Secret.none();
  /** Seconds since 1970: when the token ends, and when it should be replaced. */
  expiresAt: i64 = 0;
  private refreshAt: i64 = 0;
  /** Why the last response gave no token, for logs: printable ASCII, no secrets of ours. */
  problem: View = View.empty();

  /** `refreshAhead`: seconds before its end at which the token is to be replaced. */
  constructor(private refreshAhead: i64) {}

  /** True while the token can be used and need not be replaced. Seconds since 1970. */
  isFresh(now: i64): bool {
    return now < this.refreshAt;
  }

  /** True while the token still works, if only until its replacement comes. */
  isValid(now: i64): bool {
    return now < this.expiresAt;
  }

  /** Appends the value of the header authorization. */
  writeInto(out: Buffer): void {
    out.ascii("Bearer ");
    this.token.writeInto(out);
  }

  /** Forgets the token: Google has refused it. */
  clear(): void {
    this.token = Secret.none();
    this.expiresAt = 0;
    this.refreshAt = 0;
  }

  /**
   * Takes over the response to a token request that came with `status` (0: none came). False, with `problem` set, when it
   * holds no token; an older token then stays.
   */
  take(status: i32, body: View, now: i64): bool {
    const doc = new JsonDocument();
    const isJson = doc.parse(body);
    const token = doc.textOf(0, "access_token");
    if (isJson && status >= 200 && status < 300 && isHeaderText(token)) {
      let life = doc.integer(doc.root("expires_in"), USUAL_SECONDS);
      if (life > MAX_SECONDS) life = MAX_SECONDS;
      this.token = new Secret(token.copy());
      this.expiresAt = now + life;
      // A life no longer than refreshAhead would ask for a token with each request.
      this.refreshAt = this.expiresAt - (this.refreshAhead < life >> 1 ? this.refreshAhead : life >> 1);
      this.problem = View.empty();
      return true;
    }
    this.problem = describe(status, isJson ? doc : null);
    return false;
  }
}

/** Something that can stand in a header: printable ASCII without spaces. */
function isHeaderText(text: View): bool {
  for (let k = 0; k < text.length; k++) if (text.at(k) <= Ascii.Space || text.at(k) >= Ascii.Delete) return false;
  return text.length != 0;
}

/** `status 400: invalid_grant: Invalid JWT Signature.` */
function describe(status: i32, doc: JsonDocument | null): View {
  const out = new Buffer(64);
  out.ascii("status ");
  out.integer(status);
  if (doc !== null) {
    // OAuth: error is a word, error_description a sentence. Google's front end: error is an object with status and message.
    const error = doc.root("error");
    quote(out, doc.text(error));
    quote(out, doc.textOf(0, "error_description"));
    quote(out, doc.textOf(error, "status"));
    quote(out, doc.textOf(error, "message"));
  }
  return out.toView();
}

function quote(out: Buffer, words: View): void {
  if (words.length == 0) return;
  out.ascii(": ");
  for (let k = 0; k < words.length && k < MAX_QUOTE; k++) {
    const byte = words.at(k);
    out.byte(byte < Ascii.Space || byte >= Ascii.Delete ? Ascii.QuestionMark : byte);
  }
}
