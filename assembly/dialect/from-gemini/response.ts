// A whole chat.completion -> a GenerateContentResponse, and the members that it shares with the events of a stream.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { Candidate } from "./candidate";
import { ClientView } from "./client-view";
import { writeUsageMetadata } from "./usage";

/** Candidates that are told; Gemini's candidateCount ends there (https://ai.google.dev/api/generate-content, Nov 2026). */
export const MAX_CANDIDATES: i32 = 8;

/** Starts one candidate; parts follow, then endCandidate(). */
export function beginCandidate(out: Buffer): void {
  out.ascii('{"content":{"role":"model","parts":[');
}

/** Ends it; `finish` is empty while more follows. A candidate that ends without a part gets an empty text, as Gemini's own do. */
export function endCandidate(candidate: Candidate, finish: string, index: i32, out: Buffer): void {
  if (candidate.parts.length != 0) out.view(candidate.parts.toView());
  else out.ascii('{"text":""}');
  out.ascii("]}");
  if (finish.length != 0) {
    out.ascii(',"finishReason":"');
    out.ascii(finish);
    out.byte(Ascii.Quote);
    candidate.logprobs.write(out);
    if (candidate.sources.length != 0 && !candidate.sources.overflow) {
      out.wrap(',"groundingMetadata":{"groundingChunks":[', candidate.sources.toView(), "]}");
    }
  }
  out.ascii(',"index":');
  out.integer(index);
  out.byte(Ascii.RightBrace);
}

/** Appends `,"modelVersion":…,"responseId":…` from the document's names, the model that was asked without one. */
export function writeNames(doc: JsonDocument, context: TranslateContext, out: Buffer): void {
  const model = doc.root("model");
  const id = doc.root("id");
  out.ascii(',"modelVersion":');
  if (innerOf(doc, model).length != 0) out.view(doc.raw(model));
  else writeString(out, context.model);
  if (innerOf(doc, id).length == 0) return;
  out.put(',"responseId":', doc.raw(id));
}

/** Nothing came but the word that it was held back: Google's clients look for that at the prompt, too. */
export function writeBlock(out: Buffer): void {
  out.ascii(',"promptFeedback":{"blockReason":"SAFETY"}');
}

/** True when a candidate has ended by a filter before it said anything. */
export function isBlocked(candidate: Candidate): bool {
  return candidate.finish == "SAFETY" && !candidate.hasText && candidate.parts.length == 0;
}

/** Writes the response for the parsed completion; false when it holds none. */
export function writeResponse(doc: JsonDocument, context: TranslateContext, view: ClientView, usage: Usage, out: Buffer): bool {
  let count = 0;
  let isHeldBack = false;
  out.ascii('{"candidates":[');
  for (let choice = doc.first(doc.root("choices")); choice != NONE && count < MAX_CANDIDATES; choice = doc.next(choice)) {
    if (!doc.isObject(doc.get(choice, "message")) && !doc.isArray(doc.get(choice, "messages"))) return false;
    const candidate = new Candidate(doc, context, view);
    candidate.read(choice);
    candidate.end();
    if (candidate.isFailed || candidate.isFull) return false;
    if (isBlocked(candidate)) isHeldBack = true;
    if (count > 0) out.byte(Ascii.Comma);
    beginCandidate(out);
    endCandidate(candidate, candidate.isFinished ? candidate.finish : "STOP", count, out);
    count++;
  }
  if (count == 0) return false;
  out.byte(Ascii.RightBracket);
  if (isHeldBack) writeBlock(out);
  writeUsageMetadata(usage, out);
  writeNames(doc, context, out);
  out.byte(Ascii.RightBrace);
  return !out.overflow;
}
