// Tencent Cloud's signature version 3, TC3-HMAC-SHA256 (https://cloud.tencent.com/document/api/1729/101843, Nov 2026): signs
// content type, host, action and the hash of the body. It must not know what is called.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { lowered } from "../../bytes/lowered";
import { View } from "../../bytes/view";
import { Secret } from "../../auth/secret";
import { writeHex } from "../../bytes/hex";
import { hmacSha256, wipe } from "../../crypto/hmac";
import { sha256 } from "../../crypto/sha256";
import { writeAmzDate } from "../../crypto/amz-date";

const SIGNED_NAMES: string = "content-type;host;x-tc-action";
const SCOPE_END: string = "/tc3_request";
/** Later times would not have ten digits; the date of the scope and the timestamp must agree. */
const LATEST: i64 = 9999999999;

/** The values of the headers that a signed request carries; X-TC-Action and X-TC-Version are the caller's. */
@final
export class Tc3Headers {
  /** `authorization` */
  authorization: Buffer = new Buffer(288);
  /** `x-tc-timestamp`: seconds since 1970. */
  timestamp: Buffer = new Buffer(16);
}

/**
 * Signs `POST /` without a query, the only form that JSON calls have. `contentType`, `host` and `action` are what is sent;
 * `service` is the first label of the host. `epochSeconds` (since 1970) may differ by five minutes at most from Tencent's
 * clock. O(body); whoever changes one of these after signing breaks it. X-TC-Region, which some services want, is not signed.
 */
export function signTc3(
  host: View,
  service: View,
  action: View,
  contentType: View,
  secretId: View,
  secretKey: Secret,
  body: View,
  epochSeconds: i64,
  out: Tc3Headers,
): void {
  const time = epochSeconds < 0 ? 0 : epochSeconds > LATEST ? LATEST : epochSeconds;
  out.timestamp.clear();
  out.timestamp.integer(time);
  const day = new Buffer(16);
  writeDay(day, time);
  const scope = new Buffer(64);
  scope.view(day.toView());
  scope.byte(Ascii.Slash);
  scope.view(service);
  scope.ascii(SCOPE_END);

  const canonical = new Buffer(256);
  writeCanonicalRequest(canonical, host, action, contentType, body);
  const toSign = new Buffer(192);
  toSign.put("TC3-HMAC-SHA256\n", out.timestamp.toView());
  toSign.byte(Ascii.LineFeed);
  toSign.view(scope.toView());
  toSign.byte(Ascii.LineFeed);
  writeHexHash(toSign, canonical.toView());

  const key = signingKey(secretKey, day.toView(), service);
  const signature = new Buffer(32);
  hmacSha256(key.toView(), toSign.toView(), signature);
  wipe(key);

  const header = out.authorization;
  header.clear();
  header.put("TC3-HMAC-SHA256 Credential=", secretId);
  header.byte(Ascii.Slash);
  header.view(scope.toView());
  header.ascii(", SignedHeaders=");
  header.ascii(SIGNED_NAMES);
  header.ascii(", Signature=");
  writeHex(header, signature.toView());
}

/** The UTC day as `2026-11-24`. */
function writeDay(out: Buffer, epochSeconds: i64): void {
  const date = new Buffer(16);
  writeAmzDate(date, epochSeconds);
  const view = date.toView();
  out.range(view, 0, 4);
  out.byte(Ascii.Hyphen);
  out.range(view, 4, 6);
  out.byte(Ascii.Hyphen);
  out.range(view, 6, 8);
}

/** Values are signed without spaces at their ends and in lower case. */
function writeCanonicalRequest(out: Buffer, host: View, action: View, contentType: View, body: View): void {
  out.wrap("POST\n/\n\ncontent-type:", lowered(contentType.trim()), "\nhost:");
  out.view(lowered(host.trim()));
  out.wrap("\nx-tc-action:", lowered(action.trim()), "\n\n");
  out.ascii(SIGNED_NAMES);
  out.byte(Ascii.LineFeed);
  writeHexHash(out, body);
}

/** HMAC(HMAC(HMAC("TC3" + secret, day), service), "tc3_request"): valid for that day and service. */
function signingKey(secretKey: Secret, day: View, service: View): Buffer {
  const first = new Buffer(64);
  first.ascii("TC3");
  secretKey.writeInto(first);
  const second = new Buffer(32);
  hmacSha256(first.toView(), day, second);
  wipe(first);
  const third = new Buffer(32);
  hmacSha256(second.toView(), service, third);
  wipe(second);
  const key = new Buffer(32);
  hmacSha256(third.toView(), View.utf8("tc3_request"), key);
  wipe(third);
  return key;
}

function writeHexHash(out: Buffer, bytes: View): void {
  const digest = new Buffer(32);
  sha256(bytes, digest);
  writeHex(out, digest.toView());
}
