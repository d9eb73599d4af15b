// The counts of a parsed response, for translators: read at the places that the meter watches in bytes that pass.

import { View } from "../bytes/view";
import { JsonDocument, NONE } from "../json/document";
import { JsonKind } from "../json/kind";
import { readWhole } from "../json/number";
import { WatchNode } from "../json/watch-table";
import { Field, countTable } from "./fields";
import { UsageReport } from "./report";

const window: View = new View(0, 0);

/** Takes over the counts of a response, or of one event of it: the object `root`. */
export function readUsage(doc: JsonDocument, root: i32, report: UsageReport): void {
  report.begin();
  readBelow(doc, root, countTable().root, report);
  report.updateUsage();
}

/** As deep as the table, however deep the document. */
function readBelow(doc: JsonDocument, parent: i32, node: WatchNode, report: UsageReport): void {
  const isObject = doc.isObject(parent);
  if (!isObject && (!doc.isArray(parent) || node.item === null)) return;
  for (let child = doc.first(parent); child != NONE; child = doc.next(child)) {
    const next = isObject ? node.find(doc.glanceKey(child, window)) : node.item;
    if (next !== null) readValue(doc, child, next, report);
  }
}

function readValue(doc: JsonDocument, value: i32, node: WatchNode, report: UsageReport): void {
  const field = node.field;
  if (field >= 0 && field < Field.COUNTS) {
    if (doc.kind(value) != JsonKind.Number) return;
    doc.view.aim(window, doc.start(value), doc.end(value));
    report.put(field, readWhole(window));
    return;
  }
  if (field == Field.FINISH || field == Field.STATUS) {
    if (doc.isString(value)) report.ended(field, doc.text(value));
    return;
  }
  if (field == Field.PART_TYPE) report.partType(doc.text(value));
  else if (field == Field.DETAIL_KIND) report.detailKind(doc.text(value));
  report.opened(field);
  readBelow(doc, value, node, report);
  report.closed(field);
}
