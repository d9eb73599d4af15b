// What texts of the configuration must look like. Each check equals the `pattern` beside its `x-format` in the schema;
// a property test compares the two.

import { Ascii } from "../bytes/ascii";
import { hexValue } from "../bytes/hex";
import { View } from "../bytes/view";
import { JsonDocument } from "../json/document";
import { Format } from "./schema.gen";
import { NO_TIME, readTime } from "./time";

/** What a hashed key of a consumer begins with. */
export const HASHED: string = "sha256:";
/** What a limit by a header begins with. */
export const BY_HEADER: string = "header:";

/** True when `text` has the format. */
export function hasFormat(text: View, format: Format): bool {
  switch (format) {
    case Format.Token:
      return !hasControls(text, 0x1f);
    case Format.Host:
      return isPlain(text) && text.indexOf(Ascii.Slash) < 0 && text.indexOf(Ascii.QuestionMark) < 0 && text.indexOf(Ascii.At) < 0;
    case Format.Word:
      return isPlain(text) && text.indexOf(Ascii.Slash) < 0 && text.indexOf(Ascii.QuestionMark) < 0;
    case Format.Path:
      return text.length == 0 || (text.at(0) == Ascii.Slash && isPlain(text));
    case Format.Endpoint:
      return text.length == 0 || isEndpoint(text);
    case Format.Url:
      return isUrl(text);
    case Format.AzureUrl:
      return text.length == 0 || isAzureUrl(text);
    case Format.ServiceAccount:
      return isServiceAccount(text);
    case Format.HeaderName:
      return isHeaderName(text, 0);
    case Format.Credential:
      return text.startsWith(HASHED) ? text.length == HASHED.length + 64 && isHex(text, HASHED.length) : !hasControls(text, 0x1f);
    case Format.LimitSubject:
      return isLimitSubject(text);
    case Format.Stickiness:
      return text.isOneOf("request consumer session") || isByHeader(text);
    case Format.Affinity:
      return text.isOneOf("none consumer") || isByHeader(text);
    case Format.Currency:
      return text.length == 0 || isCurrency(text);
    case Format.DateTime:
      return text.length == 0 || readTime(text) != NO_TIME;
    default:
      return true;
  }
}

/** What is wanted, for the message "must be …". */
export function describeFormat(format: Format): string {
  switch (format) {
    case Format.Token:
      return "a text without control characters such as line ends";
    case Format.Host:
      return "a host name without scheme, path or spaces";
    case Format.Word:
      return "a text without slashes, spaces, ? and #";
    case Format.Path:
      return "a path that begins with / and holds no spaces and no #";
    case Format.Endpoint:
      return "a URL that begins with http:// or https://";
    case Format.Url:
      return "a URL that begins with http:// or https://";
    case Format.AzureUrl:
      return "a URL with the query api-version, for instance https://my-resource.openai.azure.com?api-version=2025-01-01";
    case Format.ServiceAccount:
      return "the JSON text of a service account key with client_email, private_key and token_uri";
    case Format.HeaderName:
      return "the name of a header";
    case Format.Credential:
      return "an API key without control characters, or sha256: and 64 hexadecimal digits";
    case Format.LimitSubject:
      return "all, consumer, token, route, model or header:<name>";
    case Format.Stickiness:
      return "request, consumer, session or header:<name>";
    case Format.Affinity:
      return "none, consumer or header:<name>";
    case Format.Currency:
      return "three capital letters such as USD";
    case Format.DateTime:
      return "a time such as 2027-01-31T00:00:00Z";
    default:
      return "a text";
  }
}

/** True when a byte up to `highest`, or DEL, occurs. */
function hasControls(text: View, highest: i32): bool {
  for (let k = 0; k < text.length; k++) if (text.at(k) <= highest || text.at(k) == Ascii.Delete) return true;
  return false;
}

/** No control characters, no space, no `#`. */
function isPlain(text: View): bool {
  return !hasControls(text, Ascii.Space) && text.indexOf(Ascii.Hash) < 0;
}

/** Offset after `http://` or `https://`, 0 without. */
function schemeEnd(text: View): i32 {
  return text.startsWith("http://") ? 7 : text.startsWith("https://") ? 8 : 0;
}

/** True for the bytes that end the host of a URL. */
function endsHost(byte: i32): bool {
  return byte < 0 || byte == Ascii.Slash || byte == Ascii.QuestionMark || byte == Ascii.Hash;
}

/** True when `text` begins with another scheme than http. */
function hasOtherScheme(text: View): bool {
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k);
    const letter = byte | 0x20;
    const isSchemeByte =
      <u32>(letter - Ascii.LowerA) < 26 ||
      <u32>(byte - Ascii.Digit0) < 10 ||
      byte == Ascii.Plus ||
      byte == Ascii.Hyphen ||
      byte == Ascii.Dot;
    if (!isSchemeByte) return text.startsWithAt(k, "://");
  }
  return false;
}

function isEndpoint(text: View): bool {
  const start = schemeEnd(text);
  if (start == 0 && hasOtherScheme(text)) return false;
  return !hasControls(text, Ascii.Space) && !endsHost(text.at(start)) && text.at(start) != Ascii.Colon;
}

function isUrl(text: View): bool {
  const start = schemeEnd(text);
  return start > 0 && !hasControls(text, Ascii.Space) && !endsHost(text.at(start));
}

/** A URL with api-version in its query, or one below /openai/v1, the API without versions. */
function isAzureUrl(text: View): bool {
  if (!isUrl(text)) return false;
  let path = schemeEnd(text);
  while (!endsHost(text.at(path))) path++;
  if (text.startsWithAt(path, "/openai/v1") && endsHost(text.at(path + 10))) return true;
  const fragment = text.indexOf(Ascii.Hash, path);
  const end = fragment < 0 ? text.length : fragment;
  let at = text.indexOf(Ascii.QuestionMark, path);
  while (at >= 0 && at < end) {
    const value = at + 13;
    if (text.startsWithAt(at + 1, "api-version=") && value < end && text.at(value) != Ascii.Ampersand) return true;
    at = text.indexOf(Ascii.Ampersand, at + 1);
  }
  return false;
}

/** Google's key file for a service account, as far as a token request needs it. */
function isServiceAccount(text: View): bool {
  const doc = new JsonDocument();
  return (
    doc.parse(text) &&
    doc.textOf(0, "client_email").length != 0 &&
    doc.textOf(0, "private_key").length != 0 &&
    doc.textOf(0, "token_uri").length != 0
  );
}

/** From `start` on nothing but what the name of a header may hold (RFC 9110, token). */
function isHeaderName(text: View, start: i32): bool {
  for (let k = start; k < text.length; k++) {
    const byte = text.at(k);
    const letter = byte | 0x20;
    if (<u32>(letter - Ascii.LowerA) < 26 || <u32>(byte - Ascii.Digit0) < 10) continue;
    // The quote, parentheses, comma, slash and :;<=>?@[\]{} are separators.
    if (
      byte <= Ascii.Space ||
      byte >= Ascii.Delete ||
      byte == Ascii.Quote ||
      byte == Ascii.LeftParenthesis ||
      byte == Ascii.RightParenthesis ||
      byte == Ascii.Comma ||
      byte == Ascii.Slash
    )
      return false;
    if (
      (byte >= Ascii.Colon && byte <= Ascii.At) ||
      (byte >= Ascii.LeftBracket && byte <= Ascii.RightBracket) ||
      byte == Ascii.LeftBrace ||
      byte == Ascii.RightBrace
    )
      return false;
  }
  return true;
}

/** From `start` on nothing but hexadecimal digits. */
function isHex(text: View, start: i32): bool {
  for (let k = start; k < text.length; k++) if (hexValue(text.at(k)) < 0) return false;
  return true;
}

/** `header:` and the name of a header. */
function isByHeader(text: View): bool {
  return text.startsWith(BY_HEADER) && text.length > BY_HEADER.length && isHeaderName(text, BY_HEADER.length);
}

function isCurrency(text: View): bool {
  for (let k = 0; k < text.length; k++) if (<u32>(text.at(k) - Ascii.UpperA) > 25) return false;
  return text.length == 3;
}

function isLimitSubject(text: View): bool {
  if (text.startsWith(BY_HEADER)) return isByHeader(text);
  return text.isOneOf("all consumer token route model");
}

/** Unicode characters in UTF-8 text, as JSON Schema counts a length. */
export function characters(text: View): i32 {
  let count = 0;
  for (let k = 0; k < text.length; k++) if ((text.at(k) & 0xc0) != 0x80) count++;
  return count;
}
