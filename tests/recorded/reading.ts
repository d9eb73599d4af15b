// What an exchange told, in words that belong to no API: the common ground on which a provider's reply and what the client got are compared.
import { createParser } from "eventsource-parser";

export interface Call {
  name: string;
  /** As JSON; text that is none stays text. */
  arguments: unknown;
}

/** In OpenAI's terms: input holds the cached and the written tokens, output the reasoning. */
export interface Usage {
  input: number;
  output: number;
  total: number;
  cached: number;
  reasoning: number;
}

export interface Reading {
  text: string;
  reasoning: string;
  calls: Call[];
  /** `stop`, `length`, `calls` or `filter`; a provider's own word where it is none of these; "" when there was none. */
  finish: string;
  usage: Usage | null;
}

/** JSON of others: readers look at what may be there. */
export type Json = any;

export const emptyReading = (): Reading => ({ text: "", reasoning: "", calls: [], finish: "", usage: null });

/** The arguments of a call that came as text. None at all are an empty object. */
export function argumentsOf(text: unknown): unknown {
  if (typeof text !== "string") return text ?? {};
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return text;
  }
}

export const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

/** The data of each event, in order; a mark of the end such as [DONE] too. */
export function eventData(text: string): string[] {
  const data: string[] = [];
  const parser = createParser({ onEvent: (event) => data.push(event.data) });
  parser.feed(text);
  // An event that no empty line ends is told too: providers leave the last line out.
  parser.feed("\n\n");
  return data;
}

/** The data of each event that is JSON. */
export function eventDocuments(text: string): Json[] {
  return eventData(text)
    .filter((data) => data !== "[DONE]" && data.trim() !== "")
    .map((data) => JSON.parse(data) as Json);
}

/** Texts of a list of parts, joined. */
export const joined = (parts: Json, pick: (part: Json) => unknown): string =>
  Array.isArray(parts)
    ? parts
        .map(pick)
        .filter((text) => typeof text === "string")
        .join("")
    : "";

/** Parts of Gemini that tell of tools which Google ran itself: other APIs have no place for them, nor for their signatures. */
const OWN_TOOLS = ["toolCall", "toolResponse", "executableCode", "codeExecutionResult"];

/** What a provider signs its thoughts with, wherever it stands: a client has to be able to give it back. */
export function signaturesIn(value: Json, found: Set<string> = new Set()): Set<string> {
  if (value === null || typeof value !== "object" || OWN_TOOLS.some((key) => key in value)) return found;
  for (const [key, member] of Object.entries(value)) {
    const isSignature = key === "signature" || key === "thoughtSignature" || (key === "data" && value.type === "redacted_thinking");
    if (isSignature && typeof member === "string" && member !== "") found.add(member);
    else signaturesIn(member, found);
  }
  return found;
}
