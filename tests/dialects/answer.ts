// What a provider says, whatever its dialect. The files beside this one write it as the provider would.

export type Json = any;

export interface Call {
  id: string;
  name: string;
  arguments: Json;
}

export interface Answer {
  text?: string;
  thinking?: { text: string; seal: string };
  calls?: Call[];
  /** Why it ended; "stop" unless given, "calls" with calls. */
  end?: "stop" | "calls" | "length" | "filter" | "sequence";
  /** Why it says nothing. */
  refusal?: string;
  /** A source of the text. */
  citation?: { url: string; title: string };
  /** A picture in base64. */
  image?: string;
  /** The logarithm of the first token's probability. */
  logprob?: number;
  /** `input` holds `cached` and `written`, `output` holds `reasoning`. */
  usage?: { input: number; output: number; cached?: number; written?: number; reasoning?: number };
}

/** One way to speak. Members of an answer that the API has no place for are left out. */
export interface Speaker {
  whole(answer: Answer): Buffer;
  stream(answer: Answer): Buffer;
  streamType: string;
  error(status: number, message: string): Json;
  /** The events of a stream without the frames that they come in, where they do. */
  unframed?(answer: Answer): Buffer;
}

export const ID = "up-id-1";
export const MODEL = "up-model-1";

export const usageOf = ({ usage = { input: 30, output: 20 } }: Answer) => ({ cached: 0, written: 0, reasoning: 0, ...usage });
export const endOf = ({ end, calls }: Answer) => end ?? (calls ? "calls" : "stop");

export const json = (value: Json) => Buffer.from(JSON.stringify(value));

/** Events of an event stream; `isNamed`: with their types as names. */
export const sse = (events: (Json | string)[], isNamed = false): Buffer =>
  Buffer.from(
    events
      .map((one) => `${isNamed ? `event: ${one.type}\n` : ""}data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`)
      .join(""),
  );

/** A text in pieces, as models write it. */
export const pieces = (text: string): string[] => text.match(/.{1,5}/gsu) ?? [];

/** `value` as the only item when it is set. */
export const some = <T, R>(value: T | undefined, item: (value: T) => R): R[] => (value === undefined ? [] : [item(value)]);
