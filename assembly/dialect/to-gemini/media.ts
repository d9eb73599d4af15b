// Images, sound and files: data URIs become inlineData, addresses become fileData.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { secondOf } from "../../bytes/pairs";
import { View, lowerCase } from "../../bytes/view";
import { writeString } from "../../json/text";
import { registeredType } from "../../model/media-type";

/**
 * Appends a part for `url` (plain UTF-8): a base64 data URI, or an http, https or gs address. `fallback` is the MIME type
 * when neither URI nor extension tells one; "" leaves it out. False when the URL is of no such form; nothing is written.
 */
export function writeMedia(out: Buffer, url: View, mimeType: View, fallback: string): bool {
  if (url.startsWithIgnoreCase("data:")) return writeDataUri(out, url, fallback);
  if (!url.startsWithIgnoreCase("https://") && !url.startsWithIgnoreCase("http://") && !url.startsWithIgnoreCase("gs://")) return false;
  out.ascii('{"fileData":{');
  const known = typeOfExtension(url);
  // A Files API address or a video page carries its own type; a wrong guess there is an error.
  const guess = known.length != 0 ? known : knowsItsType(url) ? "" : fallback;
  if (mimeType.length != 0) {
    out.ascii('"mimeType":');
    writeString(out, registeredType(mimeType));
    out.byte(Ascii.Comma);
  } else if (guess.length != 0) {
    out.ascii('"mimeType":"');
    out.ascii(guess);
    out.ascii('",');
  }
  out.ascii('"fileUri":');
  writeString(out, url);
  out.ascii("}}");
  return true;
}

/** Appends `{"inlineData":…}` for base64 `data` (plain, not escaped). */
export function writeInlineData(out: Buffer, mimeType: View, data: View): void {
  out.ascii('{"inlineData":{"mimeType":');
  writeString(out, registeredType(mimeType));
  out.ascii(',"data":');
  writeString(out, data);
  out.ascii("}}");
}

function writeDataUri(out: Buffer, url: View, fallback: string): bool {
  const comma = url.indexOf(Ascii.Comma);
  if (comma < 0 || comma + 1 >= url.length) return false;
  const head = url.slice(5, comma);
  if (!head.slice(head.length - 7, head.length).equalsIgnoreCase(";base64")) return false;
  const semicolon = head.indexOf(Ascii.Semicolon);
  const type = head.slice(0, semicolon);
  writeInlineData(out, type.length != 0 ? type : View.utf8(fallback), url.slice(comma + 1, url.length));
  return true;
}

function knowsItsType(url: View): bool {
  return contains(url, "/files/") || contains(url, "youtube.com/") || contains(url, "youtu.be/");
}

/** Only in the first bytes, where host and path begin: a URL can be long. */
function contains(url: View, word: string): bool {
  const end = url.length < 128 ? url.length : 128;
  for (let k = 0; k + word.length <= end; k++) if (url.startsWithAt(k, word)) return true;
  return false;
}

/** The MIME type for the extension of a URL's path or of a file name, "" when it has none that is known. */
export function typeOfExtension(url: View): string {
  let end = url.indexOf(Ascii.QuestionMark);
  if (end < 0) end = url.length;
  const fragment = url.indexOf(Ascii.Hash);
  if (fragment >= 0 && fragment < end) end = fragment;
  let dot = end - 1;
  // Extensions are at most five letters: no long search.
  while (dot >= 0 && end - dot <= 6 && url.at(dot) != Ascii.Dot && url.at(dot) != Ascii.Slash) dot--;
  if (dot < 0 || url.at(dot) != Ascii.Dot) return "";
  return secondOf(url.slice(dot + 1, end), TYPES);
}

/** MIME types by extension: what Gemini reads (image, audio, video, document guides, Nov 2026). */
const TYPES: string =
  "jpg image/jpeg jpeg image/jpeg png image/png webp image/webp gif image/gif heic image/heic heif image/heif " +
  "bmp image/bmp pdf application/pdf txt text/plain md text/markdown html text/html csv text/csv json application/json " +
  "mp4 video/mp4 mov video/quicktime mpeg video/mpeg mpg video/mpeg webm video/webm wav audio/wav mp3 audio/mp3 " +
  "aac audio/aac ogg audio/ogg flac audio/flac";

/** `audio/<format>` for input_audio's format; false when that is no plain word. Lower case. */
export function writeAudioType(out: Buffer, format: View): bool {
  if (format.length == 0 || format.length > 16) return false;
  out.ascii("audio/");
  for (let k = 0; k < format.length; k++) {
    const byte = lowerCase(format.at(k));
    if (!(<u32>(byte - Ascii.LowerA) < 26 || <u32>(byte - Ascii.Digit0) < 10 || byte == Ascii.Hyphen)) return false;
    out.byte(byte);
  }
  return true;
}
