// Reads `prompts` and `parameterRules`, of a provider or of a rule.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { validUtf8 } from "../json/code-point";
import { JsonKind } from "../json/cursor";
import { NONE } from "../json/document";
import { writeString } from "../json/text";
import { BodyEdits, NO_EDITS, ParameterRule, Prompt } from "./body-edits";
import { readPatterns } from "./patterns";
import { Place, quoted } from "./place";
import { ObjectReader } from "./reader";
import { ParameterRuleField, PromptField, Table } from "./schema.gen";
import { kindName } from "./table";

/** Members without which a body is no request: the gateway reads them, too. */
const NEEDED: string = "model stream messages input contents";

/** Reads the lists at the two nodes (NONE: there is none) of the object at `place`, and reports what is wrong with them. */
export function readEdits(reader: ObjectReader, prompts: i32, rules: i32, place: Place): BodyEdits {
  if (prompts == NONE && rules == NONE) return NO_EDITS;
  if (isDefined(CORE_BUILD)) {
    reader.report.problem(place, "prompts and parameterRules need the full build of the plugin");
    return NO_EDITS;
  }
  const edits = new BodyEdits();
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(prompts); item != NONE; item = doc.next(item)) {
    if (!reader.enter(Table.Prompt, item, place.at("prompts").item(index++))) continue;
    const content = new Buffer(64);
    writeString(content, validUtf8(reader.text(PromptField.CONTENT)));
    edits.prompts.push(new Prompt(reader.text(PromptField.ROLE), content.toView(), reader.textIs(PromptField.POSITION, "after")));
  }
  index = 0;
  for (let item = doc.first(rules); item != NONE; item = doc.next(item)) {
    const at = place.at("parameterRules").item(index++);
    if (reader.enter(Table.ParameterRule, item, at)) edits.rules.push(readRule(reader, at));
  }
  return edits;
}

function readRule(reader: ObjectReader, place: Place): ParameterRule {
  const models = readPatterns(reader, reader.texts(ParameterRuleField.MODELS), place.at("models"));
  const drop = reader.texts(ParameterRuleField.DROP);
  for (let k = 0; k < drop.length; k++) checkName(reader, drop[k], place.at("drop").item(k));
  const rename: Array<View> = [];
  const most: Array<View> = [];
  const doc = reader.doc;
  for (let item = doc.first(reader.node(ParameterRuleField.RENAME)); item != NONE; item = doc.next(item)) {
    const at = place.at("rename").member(doc.key(item));
    checkName(reader, doc.key(item), at);
    checkName(reader, doc.text(item), at);
    rename.push(doc.key(item));
    rename.push(doc.text(item));
  }
  for (let item = doc.first(reader.node(ParameterRuleField.MAX)); item != NONE; item = doc.next(item)) {
    const at = place.at("max").member(doc.key(item));
    if (doc.key(item).length == 0) reader.report.problem(at, "must have a name");
    if (doc.kind(item) != JsonKind.Number) reader.report.problem(at, "must be a number, not " + kindName(doc.kind(item)));
    most.push(doc.key(item));
    most.push(doc.raw(item));
  }
  if (drop.length + rename.length + most.length == 0) {
    reader.report.warnOnce(place.toString(), place, "changes nothing; give drop, rename or max");
  }
  return new ParameterRule(models, drop, rename, most);
}

function checkName(reader: ObjectReader, name: View, place: Place): void {
  if (name.length == 0) reader.report.problem(place, "must have a name");
  else if (name.isOneOf(NEEDED)) reader.report.problem(place, "must not name " + quoted(name) + ": no request is one without it");
}
