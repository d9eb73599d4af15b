// thinkingConfig: from the client's reasoning_effort, else from the provider's configured budget.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { JsonKind } from "../../json/cursor";
import { JsonDocument } from "../../json/document";
import { TranslateContext } from "../translator";
import { isGemini3, modelVersion, nameHas, neverThinks, thinks } from "./model";

/** Tokens for the three efforts: what Google's own OpenAI-compatible endpoint uses (announced Apr 2025). */
const LOW_BUDGET: i64 = 1024;
const MEDIUM_BUDGET: i64 = 8192;
const HIGH_BUDGET: i64 = 24576;
/** gemini-2.5-pro cannot stop thinking; this is the least it takes. */
const PRO_MINIMUM: i64 = 128;

/**
 * Appends the value of thinkingConfig; false when there is nothing to say. In order: `extra_body.google.thinking_config` as
 * it is (the extension of Google's OpenAI-compatible endpoint), a `thinking` object, `reasoning_effort`, the configured
 * budget. The last is sent to models that are known to think only, an effort to all but those that are known not to.
 */
export function writeThinking(doc: JsonDocument, root: i32, context: TranslateContext, out: Buffer): bool {
  const own = doc.get(doc.get(doc.get(root, "extra_body"), "google"), "thinking_config");
  if (doc.isObject(own)) {
    out.view(doc.raw(own));
    return true;
  }
  const model = context.model;
  const asked = doc.get(root, "thinking");
  const effort = doc.get(root, "reasoning_effort");
  // Adaptive thinking beside an effort says no more than the effort does.
  const isEffort = context.isConversation && doc.isString(effort) && doc.memberIs(asked, "type", "adaptive");
  if (doc.isObject(asked) && !isEffort) return writeAsked(doc, asked, model, out);
  if (doc.isString(effort) && !neverThinks(model)) {
    if (isGemini3(model) ? writeLevel(doc, effort, model, out) : writeEffortBudget(doc, effort, model, out)) return true;
  }
  const settings = context.options.settings;
  if (!settings.has(ProviderField.GEMINI_THINKING_BUDGET) || !thinks(model)) return false;
  writeBudget(settings.integer(ProviderField.GEMINI_THINKING_BUDGET), out);
  return true;
}

function writeBudget(budget: i64, out: Buffer): void {
  // Asking for thoughts while thinking is off is an error ("include_thoughts is only enabled when thinking is enabled").
  out.ascii(budget == 0 ? '{"thinkingBudget":' : '{"includeThoughts":true,"thinkingBudget":');
  out.integer(budget);
  out.byte(Ascii.RightBrace);
}

/** Anthropic's `thinking` object, which LiteLLM's and Envoy AI Gateway's clients send: what it asks is sent to any model. */
function writeAsked(doc: JsonDocument, asked: i32, model: View, out: Buffer): bool {
  if (doc.memberIs(asked, "type", "disabled")) {
    if (neverThinks(model)) return false;
    if (isGemini3(model)) writeLevelName(leastLevel(model), out);
    else writeBudget(leastBudget(model), out);
    return true;
  }
  const budget = doc.get(asked, "budget_tokens");
  out.ascii(doc.kind(doc.get(asked, "includeThoughts")) == JsonKind.False ? '{"includeThoughts":false' : '{"includeThoughts":true');
  if (doc.kind(budget) == JsonKind.Number) {
    out.put(',"thinkingBudget":', doc.raw(budget));
  }
  out.byte(Ascii.RightBrace);
  return true;
}

function leastBudget(model: View): i64 {
  return modelVersion(model) == 25 && nameHas(model, "-pro") ? PRO_MINIMUM : 0;
}

/** Pro models and flash from 3.7 on have no MINIMAL (https://ai.google.dev/gemini-api/docs/thinking, Nov 2026). */
function leastLevel(model: View): string {
  return nameHas(model, "flash-lite") || (nameHas(model, "flash") && modelVersion(model) < 37) ? "MINIMAL" : "LOW";
}

function writeLevelName(level: string, out: Buffer): void {
  out.ascii('{"includeThoughts":true,"thinkingLevel":"');
  out.ascii(level);
  out.ascii('"}');
}

function writeEffortBudget(doc: JsonDocument, effort: i32, model: View, out: Buffer): bool {
  if (doc.textIs(effort, "none")) writeBudget(leastBudget(model), out);
  else if (doc.textIn(effort, "minimal low")) writeBudget(LOW_BUDGET, out);
  else if (doc.textIs(effort, "medium")) writeBudget(MEDIUM_BUDGET, out);
  else if (doc.textIn(effort, "high xhigh max")) writeBudget(HIGH_BUDGET, out);
  else return false;
  return true;
}

/**
 * Gemini 3 takes a level, and refuses a level together with a budget. It cannot stop thinking: "none" becomes the least
 * level. 3.0 pro has no MEDIUM (https://ai.google.dev/gemini-api/docs/thinking, Nov 2026).
 */
function writeLevel(doc: JsonDocument, effort: i32, model: View, out: Buffer): bool {
  let level = "";
  if (doc.textIn(effort, "none minimal")) level = leastLevel(model);
  else if (doc.textIs(effort, "low")) level = "LOW";
  else if (doc.textIs(effort, "medium")) level = modelVersion(model) == 30 && nameHas(model, "-pro") ? "HIGH" : "MEDIUM";
  else if (doc.textIn(effort, "high xhigh max")) level = "HIGH";
  if (level.length == 0) return false;
  writeLevelName(level, out);
  return true;
}
