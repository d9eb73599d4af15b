// Test entry of the Cohere dialect.

import { CohereEmbeddings } from "../../../assembly/dialect/to-cohere/embeddings";
import { CohereTranslator } from "../../../assembly/dialect/to-cohere/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  const context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  if ((flags & 4) != 0) use(new CohereEmbeddings(context));
  else use(new CohereTranslator(context));
}
