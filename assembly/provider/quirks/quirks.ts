// Applies a provider's quirks to a request in OpenAI's API, in one place and order.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { Api } from "../../model/api";
import { Quirk } from "../provider";
import { ProviderRow } from "../row";
import { RequestScan, Trait } from "../request-scan";
import { fitFamily } from "./family";
import { MessageRules } from "./message-rules";
import { beginsAmong, fitParameters } from "./parameters";
import { effortToThinking, keepThinking, moveReasoningBudget } from "./reasoning";

const FALSE: View = View.utf8("false");

/** Edits the body of an API other than chat. `bits` are the provider's quirks. */
export function applyQuirks(scan: RequestScan, bits: i32, api: Api): void {
  const editor = scan.editor;
  if ((bits & Quirk.NO_WATERMARK) != 0 && api == Api.ImageGeneration && editor.find("watermark") < 0) {
    editor.insert("watermark", FALSE);
  }
  if ((bits & Quirk.DROP_RESPONSE_EXTRAS) != 0 && api == Api.Responses) {
    // Doubao's Responses API answers 400 to these two (Higress drops them as well; seen 2026-04 in its provider).
    editor.remove("parallel_tool_calls");
    editor.remove("tool_choice");
  }
}

/**
 * Edits a chat, the last of all edits: what clients and operators said becomes what the provider takes. `asked` and `model`
 * are the model's names of the client and of the provider; with `isOurs` the chat was written from a request of another API; with
 * `takesAll` it is translated to an API that takes efforts beside tools.
 */
export function fitChat(
  scan: RequestScan,
  row: ProviderRow,
  bits: i32,
  asked: View,
  model: View,
  isOurs: bool,
  takesAll: bool = false,
): void {
  const editor = scan.editor;
  fitMessages(scan, row, bits, model);
  fitParameters(editor, row, model, isOurs || !asked.sameAs(model));
  if (row.hasFamilies) fitFamily(editor, asked, model, isOurs, takesAll);
  if ((bits & Quirk.EFFORT_TO_THINKING) != 0) effortToThinking(editor);
  if ((bits & Quirk.REASONING_BUDGET) != 0) moveReasoningBudget(editor);
  if ((scan.traits & Trait.THINKING) != 0) keepThinking(editor, bits);
}

/** True when fitChat() may have something to do with a chat that the gateway wrote itself. */
export function fitsChats(row: ProviderRow, bits: i32): bool {
  return row.hasFamilies || row.renames.length != 0 || (bits & (Quirk.MESSAGES | Quirk.EFFORT_TO_THINKING | Quirk.PRESERVE_THINKING)) != 0;
}

/** Before a chat is translated: all dialects want an object in the arguments of a call. */
export function fitCalls(scan: RequestScan, row: ProviderRow): void {
  if ((scan.traits & Trait.EMPTY_ARGUMENTS) != 0) fitMessages(scan, row, Quirk.CALL_OBJECTS, View.empty());
}

/** Messages that are as they came are rewritten only if the scan has seen something that the provider does not take. */
function fitMessages(scan: RequestScan, row: ProviderRow, bits: i32, model: View): void {
  const editor = scan.editor;
  const member = editor.find("messages");
  if ((bits & Quirk.MESSAGES) == 0 || editor.kind(member) != JsonKind.Array) return;
  const always = (bits & (Quirk.IDS_OF_NINE | Quirk.NO_USER_AFTER_TOOL)) != 0 || row.refusesInMessages.length != 0;
  if (!always && editor.isAsItCame(member) && (scan.traits & wantedTraits(bits)) == 0) return;
  const messages = editor.raw(member);
  const out = new Buffer(messages.length + 64);
  const thinks = beginsAmong(model, row.thinkers);
  const rules = new MessageRules(messages, bits, row.refusesInMessages, row.ownSeals, thinks, out);
  if (rules.rewrite() && !out.overflow) editor.set("messages", out.toView());
}

function wantedTraits(bits: i32): i32 {
  let traits = 0;
  if ((bits & Quirk.DEVELOPER_TO_SYSTEM) != 0) traits |= Trait.DEVELOPER;
  if ((bits & Quirk.TEXT_CONTENT) != 0) traits |= Trait.LIST;
  if ((bits & Quirk.CALL_OBJECTS) != 0) traits |= Trait.EMPTY_ARGUMENTS;
  if ((bits & Quirk.THINKING) != 0) traits |= Trait.THINKING;
  if ((bits & Quirk.FOREIGN_SEALS) != 0) traits |= Trait.SEALS;
  return traits;
}
