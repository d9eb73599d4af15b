// Length, sampling and stop sequences (`inferenceConfig`), reasoning, output format and the members that pass through.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { writeInner } from "../../json/text";
import { parseNumber } from "../../json/number";
import { holdsWord } from "../../model/name";
import { Draft } from "../conversation/draft";
import { writeStopList } from "../conversation/stop-list";
import { ThinkingPlan, limitName, limitNode } from "../to-anthropic/thinking";
import { budgetEffort } from "../conversation/effort";
import { Generation } from "../to-anthropic/generation";
import { WRONG_LIMIT } from "../conversation/sentences";
import { AdditionalFields } from "./additional-fields";
import { Family } from "./model";

/** How the model shall reason, in the words of its family. */
@final
export class ReasoningPlan {
  /** Claude's settings; null for other families. */
  claude: ThinkingPlan | null = null;
  /** `low`, `medium` or `high` for Nova 2 and OpenAI's models, "" for nothing. */
  effort: string = "";
  /** Claude thinks: sampling settings and forced tools must go. */
  thinks: bool = false;
  /** Nova 2 at high effort takes no maxTokens, temperature or topP (its 400, seen 2026). */
  isUnbounded: bool = false;
  /** A Claude that takes no temperature, topP or top_k. */
  refusesSampling: bool = false;
  /** A Claude that takes temperature or topP, not both. */
  takesOneSampler: bool = false;

  constructor(draft: Draft, model: View, family: Family, fields: AdditionalFields) {
    if (family == Family.Claude) this.readClaude(draft, new Generation(model), fields);
    else this.readEffort(draft, model, family, fields);
  }

  private readClaude(draft: Draft, generation: Generation, fields: AdditionalFields): void {
    const plan = new ThinkingPlan(draft.doc, generation);
    this.refusesSampling = generation.refusesSampling;
    this.takesOneSampler = generation.takesOneSampler;
    this.claude = plan;
    this.thinks = fields.given("thinking").length != 0 ? fields.givesThinking : plan.active;
  }

  private readEffort(draft: Draft, model: View, family: Family, fields: AdditionalFields): void {
    const doc = draft.doc;
    let effort = doc.root("reasoning_effort");
    if (!doc.isSet(effort)) effort = doc.get(doc.root("reasoning"), "effort");
    const asked = draft.isConversation ? budgetEffort(doc, doc.root("thinking")) : "";
    if ((!doc.isString(effort) && asked.length == 0) || doc.textIs(effort, "none")) return;
    const isNova = family == Family.Nova && holdsWord(model, "nova-2");
    if (!isNova && family != Family.OpenAI) return;
    if (doc.textIs(effort, "minimal") && isNova) return;
    this.effort = doc.isString(effort) ? "medium" : asked;
    if (doc.textIn(effort, "low minimal")) this.effort = "low";
    else if (doc.textIn(effort, "high xhigh max")) this.effort = "high";
    this.isUnbounded = isNova && this.effort == "high" && fields.given("reasoningConfig").length == 0;
  }
}

/** Writes `inferenceConfig`, if there is anything to say. */
export function writeInferenceConfig(draft: Draft, plan: ReasoningPlan, family: Family): bool {
  const out = draft.out;
  const mark = out.length;
  draft.key("inferenceConfig");
  out.byte(Ascii.LeftBrace);
  const start = out.length;
  if (!writeMaxTokens(draft, plan)) return false;
  if (!plan.refusesSampling && !plan.isUnbounded) writeSampling(draft, plan);
  // Claude refuses blank ones.
  writeStopList(draft, "stopSequences", family == Family.Claude);
  if (out.length == start) out.truncate(mark);
  else out.byte(Ascii.RightBrace);
  return true;
}

/** max_completion_tokens, else max_tokens. Without it the model's own limit holds. */
function writeMaxTokens(draft: Draft, plan: ReasoningPlan): bool {
  const doc = draft.doc;
  const limit = limitNode(doc);
  if (!doc.isSet(limit)) return true;
  if (doc.kind(limit) != JsonKind.Number) return draft.refuse(WRONG_LIMIT, limitName(doc));
  if (!plan.isUnbounded) draft.member("maxTokens", limit);
  return true;
}

function writeSampling(draft: Draft, plan: ReasoningPlan): void {
  const doc = draft.doc;
  const temperature = doc.root("temperature");
  const hasTemperature = doc.kind(temperature) == JsonKind.Number && !plan.thinks;
  // OpenAI allows 0 to 2, Converse 0 to 1.
  if (hasTemperature) draft.fraction("temperature", temperature);
  const topP = doc.root("top_p");
  if (doc.kind(topP) != JsonKind.Number) return;
  // With thinking Claude takes 0.95 to 1 only, and newer ones take one of the two.
  if (plan.thinks && parseNumber(doc.raw(topP)) < 0.95) return;
  if (hasTemperature && plan.takesOneSampler) return;
  draft.member("topP", topP);
}

/** Writes what the model's family takes beside Converse's settings: thinking, effort, top_k. */
export function writeFamilyFields(draft: Draft, fields: AdditionalFields, plan: ReasoningPlan, family: Family): void {
  const doc = draft.doc;
  const out = draft.out;
  const own = doc.root("thinking");
  const claude = plan.claude;
  if (claude !== null) {
    if (claude.says && fields.derive("thinking")) claude.write(draft);
    const config = doc.root("output_config");
    if (doc.isObject(config)) writeRaw(draft, fields, "output_config", config);
    else if (claude.effort.length != 0 && fields.derive("output_config")) writeWord(draft, '{"effort":"', claude.effort, '"}');
    const topK = doc.root("top_k");
    const takesTopK = doc.kind(topK) == JsonKind.Number && !plan.thinks && !plan.refusesSampling;
    if (takesTopK) writeRaw(draft, fields, "top_k", topK);
    return;
  }
  // The form has Anthropic's object, which these models do not take.
  if (doc.isObject(own) && !draft.isConversation) writeRaw(draft, fields, "thinking", own);
  if (plan.effort.length == 0) return;
  if (family == Family.OpenAI) {
    if (fields.derive("reasoning_effort")) writeWord(draft, '"', plan.effort, '"');
  } else if (fields.derive("reasoningConfig")) {
    writeWord(draft, '{"type":"enabled","maxReasoningEffort":"', plan.effort, '"}');
  }
}

function writeRaw(draft: Draft, fields: AdditionalFields, name: string, node: i32): void {
  if (fields.derive(name)) draft.out.view(draft.doc.raw(node));
}

function writeWord(draft: Draft, before: string, word: string, after: string): void {
  draft.out.ascii(before);
  draft.out.ascii(word);
  draft.out.ascii(after);
}

/**
 * Writes `outputConfig` for a JSON schema; the schema goes as text
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_JsonSchemaDefinition.html, Nov 2026). Converse has no
 * bare JSON mode, so `json_object` is dropped. A client's own outputConfig is passed on in its place.
 */
export function writeOutputConfig(draft: Draft): void {
  const doc = draft.doc;
  const out = draft.out;
  const own = doc.root("outputConfig");
  if (doc.isObject(own)) {
    draft.member("outputConfig", own);
    return;
  }
  const format = doc.root("response_format");
  const definition = doc.get(format, "json_schema");
  const schema = doc.get(definition, "schema");
  if (!doc.memberIs(format, "type", "json_schema") || !doc.isObject(schema)) return;
  draft.key("outputConfig");
  out.ascii('{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"');
  writeInner(out, doc.raw(schema));
  out.byte(Ascii.Quote);
  draft.copyMember(definition, "name");
  draft.copyMember(definition, "description");
  out.ascii("}}}}");
}

/** Writes Converse's own members that clients send under Bedrock's names, and OpenAI's service tier. */
export function writePassedMembers(draft: Draft): void {
  const doc = draft.doc;
  let guardrail = doc.root("guardrailConfig");
  if (!doc.isObject(guardrail)) guardrail = doc.root("guardrail_config");
  if (doc.isObject(guardrail)) draft.member("guardrailConfig", guardrail);
  copyContainer(draft, "performanceConfig");
  copyContainer(draft, "requestMetadata");
  copyContainer(draft, "promptVariables");
  copyContainer(draft, "additionalModelResponseFieldPaths");
  const tier = doc.root("service_tier");
  if (doc.textIn(tier, "default flex priority reserved")) {
    draft.key("serviceTier");
    draft.out.byte(Ascii.LeftBrace);
    draft.member("type", tier);
    draft.out.byte(Ascii.RightBrace);
  }
}

function copyContainer(draft: Draft, name: string): void {
  const node = draft.doc.root(name);
  if (draft.doc.isObject(node) || draft.doc.isArray(node)) draft.member(name, node);
}
