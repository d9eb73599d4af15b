// RSA private keys and their signatures with a memory interface, and what they are made of.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { Der, INTEGER, SEQUENCE } from "../../../assembly/crypto/der";
import { Montgomery } from "../../../assembly/crypto/montgomery";
import { bitsOf, multiplyAdd, readNatural, writeNatural } from "../../../assembly/crypto/naturals";
import { readPem } from "../../../assembly/crypto/pem";
import { RsaPrivateKey } from "../../../assembly/crypto/rsa";

function take(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

function bytesOf(value: StaticArray<u32>): ArrayBuffer {
  const out = new Buffer(256);
  writeNatural(value, value.length << 2, out);
  return take(out);
}

let key: RsaPrivateKey = new RsaPrivateKey(View.empty());

/** The key's problem. */
export function readKey(pem: ArrayBuffer): ArrayBuffer {
  key = new RsaPrivateKey(View.of(pem));
  return String.UTF8.encode(key.problem);
}

/** The signature; nothing when there is none. */
export function sign(message: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const signed = key.sign(View.of(message), out);
  return signed == out.length > 0 ? take(out) : String.UTF8.encode("bytes without a signature, or the other way round");
}

export function problem(): ArrayBuffer {
  return String.UTF8.encode(key.problem);
}

/** The block's bytes, or `!`. */
export function pem(text: ArrayBuffer, label: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  return readPem(View.of(text), View.of(label).toString(), out) ? take(out) : String.UTF8.encode("!");
}

/** Contents of the first element with the tag, or `!`. */
export function der(bytes: ArrayBuffer, tag: i32): ArrayBuffer {
  const reader = new Der(View.of(bytes));
  const out = new Buffer(256);
  let last = reader;
  if (tag == INTEGER) out.view(reader.natural());
  else if (tag == SEQUENCE) {
    last = reader.enter(SEQUENCE);
    out.view(last.natural());
  } else out.view(reader.read(tag));
  return last.failed ? String.UTF8.encode("!") : take(out);
}

export function bits(bytes: ArrayBuffer): i32 {
  return bitsOf(View.of(bytes));
}

/** a * b + c in `limbs` limbs each. */
export function product(a: ArrayBuffer, b: ArrayBuffer, c: ArrayBuffer, limbs: i32): ArrayBuffer {
  return bytesOf(multiplyAdd(readNatural(View.of(a), limbs), readNatural(View.of(b), limbs), readNatural(View.of(c), limbs)));
}

/** base ^ exponent mod modulus; `open` for the method that public exponents take. */
export function power(base: ArrayBuffer, exponent: ArrayBuffer, modulus: ArrayBuffer, limbs: i32, open: bool): ArrayBuffer {
  const group = new Montgomery(readNatural(View.of(modulus), limbs));
  const number = readNatural(View.of(base), limbs);
  const out = new StaticArray<u32>(limbs);
  group.enter(number, number);
  const secret = readNatural(View.of(exponent), limbs);
  if (open) group.powerOfPublic(number, secret[0], out);
  else group.power(number, secret, out);
  group.leave(out, out);
  return bytesOf(out);
}

/** (a + b) - c mod modulus, all below it. */
export function sum(a: ArrayBuffer, b: ArrayBuffer, c: ArrayBuffer, modulus: ArrayBuffer, limbs: i32): ArrayBuffer {
  const group = new Montgomery(readNatural(View.of(modulus), limbs));
  const out = new StaticArray<u32>(limbs);
  group.add(readNatural(View.of(a), limbs), readNatural(View.of(b), limbs), out);
  group.subtract(out, readNatural(View.of(c), limbs), out);
  return bytesOf(out);
}

/** Numbers of other widths than the modulus, which must neither trap nor be written to. */
export function misfit(limbs: i32): i32 {
  const group = new Montgomery(readNatural(View.utf8("an odd modulus, as y is odd: y"), 8));
  const number = new StaticArray<u32>(limbs);
  group.multiply(number, number, number);
  group.add(number, number, number);
  group.subtract(number, number, number);
  group.power(number, number, number);
  group.powerOfPublic(number, 3, number);
  group.leave(number, number);
  return number.length;
}

/** Frees everything unreachable; called when nothing is on the stack. */
export function collect(): void {
  __collect();
}
