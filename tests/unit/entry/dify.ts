// Test entry of the Dify dialect.

import { View } from "../../../assembly/bytes/view";
import { DifyTranslator } from "../../../assembly/dialect/to-dify/translator";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

let translator: DifyTranslator = new DifyTranslator(new TranslateContext());

/** A new exchange: `flags` bit 0 stream, bit 1 include usage. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  const context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  translator = new DifyTranslator(context);
  use(translator);
}

export function configure(botType: ArrayBuffer, input: ArrayBuffer, output: ArrayBuffer, base: ArrayBuffer): void {
  translator.botType = View.of(botType).copy();
  translator.inputVariable = View.of(input).copy();
  translator.outputVariable = View.of(output).copy();
  translator.basePath = View.of(base).copy();
}

export function setConversation(id: ArrayBuffer): void {
  translator.conversationId = View.of(id).copy();
}

export function conversation(): ArrayBuffer {
  return String.UTF8.encode(translator.conversationId.toString());
}
