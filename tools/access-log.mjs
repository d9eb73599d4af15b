// Reads access log lines and the `ai_log` in them.
import { existsSync, readFileSync } from "node:fs";

/**
 * The value of `ai_log` as an object, or null when it is absent or no JSON object. The plugin may have escaped the text once
 * more, so that it also fits between the quotes of a text format (Higress' access log does that).
 * @param {unknown} value
 * @returns {Record<string, unknown> | null}
 */
export function parseAiLog(value) {
  if (typeof value !== "string") return null;
  for (const text of [() => value, () => JSON.parse(`"${value}"`)]) {
    try {
      const parsed = JSON.parse(text());
      if (parsed !== null && typeof parsed === "object" && !Array.isArray(parsed)) return parsed;
    } catch {
      // Not this form.
    }
  }
  return null;
}

/**
 * Every complete line of a JSON access log, oldest first; a line still being written is left out.
 * @param {string} path
 * @returns {Record<string, unknown>[]}
 */
export function readAccessLog(path) {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
