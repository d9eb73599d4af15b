// A Google service account: its key file, and the signed assertion that Google's token endpoint gives an access token for.
// Sources: (https://developers.google.com/identity/protocols/oauth2/service-account, Nov 2026); RFC 7515, 7523.

import { Ascii } from "../../bytes/ascii";
import { Secret } from "../../auth/secret";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeBase64Url } from "../../crypto/base64";
import { wipe } from "../../crypto/hmac";
import { RsaPrivateKey } from "../../crypto/rsa";
import { JsonDocument } from "../../json/document";
import { decodeInto, writeString } from "../../json/text";

/** The longest life that Google lets an assertion have. */
const ASSERTION_SECONDS: i64 = 3600;

@final
export class ServiceAccount {
  /** `token_uri`: where the form is posted, and whom the assertion is for. */
  tokenUri: View = View.empty();
  private email: View = View.empty();
  private keyId: View = View.empty();
  private key: RsaPrivateKey;

  /** Reads the key file (JSON text). What it holds of the private key is wiped from all but the key itself. */
  constructor(keyFile: Secret) {
    const text = new Buffer(4096);
    const pem = new Buffer(4096);
    keyFile.writeInto(text);
    const doc = new JsonDocument();
    if (doc.parse(text.toView())) {
      this.email = doc.textOf(0, "client_email").copy();
      this.keyId = doc.textOf(0, "private_key_id").copy();
      this.tokenUri = doc.textOf(0, "token_uri").copy();
      const key = doc.root("private_key");
      if (doc.isString(key)) decodeInto(pem, doc.view, doc.start(key) + 1, doc.end(key) - 1);
    }
    this.key = new RsaPrivateKey(pem.toView());
    wipe(pem);
    wipe(text);
  }

  /** Why the account cannot be used, as one sentence for the operator; "" when it can. */
  get problem(): string {
    if (this.key.problem.length != 0) return "The private_key cannot be used: " + this.key.problem + ".";
    return this.email.length == 0 || this.tokenUri.length == 0 ? "The key file lacks client_email or token_uri." : "";
  }

  /**
   * Appends the form (application/x-www-form-urlencoded) that asks for an access token; `now` in seconds since 1970. False
   * for an account with a problem. Costs a signature: about 7 ms for a key of 2048 bits.
   */
  writeTokenForm(now: i64, out: Buffer): bool {
    if (this.problem.length != 0) return false;
    out.ascii("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=");
    const start = out.length;
    const part = new Buffer(512);
    part.ascii('{"alg":"RS256","typ":"JWT"');
    if (this.keyId.length != 0) writeMember(part, "kid", this.keyId);
    part.byte(Ascii.RightBrace);
    writeBase64Url(out, part.toView());
    out.byte(Ascii.Dot);
    part.clear();
    part.ascii('{"scope":"https://www.googleapis.com/auth/cloud-platform"');
    writeMember(part, "iss", this.email);
    writeMember(part, "aud", this.tokenUri);
    part.ascii(',"iat":');
    part.integer(now);
    part.ascii(',"exp":');
    part.integer(now + ASSERTION_SECONDS);
    part.byte(Ascii.RightBrace);
    writeBase64Url(out, part.toView());
    part.clear();
    if (!this.key.sign(out.toView().slice(start, out.length), part)) return false;
    out.byte(Ascii.Dot);
    writeBase64Url(out, part.toView());
    return !out.overflow;
  }
}

function writeMember(out: Buffer, name: string, value: View): void {
  out.ascii(',"');
  out.ascii(name);
  out.ascii('":');
  writeString(out, value);
}
