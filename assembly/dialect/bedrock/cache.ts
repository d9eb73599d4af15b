// Where cache points go without being asked for message by message: settings of the provider, and OpenAI's
// `prompt_cache_retention` in their place when the request has it.

import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { TranslateOptions } from "../options";
import { Family } from "./model";

@final
export class CachePlan {
  system: bool = false;
  lastUser: bool = false;
  last: bool = false;
  /** "" for Bedrock's default of five minutes. */
  ttl: string = "";

  /** Claude and Nova alone cache by point (Bedrock user guide "Prompt caching", read Nov 2026); others answer 400. */
  constructor(doc: JsonDocument, options: TranslateOptions, family: Family) {
    this.read(doc, options, family);
  }

  private read(doc: JsonDocument, options: TranslateOptions, family: Family): void {
    if (family != Family.Claude && family != Family.Nova) return;
    const asked = doc.text(doc.get(0, "prompt_cache_retention"));
    const retention = asked.length > 0 ? asked : options.cacheRetention;
    const isLong = retention.equals("24h");
    if (!isLong && !isInMemory(retention)) return;
    // An hour is the longest that Bedrock keeps.
    if (isLong) this.ttl = "1h";
    this.system = options.cacheSystemPrompt;
    this.lastUser = options.cacheLastUserMessage;
    this.last = options.cacheLastMessage;
  }
}

/** OpenAI spelt it both ways in 2025 and 2026. */
function isInMemory(retention: View): bool {
  return retention.equals("in_memory") || retention.equals("in-memory");
}
