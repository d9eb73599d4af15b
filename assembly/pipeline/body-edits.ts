// What the operator changes in a request's body (config/body-edits.ts): the rule's part, then the provider's. Prompts join the client's own
// body before anything else is done with it; rules for parameters come last, in the body that leaves.

import { MAX_BUFFER } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ObjectEditor } from "../json/object-editor";
import { PatchList } from "../json/splice";
import { countsOnly } from "../model/api";
import { applyParameterRules } from "../provider/quirks/parameter-rules";
import { hasPrompts, withPrompts } from "../provider/quirks/prompts";
import { Exchange } from "./exchange";

/** What a prompt has around its text, at most. */
const AROUND: i64 = 64;

/** Messages of the operator join those of the client. */
export function addsPrompts(exchange: Exchange): bool {
  if (isDefined(CORE_BUILD) || exchange.gate.edits.prompts.length + exchange.config.edits.prompts.length == 0) return false;
  return !exchange.keepsPath && !exchange.isMultipart && hasPrompts(exchange.api);
}

/** Rules for parameters may have something to do. */
export function fitsParameters(exchange: Exchange): bool {
  if (isDefined(CORE_BUILD)) return false;
  return exchange.gate.edits.rules.length + exchange.config.edits.rules.length != 0 && !countsOnly(exchange.api);
}

/** The body with the operator's messages; null when it would be larger than any that can be sent. */
export function promptedBody(exchange: Exchange, body: View): View | null {
  const prompts = exchange.gate.edits.prompts.concat(exchange.config.edits.prompts);
  let size: i64 = body.length;
  for (let k = 0; k < prompts.length; k++) size += prompts[k].content.length + AROUND;
  return size > MAX_BUFFER ? null : withPrompts(body, exchange.api, prompts);
}

/** Edits the parameters of the body that leaves, of which `editor` has the members; `model`: whom it is for. */
export function fitParameters(exchange: Exchange, editor: ObjectEditor, model: View): void {
  applyParameterRules(editor, exchange.gate.edits.rules, model);
  applyParameterRules(editor, exchange.config.edits.rules, model);
}

/** The same in a whole body. */
export function fittedBody(exchange: Exchange, body: View): View {
  const patches = new PatchList();
  const editor = ObjectEditor.read(body, 0, patches);
  if (editor === null) return body;
  fitParameters(exchange, editor, exchange.askedModel);
  editor.finish();
  return patches.appliedTo(body);
}
