// AWS signatures with a memory interface: the target first, then the rest.
import "../../../assembly/host/abort";
import { Secret } from "../../../assembly/auth/secret";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { SignedHeaders, signRequest } from "../../../assembly/dialect/to-bedrock/sigv4";

function take(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

let method: View = View.empty();
let host: View = View.empty();
let path_: View = View.empty();
let query: View = View.empty();

export function signTarget(verb: ArrayBuffer, authority: ArrayBuffer, target: ArrayBuffer, search: ArrayBuffer): void {
  method = View.of(verb).copy();
  host = View.of(authority).copy();
  path_ = View.of(target).copy();
  query = View.of(search).copy();
}

/** authorization, date, content hash; one a line. */
export function sign(
  region: ArrayBuffer,
  service: ArrayBuffer,
  accessKey: ArrayBuffer,
  secretKey: ArrayBuffer,
  sessionToken: ArrayBuffer,
  body: ArrayBuffer,
  seconds: f64,
): ArrayBuffer {
  const signed = new SignedHeaders();
  signRequest(
    method,
    host,
    path_,
    query,
    View.of(region),
    View.of(service),
    new Secret(View.of(accessKey)),
    new Secret(View.of(secretKey)),
    new Secret(View.of(sessionToken)),
    View.of(body),
    <i64>seconds,
    signed,
  );
  const out = new Buffer(256);
  out.view(signed.authorization.toView());
  out.byte(0x0a);
  out.view(signed.amzDate.toView());
  out.byte(0x0a);
  out.view(signed.contentSha256.toView());
  return take(out);
}
