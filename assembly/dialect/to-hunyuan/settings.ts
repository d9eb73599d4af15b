// Sampling and search fields. Hunyuan's own, which clients of its compatible endpoint put beside OpenAI's, differ in spelling
// only: enable_enhancement is EnableEnhancement.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { Draft } from "../conversation/draft";
import { writeStopList } from "../conversation/stop-list";

/** Seeds are 1…10000 (https://cloud.tencent.com/document/api/1729/105701, Nov 2026). */
const SEED_RANGE: i64 = 10000;

/** Writes what the client set and nothing else: models have defaults of their own. */
export function writeSettings(draft: Draft): void {
  const doc = draft.doc;
  rename(draft, "temperature");
  rename(draft, "top_p");
  writeSeed(draft);
  // Hunyuan stops behind the text it finds, OpenAI before it.
  writeStopList(draft, "Stop", false);
  rename(draft, "stream_moderation");
  const given = doc.root("enable_enhancement");
  if (!doc.isSet(given) && doc.isObject(doc.root("web_search_options"))) {
    draft.key("EnableEnhancement");
    draft.out.ascii("true");
  } else rename(draft, "enable_enhancement");
  rename(draft, "force_search_enhancement");
  rename(draft, "search_info");
  rename(draft, "citation");
  rename(draft, "enable_speed_search");
  rename(draft, "enable_deep_search");
  rename(draft, "enable_multimedia");
  rename(draft, "enable_recommended_questions");
  rename(draft, "enable_deep_read");
  rename(draft, "topic_choice");
}

/** Copies a top-level field under its name in CamelCase. */
function rename(draft: Draft, name: string): void {
  const node = draft.doc.root(name);
  if (!draft.doc.isSet(node)) return;
  draft.separate();
  draft.out.byte(Ascii.Quote);
  writeCamel(draft.out, name);
  draft.out.put('":', draft.doc.raw(node));
}

function writeCamel(out: Buffer, name: string): void {
  let isStart = true;
  for (let k = 0; k < name.length; k++) {
    const unit = name.charCodeAt(k);
    if (unit != Ascii.Underscore) out.byte(isStart ? unit - Ascii.Space : unit);
    isStart = unit == Ascii.Underscore;
  }
}

/** Folded into the range, so that equal seeds stay equal. A negative one is left out. */
function writeSeed(draft: Draft): void {
  const seed = draft.doc.integer(draft.doc.root("seed"), -1);
  if (seed < 0) return;
  const folded = seed % SEED_RANGE;
  draft.key("Seed");
  draft.out.integer(folded == 0 ? SEED_RANGE : folded);
}
