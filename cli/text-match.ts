// Envoy's matchers of paths, headers and query parameters: whether a text matches, and a text that does.
import { field } from "./envoy";
import { isTrue, type Located } from "./located";

export interface TextMatch {
  kind: "exact" | "prefix" | "separated" | "suffix" | "contains" | "regex" | "present" | "absent" | "unknown";
  text: string;
  isCaseless: boolean;
  isInverted: boolean;
}

const KINDS = { exact: "exact", prefix: "prefix", suffix: "suffix", contains: "contains", safe_regex: "regex" } as const;

/** Of a HeaderMatcher or a QueryParameterMatcher: `string_match`, or the older `exact_match` and its like. */
export function textMatchOf(matcher: Located): TextMatch {
  const isInverted = isTrue(field(matcher, "invert_match")?.value);
  const inner = field(matcher, "string_match")?.value;
  const isCaseless = isTrue(field(inner, "ignore_case")?.value);
  for (const [key, kind] of Object.entries(KINDS)) {
    const value = field(inner, key)?.value ?? field(matcher, key === "safe_regex" ? "safe_regex_match" : `${key}_match`)?.value;
    const plain = key === "safe_regex" ? field(value, "regex")?.value : value;
    if (plain?.kind === "scalar") return { kind, text: String(plain.value), isCaseless, isInverted };
  }
  const present = field(matcher, "present_match")?.value;
  const others = ["range_match", "string_match", "treat_missing_header_as_empty"].some((key) => field(matcher, key) !== undefined);
  const isAbsent = present?.kind === "scalar" && present.value === false;
  return { kind: others ? "unknown" : isAbsent ? "absent" : "present", text: "", isCaseless, isInverted };
}

/** Null: it cannot be said. A header that is missing matches nothing but a condition on its absence, inverted or not. */
export function matches(match: TextMatch, value: string | undefined): boolean | null {
  if (match.kind === "unknown") return null;
  if (match.kind === "present" || match.kind === "absent")
    return (value !== undefined) === ((match.kind === "present") !== match.isInverted);
  if (value === undefined) return false;
  const isMatch = holds(match, value);
  return isMatch === null ? null : isMatch !== match.isInverted;
}

function holds({ kind, text, isCaseless }: TextMatch, value: string): boolean | null {
  const [wanted, given] = isCaseless ? [text.toLowerCase(), value.toLowerCase()] : [text, value];
  switch (kind) {
    case "exact":
      return given === wanted;
    case "prefix":
      return given.startsWith(wanted);
    case "separated":
      return given === wanted || given.startsWith(`${wanted}/`);
    case "suffix":
      return given.endsWith(wanted);
    case "contains":
      return given.includes(wanted);
    default:
      return regexOf(text)?.test(value) ?? null;
  }
}

/** RE2 and JavaScript agree on what configurations use; what JavaScript cannot read is not judged. */
function regexOf(text: string): RegExp | null {
  const flags = /^\(\?([is]+)\)/.exec(text);
  try {
    return new RegExp(`^(?:${text.slice(flags?.[0].length ?? 0)})$`, flags?.[1] ?? "");
  } catch {
    return null;
  }
}

/** A value that matches; undefined: none is needed. */
export function sampleOf(match: TextMatch): string | undefined {
  if (match.kind === "absent" || match.kind === "unknown") return match.isInverted && match.kind === "absent" ? "x" : undefined;
  if (match.kind === "present") return match.isInverted ? undefined : "x";
  if (match.isInverted) return "other";
  return match.kind === "regex" ? regexSample(match.text) : match.text || "x";
}

/** A text that the expression is likely to match: its first alternatives, one of each class. To be tried. */
export function regexSample(regex: string, anything = "x"): string {
  let text = regex.replace(/^\(\?[is]+\)/, "").replace(/^\^|\$$/g, "");
  text = text.replace(/\\[wd]/g, "1").replace(/\[\^[^\]]*\]/g, "x");
  text = text.replace(/\[\\?(.)[^\]]*\]/g, "$1");
  text = text.replace(/(?<!\\)\.(?:\*|\+|\{[^}]*\})\??/g, "\u0000").replace(/(?<!\\)\./g, "x");
  // From the innermost group on: the first alternative.
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/\((?:\?:|\?P?<\w+>)?([^()|]*)(?:\|[^()]*)?\)[*+?]?/g, "$1");
  }
  text = text.split("|")[0].replace(/[*+?]|\{[^}]*\}/g, "");
  return text.replace(/\\(.)/g, "$1").replaceAll("\u0000", anything);
}
