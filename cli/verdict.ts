// What is said of a configuration as a whole, by `check` and by the playground.
import { countOf, type Finding } from "./findings";

/**
 * `1 error, 2 warnings; the plugin refuses to start`.
 * @param plugins each configuration that the text holds
 */
export function verdictOf(plugins: { starts: boolean }[], findings: Finding[]): string {
  const errors = countOf(findings, "error");
  const counts = [amount(errors, "error"), amount(countOf(findings, "warning"), "warning")].filter(Boolean).join(", ");
  return `${counts === "" ? "good" : counts}; ${consequenceOf(plugins, errors)}`;
}

function consequenceOf(plugins: { starts: boolean }[], errors: number): string {
  if (plugins.some((plugin) => !plugin.starts)) return "the plugin refuses to start";
  if (plugins.length === 0) return errors === 0 ? "nothing in it is for the plugin" : "no configuration could be read";
  if (errors === 0) return "the plugin starts";
  return "the plugin starts, but the parts with errors do not work: requests that need them get an error";
}

function amount(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}
