// RSA: signatures against node's, keys of all sizes and forms, malformed ones, and the arithmetic against BigInt.
import { createSign, createVerify, generateKeyPairSync, generatePrimeSync, randomBytes, type KeyObject } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { element, fromPrimes, generate, integer, keyOf, numbersOf, pemOf, pkcs1, pkcs8 } from "./rsa-support";
import { loadUnits, type Units } from "./units";

let units: Units;
let key: { publicKey: KeyObject; privateKey: KeyObject };
beforeAll(() => {
  units = loadUnits("rsa");
  key = generate(2048);
}, 90_000);

const readKey = (pem: string | Uint8Array) => units.text(units.exports.readKey(units.put(pem)));
const sign = (message: string | Uint8Array) => Buffer.from(units.get(units.exports.sign(units.put(message))));
const isSignature = (signature: Uint8Array, message: string | Uint8Array, publicKey = key.publicKey) =>
  createVerify("RSA-SHA256").update(message).verify(publicKey, signature);

describe("signatures", () => {
  it.each([1024, 2048, 3072, 4096])(
    "of %d bits are node's, byte by byte",
    (bits) => {
      const { privateKey, publicKey } = generate(bits);
      expect(readKey(pkcs8(privateKey))).toBe("");
      for (const message of ["", "abc", randomBytes(1000)]) {
        const signature = sign(message);
        expect(signature.length).toBe(bits / 8);
        expect(signature.equals(createSign("RSA-SHA256").update(message).sign(privateKey))).toBe(true);
        expect(isSignature(signature, message, publicKey)).toBe(true);
      }
    },
    60_000,
  );

  it("are made with keys of sizes that fill no whole limbs", () => {
    for (const bits of [1030, 1056, 1500, 2047, 2050]) {
      const { privateKey, publicKey } = generate(bits);
      expect(readKey(pkcs8(privateKey)), String(bits)).toBe("");
      expect(isSignature(sign("m"), "m", publicKey), String(bits)).toBe(true);
    }
  }, 60_000);

  it("are made with any usual public exponent", () => {
    for (const exponent of [3, 17, 257, 4294967291]) {
      const { privateKey, publicKey } = generate(1024, exponent);
      expect(readKey(pkcs1(privateKey)), String(exponent)).toBe("");
      expect(isSignature(sign("m"), "m", publicKey), String(exponent)).toBe(true);
    }
  }, 60_000);

  it("are made whichever prime is the larger, and when one is a little wider", () => {
    const prime = (bits: number) => generatePrimeSync(bits, { bigint: true });
    for (const [left, right] of [
      [512, 512],
      [512, 512],
      [520, 504],
      [504, 520],
      [1040, 1008],
    ]) {
      const numbers = fromPrimes(prime(left), prime(right));
      for (const some of [numbers, fromPrimes(numbers.q, numbers.p)]) {
        expect(readKey(keyOf(some))).toBe("");
        const signature = BigInt("0x" + sign("m").toString("hex"));
        expect(modPow(signature, some.e, some.n).toString(16)).toMatch(/^1f+00303130/);
      }
    }
  }, 60_000);

  it("take less than 20 ms with 2048 bits", () => {
    readKey(pkcs8(key.privateKey));
    const message = units.put("m");
    let best = Infinity;
    // On a busy machine it takes a while until V8 has compiled the loops well.
    for (const end = performance.now() + 10_000; best >= 20 && performance.now() < end;) {
      const start = performance.now();
      units.exports.sign(message);
      best = Math.min(best, performance.now() - start);
    }
    expect(best).toBeLessThan(20);
  }, 60_000);
});

describe("keys", () => {
  it("are read from PKCS#8 and from PKCS#1, with text around them and with CRLF", () => {
    for (const pem of [
      pkcs8(key.privateKey),
      pkcs1(key.privateKey),
      `hello --\n-----BEGIN X-----\n${pkcs1(key.privateKey)}tail`,
      pkcs8(key.privateKey).replaceAll("\n", "\r\n"),
      pkcs8(key.privateKey).replace(/(?<=[^-])\n(?=[^-])/g, ""),
    ]) {
      expect(readKey(pem)).toBe("");
      expect(isSignature(sign("m"), "m")).toBe(true);
    }
  });

  it("of other kinds are refused", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 1024 }).privateKey;
    expect(readKey(pkcs8(ec))).toBe("it is no RSA key");
    expect(readKey(pkcs8(pss))).toBe("it is no RSA key");
    expect(sign("m").length).toBe(0);
    for (const pem of [
      "",
      "x",
      key.publicKey.export({ type: "spki", format: "pem" }) as string,
      key.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" }) as string,
      pkcs8(key.privateKey).slice(0, 900),
    ]) {
      expect(readKey(pem)).toBe("it is no unencrypted private key in PEM form");
      expect(sign("m").length).toBe(0);
    }
  });

  it("under 1024 and over 4096 bits are refused", () => {
    expect(readKey(pkcs8(generate(1016).privateKey))).toBe("it must have 1024 to 4096 bits");
    const numbers = numbersOf(key.privateKey);
    expect(readKey(keyOf({ ...numbers, n: (1n << 4096n) + 1n }))).toBe("it must have 1024 to 4096 bits");
    expect(readKey(keyOf({ ...numbers, n: 0n }))).toBe("it must have 1024 to 4096 bits");
    expect(readKey(pemOf("RSA PRIVATE KEY", randomBytes(9000)))).toBe("it is no unencrypted private key in PEM form");
  });

  it("of more than two primes are refused", () => {
    expect(readKey(keyOf({ ...numbersOf(key.privateKey), version: 1n }))).toBe("it is no RSA key");
  });

  it("whose numbers do not belong together never sign", () => {
    const good = numbersOf(key.privateKey);
    expect(readKey(keyOf(good))).toBe("");
    const MISFIT = "its numbers do not belong together";
    const changes: [Partial<typeof good>, boolean][] = [
      [{ p: good.q }, true],
      [{ p: 0n, q: 0n }, true],
      [{ p: 1n, q: good.n }, true],
      [{ p: good.n, q: 1n }, true],
      [{ p: good.p + 2n }, true],
      [{ n: good.n + 2n }, true],
      [{ n: good.n - 1n }, true],
      [{ e: 0n }, true],
      [{ e: 65536n }, true],
      [{ e: 1n << 40n }, true],
      [{ e: 3n }, false],
      [{ e: 1n }, false],
      [{ dp: good.dp + 2n }, false],
      [{ dq: 0n }, false],
      [{ qi: good.qi + 1n }, false],
      [{ qi: 0n }, false],
      [{ dp: 0n, dq: 0n, qi: 0n }, false],
      [{ dp: 1n << 2000n }, false],
      [{ qi: (1n << 4000n) - 1n }, false],
    ];
    for (const [change, early] of changes) {
      const name = Object.keys(change).join();
      expect(readKey(keyOf({ ...good, ...change })), name).toBe(early ? MISFIT : "");
      expect(sign("m").length, name).toBe(0);
      expect(units.text(units.exports.problem()), name).toBe(MISFIT);
      expect(sign("m").length, name).toBe(0);
    }
    // d itself is not used: a wrong one does no harm.
    expect(readKey(keyOf({ ...good, d: 5n }))).toBe("");
    expect(isSignature(sign("m"), "m")).toBe(true);
  }, 60_000);

  it("damaged 5,000 times neither trap nor sign wrongly", () => {
    const small = generate(1024);
    const pems = [pkcs8(small.privateKey), pkcs1(small.privateKey)];
    const ders = pems.map((pem) => Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64"));
    const labels = ["PRIVATE KEY", "RSA PRIVATE KEY"];
    let refused = 0;
    let signed = 0;
    let random = 7;
    const next = (below: number) => (random = (Math.imul(random, 1103515245) + 12345) >>> 1) % below;
    for (let round = 0; round < 5000; round++) {
      const form = round & 1;
      let pem: Buffer | string;
      if (round % 5 === 0) {
        pem = Buffer.from(pems[form]);
        for (let k = next(4); k >= 0; k--) pem[next(pem.length)] = next(256);
        if (next(3) === 0) pem = pem.subarray(0, next(pem.length));
      } else {
        let der = Buffer.from(ders[form]);
        // The first 60 bytes hold the structure; damage there is the more telling.
        const place = () => next(next(2) ? 60 : der.length);
        for (let k = next(3); k >= 0; k--) der[place()] = next(2) ? next(256) : [0, 0x80, 0x7f, 0xff, 0x30, 0x82, 0x83, 0x84][next(8)];
        if (next(4) === 0) der = der.subarray(0, next(der.length));
        if (next(4) === 0) der = Buffer.concat([der.subarray(0, place()), randomBytes(next(5)), der.subarray(place())]);
        pem = pemOf(labels[form], der);
      }
      readKey(pem);
      const signature = sign("m");
      if (signature.length === 0) refused++;
      else {
        signed++;
        // Damage that does not matter (d, a null parameter, the label's surroundings) leaves the right signature.
        expect(isSignature(signature, "m", small.publicKey)).toBe(true);
      }
      if (round % 200 === 0) units.exports.collect();
    }
    expect(refused).toBeGreaterThan(1500);
    expect(signed).toBeGreaterThan(50);
  }, 120_000);
});

describe("PEM and DER", () => {
  const pem = (text: string, label = "X") => units.text(units.exports.pem(units.put(text), units.put(label)));
  const der = (bytes: number[], tag: number) =>
    Buffer.from(units.get(units.exports.der(units.put(Uint8Array.from(bytes)), tag))).toString("latin1");

  it("find the block with the label", () => {
    expect(pem("-----BEGIN Y-----\nAAAA\n-----END Y-----\n-----BEGIN X-----\naGk=\n-----END X-----")).toBe("hi");
    expect(pem("------BEGIN X-----aGk-----END X-----")).toBe("hi");
    for (const text of [
      "",
      "-----BEGIN X-----",
      "-----BEGIN X-----aGk=-----END Y-----",
      "-----BEGIN XX-----aGk=-----END XX-----",
      "-----BEGIN X----aGk=-----END X-----",
      "-----BEGIN X-----a:b\n\naGk=-----END X-----",
    ]) {
      expect(pem(text), text).toBe("!");
    }
    expect(pem(`-----BEGIN X-----${"A".repeat(20_000)}-----END X-----`)).toBe("!");
  });

  it("read elements only in the shortest form, and inside their bytes", () => {
    expect(der([4, 2, 0x68, 0x69, 9], 4)).toBe("hi");
    expect(der([4, 0], 4)).toBe("");
    expect(der([4, 0x81, 0x80, ...Array(128).fill(0x61)], 4)).toBe("a".repeat(128));
    expect(der([4, 0x82, 1, 0, ...Array(256).fill(0x61)], 4)).toBe("a".repeat(256));
    for (const bytes of [
      [],
      [4],
      [2, 1, 0],
      [4, 3, 1, 2],
      [4, 0x80, 0, 0],
      [4, 0x81, 2, 1, 2],
      [4, 0x82, 0, 0x80, ...Array(128).fill(1)],
      [4, 0x81],
      [4, 0x83, 1],
      [4, 0x84, 0, 0, 0, 1, 1],
      [4, 0x85, 0xff, 0xff, 0xff, 0xff, 0xff],
      [4, 0xff],
    ]) {
      expect(der(bytes, 4), String(bytes)).toBe("!");
    }
  });

  it("read natural numbers only", () => {
    expect(der([2, 1, 0], 2)).toBe("");
    expect(der([2, 1, 0x61], 2)).toBe("a");
    expect(der([2, 2, 0, 0xe1], 2)).toBe("\xe1");
    expect(der([0x30, 3, 2, 1, 0x61], 0x30)).toBe("a");
    for (const bytes of [
      [2, 0],
      [2, 1, 0x80],
      [2, 2, 0, 0x61],
      [2, 2, 0xff, 0xff],
      [4, 1, 1],
    ])
      expect(der(bytes, 2), String(bytes)).toBe("!");
    for (const bytes of [
      [0x30, 2, 2, 1, 0x61],
      [0x30, 0],
      [0x31, 3, 2, 1, 0x61],
    ])
      expect(der(bytes, 0x30), String(bytes)).toBe("!");
  });
});

const modPow = (base: bigint, exponent: bigint, modulus: bigint) => {
  let result = 1n;
  for (let rest = exponent, square = base % modulus; rest > 0n; rest >>= 1n, square = (square * square) % modulus)
    if (rest & 1n) result = (result * square) % modulus;
  return result % modulus;
};

describe("arithmetic", () => {
  const bytes = (value: bigint, limbs: number) => Buffer.from(value.toString(16).padStart(limbs * 8, "0"), "hex");
  const put = (value: bigint, limbs: number) => units.put(bytes(value, limbs));
  const number = (pointer: number) => BigInt("0x" + Buffer.from(units.get(pointer)).toString("hex"));
  /** Random, but often full of ones and zeros, where carries go wrong. */
  const random = (limbs: number) => {
    const out = randomBytes(limbs * 4);
    for (let k = 0; k < limbs; k++) {
      const how = out[k * 4] % 4;
      if (how < 2) out.fill(how ? 0xff : 0, k * 4, k * 4 + 4);
    }
    return BigInt("0x" + out.toString("hex"));
  };

  it("multiplies and adds as BigInt does", () => {
    for (let round = 0; round < 400; round++) {
      const limbs = 1 + (round % 9);
      const [a, b, c] = [random(limbs), random(limbs), random(limbs)];
      expect(number(units.exports.product(put(a, limbs), put(b, limbs), put(c, limbs), limbs))).toBe(a * b + c);
    }
    const all = (1n << 96n) - 1n;
    expect(number(units.exports.product(put(all, 3), put(all, 3), put(all, 3), 3))).toBe(all * all + all);
  });

  it("raises to powers as BigInt does", () => {
    for (let round = 0; round < 400; round++) {
      const limbs = 1 + (round % 9);
      const modulus = random(limbs) | 1n;
      if (modulus === 1n) continue;
      const [base, exponent] = [random(limbs), random(limbs)];
      const open = round % 3 === 0;
      const wanted = modPow(base, open ? exponent & 0xffffffffn || 1n : exponent, modulus);
      const power = units.exports.power(put(base, limbs), put(exponent, limbs), put(modulus, limbs), limbs, Number(open));
      expect(number(power), `${base} ^ ${exponent} mod ${modulus}`).toBe(wanted);
    }
  });

  it("adds and subtracts under the modulus", () => {
    for (let round = 0; round < 400; round++) {
      const limbs = 1 + (round % 9);
      const modulus = random(limbs) | 1n;
      if (modulus === 1n) continue;
      const [a, b, c] = [random(limbs) % modulus, random(limbs) % modulus, random(limbs) % modulus];
      const sum = units.exports.sum(put(a, limbs), put(b, limbs), put(c, limbs), put(modulus, limbs), limbs);
      expect(number(sum)).toBe((a + b - c + modulus) % modulus);
    }
  });

  it("counts bits", () => {
    for (const [value, bits] of [
      ["", 0],
      ["01", 1],
      ["ff", 8],
      ["0100", 9],
      ["8000", 16],
    ] as const)
      expect(units.exports.bits(units.put(Buffer.from(value, "hex")))).toBe(bits);
  });

  it("leaves numbers of another width alone", () => {
    for (const limbs of [0, 1, 7, 8, 9]) expect(units.exports.misfit(limbs)).toBe(limbs);
  });

  it("reads what a key is made of as the test writes it", () => {
    expect(Buffer.from(integer(255n)).toString("hex")).toBe("020200ff");
    expect(element(0x30, Buffer.alloc(300)).subarray(0, 4).toString("hex")).toBe("3082012c");
  });
});
