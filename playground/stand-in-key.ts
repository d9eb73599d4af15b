// Takes the place of cli/stand-in-key.ts in the page: a private key that the browser makes, before a configuration that may need
// one is read.

let key = "";

/** Makes the key once. Without Web Crypto (a page from a plain http address) there is none, and the plugin says what is missing. */
export async function prepareKey(): Promise<void> {
  if (key !== "" || crypto.subtle === undefined) return;
  const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g) ?? [];
  key = ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

/** PKCS #8 in PEM; "" before there is one. */
export function standInKey(): string {
  return key;
}
