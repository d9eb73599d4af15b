// Anthropic's betas, which Converse takes in the body and Anthropic's own API in a header.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeString } from "../../json/text";

/**
 * Betas that Bedrock takes, without their dates; any other is a 400. Those of Claude Code and of OAuth are Anthropic's own matter.
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html, Nov 2026)
 */
export const BETAS: StaticArray<string> = [
  "computer-use-",
  "token-efficient-tools-",
  "interleaved-thinking-",
  "output-128k-",
  "dev-full-thinking-",
  "context-1m-",
  "context-management-",
  "effort-",
  "tool-search-tool-",
  "tool-examples-",
  "fine-grained-tool-streaming-",
];

function isBedrockBeta(name: View): bool {
  for (let k = 0; k < BETAS.length; k++) if (name.startsWith(BETAS[k])) return true;
  return false;
}

/** The names of a comma-separated header that Bedrock takes, as a JSON list; empty when it takes none. */
export function betaList(header: View): View {
  const list = new Buffer(header.length + 16);
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(Ascii.Comma, start);
    if (end < 0) end = header.length;
    const name = header.slice(start, end).trim();
    if (isBedrockBeta(name)) {
      list.byte(list.length == 0 ? Ascii.LeftBracket : Ascii.Comma);
      writeString(list, name);
    }
    start = end + 1;
  }
  if (list.length > 0) list.byte(Ascii.RightBracket);
  return list.toView();
}
