// Thought signatures, Google's seals of parts.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { modelVersion } from "./model";

/**
 * The thought signature that a message, part or tool call carries, as a raw JSON string; empty when there is none.
 * `extra_content.google.thought_signature` is the field of Google's OpenAI-compatible endpoint and of our responses,
 * `provider_specific_fields.thought_signature` is LiteLLM's.
 */
export function signatureOf(doc: JsonDocument, holder: i32): View {
  const google = doc.get(doc.get(doc.get(holder, "extra_content"), "google"), "thought_signature");
  if (doc.isString(google) && !doc.textIs(google, "")) return doc.raw(google);
  const other = doc.get(doc.get(holder, "provider_specific_fields"), "thought_signature");
  return doc.isString(other) && !doc.textIs(other, "") ? doc.raw(other) : View.empty();
}

/** True for a thought of the conversation form that is Google's own. */
export function isGoogles(doc: JsonDocument, thought: i32): bool {
  return doc.isObject(doc.get(doc.get(thought, "extra_content"), "google"));
}

/**
 * The value of `extra_content.google` for a signature (raw JSON string), empty for none. `optional` says that the model takes the
 * part back without it: those before Gemini 3 (https://ai.google.dev/gemini-api/docs/thought-signatures, Nov 2026).
 */
export function googleSeal(raw: View, model: View): View {
  if (raw.length == 0) return raw;
  const version = modelVersion(model);
  const seal = new Buffer(raw.length + 48);
  seal.put('{"thought_signature":', raw);
  if (version > 0 && version < 30) seal.ascii(',"optional":true');
  seal.byte(Ascii.RightBrace);
  return seal.toView();
}
