// Token counts that the provider did not report: from the prompt's bytes, which are weighed when the request leaves, and from
// the response's text, which is weighed as it passes. What was reported always beats an estimate.

import { View } from "../bytes/view";
import { Api } from "../model/api";
import { RequestScan } from "../provider/request-scan";
import { estimatePrompt } from "../usage/estimate";
import { Usage } from "../usage/usage";
import { NO_USAGE } from "./arrival";
import { Exchange } from "./exchange";
import { Failure } from "./failure";

/** The members of a request that a model reads. */
const READ: StaticArray<string> = [
  "messages", "input", "prompt", "system", "instructions", "tools", "functions", "contents", "systemInstruction",
]; // prettier-ignore
/** What the JSON around a message weighs more than what providers count for one. */
const AROUND_MESSAGE: i64 = 7;

/** Weighs the prompt of a request whose response is counted in tokens. */
export function estimatePromptTokens(exchange: Exchange, body: View, scan: RequestScan): void {
  if (!exchange.config.estimateUsage || !isCounted(exchange.api)) return;
  const editor = scan.editor;
  let tokens: i64 = 0;
  for (let k = 0; k < READ.length; k++) {
    const member = editor.find(READ[k]);
    if (member >= 0) tokens += estimatePrompt(body, editor.valueStart(member), editor.valueEnd(member));
  }
  tokens -= AROUND_MESSAGE * <i64>scan.messages;
  exchange.promptTokens = tokens > 0 ? tokens : 1;
}

function isCounted(api: Api): bool {
  switch (api) {
    case Api.ChatCompletions:
    case Api.Completions:
    case Api.Embeddings:
    case Api.Messages:
    case Api.Responses:
    case Api.GeminiGenerate:
    case Api.GeminiStreamGenerate:
      return true;
    default:
      return false;
  }
}

/** At the end: fills in what was not reported, of a response that began well. */
export function completeUsage(exchange: Exchange): void {
  const handler = exchange.handler;
  const usage = exchange.usage;
  const isGood = exchange.status >= 200 && exchange.status < 300 && exchange.failure == Failure.None;
  if (!handler.isCounted || !isGood || usage === NO_USAGE) return;
  const text = handler.textTokens;
  // Relays that count nothing write zeros: beside a response that is no report.
  if (usage.isZero && (text > 0 || exchange.api == Api.Embeddings)) usage.clear();
  divideTotal(usage, text);
  if (exchange.promptTokens < 0) return;
  // Without text it is an error, or a response of a kind that is not known; only a stream may not have come to its text.
  if (text == 0 && exchange.api != Api.Embeddings && !exchange.isStreamResponse) return;
  if (text == 0 && handler.errorSeen) return;
  // A stream that was cut short has its prompt's count, or an early count of the response, at best.
  if (usage.isKnown && (exchange.responseDone || usage.output >= text)) return;
  if (usage.input < 0) usage.input = exchange.promptTokens;
  if (usage.output < text) usage.output = text;
  usage.total = -1;
  exchange.isEstimated = true;
}

/** A total alone: all of it is input when no text came (rerank, embeddings), else the text's weight is what divides it. */
function divideTotal(usage: Usage, text: i64): void {
  if (usage.input >= 0 || usage.output >= 0 || usage.total < 0) return;
  usage.output = min(text, usage.total);
  usage.input = usage.total - usage.output;
}
