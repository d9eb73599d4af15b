// Token estimates with a memory interface.
import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { TextTally, estimatePrompt } from "../../../assembly/usage/estimate";

/** Tokens of a response that passes in pieces of `size` bytes. */
export function responseTokens(text: ArrayBuffer, size: i32): i32 {
  const tally = new TextTally();
  const view = View.of(text);
  for (let at = 0; at < view.length; at += size) tally.add(view, at, at + size);
  return <i32>tally.tokens;
}

export function prompt(text: ArrayBuffer, start: i32, end: i32): i32 {
  return <i32>estimatePrompt(View.of(text), start, end);
}

/** Tokens when the text comes through OpenAI's form (1), the client's own (2), or both (3). */
export function translated(text: ArrayBuffer, forms: i32): i32 {
  const tally = new TextTally();
  const view = View.of(text);
  if (forms & 1) tally.addMiddle(view);
  if (forms & 2) tally.addOuter(view);
  return <i32>tally.tokens;
}
