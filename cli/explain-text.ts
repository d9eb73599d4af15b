// An explanation for people.
import type { Explanation, Message } from "./explanation";
import { printable } from "./findings";
import type { Change } from "./json-diff";
import type { Json } from "./located";
import { priceText } from "./prices";

/** Characters of a value that a line shows. */
const SHOWN = 60;

export function explanationText(one: Explanation): string {
  const { upstream, localResponse, changes } = one;
  const parts = [summaryText(one)];
  if (upstream !== null) {
    const start = `${upstream.method} ${upstream.path}\nhost: ${upstream.host}`;
    parts.push(messageText(start, upstream, true), changesText(one));
  }
  if (localResponse !== null)
    parts.push(
      `the plugin responds itself:\n\n${messageText(`HTTP ${localResponse.status}`, localResponse, true)}`,
      (changes ?? []).map((change) => `${changeLine(change)}\n`).join(""),
    );
  return parts.filter((part) => part !== "").join("\n");
}

/** Rule, provider, API, model and the calls on the way. */
export function summaryText({
  rule,
  provider,
  cluster,
  split,
  api,
  model,
  price,
  sideCalls,
  upstream,
  localResponse,
}: Explanation): string {
  const lines: [string, string][] = [];
  if (rule === null) lines.push(["rule", "none matches: the global configuration"]);
  else lines.push(["rule", `${rule.number} at ${rule.file}:${rule.line}:${rule.column}, ${compact(rule.conditions)}`]);
  if (provider === null && localResponse === null) lines.push(["provider", "none: the plugin leaves the request as it is"]);
  else if (provider !== null) lines.push(["provider", `${provider.type}${provider.id === "" ? "" : ` (id ${printable(provider.id)})`}`]);
  if (split !== undefined) lines.push(["split", printable(split)]);
  if (cluster !== undefined) lines.push(["cluster", printable(cluster)]);
  if (api !== "") lines.push(["api", printable(api)]);
  if (model.requested !== "" || model.sent !== "") lines.push(["model", modelText(model)]);
  if (price !== undefined) lines.push(["price", priceText(price)]);
  for (const call of sideCalls)
    lines.push(["before", `${call.method} ${call.host}${call.path} through cluster ${call.cluster}, for the ${call.purpose}`]);
  if (upstream === null && localResponse === null) lines.push(["sent", "nothing: the request is still waiting"]);
  return lines.map(([name, text]) => `${name.padEnd(10)}${text}\n`).join("");
}

function modelText({ requested, sent }: Explanation["model"]): string {
  if (requested === "") return printable(sent);
  return printable(requested === sent || sent === "" ? requested : `${requested} -> ${sent}`);
}

/** A message as it is on the wire; `pretty` spreads JSON over lines. */
export function messageText(start: string, message: Message, pretty: boolean): string {
  const headers = message.headers.map(([name, value]) => `${name}: ${printable(value)}\n`).join("");
  const body = message.isBase64 ? `(base64) ${message.body}` : pretty ? prettyJson(message.body) : message.body;
  return `${printable(start.split("\n")[0])}\n${start.includes("\n") ? `${printable(start.split("\n")[1])}\n` : ""}${headers}${body === "" ? "" : `\n${lines(body)}`}`;
}

/** Text of several lines that ends with a line end and moves no cursor. */
function lines(text: string): string {
  const clean = text.split("\n").map(printable).join("\n");
  return clean.endsWith("\n") ? clean : `${clean}\n`;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function changesText({ changes, isSameBody, droppedHeaders, upstream, provider }: Explanation): string {
  const out: string[] = [];
  if (isSameBody && upstream?.body !== "") out.push("the body is the client's, byte for byte");
  else if (!isSameBody && changes === null) out.push("the body has changed; it is not JSON on both sides");
  else if (changes?.length === 0 && !isSameBody) out.push("the body has changed in its spelling only");
  for (const change of changes ?? []) out.push(changeLine(change));
  for (const name of provider === null ? [] : droppedHeaders) out.push(`dropped  header ${printable(name)}`);
  return out.map((line) => `${line}\n`).join("");
}

function changeLine({ kind, pointer, from, before, after }: Change): string {
  const place = printable(from === undefined ? pointer : `${from} -> ${pointer}`);
  const value =
    kind === "changed" || kind === "clamped" || (kind === "mapped" && after !== undefined)
      ? `${compact(before)} -> ${compact(after)}`
      : compact(kind === "added" ? after : before);
  return `${kind.padEnd(8)} ${place}  ${value}`;
}

function compact(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "";
  return printable(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
