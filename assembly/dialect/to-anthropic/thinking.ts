// How much the model shall think: OpenAI's reasoning_effort as Anthropic's thinking settings.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument, NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { Generation } from "./generation";
import { hasThinkingHistory } from "./thinking-history";

/** Anthropic's smallest budget (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, Nov 2026). */
const MIN_BUDGET: i64 = 1024;
const MEDIUM_BUDGET: i64 = 8192;
const HIGH_BUDGET: i64 = 16384;
const HIGHEST_BUDGET: i64 = 32768;

/** What will be said of thinking: the client's own object, a budget, an effort, or nothing. */
@final
export class ThinkingPlan {
  /** The client's `thinking` object, passed on as it is; NONE when there is none. */
  own: i32 = NONE;
  /** Tokens; 0 for no budget. */
  budget: i64 = 0;
  /** The client's own budget, or that of its effort, did not fit below its limit. */
  private isCut: bool = false;
  /** `output_config.effort` for models that take one; "" for none. */
  effort: string = "";
  /** The model will think: sampling settings and forced tools must go. */
  active: bool = false;

  constructor(
    doc: JsonDocument,
    public readonly generation: Generation,
  ) {
    const reasoning = doc.root("reasoning");
    let effort = doc.root("reasoning_effort");
    if (!doc.isSet(effort)) effort = doc.get(reasoning, "effort");
    const isOff = doc.textIn(effort, "none minimal");
    if (doc.isString(effort) && !isOff && generation.takesEffort) this.effort = effortWord(doc, effort, generation);
    const own = doc.root("thinking");
    // Anthropic's own effort turns no thinking on.
    const isOwnEffort = doc.isString(doc.get(doc.root("output_config"), "effort"));
    if (doc.isObject(own)) this.readOwn(doc, own);
    else if (!isOff && !isOwnEffort) this.readEffort(doc, generation, effort, reasoning);
    this.fit(doc.integer(limitNode(doc), -1));
  }

  /**
   * Thinking counts towards the client's limit, at OpenAI and here, and a budget has to be below it (400): the limit stays, and
   * the budget takes half of it. Where that leaves less than the smallest budget the model does not think.
   */
  private fit(limit: i64): void {
    if (this.budget == 0 || limit < 0 || this.budget < limit) return;
    this.budget = limit > MIN_BUDGET ? max(limit / 2, MIN_BUDGET) : 0;
    this.isCut = true;
    if (this.budget == 0) this.active = false;
  }

  private readOwn(doc: JsonDocument, own: i32): void {
    const type = doc.get(own, "type");
    // The conversation had another provider, whose thinking was taken out: see readEffort().
    if (doc.textIs(type, "enabled") && loopLacksThinking(doc)) return;
    this.own = own;
    if (doc.textIs(type, "enabled")) this.budget = doc.integer(doc.get(own, "budget_tokens"), 0);
    this.active = !doc.textIs(type, "disabled");
  }

  private readEffort(doc: JsonDocument, generation: Generation, effort: i32, reasoning: i32): void {
    // OpenRouter's reasoning.max_tokens and Higress's reasoning_max_tokens state a budget.
    let tokens = doc.integer(doc.root("reasoning_max_tokens"), 0);
    if (tokens == 0) tokens = doc.integer(doc.get(reasoning, "max_tokens"), 0);
    if (!doc.isString(effort) && tokens == 0) return;
    if (generation.wantsAdaptiveThinking && (tokens == 0 || generation.refusesSampling)) {
      if (this.effort.length == 0) this.effort = "medium";
      this.active = true;
      return;
    }
    // A tool loop whose last assistant turn came back without its thinking block is a 400 while thinking is on, and
    // OpenAI clients do not send the block back by themselves: then the turn goes on without thinking (Nov 2026).
    if (loopLacksThinking(doc)) return;
    this.budget = tokens > 0 ? (tokens < MIN_BUDGET ? MIN_BUDGET : tokens) : effortBudget(doc, effort);
    this.active = true;
  }

  /** True when there is anything to say of thinking. */
  get says(): bool {
    return this.active || (this.own != NONE && !this.isCut);
  }

  /** Writes Anthropic's `thinking` object. */
  write(draft: Draft): void {
    const doc = draft.doc;
    if (this.own != NONE && !this.isCut) draft.out.view(doc.raw(this.own));
    else if (this.budget > 0) {
      draft.out.ascii('{"type":"enabled","budget_tokens":');
      draft.out.integer(this.budget);
      draft.copyMember(this.own, "display");
      draft.out.byte(Ascii.RightBrace);
      // Adaptive models hide the text unless they are asked for it.
    } else draft.out.ascii('{"type":"adaptive","display":"summarized"}');
  }
}

/** The client's limit: max_completion_tokens, else max_tokens. */
export function limitNode(doc: JsonDocument): i32 {
  const limit = doc.root("max_completion_tokens");
  return doc.isSet(limit) ? limit : doc.root("max_tokens");
}

/** What it is called in the request. */
export function limitName(doc: JsonDocument): string {
  return doc.isSet(doc.root("max_completion_tokens")) ? "max_completion_tokens" : "max_tokens";
}

function effortBudget(doc: JsonDocument, effort: i32): i64 {
  if (doc.textIs(effort, "low")) return MIN_BUDGET;
  if (doc.textIs(effort, "high")) return HIGH_BUDGET;
  if (isHighest(doc, effort)) return HIGHEST_BUDGET;
  return MEDIUM_BUDGET;
}

/**
 * 4.5 ends at high, 4.6 has max and no xhigh, later models have all
 * (https://platform.claude.com/docs/en/build-with-claude/effort, Nov 2026).
 */
function effortWord(doc: JsonDocument, effort: i32, generation: Generation): string {
  if (doc.textIs(effort, "low")) return "low";
  const isTop = isHighest(doc, effort);
  if (doc.textIs(effort, "high") || (isTop && generation.version == 405)) return "high";
  if (!isTop) return "medium";
  return doc.textIs(effort, "max") || generation.version == 406 ? "max" : "xhigh";
}

function isHighest(doc: JsonDocument, effort: i32): bool {
  return doc.textIn(effort, "xhigh max");
}

/** True when the turn being continued holds tool calls but no signed thinking. */
function loopLacksThinking(doc: JsonDocument): bool {
  let lacks = false;
  let inTurn = false;
  let isSigned = false;
  const messages = doc.root("messages");
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    const role = doc.get(message, "role");
    if (doc.textIs(role, "user")) lacks = false;
    const before = inTurn;
    inTurn = doc.textIs(role, "assistant");
    if (!inTurn) continue;
    // Thinking opens a turn, which may be several messages.
    if (!before) isSigned = hasThinkingHistory(doc, message);
    lacks = !isSigned && ((before && lacks) || doc.first(doc.get(message, "tool_calls")) != NONE);
  }
  return lacks;
}

/** Writes the `thinking` member, if there is anything to say. */
export function writeThinkingSetting(draft: Draft, plan: ThinkingPlan): void {
  if (!plan.says) return;
  draft.key("thinking");
  plan.write(draft);
}
