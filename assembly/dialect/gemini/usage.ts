// usageMetadata -> Usage.

import { JsonDocument } from "../../json/document";
import { Usage } from "../../usage/usage";

/**
 * Takes the counts of a response into `usage`. In a stream every event carries running totals, so the last one stands;
 * counts that an event leaves out keep their value (Vertex sends events with `trafficType` only, seen Nov 2026).
 * OpenAI's completion tokens include thoughts and its prompt tokens include what tools fed back; Gemini counts both apart.
 */
export function readUsage(doc: JsonDocument, root: i32, usage: Usage): void {
  const node = doc.get(root, "usageMetadata");
  const prompt = count(doc, node, "promptTokenCount");
  const toolPrompt = count(doc, node, "toolUsePromptTokenCount");
  const candidates = count(doc, node, "candidatesTokenCount");
  const thoughts = count(doc, node, "thoughtsTokenCount");
  const total = count(doc, node, "totalTokenCount");
  if (prompt < 0 && candidates < 0 && thoughts < 0 && total < 0) return;
  if (prompt >= 0) usage.input = prompt + (toolPrompt < 0 ? 0 : toolPrompt);
  if (thoughts >= 0) usage.reasoning = thoughts;
  const reasoning: i64 = usage.reasoning < 0 ? 0 : usage.reasoning;
  // Zero counts are left out on the wire (proto3), so the first event of a thinking model has no candidates count.
  if (candidates >= 0) usage.output = candidates + reasoning;
  else if (usage.output < reasoning) usage.output = reasoning;
  if (total >= 0) usage.total = total;
  const cached = count(doc, node, "cachedContentTokenCount");
  if (cached >= 0) usage.cachedInput = cached;
}

function count(doc: JsonDocument, node: i32, name: string): i64 {
  return doc.integer(doc.get(node, name), -1);
}
