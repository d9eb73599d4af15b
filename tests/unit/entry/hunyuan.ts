// Test entry of the Hunyuan dialect.

import { Secret } from "../../../assembly/auth/secret";
import { View } from "../../../assembly/bytes/view";
import { HunyuanEmbeddings } from "../../../assembly/dialect/to-hunyuan/embeddings";
import { signCall } from "../../../assembly/dialect/to-hunyuan/service";
import { HunyuanTranslator } from "../../../assembly/dialect/to-hunyuan/translator";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { HeaderList } from "../../../assembly/http/header-list";
import { contextOf, linesOf, use } from "./exchange";

export * from "./exchange";

let translator: Translator = new HunyuanTranslator(new TranslateContext());

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  const context = contextOf(flags, model);
  context.options.reasoningMode = reasoningMode;
  translator = (flags & 4) != 0 ? <Translator>new HunyuanEmbeddings(context) : <Translator>new HunyuanTranslator(context);
  use(translator);
}

/** The translator's headers and those that sign `body`, `name: value` a line. */
export function sign(host: ArrayBuffer, id: ArrayBuffer, key: ArrayBuffer, body: ArrayBuffer, seconds: f64): ArrayBuffer {
  const list = new HeaderList();
  translator.headers(list);
  signCall(View.of(host), View.of(id), new Secret(View.of(key)), View.of(body), <i64>seconds, list);
  return linesOf(list);
}
