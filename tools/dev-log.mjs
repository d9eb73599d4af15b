// The access log as `npm run dev` prints it: what happened in two lines for people, and ai_log as the plugin wrote it.
import { parseAiLog } from "./ai-log.mjs";

/** `name value` for those that are there. */
const pairs = (entries) =>
  entries
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

function modelText({ request_model: asked, model }) {
  return asked === undefined || asked === model ? model : `${asked} -> ${model ?? "?"}`;
}

function tokenText({ input_token: input, output_token: output, total_token: total, usage_source: source }) {
  return total === undefined ? undefined : `${input ?? 0} in + ${output ?? 0} out = ${total}${source ? ` (${source})` : ""}`;
}

/**
 * A line of the JSON access log for people; other lines come back as they are.
 * @param {string} line
 * @returns {string[]}
 */
export function readableLog(line) {
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    return [line];
  }
  const { method, path, response_code: code, response_flags: flags, response_code_details: details, duration_ms: duration } = entry;
  const failed = flags && flags !== "-" ? `, ${flags} ${details ?? ""}` : "";
  const head = `${method} ${path} ${code}, ${duration} ms${failed}`;
  const log = parseAiLog(entry.ai_log);
  if (log === null) return [head, "  no ai_log"];
  const facts = pairs([
    ["model", modelText(log)],
    ["provider", log.provider],
    ["", [log.response_type, log.outcome].filter(Boolean).join(" ")],
    ["tokens", tokenText(log)],
    ["first token", log.llm_first_token_duration === undefined ? undefined : `${log.llm_first_token_duration} ms`],
    ["error", log.error_code ?? log.error],
  ]);
  return [head, `  ${facts.replaceAll(",  ", ", ")}`, `  ai_log ${JSON.stringify(log)}`];
}
