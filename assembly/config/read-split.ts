// Reads the `split` of a rule.

import { lowered } from "../bytes/lowered";
import { NONE } from "../json/document";
import { ModelMapping } from "../model/mapping";
import { View } from "../bytes/view";
import { Catalogue, chooseProvider } from "./catalogue";
import { BY_HEADER } from "./formats";
import { Place } from "./place";
import { ObjectReader } from "./reader";
import { RuleField, SideField, Table } from "./schema.gen";
import { Side, Split, SplitBy } from "./split";

const EVERY_MODEL: View = View.utf8("*");

/** Reads the split of the rule that was entered; `place` is that of the list. */
export function readSplit(reader: ObjectReader, catalogue: Catalogue, place: Place): Split {
  const split = new Split();
  const by = reader.text(RuleField.SPLIT_BY);
  if (by.startsWith(BY_HEADER)) {
    split.by = SplitBy.Header;
    split.header = lowered(by.slice(BY_HEADER.length, by.length));
  } else if (by.equals("consumer")) split.by = SplitBy.Consumer;
  else if (by.equals("session")) split.by = SplitBy.Session;
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(reader.node(RuleField.SPLIT)); item != NONE; item = doc.next(item)) {
    const at = place.item(index++);
    if (reader.enter(Table.Side, item, at)) split.add(readSide(reader, catalogue, at));
  }
  if (split.total == 0 && !reader.isWrong(RuleField.SPLIT))
    reader.report.problem(place, "has no side with a weight; give each a weight of at least 1, or 0 for those that rest");
  return split;
}

function readSide(reader: ObjectReader, catalogue: Catalogue, place: Place): Side {
  const side = new Side();
  side.weight = reader.integer(SideField.WEIGHT);
  side.ownCluster = reader.text(SideField.CLUSTER);
  side.name = reader.text(SideField.NAME);
  const model = reader.text(SideField.MODEL);
  if (model.length != 0) {
    const mapping = new ModelMapping();
    mapping.add(EVERY_MODEL, model);
    side.mapping = mapping;
    side.model = model;
  }
  const hasProvider = reader.isPresent(SideField.PROVIDER) || reader.isGiven(SideField.ACTIVE_PROVIDER_ID);
  if (!hasProvider && side.ownCluster.length == 0)
    reader.report.problem(place, "leads nowhere; give provider, activeProviderId or cluster");
  else if (!hasProvider && model.length != 0)
    reader.report.problem(place.at("model"), "needs a provider beside it; without one, map the model in the cluster's upstream filter");
  // Reading a provider enters another table of the reader, so it comes last.
  side.provider = chooseProvider(reader, reader.node(SideField.PROVIDER), reader.text(SideField.ACTIVE_PROVIDER_ID), catalogue, place);
  if (side.name.length == 0) side.name = side.id;
  return side;
}
