// A private key for a service account that has no value here: a real one, since the plugin signs with it. The playground has
// another maker of it in the place of this file.
import { generateKeyPairSync } from "node:crypto";

let key: string | undefined;

/** PKCS #8 in PEM; the same one every time. */
export function standInKey(): string {
  key ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return key;
}
