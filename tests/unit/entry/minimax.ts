// Test entry of the MiniMax Pro dialect.

import { View } from "../../../assembly/bytes/view";
import { MiniMaxTranslator } from "../../../assembly/dialect/to-minimax/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

/** A new exchange: `flags` bit 0 stream, bit 1 include usage; `setting` is the dialect's own one. */
export function begin(flags: i32, model: ArrayBuffer, setting: ArrayBuffer): void {
  const translator = new MiniMaxTranslator(contextOf(flags, model));
  translator.groupId = View.of(setting).copy();
  use(translator);
}
