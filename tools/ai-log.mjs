// Reads `ai_log`, the field that the plugin leaves in the access log. Also for browsers: no imports of Node.

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
