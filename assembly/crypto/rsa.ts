// RSA signatures (RFC 8017, RSASSA-PKCS1-v1_5 with SHA-256) under a private key from PEM: PKCS#8 or PKCS#1. A key is
// refused when it is malformed; one whose numbers do not belong together never yields a signature.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Der, OCTETS, OID, SEQUENCE } from "./der";
import { wipe } from "./hmac";
import { Montgomery } from "./montgomery";
import { bitsOf, erase, limbsOf, multiplyAdd, readNatural, sameNatural, writeNatural } from "./naturals";
import { readPem } from "./pem";
import { sha256 } from "./sha256";

/** Sizes of the modulus in bits: below, no signature is worth its name; above, one costs too much time in a gateway. */
const MIN_BITS: i32 = 1024;
const MAX_BITS: i32 = 4096;
/** A key of 4096 bits takes 2.4 KB. */
const MAX_DER_BYTES: i32 = 8 << 10;
/** 1.2.840.113549.1.1.1, rsaEncryption. */
const RSA_OID: StaticArray<u8> = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/** DigestInfo of a SHA-256, up to the digest. */
// prettier-ignore
const DIGEST_INFO: StaticArray<u8> = [
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];

@final
export class RsaPrivateKey {
  /** Why the key cannot be used, as half a sentence; "" when it can. */
  problem: string = "";
  /** Bytes of the modulus, and of a signature. */
  size: i32 = 0;
  private modulus: StaticArray<u32> = [];
  private publicExponent: u32 = 0;
  private p: StaticArray<u32> = [];
  private q: StaticArray<u32> = [];
  /** d mod (p - 1), d mod (q - 1), 1 / q mod p. */
  private exponentP: StaticArray<u32> = [];
  private exponentQ: StaticArray<u32> = [];
  private coefficient: StaticArray<u32> = [];

  /** Reads the first private key in `pem`. The text may go afterwards. */
  constructor(pem: View) {
    const der = Buffer.capped(2560, MAX_DER_BYTES);
    if (readPem(pem, "PRIVATE KEY", der)) this.readPkcs8(der.toView());
    else {
      wipe(der);
      if (readPem(pem, "RSA PRIVATE KEY", der)) this.readPkcs1(der.toView());
      else this.problem = "it is no unencrypted private key in PEM form";
    }
    wipe(der);
  }

  /** PrivateKeyInfo (RFC 5208): version, algorithm, key. Attributes may follow. */
  private readPkcs8(bytes: View): void {
    const outer = new Der(bytes);
    const info = outer.enter(SEQUENCE);
    info.natural();
    const algorithm = info.enter(SEQUENCE).read(OID);
    let isRsa = algorithm.length == RSA_OID.length;
    for (let k = 0; k < algorithm.length && isRsa; k++) isRsa = algorithm.at(k) == <i32>RSA_OID[k];
    const key = info.read(OCTETS);
    if (info.failed || !isRsa || !outer.atEnd) this.problem = "it is no RSA key";
    else this.readPkcs1(key);
  }

  /** RSAPrivateKey (RFC 8017, A.1.2) of two primes. */
  private readPkcs1(bytes: View): void {
    const outer = new Der(bytes);
    const der = outer.enter(SEQUENCE);
    const version = der.natural();
    const modulus = der.natural();
    const exponent = der.natural();
    der.natural();
    const p = der.natural();
    const q = der.natural();
    const exponentP = der.natural();
    const exponentQ = der.natural();
    const coefficient = der.natural();
    const bits = bitsOf(modulus);
    if (der.failed || version.length != 0 || !outer.atEnd) this.problem = "it is no RSA key";
    else if (bits < MIN_BITS || bits > MAX_BITS) this.problem = "it must have 1024 to 4096 bits";
    else if (!this.setPrimes(modulus, exponent, p, q)) this.problem = "its numbers do not belong together";
    else {
      this.exponentP = readNatural(exponentP, this.p.length);
      this.exponentQ = readNatural(exponentQ, this.p.length);
      this.coefficient = readNatural(coefficient, this.p.length);
    }
  }

  /** False unless the primes, of about one size, are odd and make up the modulus, and the public exponent is a usual one. */
  private setPrimes(modulus: View, exponent: View, p: View, q: View): bool {
    const bytes = p.length > q.length ? p.length : q.length;
    const limbs = (bytes + 3) >> 2;
    // Wide enough to make up the modulus, eight bytes off balance at most: so the modulus bounds what a signature costs.
    if (modulus.length > limbs << 3 || bytes << 1 > modulus.length + 8) return false;
    if (exponent.length == 0 || exponent.length > 4) return false;
    this.size = modulus.length;
    this.p = readNatural(p, limbs);
    this.q = readNatural(q, limbs);
    this.modulus = readNatural(modulus, limbs << 1);
    this.publicExponent = readNatural(exponent, 1)[0];
    const product = multiplyAdd(this.p, this.q, new StaticArray<u32>(limbs));
    return (this.modulus[0] & this.publicExponent & 1) == 1 && sameNatural(product, this.modulus);
  }

  /**
   * Appends the signature of `message`, `size` bytes. False, and nothing appended, for a key with a problem, also one that
   * shows only now: the signature is checked with the public exponent before it goes out, as a wrong one could give the
   * primes away. A key of 2048 bits takes about 7 ms, one of 4096 about 50 (node, release build).
   */
  sign(message: View, out: Buffer): bool {
    if (this.problem.length != 0) return false;
    const encoded = new Buffer(this.size);
    this.encode(message, encoded);
    const number = readNatural(encoded.toView(), this.modulus.length);
    const signature = this.raise(number);
    if (!this.isSignature(signature, number)) {
      this.problem = "its numbers do not belong together";
      return false;
    }
    writeNatural(signature, this.size, out);
    return !out.overflow;
  }

  /** EMSA-PKCS1-v1_5: 00 01 FF … FF 00 DigestInfo. */
  private encode(message: View, out: Buffer): void {
    out.byte(0);
    out.byte(1);
    const padding = this.size - DIGEST_INFO.length - 32 - 1;
    while (out.length < padding) out.byte(0xff);
    out.byte(0);
    for (let k = 0; k < DIGEST_INFO.length; k++) out.byte(DIGEST_INFO[k]);
    sha256(message, out);
  }

  /** number ^ d mod modulus, by the Chinese remainder theorem: two powers of half the width. */
  private raise(number: StaticArray<u32>): StaticArray<u32> {
    const limbs = this.p.length;
    const modP = new Montgomery(this.p);
    const modQ = new Montgomery(this.q);
    const low = limbsOf(number, 0, limbs);
    const high = limbsOf(number, limbs, limbs << 1);
    const p = powerOfWide(modP, low, high, this.exponentP);
    const q = powerOfWide(modQ, low, high, this.exponentQ);
    modQ.leave(q, q);
    // q + this.q * ((p - q) / this.q mod this.p); the coefficient is a plain number, so the product is one as well.
    const rest = new StaticArray<u32>(limbs);
    modP.enter(q, rest);
    modP.subtract(p, rest, rest);
    modP.multiply(rest, this.coefficient, rest);
    const signature = multiplyAdd(this.q, rest, q);
    erase(p);
    erase(q);
    erase(rest);
    return signature;
  }

  private isSignature(signature: StaticArray<u32>, number: StaticArray<u32>): bool {
    const modulus = new Montgomery(this.modulus);
    const base = new StaticArray<u32>(number.length);
    const check = new StaticArray<u32>(number.length);
    modulus.enter(signature, base);
    modulus.powerOfPublic(base, this.publicExponent, check);
    modulus.leave(check, check);
    return sameNatural(check, number);
  }
}

/** (low + R * high) ^ exponent, in Montgomery's form: R * high is high in the form, once more in the form. */
function powerOfWide(modulus: Montgomery, low: StaticArray<u32>, high: StaticArray<u32>, exponent: StaticArray<u32>): StaticArray<u32> {
  const base = new StaticArray<u32>(low.length);
  const result = new StaticArray<u32>(low.length);
  modulus.enter(high, result);
  modulus.enter(result, result);
  modulus.enter(low, base);
  modulus.add(base, result, base);
  modulus.power(base, exponent, result);
  erase(base);
  return result;
}
