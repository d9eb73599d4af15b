// What the Gemini API answers, after its API reference (generateContent, streamGenerateContent, batchEmbedContents; read
// November 2026). Its event streams use CR LF and have no terminator.

export interface GeminiParts {
  parts?: object[];
  finish?: string;
  id?: string;
  model?: string;
  /** Prompt, candidates and thoughts tokens. */
  tokens?: [number, number, number?];
  index?: number;
}

/** One GenerateContentResponse. */
export function geminiResponse(response: GeminiParts): object {
  const { parts, finish, id = "resp-G1", model = "gemini-2.5-flash", tokens = [8, 5], index = 0 } = response;
  const [prompt, candidates, thoughts = 0] = tokens;
  const candidate = { ...(parts ? { content: { parts, role: "model" } } : {}), ...(finish ? { finishReason: finish } : {}), index };
  const usageMetadata = {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + candidates + thoughts,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: prompt }],
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
  };
  return { candidates: [candidate], usageMetadata, modelVersion: model, responseId: id };
}

const event = (data: object) => `data: ${JSON.stringify(data)}\r\n\r\n`;

/** A stream with one event for each list of parts; the counts are running totals and the last event finishes. */
export function geminiStream(response: Omit<GeminiParts, "parts"> & { parts: object[][] }): string[] {
  const [prompt, candidates, thoughts] = response.tokens ?? [8, 5];
  const last = response.parts.length - 1;
  return response.parts.map((parts, index) => {
    const tokens: GeminiParts["tokens"] = [prompt, Math.ceil((candidates * (index + 1)) / (last + 1)), thoughts];
    return event(geminiResponse({ ...response, parts, tokens, finish: index === last ? (response.finish ?? "STOP") : undefined }));
  });
}

/** One event with anything in it. */
export const geminiEvent = event;

/** An error body. */
export const geminiError = (code: number, status: string, message: string, details: object[] = []) => ({
  error: { code, message, status, ...(details.length > 0 ? { details } : {}) },
});
