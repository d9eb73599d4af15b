// Test entry of the MiniMax Pro dialect.

import { View } from "../../../assembly/bytes/view";
import { ProviderField } from "../../../assembly/config/schema.gen";
import { MiniMaxTranslator } from "../../../assembly/dialect/to-minimax/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

/** A new exchange: `flags` bit 0 stream, bit 1 include usage; `setting` is the dialect's own one. */
export function begin(flags: i32, model: ArrayBuffer, setting: ArrayBuffer): void {
  const context = contextOf(flags, model);
  context.options.settings.putText(ProviderField.MINIMAX_GROUP_ID, View.of(setting).copy());
  use(new MiniMaxTranslator(context));
}
