// Which of DashScope's two generation services a model is served by: the wrong one responses 400 "url error".

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { holdsWord } from "../../model/name";

/**
 * True for models of multimodal-generation: qwen-vl and every later -vl, qvq, -omni, -audio, -asr, -ocr, and the series from
 * qwen3.5 on, which has eyes in all its sizes. Text only in spite of that are qwen3.6-max-preview and qwen3.7-max. Sources:
 * (https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference, Nov 2026); agentscope-java's routing with its
 * issues 2550 and 2981 (Nov 2026).
 */
export function isMultimodal(model: View): bool {
  if (model.startsWithIgnoreCase("qvq")) return true;
  if (
    holdsWord(model, "-vl") ||
    holdsWord(model, "-omni") ||
    holdsWord(model, "-audio") ||
    holdsWord(model, "-asr") ||
    holdsWord(model, "-ocr")
  )
    return true;
  if (!model.startsWithIgnoreCase("qwen3.")) return false;
  const minor = model.at(6) - Ascii.Digit0;
  if (minor < 5 || minor > 9) return false;
  return !((minor == 6 || minor == 7) && model.slice(7, 11).equalsIgnoreCase("-max"));
}
