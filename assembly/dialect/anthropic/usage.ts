// Anthropic's usage object in OpenAI's terms. `input_tokens` there excludes what was read from or written to a cache.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/** Token counts as Anthropic reports them; every report is cumulative, so the last value of each field holds. */
@final
export class AnthropicUsage {
  private fresh: i64 = -1;
  private cacheRead: i64 = -1;
  private cacheWrite: i64 = -1;

  /** Takes over the fields that `node`, a usage object, states; then brings `usage` up to date. */
  read(doc: JsonDocument, node: i32, usage: Usage): void {
    if (!doc.isObject(node)) return;
    const fresh = doc.integer(doc.get(node, "input_tokens"), -1);
    const cacheRead = doc.integer(doc.get(node, "cache_read_input_tokens"), -1);
    const cacheWrite = doc.integer(doc.get(node, "cache_creation_input_tokens"), -1);
    // Some compatible servers restate the input as zeros in message_delta (seen 2026): zeros do not take counts back.
    if (fresh > 0 || cacheRead > 0 || cacheWrite > 0 || this.fresh < 0) {
      if (fresh >= 0) this.fresh = fresh;
      if (cacheRead >= 0) this.cacheRead = cacheRead;
      if (cacheWrite >= 0) this.cacheWrite = cacheWrite;
    }
    if (this.fresh >= 0) usage.input = this.fresh + known(this.cacheRead) + known(this.cacheWrite);
    usage.cachedInput = this.cacheRead;
    usage.cacheWrite = this.cacheWrite;
    usage.output = doc.integer(doc.get(node, "output_tokens"), usage.output);
    const details = doc.get(node, "output_tokens_details");
    usage.reasoning = doc.integer(doc.get(details, "thinking_tokens"), usage.reasoning);
  }
}

function known(count: i64): i64 {
  return count < 0 ? 0 : count;
}
