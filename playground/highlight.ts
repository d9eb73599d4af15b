// Texts of results with a little colour: JSON, event streams, and secrets that were masked.
import { h } from "./dom";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const MASKED = /<secret [^>]*>|\*\*\*|\$\{[A-Za-z_]\w*\}/g;
/** Longer texts stay plain: a page of spans would be slow. */
const COLOURED = 60_000;

/** JSON spread over lines, null when the text is none. */
export function pretty(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

export function code(text: string, label: string): HTMLPreElement {
  const pre = h("pre", { class: "code", tabindex: 0, role: "region", "aria-label": label });
  pre.append(...coloured(pretty(text) ?? text));
  return pre;
}

export function coloured(text: string): (Node | string)[] {
  if (text.length > COLOURED) return [text];
  const out: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, word] = match;
    out.push(...withSecrets(text.slice(end, match.index)));
    end = match.index + whole.length;
    if (string !== undefined) out.push(h("span", { class: colon === undefined ? "string" : "key" }, ...withSecrets(string)), colon ?? "");
    else out.push(h("span", { class: word === undefined ? "number" : "word" }, whole));
  }
  out.push(...withSecrets(text.slice(end)));
  return out;
}

/** Masked secrets stand out, so that nobody takes them for the value that is sent. */
export function withSecrets(text: string): (Node | string)[] {
  const out: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(MASKED)) {
    out.push(text.slice(end, match.index), h("span", { class: "secret", title: "A secret; the provider gets its value." }, match[0]));
    end = match.index + match[0].length;
  }
  out.push(text.slice(end));
  return out.filter((part) => part !== "");
}
