// The text parts of a response of OpenAI's Responses API, and the names of the events that stream them.

import { View } from "../../bytes/view";

/** What the pieces that come are part of. */
export const enum PartKind {
  None,
  Text,
  Refusal,
  Summary,
  /** Reasoning as it is, where no summary was asked for. */
  Thought,
}

/** By PartKind: the name of its text events between `response.` and `.delta` or `.done`. */
export const STEMS: StaticArray<string> = ["", "output_text", "refusal", "reasoning_summary_text", "reasoning_text"];

/** The part that an event adds to, by the event's type without `response.`; None for any other event. */
export function partOfDelta(type: View): PartKind {
  for (let kind = 1; kind < STEMS.length; kind++) {
    const stem = STEMS[kind];
    if (type.length == stem.length + 6 && type.startsWith(stem) && type.endsWith(".delta")) return <PartKind>kind;
  }
  return PartKind.None;
}
