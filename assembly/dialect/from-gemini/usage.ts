// Token counts as Gemini's usageMetadata, where thoughts stand beside the candidates.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { Usage } from "../../usage/usage";

/** Appends `,"usageMetadata":{…}`; nothing when no count is known (https://ai.google.dev/api/generate-content#UsageMetadata, Nov 2026). */
export function writeUsageMetadata(usage: Usage, out: Buffer): void {
  if (!usage.isKnown) return;
  const thoughts = max<i64>(usage.reasoning, 0);
  out.ascii(',"usageMetadata":{"promptTokenCount":');
  out.integer(max<i64>(usage.input, 0));
  out.ascii(',"candidatesTokenCount":');
  out.integer(max<i64>(usage.output - thoughts, 0));
  if (thoughts > 0) {
    out.ascii(',"thoughtsTokenCount":');
    out.integer(thoughts);
  }
  if (usage.cachedInput > 0) {
    out.ascii(',"cachedContentTokenCount":');
    out.integer(usage.cachedInput);
  }
  out.ascii(',"totalTokenCount":');
  out.integer(usage.totalOrSum);
  out.byte(Ascii.RightBrace);
}
