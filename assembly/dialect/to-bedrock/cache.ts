// Where cache points go without being asked for message by message: settings of the provider, and OpenAI's
// `prompt_cache_retention` in their place when the request has it.

import { Ascii } from "../../bytes/ascii";
import { View, lowerCase } from "../../bytes/view";
import { CachePointsField, ProviderField } from "../../config/schema.gen";
import { Settings } from "../../config/settings";
import { JsonDocument } from "../../json/document";
import { Family } from "./model";

@final
export class CachePlan {
  system: bool = false;
  lastUser: bool = false;
  last: bool = false;
  /** "" for Bedrock's default of five minutes. */
  ttl: string = "";

  /**
   * Claude and Nova alone cache by point (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, Nov
   * 2026); others answer 400.
   */
  constructor(doc: JsonDocument, settings: Settings, family: Family) {
    this.read(doc, settings, family);
  }

  private read(doc: JsonDocument, settings: Settings, family: Family): void {
    if (family != Family.Claude && family != Family.Nova) return;
    const asked = doc.textOf(0, "prompt_cache_retention");
    const retention = asked.length != 0 ? asked : settings.text(ProviderField.PROMPT_CACHE_RETENTION);
    const isLong = retention.equals("24h");
    if (!isLong && !isInMemory(retention)) return;
    // An hour is the longest that Bedrock keeps.
    if (isLong) this.ttl = "1h";
    // The default of the whole is the system prompt.
    const isPlaced = settings.has(ProviderField.BEDROCK_PROMPT_CACHE_POINT_POSITIONS);
    this.system = !isPlaced || settings.flag(CachePointsField.SYSTEM_PROMPT);
    this.lastUser = settings.flag(CachePointsField.LAST_USER_MESSAGE);
    this.last = settings.flag(CachePointsField.LAST_MESSAGE);
  }
}

const IN_MEMORY: string = "inmemory";

/**
 * in_memory, as it is spelt in any way: OpenAI wrote in-memory in 2025 and in_memory in 2026; Higress takes both and more.
 */
function isInMemory(retention: View): bool {
  let letters = 0;
  for (let k = 0; k < retention.length; k++) {
    const byte = retention.at(k);
    if (byte == Ascii.Hyphen || byte == Ascii.Underscore || byte == Ascii.Space) continue;
    if (letters == IN_MEMORY.length || lowerCase(byte) != IN_MEMORY.charCodeAt(letters)) return false;
    letters++;
  }
  return letters == IN_MEMORY.length;
}
