// AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, Nov
// 2026): signs host, date, the hash of the body and, of temporary credentials, the session token. It must not know what is called.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { Secret } from "../../auth/secret";
import { writeHex } from "../../bytes/hex";
import { hmacSha256, wipe } from "../../crypto/hmac";
import { sha256 } from "../../crypto/sha256";
import { appendSegment } from "../../http/url";
import { writeAmzDate } from "../../crypto/amz-date";
import { writeCanonicalQuery } from "./canonical-query";

const SIGNED_NAMES: string = "host;x-amz-content-sha256;x-amz-date";
/** Stands behind them with temporary credentials: names are in the order of the alphabet. */
const TOKEN_NAME: string = "x-amz-security-token";
/** Of `20261124T153000Z`: the day alone. */
const DAY_BYTES: i32 = 8;

/** The values of the headers that a signed request carries. */
@final
export class SignedHeaders {
  /** `authorization` */
  authorization: Buffer = new Buffer(320);
  /** `x-amz-date` */
  amzDate: Buffer = new Buffer(16);
  /** `x-amz-content-sha256` */
  contentSha256: Buffer = new Buffer(64);
}

/**
 * Signs one request. `path` is what goes over the wire, escaped once, without query; `query` is without `?`. `host` is the
 * authority that is sent; `sessionToken` the value of `x-amz-security-token`, empty with lasting keys. Times are seconds since 1970.
 * O(body); whoever changes one of these after signing breaks it.
 */
export function signRequest(
  method: View,
  host: View,
  path: View,
  query: View,
  region: View,
  service: View,
  accessKey: Secret,
  secretKey: Secret,
  sessionToken: Secret,
  body: View,
  epochSeconds: i64,
  out: SignedHeaders,
): void {
  out.amzDate.clear();
  writeAmzDate(out.amzDate, epochSeconds);
  const date = out.amzDate.toView();
  out.contentSha256.clear();
  writeHexHash(out.contentSha256, body);

  const canonical = new Buffer(512);
  writeCanonicalRequest(canonical, method, host, path, query, service, sessionToken, out);
  const scope = new Buffer(64);
  writeScope(scope, date, region, service);
  const toSign = new Buffer(256);
  toSign.put("AWS4-HMAC-SHA256\n", date);
  toSign.byte(Ascii.LineFeed);
  toSign.view(scope.toView());
  toSign.byte(Ascii.LineFeed);
  writeHexHash(toSign, canonical.toView());
  wipe(canonical);

  const key = signingKey(secretKey, date.slice(0, DAY_BYTES), region, service);
  const signature = new Buffer(32);
  hmacSha256(key.toView(), toSign.toView(), signature);
  wipe(key);

  const header = out.authorization;
  header.clear();
  header.ascii("AWS4-HMAC-SHA256 Credential=");
  accessKey.writeInto(header);
  header.byte(Ascii.Slash);
  header.view(scope.toView());
  header.ascii(", SignedHeaders=");
  writeNames(header, sessionToken);
  header.ascii(", Signature=");
  writeHex(header, signature.toView());
}

function writeCanonicalRequest(
  out: Buffer,
  method: View,
  host: View,
  path: View,
  query: View,
  service: View,
  sessionToken: Secret,
  headers: SignedHeaders,
): void {
  out.view(method);
  out.byte(Ascii.LineFeed);
  // Every service but S3 escapes the segments once more: %3A on the wire is %253A here.
  if (path.length == 0) out.byte(Ascii.Slash);
  else if (service.equals("s3")) out.view(path);
  else writeEscapedPath(out, path);
  out.byte(Ascii.LineFeed);
  writeCanonicalQuery(out, query);
  out.wrap("\nhost:", host, "\nx-amz-content-sha256:");
  out.view(headers.contentSha256.toView());
  out.put("\nx-amz-date:", headers.amzDate.toView());
  if (!sessionToken.isEmpty) {
    out.byte(Ascii.LineFeed);
    out.ascii(TOKEN_NAME);
    out.byte(Ascii.Colon);
    sessionToken.writeInto(out);
  }
  out.ascii("\n\n");
  writeNames(out, sessionToken);
  out.byte(Ascii.LineFeed);
  out.view(headers.contentSha256.toView());
}

function writeNames(out: Buffer, sessionToken: Secret): void {
  out.ascii(SIGNED_NAMES);
  if (sessionToken.isEmpty) return;
  out.byte(Ascii.Semicolon);
  out.ascii(TOKEN_NAME);
}

function writeEscapedPath(out: Buffer, path: View): void {
  let start = 0;
  while (start <= path.length) {
    let end = path.indexOf(Ascii.Slash, start);
    if (end < 0) end = path.length;
    appendSegment(out, path.slice(start, end));
    if (end < path.length) out.byte(Ascii.Slash);
    start = end + 1;
  }
}

function writeScope(out: Buffer, date: View, region: View, service: View): void {
  out.range(date, 0, DAY_BYTES);
  out.byte(Ascii.Slash);
  out.view(region);
  out.byte(Ascii.Slash);
  out.view(service);
  out.ascii("/aws4_request");
}

/** HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request"): valid for that day, region and service. */
function signingKey(secretKey: Secret, day: View, region: View, service: View): Buffer {
  const first = new Buffer(64);
  first.ascii("AWS4");
  secretKey.writeInto(first);
  const second = new Buffer(32);
  hmacSha256(first.toView(), day, second);
  wipe(first);
  const third = new Buffer(32);
  hmacSha256(second.toView(), region, third);
  wipe(second);
  const fourth = new Buffer(32);
  hmacSha256(third.toView(), service, fourth);
  wipe(third);
  const key = new Buffer(32);
  hmacSha256(fourth.toView(), View.utf8("aws4_request"), key);
  wipe(fourth);
  return key;
}

function writeHexHash(out: Buffer, bytes: View): void {
  const digest = new Buffer(32);
  sha256(bytes, digest);
  writeHex(out, digest.toView());
}
