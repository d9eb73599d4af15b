// Replacement templates as Go's regexp.Expand reads them: $1, ${1}, $name, ${name} and $$. A dollar that starts none of
// these stands for itself; a group that does not exist or took no part in the match is empty.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { isAsciiDigit, isWordPoint } from "../../json/code-point";
import { Matcher } from "./matcher";
import { Program } from "./program";

/**
 * Appends `template` with the groups of the last match filled in. A name is the longest run of ASCII letters, digits and
 * underscores: "$1x" is the group 1x, not group 1. Go counts letters beyond ASCII too, which would make "$1通" the
 * unknown group 1通; no group can have such a name, so it ends before them here.
 */
export function expandTemplate(template: View, program: Program, match: Matcher, input: View, out: Buffer): void {
  let at = 0;
  while (at < template.length) {
    let dollar = template.indexOf(Ascii.Dollar, at);
    if (dollar < 0) dollar = template.length;
    out.range(template, at, dollar);
    if (dollar == template.length) return;
    at = dollar + 1;
    if (template.at(at) == Ascii.Dollar) {
      out.byte(Ascii.Dollar);
      at++;
      continue;
    }
    const braced = template.at(at) == Ascii.LeftBrace;
    const start = braced ? at + 1 : at;
    let end = start;
    while (isWordPoint(template.at(end))) end++;
    if (end == start || (braced && template.at(end) != Ascii.RightBrace)) {
      out.byte(Ascii.Dollar);
      continue;
    }
    appendGroup(template, start, end, program, match, input, out);
    at = braced ? end + 1 : end;
  }
}

function appendGroup(template: View, start: i32, end: i32, program: Program, match: Matcher, input: View, out: Buffer): void {
  const number = groupNumber(template, start, end);
  if (number >= 0) {
    if (number < program.names.length) out.range(input, match.groupStart(number), match.groupEnd(number));
    return;
  }
  // A name may be given to several groups, of which the first that took part counts.
  const names = program.names;
  for (let group = 1; group < names.length; group++) {
    const name = names[group];
    if (name.length != end - start || !template.hasAt(start, name) || match.groupStart(group) < 0) continue;
    out.range(input, match.groupStart(group), match.groupEnd(group));
    return;
  }
}

/** The number that `[start, end)` spells, or -1 for a name: other characters, a leading zero, more than eight digits. */
function groupNumber(template: View, start: i32, end: i32): i32 {
  if (end - start > 8 || (template.at(start) == Ascii.Digit0 && end - start > 1)) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    if (!isAsciiDigit(template.at(at))) return -1;
    number = number * 10 + template.at(at) - Ascii.Digit0;
  }
  return number;
}
