// `dev.mjs --check`: one whole and one streamed chat through Envoy, and what the access log says about them.
import { setTimeout as sleep } from "node:timers/promises";
import { parseAiLog, readAccessLog } from "./access-log.mjs";

const REQUEST_LIMIT_MS = 15_000;
const LOG_LIMIT_MS = 5_000;
const CONTENT = "Hello from the check.";

function post(url, extra) {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: CONTENT }], ...extra }),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  });
}

/** True when the whole response is a chat completion that repeats the question, as the mock does. */
async function checkWhole(url, log) {
  const response = await post(url, {});
  const text = await response.text();
  log(`check: whole  ${response.status} ${text.slice(0, 400)}`);
  if (response.status !== 200) return false;
  return JSON.parse(text).choices[0].message.content.includes(CONTENT);
}

/** True when the stream's deltas join to the same text, the end is marked, and it did not arrive in one piece. */
async function checkStream(url, log) {
  const started = Date.now();
  const response = await post(url, { stream: true });
  const decoder = new TextDecoder();
  let raw = "";
  let first = 0;
  for await (const piece of response.body) {
    first ||= Date.now() - started;
    raw += decoder.decode(piece, { stream: true });
  }
  const total = Date.now() - started;
  const events = raw
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6));
  log(`check: stream ${response.status} ${events.length} events, first after ${first} ms, all after ${total} ms, last: ${events.at(-1)}`);
  if (response.status !== 200 || events.at(-1) !== "[DONE]") return false;
  const text = events
    .slice(0, -1)
    .map((event) => JSON.parse(event).choices?.[0]?.delta?.content ?? "")
    .join("");
  return text.includes(CONTENT) && first < total / 2;
}

/** True when both requests have an `ai_log` with token counts above zero. */
async function checkLog(accessLog, log) {
  const limit = Date.now() + LOG_LIMIT_MS;
  let entries = readAccessLog(accessLog);
  while (entries.length < 2 && Date.now() < limit) {
    await sleep(50);
    entries = readAccessLog(accessLog);
  }
  const parsed = entries.map((entry) => parseAiLog(entry.ai_log));
  for (const [index, entry] of entries.entries()) log(`check: ai_log ${parsed[index] ? JSON.stringify(parsed[index]) : entry.ai_log}`);
  return parsed.length === 2 && parsed.every((one) => Number(one?.input_token) > 0 && Number(one?.output_token) > 0);
}

/**
 * Runs the three checks against a running `make dev` and says what came back.
 * @param {{ url: string, accessLog: string, log: (line: string) => void }} target
 * @returns {Promise<boolean>} whether all held
 */
export async function check({ url, accessLog, log }) {
  const steps = { whole: () => checkWhole(url, log), stream: () => checkStream(url, log), log: () => checkLog(accessLog, log) };
  const failed = [];
  for (const [name, step] of Object.entries(steps)) {
    const isRight = await step().catch((error) => log(`check: ${name} ${error.message}`));
    if (!isRight) failed.push(name);
  }
  log(failed.length === 0 ? "check: ok" : `check: failed: ${failed.join(", ")}`);
  return failed.length === 0;
}
