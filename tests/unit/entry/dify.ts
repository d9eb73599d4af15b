// Test entry of the Dify dialect.

import { View } from "../../../assembly/bytes/view";
import { ProviderField } from "../../../assembly/config/schema.gen";
import { DifyTranslator } from "../../../assembly/dialect/to-dify/translator";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { contextOf, use } from "./exchange";

export * from "./exchange";

let context: TranslateContext = new TranslateContext();
let translator: DifyTranslator = new DifyTranslator(context);

/** A new exchange: `flags` bit 0 stream, bit 1 include usage. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  translator = new DifyTranslator(context);
  use(translator);
}

export function configure(botType: ArrayBuffer, input: ArrayBuffer, output: ArrayBuffer, base: ArrayBuffer): void {
  const settings = context.options.settings;
  settings.putText(ProviderField.BOT_TYPE, View.of(botType).copy());
  settings.putText(ProviderField.INPUT_VARIABLE, View.of(input).copy());
  settings.putText(ProviderField.OUTPUT_VARIABLE, View.of(output).copy());
  settings.putText(ProviderField.DIFY_API_URL, View.utf8("http://dify.test" + View.of(base).toString()));
  translator = new DifyTranslator(context);
  use(translator);
}

export function setConversation(id: ArrayBuffer): void {
  translator.conversationId = View.of(id).copy();
}

export function conversation(): ArrayBuffer {
  return String.UTF8.encode(translator.conversationId.toString());
}
