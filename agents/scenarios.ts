// What a scripted provider says, turn by turn, whatever dialect it speaks; and what the agent is asked.

/** One response of the model. Without calls it is the last one. */
export interface Turn {
  thinking?: string;
  text?: string;
  /** Shell commands, one tool call each. */
  commands?: string[];
}

export interface Scenario {
  name: string;
  why: string;
  turns: Turn[];
  /** The prompt comes with a picture. */
  hasImage?: boolean;
  /** The status of the first response, which is an error in the provider's own form; the agent has to try again. */
  failsFirst?: number;
}

/** What the agent must print in the end. */
export const FINAL = "FINAL-OK";

/** A command whose output the provider wants back: the marker does not stand in the command itself. */
const print = (number: number) => `printf 'marker-%d' ${number}`;
export const markerOf = (command: string) => `marker-${command.split(" ").at(-1)}`;

export const SCENARIOS: Scenario[] = [
  {
    name: "loop",
    why: "One tool call after a thought; its result comes back, and the thought as the provider wants it.",
    turns: [{ thinking: "I run it.", commands: [print(42)] }, { text: FINAL }],
  },
  {
    name: "turns",
    why: "Three tool calls, one after another, with text beside them: the history grows and stays right.",
    turns: [
      { thinking: "First.", text: "First I look.", commands: [print(1)] },
      { thinking: "Second.", commands: [print(2)] },
      { text: "One more.", commands: [print(3)] },
      { text: FINAL },
    ],
  },
  {
    name: "parallel",
    why: "Two tool calls in one response: both results come back, each with its call.",
    turns: [{ thinking: "Both at once.", commands: [print(11), print(12)] }, { text: FINAL }],
  },
  {
    name: "image",
    why: "A picture in the prompt reaches the provider as a picture.",
    hasImage: true,
    turns: [{ commands: [print(7)] }, { text: FINAL }],
  },
  {
    name: "overloaded",
    why: "The first response is an error for which the agent tries again: it has to recognise it.",
    failsFirst: 503,
    turns: [{ commands: [print(5)] }, { text: FINAL }],
  },
];
