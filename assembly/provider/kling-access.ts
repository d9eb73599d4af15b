// Kling's access token: a JWT that the plugin signs with the secret key (HS256, RFC 7515), made anew before its half hour is over.

import { Secret } from "../auth/secret";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { Settings } from "../config/settings";
import { writeBase64Url } from "../crypto/base64";
import { hmacSha256, wipe } from "../crypto/hmac";
import { trimmed } from "../http/parameters";
import { writeString } from "../json/text";
import { TokenFetch } from "./side-fetch";

/** `{"alg":"HS256","typ":"JWT"}` */
const HEADER: string = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
/** Seconds, as in Kling's own examples (https://app.klingai.com/global/dev/document-api/apiReference/commonInfo, Nov 2026). */
const LIFE: i64 = 1800;
const CLOCK_SKEW: i64 = 5;

/** It is there at once, so that nobody waits for it. */
@final
export class KlingAccess extends TokenFetch {
  private token: Secret = Secret.none();
  private refreshAt: i64 = 0;

  constructor(private settings: Settings) {
    super(0);
  }

  isUsable(_now: i64): bool {
    return true;
  }

  isFresh(now: i64): bool {
    if (now >= this.refreshAt) this.sign(now);
    return true;
  }

  start(_now: i64): i32 {
    return -1;
  }

  take(_status: i32, _body: View, _now: i64): void {}

  writeInto(out: Buffer): void {
    out.ascii("Bearer ");
    this.token.writeInto(out);
  }

  private sign(now: i64): void {
    const settings = this.settings;
    const ahead = <i64>settings.integer(ProviderField.KLING_TOKEN_REFRESH_AHEAD);
    // A token that is as old as new would be made with each request.
    this.refreshAt = now + LIFE - (ahead < LIFE >> 1 ? ahead : LIFE >> 1);
    const part = new Buffer(256);
    const out = new Buffer(512);
    settings.secret(ProviderField.KLING_ACCESS_KEY).writeInto(out);
    part.ascii('{"iss":');
    writeString(part, trimmed(out.toView()));
    out.clear();
    part.ascii(',"exp":');
    part.integer(now + LIFE);
    part.ascii(',"nbf":');
    part.integer(now - CLOCK_SKEW);
    part.ascii("}");
    out.ascii(HEADER);
    writeBase64Url(out, part.toView());
    part.clear();
    settings.secret(ProviderField.KLING_SECRET_KEY).writeInto(part);
    const mac = new Buffer(32);
    hmacSha256(trimmed(part.toView()), out.toView(), mac);
    wipe(part);
    out.ascii(".");
    writeBase64Url(out, mac.toView());
    this.token = new Secret(out.toView().copy());
  }
}
