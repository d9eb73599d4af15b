// Keys of the resources around the plugin's configuration. The plugin knows its own keys and says itself what was meant.
import type { LocatedObject } from "./located";
import type { Fault } from "./yaml-reader";

/** Warnings for each key of `object` that is not among `known`, with the nearest one that is. */
export function unknownKeys(object: LocatedObject, known: readonly string[]): Fault[] {
  return [...object.members]
    .filter(([key]) => !known.includes(key))
    .map(([key, { keyAt }]) => {
      const near = nearest(key, known);
      const hint = near === undefined ? "" : `; did you mean "${near}"?`;
      return { at: keyAt, severity: "warning", message: `unknown key ${JSON.stringify(shortened(key))} is ignored${hint}` };
    });
}

/** The name with the fewest letters to change, if fewer than half of them; letters in any case. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((other) => ({ other, distance: editDistance(name.slice(0, 64).toLowerCase(), other.toLowerCase()) }));
  const best = distances.sort((one, other) => one.distance - other.distance)[0];
  return best !== undefined && best.distance * 2 < best.other.length ? best.other : undefined;
}

function shortened(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 0; at < left.length; at++) {
    const next = [at + 1];
    for (let to = 0; to < right.length; to++) {
      const replaced = row[to] + (left[at] === right[to] ? 0 : 1);
      next.push(Math.min(replaced, next[to] + 1, row[to + 1] + 1));
    }
    row = next;
  }
  return row[right.length];
}
