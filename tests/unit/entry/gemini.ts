// Test entry of the Gemini dialect.

import { View } from "../../../assembly/bytes/view";
import { ProviderField } from "../../../assembly/config/schema.gen";
import { GeminiEmbeddings } from "../../../assembly/dialect/to-gemini/embeddings";
import { GeminiTranslator } from "../../../assembly/dialect/to-gemini/translator";
import { parseNumber } from "../../../assembly/json/number";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

let context: TranslateContext = new TranslateContext();
let safety: Array<View> = [];

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32, thinkingBudget: i64): void {
  context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  if (thinkingBudget != i64.MIN_VALUE) context.options.settings.putNumber(ProviderField.GEMINI_THINKING_BUDGET, <i32>thinkingBudget);
  safety = [];
  context.options.settings.putTexts(ProviderField.GEMINI_SAFETY_SETTING, safety);
  if ((flags & 4) != 0) use(new GeminiEmbeddings(context));
  else use(new GeminiTranslator(context));
}

export function addSafety(text: ArrayBuffer): void {
  safety.push(View.of(text).copy());
}

export function setVersion(text: ArrayBuffer): void {
  context.options.settings.putText(ProviderField.API_VERSION, View.of(text).copy());
}

export function setProject(text: ArrayBuffer): void {
  context.options.settings.putText(ProviderField.VERTEX_PROJECT_ID, View.of(text).copy());
}

export function number(text: ArrayBuffer): f64 {
  return parseNumber(View.of(text));
}
