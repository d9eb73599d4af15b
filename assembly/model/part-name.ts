// Whether a part of a form is called `model`, as any reader may see it: RFC 2183 and RFC 822 let headers be folded, words be quoted with
// backslashes and blanks stand around the equals sign; RFC 2231 adds `name*`, which forms do not use (RFC 7578) and some readers decode.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { Parameters, trimmed } from "../http/parameters";
import { decoded } from "../http/path";

/** What the name of a part of a form means here. */
export const enum PartName {
  Other,
  Model,
  /** Readers differ on whether it is, or on what its content says. */
  Unclear,
}

const MODEL: string = "model";

/** What the headers of a part, which begin with the end of the delimiter's line, call it. */
export function partName(head: View): PartName {
  let name = PartName.Other;
  let isCoded = false;
  let line = head.indexOf(Ascii.LineFeed, 0) + 1;
  while (line > 0 && line < head.length) {
    const end = fieldEnd(head, line);
    const colon = head.indexOf(Ascii.Colon, line);
    if (colon >= 0 && colon < end) {
      const field = head.slice(line, colon).trim();
      if (field.equalsIgnoreCase("content-disposition")) name = more(name, dispositionName(head.slice(colon + 1, end)));
      else if (field.equalsIgnoreCase("content-transfer-encoding")) isCoded = !isPlainCoding(head.slice(colon + 1, end));
    }
    line = end;
  }
  return name == PartName.Model && isCoded ? PartName.Unclear : name;
}

/** The parameters `name`: of several the first counts for some readers and the last for others, so one that says model is enough. */
function dispositionName(value: View): PartName {
  let result = PartName.Other;
  const walker = new Parameters(value);
  while (walker.next()) {
    const word = walker.name;
    if (!word.startsWithIgnoreCase("name")) continue;
    if (word.length == 4) result = more(result, isModel(walker.content));
    else if (word.length == 5 && word.at(4) == Ascii.Asterisk) result = more(result, isModel(extended(walker.content)));
    // name*0="mo" with name*1="del".
    else if (word.at(4) == Ascii.Asterisk) result = PartName.Unclear;
  }
  return result;
}

function more(one: PartName, other: PartName): PartName {
  return one > other ? one : other;
}

/** Some frameworks bind fields without regard to case. */
function isModel(name: View): PartName {
  return name.equalsIgnoreCase(MODEL) ? PartName.Model : PartName.Other;
}

/** The text of `utf-8'en'model`. */
function extended(content: View): View {
  const language = content.indexOf(Ascii.Apostrophe, content.indexOf(Ascii.Apostrophe, 0) + 1);
  return decoded(content.slice(language + 1, content.length));
}

/** Where the field that begins at `start` ends: lines that begin with a blank belong to it. */
function fieldEnd(head: View, start: i32): i32 {
  let at = head.indexOf(Ascii.LineFeed, start);
  while (at >= 0 && (head.at(at + 1) == Ascii.Space || head.at(at + 1) == Ascii.Tab)) at = head.indexOf(Ascii.LineFeed, at + 1);
  return at < 0 ? head.length : at + 1;
}

/** Go's reader decodes quoted-printable by itself. */
function isPlainCoding(value: View): bool {
  const word = trimmed(value);
  return word.equalsIgnoreCase("7bit") || word.equalsIgnoreCase("8bit") || word.equalsIgnoreCase("binary");
}
