// What a Bedrock model id tells: the family whose extra fields it takes, and its place in the path.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { hexValue } from "../../bytes/hex";
import { View } from "../../bytes/view";
import { pathProblem } from "../../http/path";
import { appendSegment } from "../../http/url";
import { holdsWord } from "../../model/name";

/**
 * Families that Converse treats differently. Ids seen: us.anthropic.claude-…, amazon.nova-2-lite-v1:0,
 * openai.gpt-oss-120b-1:0.
 */
export const enum Family {
  /** Everything else, and profiles whose ARN does not name their model. */
  Other,
  Claude,
  Nova,
  OpenAI,
}

export function familyOf(model: View): Family {
  if (holdsWord(model, "claude")) return Family.Claude;
  if (holdsWord(model, "amazon.nova")) return Family.Nova;
  return holdsWord(model, "openai.") ? Family.OpenAI : Family.Other;
}

/**
 * False for families of which some models answer 400 to `toolChoice.auto` ("This model doesn't support …"). It is the
 * default anyway, so it is left out; its reference names Claude, Nova and Mistral Large alone
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html, Nov 2026).
 */
export function takesToolChoice(model: View): bool {
  return !holdsWord(model, "meta.") && !holdsWord(model, "cohere.command") && !holdsWord(model, "ai21.");
}

/**
 * Appends `/model/<id>/<action>`, the id escaped as one segment (`:` is %3A, an ARN's `/` is %2F). An id that is configured
 * escaped already stays as it is: Higress's users write it so (its provider skips ids with a `%`, Aug 2026).
 */
export function writeModelPath(model: View, action: string, out: Buffer): void {
  out.ascii("/model/");
  if (model.indexOf(Ascii.Percent) >= 0 && isEscaped(model) && isOneSegment(model)) out.view(model);
  else appendSegment(out, model);
  out.byte(Ascii.Slash);
  out.ascii(action);
}

/**
 * False when a server could read more than one name in what is escaped: dot segments, control bytes, something escaped
 * twice.
 */
function isOneSegment(model: View): bool {
  const path = new Buffer(model.length + 8);
  path.put("/model/", model);
  return pathProblem(path.toView()).length == 0;
}

/** True when every byte can stand in a segment or belongs to an escape. */
function isEscaped(model: View): bool {
  for (let k = 0; k < model.length; k++) {
    const byte = model.at(k);
    if (byte == Ascii.Percent) {
      if (hexValue(model.at(k + 1)) < 0 || hexValue(model.at(k + 2)) < 0) return false;
      k += 2;
      continue;
    }
    const letter = byte | 0x20;
    const plain = <u32>(letter - Ascii.LowerA) < 26 || <u32>(byte - Ascii.Digit0) < 10;
    if (!plain && byte != Ascii.Hyphen && byte != Ascii.Dot && byte != Ascii.Underscore && byte != Ascii.Tilde) return false;
  }
  return true;
}
