// Reads Gemini's generateContent, whole and as a stream. Source (November 2026): ai.google.dev/api/generate-content.
import { argumentsOf, emptyReading, eventDocuments, numberOf, type Json, type Reading, type Usage } from "../reading";

const FINISH: Record<string, string> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "filter",
  RECITATION: "filter",
  BLOCKLIST: "filter",
  PROHIBITED_CONTENT: "filter",
  SPII: "filter",
  IMAGE_SAFETY: "filter",
};

function usageOf(usage: Json): Usage | null {
  if (!usage) return null;
  const reasoning = numberOf(usage.thoughtsTokenCount);
  const input = numberOf(usage.promptTokenCount) + numberOf(usage.toolUsePromptTokenCount);
  const output = numberOf(usage.candidatesTokenCount) + reasoning;
  return { input, output, total: input + output, cached: numberOf(usage.cachedContentTokenCount), reasoning };
}

/** Sets what a part of streamed arguments says, at a path such as `$.list[0].name`; texts grow. */
function addArgument(args: Json, { jsonPath, ...value }: Json): void {
  const steps = [...String(jsonPath).matchAll(/[^$.[\]]+/g)].map(([step]) => step);
  let at = args;
  steps.slice(0, -1).forEach((step, index) => {
    at[step] ??= /^\d+$/.test(steps[index + 1]) ? [] : {};
    at = at[step];
  });
  const last = steps.at(-1) ?? "";
  if (typeof value.stringValue === "string") at[last] = (at[last] ?? "") + value.stringValue;
  else if ("numberValue" in value) at[last] = value.numberValue;
  else if ("boolValue" in value) at[last] = value.boolValue;
  else if ("nullValue" in value) at[last] = null;
}

/** A call, or more of the last one (`streamFunctionCallArguments`): that has no name. */
function takeCall(reading: Reading, call: Json): void {
  const last = reading.calls.at(-1);
  if (call.name || !last) reading.calls.push({ name: call.name, arguments: argumentsOf(call.args) });
  for (const part of call.partialArgs ?? []) addArgument(reading.calls.at(-1)!.arguments, part);
}

function take(reading: Reading, candidate: Json): void {
  for (const part of candidate.content?.parts ?? []) {
    if (typeof part.text === "string") reading[part.thought === true ? "reasoning" : "text"] += part.text;
    if (part.functionCall) takeCall(reading, part.functionCall);
  }
  if (candidate.finishReason) reading.finish = FINISH[candidate.finishReason] ?? candidate.finishReason;
}

/** Documents in order: one of a whole response, many of a stream. A later usage has all counts of its event. */
function read(documents: Json[]): Reading {
  const reading = emptyReading();
  let usage: Json = null;
  for (const document of documents) {
    take(reading, document.candidates?.[0] ?? {});
    if (document.promptFeedback?.blockReason) reading.finish = "filter";
    if (document.usageMetadata) usage = { ...usage, ...document.usageMetadata };
  }
  // Gemini says STOP beside calls.
  if (reading.finish === "stop" && reading.calls.length > 0) reading.finish = "calls";
  reading.usage = usageOf(usage);
  return reading;
}

export const readGemini = (body: Json): Reading => read(Array.isArray(body) ? body : [body]);
export const readGeminiStream = (text: string): Reading => read(eventDocuments(text));
