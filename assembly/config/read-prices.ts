// Reads `prices`, of the top level, of a provider or of a rule.

import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { NONE } from "../json/document";
import { keyMistake } from "../model/mapping";
import { NO_PRICES, Price, PriceList, Rate } from "../model/price";
import { checkConditions } from "./check-conditions";
import { Place, quoted } from "./place";
import { ObjectReader } from "./reader";
import { PriceField, RootField, Table } from "./schema.gen";

export const NO_CURRENCY: string = '"currency" is missing; give it here or at the top level';

/** The currency of the object that is read, or the top level's. */
export function currencyOf(reader: ObjectReader, field: i32): View {
  const own = reader.text(field);
  return own.length != 0 ? own : reader.text(RootField.CURRENCY);
}

/** Reads the list at `node` (NONE: there is none), and reports what is wrong with it: two prices for one name among it. */
export function readPrices(reader: ObjectReader, node: i32, place: Place): PriceList {
  if (node == NONE) return NO_PRICES;
  const list = new PriceList();
  const known = new TextIndex();
  const places: Array<Place> = [];
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const at = place.item(index++);
    if (!reader.enter(Table.Price, item, at)) continue;
    checkConditions(reader, Table.Price, at);
    const price = readPrice(reader);
    if (price.currency.length == 0 && !reader.isWrong(PriceField.CURRENCY)) reader.report.problem(at, NO_CURRENCY);
    const names = reader.texts(PriceField.MODELS);
    for (let k = 0; k < names.length; k++) {
      if (isNew(reader, names[k], at.at("models").item(k), known, places)) list.add(names[k], price);
    }
  }
  return list;
}

function readPrice(reader: ObjectReader): Price {
  const price = new Price();
  price.currency = currencyOf(reader, PriceField.CURRENCY);
  // The schema lists them in the order in which they are kept.
  for (let k = 0; k < Rate.Count; k++) {
    const field = PriceField.INPUT + k;
    if (reader.node(field) != NONE) price.put(k, reader.micros(field));
  }
  price.finish();
  return price;
}

/** False, and reported, for an expression that is none and for a name that has a price: of the two none would be the better. */
function isNew(reader: ObjectReader, name: View, place: Place, known: TextIndex, places: Array<Place>): bool {
  const mistake = keyMistake(name);
  if (mistake.length != 0) {
    reader.report.problem(place, mistake);
    return false;
  }
  const before = known.add(name);
  if (before < places.length) {
    reader.report.problem(place, quoted(name) + " has a price already, at " + places[before].toString());
    return false;
  }
  places.push(place);
  return true;
}
