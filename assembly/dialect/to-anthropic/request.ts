// An OpenAI chat request as an Anthropic Messages request. The table of every field is docs/translation-anthropic.md.
// Sources: (https://platform.claude.com/docs/en/api/messages, Nov 2026),
// (https://platform.claude.com/docs/en/about-claude/models/migration-guide, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { writeString } from "../../json/text";
import { NONE } from "../../json/document";
import { TranslateContext } from "../translator";
import { Draft } from "../conversation/draft";
import { writeStopList } from "../conversation/stop-list";
import { isAllSystem } from "../conversation/roles";
import { toolList } from "../conversation/tool-list";
import { NO_MESSAGES, REQUEST_TOO_LARGE } from "../conversation/sentences";
import { writeMessages } from "./messages";
import { writeMaxTokens, writeMetadata, writeOutputConfig, writeSampling, writeServiceTier } from "./settings";
import { writeSystem } from "./system";
import { ThinkingPlan, writeThinkingSetting } from "./thinking";
import { writeToolChoice, writeTools } from "./tools";
import { Generation } from "./generation";

/**
 * Writes the request for the parsed body in `draft`. `generation` is that of the model that will answer. `bodyVersion` is
 * for hosts that name the model in the path: they take `anthropic_version` in place of `model` (Vertex:
 * `vertex-2023-10-16`). False when refused; the draft says why.
 */
export function writeRequest(draft: Draft, generation: Generation, context: TranslateContext, bodyVersion: string): bool {
  const doc = draft.doc;
  const out = draft.out;
  draft.isConversation = context.isConversation;
  draft.isHosted = bodyVersion.length != 0;
  const messages = doc.root("messages");
  if (doc.first(messages) == NONE || !doc.isArray(messages)) return draft.refuse(NO_MESSAGES, "messages");
  out.byte(Ascii.LeftBrace);
  if (bodyVersion.length != 0) draft.innerMember("anthropic_version", View.utf8(bodyVersion));
  else if (context.model.length != 0) {
    draft.key("model");
    writeString(out, context.model);
  } else draft.copyMember(0, "model");

  const plan = new ThinkingPlan(doc, generation);
  if (!writeMaxTokens(draft, plan)) return false;
  const systemAsUser = isAllSystem(doc, messages);
  if (!systemAsUser && !writeSystem(draft, messages)) return false;
  if (!writeMessages(draft, messages, systemAsUser)) return false;

  const tools = toolList(doc);
  if (tools != NONE) {
    if (!writeTools(draft, tools)) return false;
    // Without tools Anthropic refuses a choice among them.
    writeToolChoice(draft, plan.active);
  }
  writeThinkingSetting(draft, plan);
  writeSampling(draft, plan);
  writeStopList(draft, "stop_sequences", true);
  writeOutputConfig(draft, plan);
  writeMetadata(draft);
  if (!draft.isHosted) writeServiceTier(draft);
  draft.copyMark(0);
  if (context.stream) {
    draft.key("stream");
    out.ascii("true");
  }
  out.byte(Ascii.RightBrace);
  if (out.overflow) return draft.refuse(REQUEST_TOO_LARGE, "");
  return true;
}
