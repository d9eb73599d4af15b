// What of a request the response says again, as OpenAI's does: `instructions`, `tools`, `temperature` and the like.

import { Buffer } from "../../bytes/buffer";
import { JsonDocument } from "../../json/document";

/** A request's own words are kept until its response has ended: of longer ones the defaults are told. */
const MAX_VALUE: i32 = 64 << 10;

/** Members of a response that repeat those of its request (openai 6.49 and recorded responses, Nov 2026). */
const NAMES: StaticArray<string> = [
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "parallel_tool_calls",
  "prompt_cache_key",
  "reasoning",
  "safety_identifier",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "metadata",
];
/** What stands there when the request does not say. */
const DEFAULTS: StaticArray<string> = [
  "null",
  "null",
  "null",
  "true",
  "null",
  '{"effort":null,"summary":null}',
  "null",
  "null",
  '{"format":{"type":"text"}}',
  '"auto"',
  "[]",
  "0",
  "null",
  "null",
  "{}",
];

/** Appends these members, each with a comma before it. */
export function writeEcho(doc: JsonDocument, out: Buffer): void {
  for (let k = 0; k < NAMES.length; k++) {
    out.ascii(',"');
    out.ascii(NAMES[k]);
    out.ascii('":');
    const value = doc.root(NAMES[k]);
    if (!doc.isSet(value) || doc.end(value) - doc.start(value) > MAX_VALUE) out.ascii(DEFAULTS[k]);
    else if (NAMES[k] == "text" && !doc.isSet(doc.get(value, "format")) && doc.isString(doc.get(value, "verbosity"))) {
      out.wrap('{"format":{"type":"text"},"verbosity":', doc.raw(doc.get(value, "verbosity")), "}");
    } else out.view(doc.raw(value));
  }
}
