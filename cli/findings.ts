// What is wrong with a configuration, and the three ways to print it.
import type { Position } from "./positions";

export interface Finding extends Position {
  file: string;
  /** A note is about what cannot be known here. */
  severity: "error" | "warning" | "note";
  message: string;
  /** JSON pointer in the plugin's configuration; "" for all of it and for what stands around it. */
  pointer: string;
  /** Which of several configurations in one file; "" when the file is the configuration. */
  plugin: string;
  /** Who says so: the plugin itself, or this command about what is around its configuration. */
  from: "plugin" | "check";
}

export function countOf(findings: readonly Finding[], severity: Finding["severity"]): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

/** In the order of the file; errors before warnings of the same place. */
export function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (one, other) => one.line - other.line || one.column - other.column || one.severity.localeCompare(other.severity),
  );
}

/** `file:line:column: error: message (pointer)`, as compilers write it. */
export function textLine(finding: Finding): string {
  const { file, line, column, severity, message, pointer } = finding;
  return `${file}:${line}:${column}: ${severity}: ${message}${pointer === "" ? "" : ` (${printable(pointer)})`}`;
}

/** A workflow command of GitHub Actions, which marks the line in the pull request. */
export function githubLine(finding: Finding): string {
  const property = (value: string) => data(value).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const { file, line, column, severity, message, pointer } = finding;
  const title = property(pointer === "" ? "ai-proxy" : `ai-proxy ${printable(pointer)}`);
  return `::${severity === "note" ? "notice" : severity} file=${property(file)},line=${line},col=${column},title=${title}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Without control characters, which could move the cursor of a terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
