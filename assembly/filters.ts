// The streams that are open, by the host's id of each. The host counts ids up, so the low bits spread them evenly.

import { Filter } from "./filter";

/** A power of two: more streams than this share places. */
const PLACES: i32 = 1024;
const places: StaticArray<Filter | null> = new StaticArray<Filter | null>(PLACES);

/** The stream, or null when the host has not announced it. */
export function findFilter(id: u32): Filter | null {
  let filter = unchecked(places[id & (PLACES - 1)]);
  while (filter !== null && filter.id != id) filter = filter.next;
  return filter;
}

export function addFilter(filter: Filter): void {
  const place = filter.id & (PLACES - 1);
  filter.next = unchecked(places[place]);
  unchecked((places[place] = filter));
}

/** Forgets the stream; does nothing when there is none. */
export function removeFilter(id: u32): void {
  const place = id & (PLACES - 1);
  let before: Filter | null = null;
  let filter = unchecked(places[place]);
  while (filter !== null && filter.id != id) {
    before = filter;
    filter = filter.next;
  }
  if (filter === null) return;
  if (before === null) unchecked((places[place] = filter.next));
  else before.next = filter.next;
}
