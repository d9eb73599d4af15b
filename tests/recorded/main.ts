// Replays all recordings of a file and holds what differs against the list of what is known.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { repliesOf, type Line } from "./recording";
import { replay, type Difference } from "./replay";

/** A difference that stands, and why: regular expressions over Difference.where and over the JSON of both sides. */
export interface Known {
  where: string;
  wanted?: string;
  got?: string;
  reason: string;
}

export interface Summary {
  lines: number;
  replies: number;
  exchanges: number;
  /** Why a line, or a client's API, was not run; and how often. */
  skipped: Map<string, number>;
  known: Map<Known, Difference[]>;
  unknown: Difference[];
  /** Entries that nothing fits any more. */
  stale: Known[];
}

/** Throws when an entry has no reason or no pattern. */
export function readKnown(file: string): Known[] {
  const entries = (parse(readFileSync(file, "utf8")) as Known[] | null) ?? [];
  for (const entry of entries) {
    if (!entry.where || !entry.reason)
      throw new Error(`${file}: each entry needs \`where\` and \`reason\`, this has not: ${JSON.stringify(entry)}`);
  }
  return entries;
}

const fits = ({ where, wanted, got }: Known, difference: Difference): boolean =>
  new RegExp(where).test(difference.where) &&
  new RegExp(wanted ?? "").test(JSON.stringify(difference.wanted) ?? "") &&
  new RegExp(got ?? "").test(JSON.stringify(difference.got) ?? "");

/** Entries that nothing fits count only when the list is one of all these lines. */
export async function run(lines: Line[], known: Known[], isWholeList = true): Promise<Summary> {
  const summary: Summary = { lines: lines.length, replies: 0, exchanges: 0, skipped: new Map(), known: new Map(), unknown: [], stale: [] };
  const skip = (reason: string) => summary.skipped.set(reason, (summary.skipped.get(reason) ?? 0) + 1);
  for (const [index, line] of lines.entries()) {
    const replies = repliesOf(line, index + 1);
    if (typeof replies === "string") {
      skip(replies);
      continue;
    }
    const differences: Difference[] = [];
    for (const reply of replies) {
      const replayed = await replay(reply);
      summary.replies++;
      summary.exchanges += replayed.exchanges;
      replayed.skipped.forEach(skip);
      differences.push(...replayed.differences);
    }
    for (const difference of differences) {
      const found = known.find((entry) => fits(entry, difference));
      if (!found) summary.unknown.push(difference);
      else summary.known.set(found, [...(summary.known.get(found) ?? []), difference]);
    }
  }
  summary.stale = isWholeList ? known.filter((entry) => !summary.known.has(entry)) : [];
  return summary;
}

const SHOWN = 160;
const short = (value: unknown): string => {
  const text = typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
};

/** Both sides from where they part, for texts that are long. */
function sides({ wanted, got }: Difference): [string, string] {
  if (typeof wanted !== "string" || typeof got !== "string") return [short(wanted), short(got)];
  let at = 0;
  while (at < wanted.length && wanted[at] === got[at]) at++;
  const from = Math.max(at - 20, 0);
  return [short(wanted.slice(from)), short(got.slice(from))];
}

/** The summary as lines. */
export function report(summary: Summary): string[] {
  const { lines, replies, exchanges, skipped, known, unknown, stale } = summary;
  const knownCount = [...known.values()].reduce((sum, list) => sum + list.length, 0);
  const counted = [...skipped].sort((a, b) => b[1] - a[1]);
  return [
    ...unknown.flatMap((difference) => {
      const [wanted, got] = sides(difference);
      return [difference.where, `  wanted ${wanted}`, `  got    ${got}`];
    }),
    `${lines} recordings, ${replies} replies replayed, ${exchanges} exchanges`,
    ...counted.map(([reason, count]) => `  not run ${count}: ${reason}`),
    ...[...known].map(([entry, list]) => `  known ${list.length}: ${entry.reason}`),
    ...stale.map((entry) => `known, but it no longer happens: ${entry.where} (${entry.reason}); take it out of the list`),
    `${knownCount} known differences, ${unknown.length} unknown, ${stale.length} entries without one`,
  ];
}

export const isGood = ({ unknown, stale, replies }: Summary): boolean => replies > 0 && unknown.length === 0 && stale.length === 0;
export { readLines } from "./recording";
