// Converse's TokenUsage in OpenAI's terms. `inputTokens` there excludes what was read from or written to a cache.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/** Takes over the counts of `node`, a usage object. */
export function readUsage(doc: JsonDocument, node: i32, usage: Usage): void {
  if (!doc.isObject(node)) return;
  const fresh = doc.integer(doc.get(node, "inputTokens"), -1);
  const cacheRead = doc.integer(doc.get(node, "cacheReadInputTokens"), -1);
  const cacheWrite = doc.integer(doc.get(node, "cacheWriteInputTokens"), -1);
  if (fresh >= 0) usage.input = fresh + (cacheRead < 0 ? 0 : cacheRead) + (cacheWrite < 0 ? 0 : cacheWrite);
  // Models that do not cache report zeros or nothing; either way nothing is said of it.
  if (cacheRead > 0 || cacheWrite > 0) {
    usage.cachedInput = cacheRead;
    usage.cacheWrite = cacheWrite;
  }
  usage.output = doc.integer(doc.get(node, "outputTokens"), usage.output);
  // The reported total is not clear about cached tokens: it counts only when the parts are missing.
  if (usage.input < 0 || usage.output < 0) usage.total = doc.integer(doc.get(node, "totalTokens"), -1);
}
