// Reasoning parameters that two providers spell in their own way.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { Quirk } from "../provider";

const ENABLED: View = View.utf8('{"type":"enabled"}');
const PRESERVED: View = View.utf8('{"type":"enabled","clear_thinking":false}');
const DISABLED: View = View.utf8('{"type":"disabled"}');

/**
 * Zhipu has no reasoning_effort; its switch is `thinking: {type}`. A thinking that the client wrote itself stays.
 * Seen 2026-11 in Zhipu's chat completion reference.
 */
export function effortToThinking(editor: ObjectEditor): void {
  const effort = editor.find("reasoning_effort");
  if (effort < 0) return;
  const isWord = editor.kind(effort) == JsonKind.String;
  const isOff = editor.raw(effort).equals('"none"');
  editor.remove("reasoning_effort");
  if (isWord && editor.find("thinking") < 0) editor.insert("thinking", isOff ? DISABLED : ENABLED);
}

/**
 * The history holds thinking, and the provider is told to read it; what the client says of that stays. Qwen
 * (https://www.alibabacloud.com/help/en/model-studio/deep-thinking, QwenLM/qwen-code#5637, Nov 2026) and Zhipu
 * (https://docs.bigmodel.cn/cn/guide/capabilities/thinking-mode, Nov 2026) pass it over otherwise.
 */
export function keepThinking(editor: ObjectEditor, bits: i32): void {
  if ((bits & Quirk.PRESERVE_THINKING) != 0 && editor.find("preserve_thinking") < 0) editor.insert("preserve_thinking", View.utf8("true"));
  if ((bits & Quirk.EFFORT_TO_THINKING) == 0) return;
  const thinking = editor.find("thinking");
  if (thinking < 0) editor.insert("thinking", PRESERVED);
  else if (editor.raw(thinking).sameAs(ENABLED)) editor.set("thinking", PRESERVED);
}

/**
 * OpenRouter takes the budget as `reasoning.max_tokens`, and refuses it beside an effort: the effort goes.
 * Seen 2026-11 in OpenRouter's reasoning tokens guide.
 */
export function moveReasoningBudget(editor: ObjectEditor): void {
  const budget = editor.find("reasoning_max_tokens");
  if (budget < 0) return;
  const value = editor.raw(budget);
  const isNumber = editor.kind(budget) == JsonKind.Number;
  editor.remove("reasoning_max_tokens");
  editor.remove("reasoning_effort");
  if (!isNumber || value.equals("0")) return;
  const out = new Buffer(64);
  out.wrap('{"max_tokens":', value, "}");
  const reasoning = editor.find("reasoning");
  if (reasoning >= 0 && editor.kind(reasoning) == JsonKind.Object) {
    const raw = editor.raw(reasoning);
    // Our member first, then the client's own: a max_tokens of the client's wins as the later one.
    const inner = raw.slice(1, raw.length - 1).trim();
    if (inner.length != 0) {
      out.truncate(out.length - 1);
      out.byte(Ascii.Comma);
      out.view(inner);
      out.byte(Ascii.RightBrace);
    }
  }
  editor.set("reasoning", out.toView());
}
