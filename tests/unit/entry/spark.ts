// Test entry of the Spark dialect.

import { SparkTranslator } from "../../../assembly/dialect/to-spark/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

/** A new exchange: `flags` bit 0 stream, bit 1 include usage; `setting` is the dialect's own one. */
export function begin(flags: i32, model: ArrayBuffer, setting: ArrayBuffer): void {
  const translator = new SparkTranslator(contextOf(flags, model));
  use(translator);
}
