// Reads `consumers` and where their keys may stand into a key ring; the keys themselves are not kept.

import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { Consumer } from "../consumer/consumer";
import { Digest, KeyRing, MAX_SOURCES } from "../consumer/key-ring";
import { validUtf8 } from "../json/code-point";
import { NONE } from "../json/document";
import { writeString } from "../json/text";
import { HASHED, characters } from "./formats";
import { Place, ROOT } from "./place";
import { readPatterns } from "./patterns";
import { ObjectReader } from "./reader";
import { resolve } from "./references";
import { ConsumerField, RootField, Table } from "./schema.gen";
import { checkConditions } from "./check-conditions";
import { readTime } from "./time";

/** What the log may tell of one consumer; bounds the line. */
const MAX_METADATA: i32 = 16;
const MAX_METADATA_NAME: i32 = 64;

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
  const owner = new Consumer(reader.text(ConsumerField.NAME));
  readRights(reader, owner, place);
  const single = reader.text(ConsumerField.CREDENTIAL);
  if (single.length != 0) addKey(reader, ring, single, owner, mask, place.at("credential"));
  const keys = reader.texts(ConsumerField.CREDENTIALS);
  for (let k = 0; k < keys.length; k++) addKey(reader, ring, keys[k], owner, mask, place.at("credentials").item(k));
}

/** What its keys may be used for, until when, and what the log tells of it. */
function readRights(reader: ObjectReader, owner: Consumer, place: Place): void {
  const patterns = reader.texts(ConsumerField.MODELS);
  const at = place.at("models");
  if (patterns.length != 0) owner.models = readPatterns(reader, patterns, at);
  else if (reader.node(ConsumerField.MODELS) != NONE) reader.report.problem(at, "must not be empty");
  const expires = reader.text(ConsumerField.EXPIRES);
  if (expires.length != 0) owner.expires = readTime(expires);
  owner.metadata = readMetadata(reader, reader.node(ConsumerField.METADATA), place.at("metadata"));
}

/** The map of texts at `node` (NONE: there is none), references resolved, as JSON. */
function readMetadata(reader: ObjectReader, node: i32, place: Place): View {
  const doc = reader.doc;
  const out = new Buffer(64);
  let count = 0;
  let isTooMuch = false;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const key = doc.key(item);
    if (characters(key) > MAX_METADATA_NAME) isTooMuch = true;
    out.byte(count++ == 0 ? Ascii.LeftBrace : Ascii.Comma);
    writeString(out, validUtf8(key));
    out.byte(Ascii.Colon);
    const value = resolve(doc.text(item));
    writeString(out, value === null ? View.empty() : validUtf8(value));
  }
  if (count == 0) return View.empty();
  if (isTooMuch || count > MAX_METADATA) reader.report.problem(place, "must have at most 16 members with names of at most 64");
  out.byte(Ascii.RightBrace);
  return out.toView();
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

function addKey(reader: ObjectReader, ring: KeyRing, key: View, owner: Consumer, mask: u64, place: Place): void {
  const digest = key.startsWith(HASHED) ? Digest.read(key, HASHED.length) : Digest.of(key);
  if (!ring.add(digest, owner, mask)) {
    reader.report.warnOnce(place.toString(), place, "is in the list before already; the consumer that has it first keeps it");
  }
}
