// Reads `consumers` and where their keys may stand into a key ring; the keys themselves are not kept.

import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { Digest, KeyRing, MAX_SOURCES } from "../consumer/key-ring";
import { NONE } from "../json/document";
import { HASHED } from "./formats";
import { Place, ROOT } from "./place";
import { ObjectReader } from "./reader";
import { ConsumerField, RootField, Table } from "./schema.gen";
import { checkConditions } from "./check-conditions";

/** The ring of the top level that `reader` has entered; null without consumers. */
export function readConsumers(reader: ObjectReader): KeyRing | null {
  const doc = reader.doc;
  const list = reader.node(RootField.CONSUMERS);
  if (doc.first(list) == NONE) return null;
  const ring = new KeyRing();
  const names = reader.texts(RootField.KEYS);
  ring.defaultMask = places(reader, ring, names, reader.flag(RootField.IN_HEADER), reader.flag(RootField.IN_QUERY), ROOT.at("keys"));
  let index = 0;
  for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
    readConsumer(reader, ring, names, item, ROOT.at("consumers").item(index++));
  }
  return ring;
}

function readConsumer(reader: ObjectReader, ring: KeyRing, names: Array<View>, node: i32, place: Place): void {
  if (!reader.enter(Table.Consumer, node, place)) return;
  checkConditions(reader, Table.Consumer, place);
  let mask = ring.defaultMask;
  const hasNames = reader.isGiven(ConsumerField.KEYS);
  if (hasNames || reader.isPresent(ConsumerField.IN_HEADER) || reader.isPresent(ConsumerField.IN_QUERY)) {
    const own = hasNames ? reader.texts(ConsumerField.KEYS) : names;
    const inHeader = either(reader, ConsumerField.IN_HEADER, RootField.IN_HEADER);
    mask = places(reader, ring, own, inHeader, either(reader, ConsumerField.IN_QUERY, RootField.IN_QUERY), place.at("keys"));
  }
  const name = reader.text(ConsumerField.NAME);
  const single = reader.text(ConsumerField.CREDENTIAL);
  if (single.length > 0) addKey(reader, ring, single, name, mask, place.at("credential"));
  const keys = reader.texts(ConsumerField.CREDENTIALS);
  for (let k = 0; k < keys.length; k++) addKey(reader, ring, keys[k], name, mask, place.at("credentials").item(k));
}

/** The consumer's own flag, or the top level's. */
function either(reader: ObjectReader, own: i32, global: i32): bool {
  return reader.flag(reader.isPresent(own) ? own : global);
}

/** The mask of the headers and parameters called so. */
function places(reader: ObjectReader, ring: KeyRing, names: Array<View>, header: bool, query: bool, place: Place): u64 {
  let mask: u64 = 0;
  let fits = true;
  for (let k = 0; k < names.length; k++) {
    const inHeader = header ? ring.place(lowered(names[k]).toString(), false) : 0;
    const inQuery = query ? ring.place(names[k].toString(), true) : 0;
    fits = fits && (!header || inHeader != 0) && (!query || inQuery != 0);
    mask |= inHeader | inQuery;
  }
  if (!fits) reader.report.problem(place, "more than " + MAX_SOURCES.toString() + " different places for keys in all");
  return mask;
}

function addKey(reader: ObjectReader, ring: KeyRing, key: View, owner: View, mask: u64, place: Place): void {
  const digest = key.startsWith(HASHED) ? Digest.read(key, HASHED.length) : Digest.of(key);
  if (!ring.add(digest, owner, mask)) {
    reader.report.warnOnce(place.toString(), place, "is in the list before already; the consumer that has it first keeps it");
  }
}
