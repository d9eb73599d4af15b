// Reads access log lines and the `ai_log` in them.
import { existsSync, readFileSync } from "node:fs";

export { parseAiLog } from "./ai-log.mjs";

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
