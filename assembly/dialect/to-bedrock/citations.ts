// Converse's citations in Anthropic's form, which is that of the conversation form.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember } from "../conversation/inner";

/**
 * Where a citation points: Converse's member of `location` and Anthropic's type; then each member of it with Anthropic's name (API
 * references "CitationLocation" of Bedrock and "Citations" of Anthropic, Nov 2026).
 */
const LOCATIONS: StaticArray<string> = ["documentChar", "documentPage", "documentChunk", "searchResultLocation", "web"];
const TYPES: StaticArray<string> = [
  "char_location",
  "page_location",
  "content_block_location",
  "search_result_location",
  "web_search_result_location",
];
const INDEXES: StaticArray<string> = ["document_index", "document_index", "document_index", "search_result_index", ""];
const UNITS: StaticArray<string> = ["char_index", "page_number", "block_index", "block_index", ""];
/** Its place among LOCATIONS. */
const SEARCH_RESULT: i32 = 3;
const WEB: i32 = 4;

/** Appends one citation; nothing for one whose location is not known. `separator`: what stands before it. */
function writeCitation(doc: JsonDocument, citation: i32, separator: string, out: Buffer): bool {
  const location = doc.get(citation, "location");
  let kind = 0;
  while (kind < LOCATIONS.length && !doc.isObject(doc.get(location, LOCATIONS[kind]))) kind++;
  if (kind == LOCATIONS.length) return false;
  const place = doc.get(location, LOCATIONS[kind]);
  out.ascii(separator);
  out.ascii('{"type":"');
  out.ascii(TYPES[kind]);
  out.ascii('","cited_text":"');
  for (let item = doc.first(doc.get(citation, "sourceContent")); item != NONE; item = doc.next(item))
    out.view(innerMember(doc, item, "text"));
  out.ascii(kind < SEARCH_RESULT ? '","document_title":"' : '","title":"');
  out.view(innerMember(doc, citation, "title"));
  out.byte(Ascii.Quote);
  if (kind == WEB) {
    member(doc, "url", doc.get(place, "url"), out);
    out.ascii(',"encrypted_index":""');
  } else {
    if (kind == SEARCH_RESULT) member(doc, "source", doc.get(citation, "source"), out);
    member(doc, INDEXES[kind], doc.get(place, kind == SEARCH_RESULT ? "searchResultIndex" : "documentIndex"), out);
    member(doc, "start_" + UNITS[kind], doc.get(place, "start"), out);
    member(doc, "end_" + UNITS[kind], doc.get(place, "end"), out);
  }
  out.byte(Ascii.RightBrace);
  return true;
}

function member(doc: JsonDocument, name: string, node: i32, out: Buffer): void {
  if (!doc.isSet(node)) return;
  out.ascii(',"');
  out.ascii(name);
  out.put('":', doc.raw(node));
}

/** A list with the citations of Converse's list `first` and its siblings; empty without any. `first`: NONE for nothing. */
export function citationsOf(doc: JsonDocument, first: i32): View {
  const out = new Buffer(256);
  for (let one = first; one != NONE; one = doc.next(one)) writeCitation(doc, one, out.length == 0 ? "[" : ",", out);
  if (out.length != 0) out.byte(Ascii.RightBracket);
  return out.toView();
}

/** The same for one alone, which has no siblings. */
export function citationOf(doc: JsonDocument, citation: i32): View {
  const out = new Buffer(256);
  if (writeCitation(doc, citation, "[", out)) out.byte(Ascii.RightBracket);
  return out.toView();
}
