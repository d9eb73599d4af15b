// Keys for the tests of RSA and of Google's tokens, and DER to build malformed ones with.
import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** The numbers of an RSA private key in the order of RSAPrivateKey. */
export interface Numbers {
  version: bigint;
  n: bigint;
  e: bigint;
  d: bigint;
  p: bigint;
  q: bigint;
  dp: bigint;
  dq: bigint;
  qi: bigint;
}

export const generate = (modulusLength: number, publicExponent = 65537) => generateKeyPairSync("rsa", { modulusLength, publicExponent });
export const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }) as string;
export const pkcs1 = (key: KeyObject) => key.export({ type: "pkcs1", format: "pem" }) as string;

export const numbersOf = (key: KeyObject): Numbers => {
  const jwk = key.export({ format: "jwk" });
  const number = (text?: string) => BigInt("0x" + Buffer.from(text!, "base64url").toString("hex"));
  return {
    version: 0n,
    n: number(jwk.n),
    e: number(jwk.e),
    d: number(jwk.d),
    p: number(jwk.p),
    q: number(jwk.q),
    dp: number(jwk.dp),
    dq: number(jwk.dq),
    qi: number(jwk.qi),
  };
};

export const element = (tag: number, content: Uint8Array): Buffer => {
  const size = content.length;
  const length =
    size < 0x80
      ? [size]
      : size < 0x100
        ? [0x81, size]
        : size < 0x10000
          ? [0x82, size >> 8, size & 255]
          : [0x83, size >> 16, (size >> 8) & 255, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const bytesOf = (value: bigint) => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? "0" + hex : hex, "hex");
  return bytes[0] > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
};
export const integer = (value: bigint) => element(2, bytesOf(value));
export const pemOf = (label: string, bytes: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;

/** A PKCS#1 key of these numbers, whether they make sense or not. */
export const keyOf = (numbers: Numbers) =>
  pemOf("RSA PRIVATE KEY", element(0x30, Buffer.concat(Object.values(numbers).map((value: bigint) => integer(value)))));

/** Numbers with these primes: everything else follows from them. */
export const fromPrimes = (p: bigint, q: bigint, e = 65537n): Numbers => {
  const d = inverse(e, (p - 1n) * (q - 1n));
  return { version: 0n, n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
};

const inverse = (value: bigint, modulus: bigint) => {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (b) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
};
