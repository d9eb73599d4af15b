// The schema of a tool's input, for providers that want one with a type.

import { NONE } from "../../json/document";
import { Draft } from "./draft";

/** The schema as it is; its `type` must be there and say object, which OpenAI lets clients leave out. */
export function writeToolSchema(draft: Draft, schema: i32): void {
  const doc = draft.doc;
  if (doc.first(schema) == NONE || !doc.isObject(schema)) {
    draft.out.ascii('{"type":"object","properties":{}}');
    return;
  }
  const raw = doc.raw(schema);
  if (doc.isSet(doc.get(schema, "type"))) {
    draft.out.view(raw);
    return;
  }
  draft.out.ascii('{"type":"object",');
  draft.out.range(raw, 1, raw.length);
}
