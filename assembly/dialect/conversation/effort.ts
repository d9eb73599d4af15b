// How much a model shall think, for models that take a word where the client gave a number.

import { JsonDocument } from "../../json/document";

/** Thinking budgets (tokens) from which the effort is medium and high. The same steps as Higress. */
const MEDIUM_BUDGET: i64 = 4096;
const HIGH_BUDGET: i64 = 16384;

/** The effort for Anthropic's `thinking` object; "" when it is not switched on with a budget. */
export function budgetEffort(doc: JsonDocument, thinking: i32): string {
  if (!doc.memberIs(thinking, "type", "enabled")) return "";
  const budget = doc.integer(doc.get(thinking, "budget_tokens"), MEDIUM_BUDGET);
  return budget < MEDIUM_BUDGET ? "low" : budget < HIGH_BUDGET ? "medium" : "high";
}
