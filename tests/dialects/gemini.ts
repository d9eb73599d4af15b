// Gemini's generateContent, as Gemini and Vertex write it.
import { endOf, ID, json, MODEL, pieces, some, sse, usageOf, type Answer, type Json, type Speaker } from "./answer";

const ENDS = { stop: "STOP", calls: "STOP", length: "MAX_TOKENS", filter: "SAFETY", sequence: "STOP" };

const usage = (answer: Answer): Json => {
  const { input, output, cached, reasoning } = usageOf(answer);
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: input + output,
    ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
    ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
  };
};

/** A signature stands on what follows the thought: the first call, else the text. */
function parts({ thinking, text, calls, image }: Answer): Json[] {
  const sealed = thinking && { thoughtSignature: thinking.seal };
  return [
    ...some(thinking, (one) => ({ text: one.text, thought: true })),
    ...some(text, (one) => ({ text: one, ...(calls ? {} : sealed) })),
    ...some(image, (data) => ({ inlineData: { mimeType: "image/png", data } })),
    ...(calls ?? []).map(({ id, name, arguments: args }, at) => ({ functionCall: { id, name, args }, ...(at === 0 ? sealed : {}) })),
  ];
}

const beside = ({ citation, logprob }: Answer): Json => ({
  ...(citation && {
    groundingMetadata: {
      groundingChunks: [{ web: { uri: citation.url, title: citation.title } }],
      groundingSupports: [{ segment: { startIndex: 0, endIndex: 4, text: "cite" }, groundingChunkIndices: [0] }],
    },
  }),
  ...(logprob === undefined
    ? {}
    : { logprobsResult: { chosenCandidates: [{ token: "a", logProbability: logprob }], topCandidates: [{ candidates: [] }] } }),
});

const response = (answer: Answer, candidate: Json | null): Json => ({
  ...(candidate === null ? { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } } : { candidates: [{ index: 0, ...candidate }] }),
  usageMetadata: usage(answer),
  modelVersion: MODEL,
  responseId: ID,
});

const content = (list: Json[]) => ({ content: { role: "model", parts: list } });

export const gemini: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) => {
    if (answer.refusal !== undefined) return json(response(answer, null));
    return json(response(answer, { ...content(parts(answer)), finishReason: ENDS[endOf(answer)], ...beside(answer) }));
  },
  stream: (answer) => {
    if (answer.refusal !== undefined) return sse([response(answer, null)]);
    const told = parts(answer).flatMap((part) => {
      if (part.text === undefined) return [part];
      const { text, thoughtSignature, ...rest } = part;
      return [
        ...pieces(text).map((piece) => ({ text: piece, ...rest })),
        ...some(thoughtSignature, (seal) => ({ text: "", thoughtSignature: seal })),
      ];
    });
    const last = { ...content([{ text: "" }]), finishReason: ENDS[endOf(answer)], ...beside(answer) };
    return sse([...told.map((part) => response(answer, content([part]))), response(answer, last)]);
  },
  error: (status, message) => ({ error: { code: status, message, status: "RESOURCE_EXHAUSTED" } }),
};
