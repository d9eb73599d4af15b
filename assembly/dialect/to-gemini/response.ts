// A whole GenerateContentResponse -> chat.completion.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { TranslateContext } from "../translator";
import { Usage } from "../../usage/usage";
import { FormResponse } from "../conversation/form-response";
import { writeParts } from "./form-response";
import { CandidateReader } from "./candidate";
import { isPromptBlocked, mapFinishReason } from "./finish-reason";
import { annotationsOf } from "./grounding";
import { writeLogprobs } from "./logprobs";
import { CallIds, writeSignature } from "./tool-calls";
import { writeHexNumber } from "../../bytes/hex";

/** The response's id: Gemini's responseId, else one of our own. Owned bytes. */
export function responseId(doc: JsonDocument, root: i32, nonce: u64): View {
  const given = doc.textOf(root, "responseId");
  if (given.length != 0) return given.copy();
  const made = new Buffer(32);
  made.ascii("chatcmpl-");
  writeHexNumber(made, nonce);
  return made.toView();
}

/** The model that answered: modelVersion, else the one that was asked. Owned bytes. */
export function responseModel(doc: JsonDocument, root: i32, asked: View): View {
  const given = doc.textOf(root, "modelVersion");
  return given.length != 0 ? given.copy() : asked.copy();
}

/**
 * Writes the completion for the parsed document. A prompt that was refused has no candidates: it becomes one choice with
 * null content and content_filter, because OpenAI's clients read choices[0] without a check.
 */
export function writeCompletion(doc: JsonDocument, context: TranslateContext, id: View, model: View, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  writer.begin(out, id, model, context.now);
  const reader = new CandidateReader(new CallIds(context.nonce));
  const candidates = doc.root("candidates");
  for (let candidate = doc.first(candidates); candidate != NONE; candidate = doc.next(candidate)) {
    reader.read(doc, candidate, -1);
    fillChoice(doc, candidate, reader, writer);
    writer.endChoice(out, mapFinishReason(doc, doc.get(candidate, "finishReason"), reader.callCount > 0));
  }
  if (doc.first(candidates) == NONE) writer.endChoice(out, isPromptBlocked(doc, 0) ? "content_filter" : "stop");
  writer.end(out, usage);
}

/** The same in the conversation form, of the first candidate. */
export function writeForm(doc: JsonDocument, context: TranslateContext, id: View, model: View, usage: Usage, out: Buffer): void {
  const writer = new FormResponse(out);
  writer.begin(id, model, context.now);
  const candidate = doc.first(doc.root("candidates"));
  writeParts(writer.turn, out, doc, candidate, new CallIds(context.nonce), context.model);
  const blocked = candidate == NONE && isPromptBlocked(doc, 0);
  const finish = blocked ? "content_filter" : mapFinishReason(doc, doc.get(candidate, "finishReason"), writer.turn.calls > 0);
  writer.end(finish, usage, View.empty(), annotationsOf(doc, candidate));
}

function fillChoice(doc: JsonDocument, candidate: i32, reader: CandidateReader, writer: CompletionWriter): void {
  const choice = writer.choice;
  if (reader.content.length != 0) choice.addContent(reader.content.toView());
  if (reader.reasoning.length != 0) choice.addReasoning(reader.reasoning.toView());
  choice.toolCalls.view(reader.calls.toView());
  choice.toolCount = reader.callCount;
  if (reader.images.length != 0) choice.addExtra("images", CandidateReader.bracket(reader.images));
  copyMember(doc, candidate, "safetyRatings", "safety_ratings", choice);
  copyMember(doc, candidate, "groundingMetadata", "grounding_metadata", choice);
  if (reader.signature.length != 0) {
    const signature = new Buffer(reader.signature.length + 40);
    writeSignature(signature, reader.signature);
    choice.addExtra("extra_content", signature.toView());
  }
  const logprobs = new Buffer(16);
  if (writeLogprobs(doc, candidate, logprobs)) choice.addBeside("logprobs", logprobs.toView());
}

/** What OpenAI has no word for goes along under Envoy AI Gateway's names (Nov 2026), when it says anything. */
function copyMember(doc: JsonDocument, candidate: i32, from: string, to: string, choice: Choice): void {
  const node = doc.get(candidate, from);
  if (doc.first(node) != NONE) choice.addExtra(to, doc.raw(node));
}
