// Test entry of the DashScope dialect.

import { ProviderField } from "../../../assembly/config/schema.gen";
import { DashScopeEmbeddings } from "../../../assembly/dialect/to-dashscope/embeddings";
import { DashScopeTranslator } from "../../../assembly/dialect/to-dashscope/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings, bit 3 the operator's web search. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  const context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  context.options.settings.putNumber(ProviderField.QWEN_ENABLE_SEARCH, (flags & 8) != 0 ? 1 : 0);
  if ((flags & 4) != 0) use(new DashScopeEmbeddings(context));
  else use(new DashScopeTranslator(context));
}
