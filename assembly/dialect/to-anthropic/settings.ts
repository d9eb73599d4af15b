// Length, sampling, stop sequences, output format and the small members of a request.

import { Ascii } from "../../bytes/ascii";
import { JsonKind } from "../../json/cursor";
import { parseNumber } from "../../json/number";
import { Draft } from "../conversation/draft";
import { WRONG_LIMIT } from "../conversation/sentences";
import { ThinkingPlan, limitName, limitNode } from "./thinking";

/** `max_tokens` is required at Anthropic and not at OpenAI. The value is Higress's default. */
const DEFAULT_MAX_TOKENS: i64 = 4096;
/** Room for adaptive thinking, which counts towards max_tokens, where the client set no limit. */
const ADAPTIVE_ROOM: i64 = 16384;

/** Writes `max_tokens`: max_completion_tokens, else max_tokens, else the default above a thinking budget. */
export function writeMaxTokens(draft: Draft, plan: ThinkingPlan): bool {
  const doc = draft.doc;
  const limit = limitNode(doc);
  draft.key("max_tokens");
  if (!doc.isSet(limit)) {
    const room = plan.budget > 0 ? plan.budget : plan.active ? ADAPTIVE_ROOM : 0;
    draft.out.integer(DEFAULT_MAX_TOKENS + room);
    return true;
  }
  if (doc.kind(limit) != JsonKind.Number) return draft.refuse(WRONG_LIMIT, limitName(doc));
  draft.out.view(doc.raw(limit));
  return true;
}

/** Writes temperature, top_p and top_k as far as the model and its thinking allow them. */
export function writeSampling(draft: Draft, plan: ThinkingPlan): void {
  if (plan.generation.refusesSampling) return;
  const doc = draft.doc;
  const temperature = doc.root("temperature");
  const hasTemperature = doc.kind(temperature) == JsonKind.Number && !plan.active;
  // OpenAI allows 0 to 2, Anthropic 0 to 1.
  if (hasTemperature) draft.fraction("temperature", temperature);
  const topP = doc.root("top_p");
  if (doc.kind(topP) == JsonKind.Number) {
    // With thinking Anthropic takes 0.95 to 1 only.
    const fits = !plan.active || parseNumber(doc.raw(topP)) >= 0.95;
    if (fits && !(hasTemperature && plan.generation.takesOneSampler)) draft.member("top_p", topP);
  }
  const topK = doc.root("top_k");
  if (doc.kind(topK) == JsonKind.Number && !plan.active) draft.member("top_k", topK);
}

/**
 * Writes `output_config`: the JSON schema of response_format (`json_schema` only: Anthropic has no bare JSON mode, so
 * `json_object` is dropped) and the effort. A client's own output_config is passed on in its place.
 */
export function writeOutputConfig(draft: Draft, plan: ThinkingPlan): void {
  const doc = draft.doc;
  const own = doc.root("output_config");
  if (doc.isObject(own)) {
    draft.member("output_config", own);
    return;
  }
  const format = doc.root("response_format");
  const schema = doc.get(doc.get(format, "json_schema"), "schema");
  const hasSchema = doc.memberIs(format, "type", "json_schema") && doc.isObject(schema);
  if (!hasSchema && plan.effort.length == 0) return;
  draft.key("output_config");
  draft.out.byte(Ascii.LeftBrace);
  if (plan.effort.length != 0) {
    draft.out.ascii('"effort":"');
    draft.out.ascii(plan.effort);
    draft.out.byte(Ascii.Quote);
  }
  if (hasSchema) {
    draft.key("format");
    draft.out.ascii('{"type":"json_schema"');
    draft.member("schema", schema);
    draft.out.byte(Ascii.RightBrace);
  }
  draft.out.byte(Ascii.RightBrace);
}

/** Writes `metadata.user_id` from metadata.user_id, `user`, or OpenAI's newer safety_identifier. */
export function writeMetadata(draft: Draft): void {
  const doc = draft.doc;
  let user = doc.get(doc.root("metadata"), "user_id");
  if (!doc.isString(user)) user = doc.root("user");
  if (!doc.isString(user)) user = doc.root("safety_identifier");
  if (!doc.isString(user)) return;
  draft.key("metadata");
  draft.out.byte(Ascii.LeftBrace);
  draft.member("user_id", user);
  draft.out.byte(Ascii.RightBrace);
}

/** Writes `service_tier`: OpenAI's `default` is Anthropic's `standard_only`; `flex` has no counterpart. */
export function writeServiceTier(draft: Draft): void {
  const doc = draft.doc;
  const tier = doc.root("service_tier");
  if (doc.textIn(tier, "auto priority")) {
    draft.key("service_tier");
    draft.out.ascii('"auto"');
  } else if (doc.textIn(tier, "default standard_only")) {
    draft.key("service_tier");
    draft.out.ascii('"standard_only"');
  }
}
