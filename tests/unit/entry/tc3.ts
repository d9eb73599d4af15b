// Tencent Cloud signatures with a memory interface: the target first, then the rest.
import "../../../assembly/host/abort";
import { Secret } from "../../../assembly/auth/secret";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { Tc3Headers, signTc3 } from "../../../assembly/dialect/to-hunyuan/tc3";

const signed = new Tc3Headers();
let host: View = View.empty();
let service: View = View.empty();
let action: View = View.empty();
let contentType: View = View.empty();

export function signTarget(authority: ArrayBuffer, product: ArrayBuffer, verb: ArrayBuffer, type: ArrayBuffer): void {
  host = View.of(authority).copy();
  service = View.of(product).copy();
  action = View.of(verb).copy();
  contentType = View.of(type).copy();
}

/** authorization and timestamp, one a line. The headers object is the same for all calls. */
export function sign(secretId: ArrayBuffer, secretKey: ArrayBuffer, body: ArrayBuffer, seconds: f64): ArrayBuffer {
  const id = View.of(secretId);
  signTc3(host, service, action, contentType, id, new Secret(View.of(secretKey)), View.of(body), <i64>seconds, signed);
  const out = new Buffer(256);
  out.view(signed.authorization.toView());
  out.byte(0x0a);
  out.view(signed.timestamp.toView());
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}
