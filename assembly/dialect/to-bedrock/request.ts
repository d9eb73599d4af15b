// An OpenAI chat request as a Converse request. The table of every field is docs/translation-bedrock.md.
// Source: Amazon Bedrock API reference "Converse" and "ConverseStream", read Nov 2026. The model stands in the path.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { isAllSystem } from "../conversation/roles";
import { TranslateContext } from "../translator";
import { NO_MESSAGES, REQUEST_TOO_LARGE } from "../conversation/sentences";
import { AdditionalFields } from "./additional-fields";
import { betaList } from "../conversation/betas";
import { BETAS } from "./betas";
import { CachePlan } from "./cache";
import { writeMessages } from "./messages";
import { Family, familyOf } from "./model";
import { ReasoningPlan, writeFamilyFields, writeInferenceConfig, writeOutputConfig, writePassedMembers } from "./settings";
import { writeSystem } from "./system";
import { ToolPlan, writeNativeChoice, writeToolConfig } from "./tools";
import { Turns } from "./turns";

/** Writes the request for the parsed body in `draft`. False when refused; the draft says why. */
export function writeRequest(draft: Draft, context: TranslateContext, model: View): bool {
  const doc = draft.doc;
  const out = draft.out;
  const messages = doc.root("messages");
  if (doc.first(messages) == NONE || !doc.isArray(messages)) return draft.refuse(NO_MESSAGES, "messages");
  draft.isConversation = context.isConversation;
  const family = familyOf(model);
  const cache = new CachePlan(doc, context.options.settings, family);
  const fields = new AdditionalFields(draft, context.options.settings.text(ProviderField.BEDROCK_ADDITIONAL_FIELDS));
  const reasoning = new ReasoningPlan(draft, model, family, fields);
  const tools = new ToolPlan(draft, messages, model, family, reasoning.thinks);
  const turns = new Turns(draft);
  const systemAsUser = isAllSystem(doc, messages);

  out.byte(Ascii.LeftBrace);
  if (!writeMessages(turns, messages, systemAsUser, cache)) return false;
  if (!systemAsUser && !writeSystem(turns, messages, cache)) return false;
  if (!writeInferenceConfig(draft, reasoning, family)) return false;
  if (!writeToolConfig(draft, tools, messages)) return false;
  fields.writeGiven();
  writeFamilyFields(draft, fields, reasoning, family);
  const betas = family == Family.Claude ? betaList(context.betas, BETAS) : View.empty();
  if (betas.length != 0 && fields.derive("anthropic_beta")) out.view(betas);
  if (tools.isNative && fields.derive("tool_choice")) writeNativeChoice(draft, tools);
  fields.close();
  writeOutputConfig(draft);
  writePassedMembers(draft);
  // Converse tells which sequence ended a response only to who asks for it (API reference "Converse", Nov 2026).
  const asks = draft.isConversation && family == Family.Claude && doc.isSet(doc.root("stop"));
  if (asks && !doc.isSet(doc.root("additionalModelResponseFieldPaths"))) {
    draft.key("additionalModelResponseFieldPaths");
    out.ascii('["/stop_sequence"]');
  }
  out.byte(Ascii.RightBrace);
  if (out.overflow) return draft.refuse(REQUEST_TOO_LARGE, "");
  return true;
}
