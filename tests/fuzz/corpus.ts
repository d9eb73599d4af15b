// The corpora: corpus/<target>.jsonl, one input a line, as text where it is text and as base64 where not. `why` marks an
// input that once found a defect; it is kept when a corpus is made smaller.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/envoy-path.mjs";
import { configText, loadCases } from "../cases/case";
import { event, exception } from "../unit/aws-frames";
import type { Name } from "./module";
import { SECRET } from "./oracles";
import { loadSeeds } from "./trials";

export interface Entry {
  why?: string;
  bytes: Buffer;
}

const fileOf = (name: Name) => join(ROOT, `tests/fuzz/corpus/${name}.jsonl`);

export function loadCorpus(name: Name): Entry[] {
  if (!existsSync(fileOf(name))) return [];
  const lines = readFileSync(fileOf(name), "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const { why, text, base64 } = JSON.parse(line) as { why?: string; text?: string; base64?: string };
    return { ...(why === undefined ? {} : { why }), bytes: text === undefined ? Buffer.from(base64!, "base64") : Buffer.from(text) };
  });
}

export function saveCorpus(name: Name, entries: Entry[]): void {
  const lines = entries.map(({ why, bytes }) => {
    const text = bytes.toString();
    const isText = Buffer.from(text).equals(bytes);
    return JSON.stringify({ why, ...(isText ? { text } : { base64: bytes.toString("base64") }) });
  });
  writeFileSync(fileOf(name), `${lines.join("\n")}\n`);
}

const JSON_SEEDS = [
  "{}",
  '{"model":"m","usage":{"prompt_tokens":1},"choices":[{"delta":{"content":"x\\u00e9"},"finish_reason":null}],"a":{"b":[1,"2"]}}',
  '[1,-0.5e+3,true,false,null,"\\ud83d\\ude00\\n"]',
];

/** Where a campaign without a corpus begins: the bodies, streams and configurations of the cases. */
export function loadStart(name: Name): Buffer[] {
  const seeds = loadSeeds();
  switch (name) {
    case "json":
      return [...JSON_SEEDS.map((text) => Buffer.from(text)), ...seeds.flatMap(({ body, response }) => [body, response])];
    case "sse":
      return seeds.map(({ response }) => response).filter((response) => response.includes("data:"));
    case "aws":
      return [
        Buffer.concat([event("messageStart", { role: "assistant" }), exception("throttlingException", { message: "slow" })]),
        ...seeds
          .filter(({ awsEvents }) => awsEvents.length > 0)
          .map(({ awsEvents }) => Buffer.concat(awsEvents.map(({ type, data }) => event(type, data)))),
      ];
    default:
      // Keys of the cases become recognisable secrets.
      return loadCases().map((one) => Buffer.from(configText(one).replace(/"(sk-|key)[^"]*"/g, `"${SECRET}-1"`)));
  }
}
