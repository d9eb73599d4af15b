// What a provider may answer: one row of the matrix each.
import type { Answer } from "../dialects";

export interface Answered {
  name: string;
  base?: Answer;
  more: Answer;
  /** What must be found in the client's response; without one, any difference from `base` will do. */
  mark?: string | number;
  /** Tools in the request, where calls are answered. */
  hasTools?: true;
}

const TEXT: Answer = { text: "Hello to you." };
export const THINKING = { text: "mark-of-thinking", seal: Buffer.from("mark of the seal, opaque").toString("base64") };
const CALLS = [
  { id: "call_abc1", name: "look", arguments: { q: "mark-of-call" } },
  { id: "call_abc2", name: "find", arguments: { q: "z" } },
];

export const ANSWERED: Answered[] = [
  { name: "thinking", more: { ...TEXT, thinking: THINKING }, mark: THINKING.text },
  { name: "calls", more: { calls: CALLS }, mark: "mark-of-call", hasTools: true },
  {
    name: "sources",
    more: { ...TEXT, citation: { url: "https://example.test/source", title: "mark-of-title" } },
    mark: "https://example.test/source",
  },
  { name: "image", more: { ...TEXT, image: "bWFyay1vZi1pbWFnZQ==" }, mark: "bWFyay1vZi1pbWFnZQ==" },
  { name: "logprobs", more: { ...TEXT, logprob: -0.4321 }, mark: -0.4321 },
  // Gemini refuses without a word.
  { name: "refusal", base: {}, more: { refusal: "mark-of-refusal" } },
  { name: "end: too long", more: { ...TEXT, end: "length" } },
  { name: "end: filtered", more: { ...TEXT, end: "filter" } },
  { name: "end: stop sequence", more: { ...TEXT, end: "sequence" } },
  {
    name: "tokens",
    base: { ...TEXT, usage: { input: 0, output: 0 } },
    more: { ...TEXT, usage: { input: 1171, output: 1373 } },
    mark: 1171,
  },
  { name: "tokens: cached", more: { ...TEXT, usage: { input: 1171, output: 20, cached: 977 } }, mark: 977 },
  { name: "tokens: written to a cache", more: { ...TEXT, usage: { input: 1171, output: 20, written: 953 } }, mark: 953 },
  { name: "tokens: of thinking", more: { ...TEXT, usage: { input: 30, output: 1373, reasoning: 911 } }, mark: 911 },
].map((one) => ({ base: TEXT, ...one }) as Answered);
