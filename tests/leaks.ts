// Finds secrets in a text, in all the forms that a program may have given them on the way.

const withoutPadding = (base64: string) => base64.replace(/=+$/, "").slice(0, -1);

/** The secret as it is, as JSON, percent-encoded, in hexadecimal, and in base64 wherever it begins within a longer text. */
export function formsOf(secret: string): string[] {
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString("hex")];
  for (const offset of [0, 1, 2]) {
    // The characters of base64 that hold bits of other bytes, before and behind, say nothing.
    const encoded = withoutPadding(Buffer.from("x".repeat(offset) + secret).toString("base64"));
    const own = offset === 0 ? encoded : encoded.slice(offset + 1);
    forms.push(own, own.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return forms;
}

/** Names of the secrets that stand in `text`. */
export function leaksOf(secrets: [name: string, secret: string][], text: string): string[] {
  return secrets.filter(([, secret]) => formsOf(secret).some((form) => text.includes(form))).map(([name]) => name);
}
