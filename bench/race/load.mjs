// The load: h2load (Debian's nghttp2-client) with a fixed number of exchanges, and single exchanges whose responses are read.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHANGES_REQUEST, CLIENT_AUTHORIZATION, UPSTREAM_MODEL, apiOf, requestBody } from "./workloads.mjs";

const run = promisify(execFile);
const LOAD_LIMIT_MS = 180_000;

function headersOf(workload, chunks) {
  const headers = { "content-type": "application/json", accept: "application/json", authorization: CLIENT_AUTHORIZATION };
  if (workload.chunks) Object.assign(headers, { "x-race-chunks": String(chunks), "x-race-gap": String(workload.gapMs ?? 0) });
  return headers;
}

function argumentsOf({ port, workload, chunks, directory, log }) {
  const body = join(directory, `body-${apiOf(workload)}-${workload.bytes}-${workload.chunks ? "stream" : "whole"}.json`);
  writeFileSync(body, requestBody(workload));
  const headers = Object.entries(headersOf(workload, chunks)).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const url = `http://127.0.0.1:${port}${workload.path}`;
  return ["--h1", "-t", "1", "-c", String(workload.connections), "-d", body, ...headers, ...(log ? [`--log-file=${log}`] : []), url];
}

/** Succeeded and failed exchanges, from h2load's summary. Throws when there is none. */
function summary(text) {
  const found = /(\d+) succeeded, (\d+) failed, (\d+) errored[^]*?status codes: (\d+) 2xx/.exec(text);
  if (!found) throw new Error(`h2load: ${text.slice(-500)}`);
  const [succeeded, failed, errored, good] = found.slice(1).map(Number);
  return { succeeded: good, failed: failed + errored + succeeded - good };
}

function quantiles(log) {
  const times = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => Number(line.split("\t")[2]));
  rmSync(log);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return { p50: at(0.5), p99: at(0.99) };
}

/**
 * Sends so many exchanges and waits for the last response. Latencies in microseconds.
 * @param {{ port: number, workload: import("./workloads.mjs").Workload, chunks?: number, exchanges: number,
 *   directory: string, prefix: string[] }} load `prefix` is put before the command: taskset with a CPU.
 * @returns {Promise<{ succeeded: number, failed: number, p50: number, p99: number }>}
 */
export async function sendLoad(load) {
  const log = join(load.directory, "latency.tsv");
  rmSync(log, { force: true });
  const command = [...load.prefix, "h2load", "-n", String(load.exchanges), ...argumentsOf({ ...load, log })];
  const { stdout } = await run(command[0], command.slice(1), { timeout: LOAD_LIMIT_MS, maxBuffer: 1 << 24 });
  return { ...summary(stdout), ...quantiles(log) };
}

/** The same for so many seconds, without latencies. */
export async function sendLoadFor(seconds, load) {
  const command = [...load.prefix, "h2load", "-D", String(seconds), ...argumentsOf(load)];
  const { stdout } = await run(command[0], command.slice(1), { timeout: (seconds + 60) * 1000, maxBuffer: 1 << 24 });
  return summary(stdout);
}

function exchange(port, workload, chunks) {
  const options = { method: "POST", host: "127.0.0.1", port, path: workload.path, headers: headersOf(workload, chunks), agent: false };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, timeout: 60_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode, seen: response.headers["x-race-seen"], text }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer in a minute"))).on("error", reject);
    sent.end(requestBody(workload));
  });
}

/** How the responses of each API look: the usage of a whole one, a piece of text in a stream, the stream's end. */
const RESPONSES = {
  chat: { usage: '"total_tokens":218', text: /"content":"[^"]+"/g, end: /data: \[DONE\]$/ },
  messages: { usage: '"output_tokens":98', text: /"text":"[^"]+"/g, end: /"message_stop"\}$/ },
  responses: { usage: '"total_tokens":218', text: /"type":"response\.output_text\.delta"/g, end: /"type":"response\.completed".*$/ },
  gemini: { usage: '"totalTokenCount":218', text: /"text":"[^"]+"/g, end: /"finishReason":"STOP".*$/ },
};

/** What is wrong with one response, or "": its form as the client's API has it, all its text, and what the provider saw. */
function fault(response, workload, variant, chunks) {
  const { status, seen, text } = response;
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  if (CHANGES_REQUEST.includes(variant)) {
    if (!seen?.startsWith(`${UPSTREAM_MODEL} `) || !seen.includes("sk-upstream-1")) return `the provider saw ${seen}`;
  }
  // Without a translation the client gets what the mock says: messages, or else chat completions.
  const isTranslated = CHANGES_REQUEST.includes(variant) || apiOf(workload) === "messages";
  const form = RESPONSES[isTranslated ? apiOf(workload) : "chat"];
  if (!workload.chunks) return text.includes(form.usage) ? "" : text.slice(-200);
  const words = (text.match(form.text) ?? []).length;
  return words === chunks && form.end.test(text.trimEnd()) ? "" : `${words} of ${chunks} chunks, end ${text.slice(-100)}`;
}

/** Sends one exchange and reads what comes back. Throws when it is not what the workload must give. */
export async function checkExchange(port, workload, variant) {
  const chunks = workload.chunks?.[0];
  const wrong = fault(await exchange(port, workload, chunks), workload, variant, chunks);
  if (wrong !== "") throw new Error(`${variant}, ${workload.title}: ${wrong}`);
}
