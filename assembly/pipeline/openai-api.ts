// Which of OpenAI's two APIs serves a chat, at OpenAI and Azure: chat completions, or the Responses API where those refuse the model, or
// an effort beside function tools (`openaiApi`, and model/family.ts).

import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { memberOf } from "../dialect/from-gemini/names";
import { JsonDocument, NONE } from "../json/document";
import { ObjectEditor } from "../json/object-editor";
import { Api, countedApi, hasPathModel } from "../model/api";
import { Refuses, familyOf, refusalsOf } from "../model/family";
import { hasEffortBesideTools } from "../provider/quirks/family";
import { Exchange } from "./exchange";

/**
 * Decides it for the request that `editor` has read; true, and noted in the exchange, for the Responses API. `body` is the client's. A
 * client of that API itself is not asked: its bytes pass.
 */
export function goesToResponses(exchange: Exchange, body: View, editor: ObjectEditor): bool {
  if (isDefined(CORE_BUILD) || isDefined(WITHOUT_RESPONSES)) return false;
  if (exchange.isAhead) return false;
  const upstream = exchange.upstream;
  const api = countedApi(exchange.api);
  if (api != Api.ChatCompletions && api != Api.Messages && !hasPathModel(api)) return false;
  if (!upstream.canServeResponses) return false;
  // OpenAI's service that counts tokens takes requests of this API alone. Azure's reference does not have it (Nov 2026).
  const isCount = api != exchange.api;
  if (isCount ? upstream.hasCustomUrl || upstream.azure !== null : !needsResponses(exchange, body, editor)) return false;
  exchange.targetApi = Api.Responses;
  exchange.isTranslated = true;
  return true;
}

function needsResponses(exchange: Exchange, body: View, editor: ObjectEditor): bool {
  const upstream = exchange.upstream;
  const settings = upstream.config.settings;
  if (settings.textIs(ProviderField.OPENAI_API, "responses")) return true;
  const isAuto = settings.textIs(ProviderField.OPENAI_API, "auto");
  // What a server behind a URL of the operator's has is not known.
  if (settings.textIs(ProviderField.OPENAI_API, "chat") || (!isAuto && upstream.hasCustomUrl)) return false;
  const refuses = refusalsOf(familyOf(upstream.deployedModel(exchange.upstreamModel)));
  if ((refuses & Refuses.CHAT) != 0) return true;
  if ((refuses & Refuses.EFFORT_WITH_TOOLS) == 0) return false;
  // Unless the operator says `auto`, what chat completions take with effort none stays there.
  if (exchange.api == Api.ChatCompletions) return (isAuto || editor.isSet("reasoning_effort")) && hasEffortBesideTools(editor, refuses);
  return isAuto && thinksBesideTools(exchange.api, body, (refuses & Refuses.RESTS_BY_DEFAULT) != 0);
}

/** True for a request of another API with tools whose model is to think; `rests`: without a word on it the model does not. */
function thinksBesideTools(api: Api, body: View, rests: bool): bool {
  const doc = new JsonDocument();
  if (!doc.parse(body) || doc.first(doc.root("tools")) == NONE) return false;
  if (api == Api.Messages) {
    const type = doc.get(doc.root("thinking"), "type");
    if (doc.isString(type)) return !doc.textIs(type, "disabled");
    return !rests || doc.isString(doc.get(doc.root("output_config"), "effort"));
  }
  const thinking = memberOf(doc, memberOf(doc, 0, "generationConfig"), "thinkingConfig");
  if (!doc.isObject(thinking)) return !rests;
  return doc.integer(memberOf(doc, thinking, "thinkingBudget"), 1) != 0;
}
